/** A preparation: how raw rows become the numbers that a network takes, fitted on its training data. */
import { type Chunk, type Column, formatPath, isSamePath, type NumberColumn, type Path } from '../datasets/chunk.ts';
import { OptionError } from '../errors.ts';
import { type Tensor, tensorOver } from '../tensor.ts';
import type { Cell } from './cells.ts';
import { checkNetwork, type Prepared } from './check-network.ts';
import { type ColumnConfig, columnConfig, encodeColumn, type PreparedColumn } from './column.ts';
import type { Encoder, FittedEncoding } from './encoding.ts';
import { listOf, type RawRows, type RawValues, rowsFrom, rowsOfChunk, valuesOf } from './raw-rows.ts';

/** One thing, called by no name, or several by name. */
export type OneOrNamed<T> = { readonly one: T } | { readonly named: ReadonlyMap<string, T> };

export interface PreparationParts {
  /** The columns of an input, in the order of their numbers. */
  readonly inputs: OneOrNamed<readonly PreparedColumn[]>;
  /** Targets that are encoded; others are numbers already. */
  readonly outputs: OneOrNamed<PreparedColumn> | undefined;
}

/** A preparation as JSON. */
export interface PreparationConfig {
  readonly input?: readonly ColumnConfig[];
  readonly inputs?: Readonly<Record<string, readonly ColumnConfig[]>>;
  readonly output?: ColumnConfig;
  readonly outputs?: Readonly<Record<string, ColumnConfig>>;
}

/** Numbers that all columns are written to before those of further rows are: so many stay in a cache. */
const BLOCK_NUMBERS = 2 ** 15;

/** Numbers of a row: float32 has every integer up to it, indices too. */
const MOST_NUMBERS = 2 ** 24;

const byName = <T>(parts: OneOrNamed<T> | undefined, name: string): ReadonlyMap<string, T> =>
  parts === undefined ? new Map() : 'one' in parts ? new Map([[name, parts.one]]) : parts.named;

/** A lone input or output has this name inside. */
const [X, Y] = ['x', 'y'];

/** As `brand.ts` knows it. */
const PREPARATION = Symbol.for('chainrule.preparation');

/**
 * How raw rows become the numbers that a network takes. Made by `prepare`; part of the network that is given it, and of its model file.
 *
 * @typeParam Row A raw row.
 * @typeParam Label A raw target.
 */
export class Preparation<Row = unknown, Label = unknown, Inputs = unknown> {
  declare readonly rows?: { readonly row: Row; readonly label: Label; readonly inputs: Inputs };
  readonly [PREPARATION] = true;
  readonly #parts: PreparationParts;
  readonly #inputs: ReadonlyMap<string, readonly PreparedColumn[]>;
  readonly #outputs: ReadonlyMap<string, PreparedColumn>;
  readonly #names: ReadonlySet<string>;

