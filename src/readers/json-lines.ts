/** Files of a JSON value a line as datasets. */
import { type Chunk, chunkOf, isRecord } from '../datasets/chunk.ts';
import { Dataset } from '../datasets/dataset.ts';
import { CHUNK_ROWS, type Source } from '../datasets/source.ts';
import { DataError, messageOf } from '../errors.ts';
import { optional, readOptions, type TableOf } from '../options/table.ts';
import { describe } from '../options.ts';
import { type Input, inputOf, type ReaderInput } from './input.ts';
import {
  checkApart,
  names,
  TABLE_OPTIONS,
  type TableOptions,
  type TableRow,
  targetsOf,
  WORKER_OPTION,
  type WorkerOption,
} from './table-options.ts';
import { offThread } from './thread/off-thread.ts';

/** As those of other tables, but for `vector`: a list in a line is a vector. */
export type JsonLinesOptions = Pick<TableOptions, 'target' | 'columns'> & WorkerOption;

const OPTIONS = { target: TABLE_OPTIONS.target, columns: optional(names), ...WORKER_OPTION } satisfies TableOf<JsonLinesOptions>;

interface Shape {
  readonly target: string | readonly string[] | undefined;
  readonly columns: readonly string[] | undefined;
}

/** More characters in a line are no row. */
const LONGEST_LINE = 16 * 2 ** 20;

/**
 * The values of a file that has a JSON value in each line (UTF-8; blank lines are left out; gzip is unzipped). A file is read again in every pass, a
 * piece at a time.
 *
 * Without options rows are the values as they stand: `{ "x": [0.5, 1], "y": 2 }` is a row for a network. With `target` or `columns` each line is an
 * object, and rows are `{ x, y }` as those of `csv`; a name that a line does not have is null.
 *
 * @param input A path, a `file:` URL, a stream of text or bytes that is read once, or a function that gives one for every pass.
 * @throws OptionError for anything unknown. Reading throws DataError that names the line where it is no JSON, or has other names than the first;
 *   StateError for a second pass over a stream; BackendError where the worker fails.
 */
export function jsonLines<Row = unknown>(input: ReaderInput, options?: WorkerOption): Dataset<Row>;
export function jsonLines<const O extends JsonLinesOptions>(input: ReaderInput, options: O): Dataset<TableRow<O, unknown>>;
export function jsonLines(input: ReaderInput, options: JsonLinesOptions = {}): Dataset {
  const { worker, ...shape } = readOptions('jsonLines', OPTIONS, options);
  checkApart('jsonLines', shape);
  const from = inputOf('jsonLines', input);
  const { file } = from;
  const plan = file === undefined ? undefined : ({ reader: 'jsonLines', input: file, options: { ...options } } as const);
  const source: Source = { rows: undefined, isSteady: true, read: ({ skip }) => readLines(from, shape, skip) };
  return new Dataset(offThread('jsonLines', source, { plan, file, wish: worker }));
}

async function* readLines(from: Input, shape: Shape, skip: number): AsyncGenerator<Chunk, void, undefined> {
  const parser = new LineParser(from.name, shape);
  let rows: unknown[] = [];
  let before = skip;
  for await (const lines of linesOf(from)) {
    for (const text of lines) {
      parser.line++;
      if (text.trim() === '' || parser.passed++ < skip) continue;
      rows.push(parser.row(text));
      if (rows.length < CHUNK_ROWS) continue;
      yield chunkOf(rows, before);
      before += rows.length;
      rows = [];
    }
  }
  if (rows.length > 0) yield chunkOf(rows, before);
}

class LineParser {
  line = 0;
  /** Rows, those left out included. */
  passed = 0;
  readonly #name: string;
  readonly #shape: Shape;
  /** Of the first row. */
  #names: readonly string[] | undefined;

  constructor(name: string, shape: Shape) {
    this.#name = name;
    this.#shape = shape;
  }

  row(text: string): unknown {
    const value = this.#parse(text);
    const { target, columns } = this.#shape;
    if (target === undefined && columns === undefined) {
      this.#checkNames(value);
      return value;
    }
    if (!isRecord(value)) throw this.#error('an object', describe(value));
    const targets = targetsOf(target);
    this.#names ??= columns ?? Object.keys(value).filter((name) => !targets.includes(name));
    if (this.#names.length === 0) throw this.#error('a name besides the target', 'none');
    const stray = columns ? undefined : Object.keys(value).find((name) => !this.#names?.includes(name) && !targets.includes(name));
    if (stray !== undefined) throw this.#error(`names as in the first row, or the option columns`, describe(stray));
    const pick = (wanted: readonly string[]) => Object.fromEntries(wanted.map((name) => [name, own(value, name)]));
    const x = pick(this.#names);
    if (target === undefined) return { x };
    return { x, y: typeof target === 'string' ? own(value, target) : pick(targets) };
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#error('JSON', messageOf(error));
    }
  }

  #checkNames(value: unknown): void {
    const names = isRecord(value) ? Object.keys(value) : [];
    this.#names ??= names;
    if (names.length !== this.#names.length || names.some((name) => !this.#names?.includes(name)))
      throw this.#error(`names as in the first row, ${this.#names.join(', ') || 'none'}`, names.join(', ') || describe(value));
  }

  #error(expected: string, got: string): DataError {
    return new DataError(`jsonLines: ${this.#name}, line ${this.line}: expected ${expected}, got ${got}`);
  }
}

const own = (value: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : null);

/** The lines of each piece, without their ends. */
async function* linesOf(from: Input): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of from.pieces()) {
    const lines = decoder.decode(piece, { stream: true }).split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    yield lines;
    if (rest.length > LONGEST_LINE)
      throw new DataError(`jsonLines: ${from.name}: expected lines of at most ${LONGEST_LINE} characters, got more`);
  }
  yield [rest + decoder.decode()];
}