  /** @internal Made by `prepare`. Throws OptionError for more numbers a row than any network takes. */
  constructor(parts: PreparationParts) {
    this.#parts = parts;
    this.#inputs = byName(parts.inputs, X);
    this.#outputs = byName(parts.outputs, Y);
    this.#names = new Set([...this.#inputs.values()].flatMap((columns) => columns.map(({ name }) => name)));
    for (const [name, columns] of this.#inputs)
      if (widthOf(columns) > MOST_NUMBERS)
        throw new OptionError(`preparation: expected at most ${MOST_NUMBERS} numbers a row of ${name}, got ${widthOf(columns)}`);
  }

  /** Whether its inputs have names; else there is one. */
  get namesInputs(): boolean {
    return 'named' in this.#parts.inputs;
  }

  /** The shape of a row of each input, by name; of a lone one by `x`. */
  get shapes(): ReadonlyMap<string, readonly [width: number]> {
    return new Map([...this.#inputs].map(([name, columns]) => [name, [widthOf(columns)]]));
  }

  /**
   * The labels of classes in the order of their indices; of several outputs, those of the one named.
   *
   * @throws OptionError where its targets are not encoded by `classes()`.
   */
  labels(output = Y): readonly Cell[] {
    const labels = this.#encoder(output)?.labels;
    if (labels) return labels;
    throw new OptionError(
      `preparation: expected targets of ${output} to be classes(), got ${this.#encodingOf(output)?.config.type ?? 'none'}`,
    );
  }

  /** The labels of classes in the order of their indices. Throws OptionError where targets are not encoded by `classes()`. */
  get classes(): readonly Cell[] {
    return this.labels();
  }

  /** The outputs whose targets are encoded, by name; a lone one is `y`. */
  get outputs(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  /** Throws OptionError or ShapeError where the network does not take what this gives. */
  check(network: Prepared): void {
    checkNetwork(this, network);
  }

  /** What an output predicts, in the numbers of raw targets: a copy where they were encoded. */
  undone<T extends Float32Array | Float64Array>(output: string, predicted: T): T {
    const decode = this.#encoder(output)?.decode;
    return decode ? (predicted.map(decode) as T) : predicted;
  }

  /** Whether an output's targets are labels, numbers that predictions are turned back from, or neither. */
  targetOf(output: string): Pick<Encoder<never>, 'labels' | 'decode'> | undefined {
    return this.#encoder(output);
  }

  #encodingOf(output: string): FittedEncoding | undefined {
    return this.#outputs.get(output)?.parts[0].encoding;
  }

  #encoder(output: string): Encoder<never> | undefined {
    return this.#encodingOf(output)?.encoder as Encoder<never> | undefined;
  }

  /**
   * Raw rows as numbers: [rows, width], or such a tensor for each named input.
   *
   * @throws DataError for rows that do not fit; it names row and column.
   */
  encode(rows: readonly Row[] | { readonly [Name in keyof Row]?: ArrayLike<unknown> }): Tensor | Readonly<Record<string, Tensor>> {
    const encoded = this.samples('encode', rows);
    return this.namesInputs ? Object.fromEntries(encoded) : (encoded.get(X) as Tensor);
  }

  /** The tensor of each input by its name. Throws DataError for rows that do not fit. */
  samples(where: string, x: unknown): ReadonlyMap<string, Tensor> {
    return this.#encodeRows(where, rowsFrom(where, x, this.#names));
  }

  #encodeRows(where: string, raw: RawRows, before = 0): ReadonlyMap<string, Tensor> {
    // A column may be in several inputs, and is collected once.
    const values = new Map([...this.#names].map((name) => [name, raw.column(name)]));
    return new Map(
      [...this.#inputs].map(([input, columns]) => {
        const width = widthOf(columns);
        const to = new Float32Array(raw.rows * width);
        const some = Math.max(1, Math.floor(BLOCK_NUMBERS / width));
        for (let from = 0; from < raw.rows; from += some) {
          let at = 0;
          for (const column of columns) {
            const place = { to, at, stride: width, from, end: Math.min(raw.rows, from + some) };
            encodeColumn(`${where}: ${column.name}`, column, values.get(column.name) as RawValues, place, before);
            at += column.width;
          }
        }
        return [input, tensorOver([raw.rows, width], to)];
      }),
    );
  }

  /** The targets of an output, encoded; as they are where it has no encoding. Throws DataError for targets that do not fit. */
  target(where: string, output: string, y: unknown): unknown {
    const column = this.#outputs.get(output);
    if (!column) return y;
    const values = listOf(where, y);
    return { shape: [values.length], data: encodeTarget(where, column, values) };
  }

  /**
   * Rows of a dataset: columns ['x'], or ['x', name] of named inputs, of float32; and of targets, class indices as int32 and numbers as float32. The
   * rows may be samples, `{ x, y }`, or raw rows themselves. Columns that nothing takes are left out; other targets and weights stay as they are.
   *
   * @param before Rows before the first, for messages.
   * @throws DataError for rows that do not fit; it names row and column.
   */
  apply(chunk: Chunk, before = 0): Chunk {
    const where = 'dataset';
    const inputs = [...this.#encodeRows(where, rowsOfChunk(where, chunk), before)].map(
      ([name, { shape, data }]): NumberColumn => ({
        path: this.namesInputs ? ['x', name] : ['x'],
        shape: shape.slice(1),
        data,
      }),
    );
    const others = chunk.columns.flatMap((column): Column[] => {
      const [first] = column.path;
      if (first === 'y') return [this.#targetColumn(where, column, before)];
      return first === 'weight' ? [column] : [];
    });
    return { rows: chunk.rows, columns: [...inputs, ...others] };
  }

  #targetColumn(where: string, column: Column, before: number): Column {
    const output = [...this.#outputs].find(([name]) => isSamePath(column.path, this.#pathOf(name)));
    if (!output) return column;
    const data = encodeTarget(`${where}: ${formatPath(column.path)}`, output[1], valuesOf(where, column), before);
    return { path: column.path, shape: [], data };
  }

  #pathOf(output: string): Path {
    return this.#parts.outputs && 'named' in this.#parts.outputs ? ['y', output] : ['y'];
  }

  /** Plain JSON, which `preparationFrom` reads. A model file of a network with it holds it. */
  toJSON(): PreparationConfig {
    const { inputs, outputs } = this.#parts;
    const listed = (columns: readonly PreparedColumn[]) => columns.map(columnConfig);
    return {
      ...('one' in inputs ? { input: listed(inputs.one) } : { inputs: mapped(inputs.named, listed) }),
      ...(outputs && ('one' in outputs ? { output: columnConfig(outputs.one) } : { outputs: mapped(outputs.named, columnConfig) })),
    };
  }
}

/** Of whatever rows. */
// biome-ignore lint/suspicious/noExplicitAny: what takes any need not know of its rows.
export type AnyPreparation = Preparation<any, any, any>;

const widthOf = (columns: readonly PreparedColumn[]) => columns.reduce((sum, { width }) => sum + width, 0);

const mapped = <T, U>(values: ReadonlyMap<string, T>, change: (value: T) => U): Readonly<Record<string, U>> =>
  Object.fromEntries([...values].map(([name, value]) => [name, change(value)]));

function encodeTarget(where: string, column: PreparedColumn, values: RawValues, before = 0): Float32Array | Int32Array {
  const to = column.parts[0].encoding.encoder.labels ? new Int32Array(values.length) : new Float32Array(values.length);
  encodeColumn(where, column, values, { to, at: 0, stride: 1 }, before);
  return to;
}
