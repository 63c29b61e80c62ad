/** A column of raw rows: single values, or lists of numbers, each element of which is encoded as a column would be. */
import { DataError, FormatError, OptionError } from '../errors.ts';
import { checkInteger, checkKeys, describe } from '../options.ts';
import { isGap, isList, type Takes } from './cells.ts';
import { type Encoded, Encoding, type FittedEncoding, placed } from './encoding.ts';
import { Imputation, imputationFrom } from './impute.ts';
import { numbers } from './numbers.ts';
import { type PartConfig, PartFitting, type PartPlan, type PreparedPart, partConfig, preparedPart, writerOf } from './part.ts';
import type { RawValues } from './raw-rows.ts';

/** An encoding, with what fills gaps before it; an imputation alone stands before `numbers()`. */
export type ColumnOption<T extends Takes = Takes> =
  | Encoding<T>
  | Imputation
  | readonly [Imputation]
  | readonly [Encoding<T>]
  | readonly [Imputation, Encoding<T>];

export interface ColumnPlan extends PartPlan {
  readonly name: string;
}

/** Throws OptionError for anything else. */
export function planOf(where: string, name: string, option: unknown): ColumnPlan {
  const steps: readonly unknown[] = Array.isArray(option) ? option : [option];
  const [first, second] = steps;
  const imputation = first instanceof Imputation ? first : undefined;
  const encoding = imputation ? (steps.length === 1 ? numbers() : second) : first;
  if (steps.length <= (imputation ? 2 : 1) && encoding instanceof Encoding) return { name, imputation, encoding };
  throw new OptionError(
    `${where}: expected an encoding such as standardize(), or [impute('mean'), standardize()], got ${describe(option)}`,
  );
}

/** Elements of a list that have what is learnt for each of them: a model file holds it as JSON. */
const MOST_ELEMENTS = 2 ** 16;

/** A column that is ready to encode. */
export interface PreparedColumn {
  readonly name: string;
  /** Elements of its lists; undefined where its values are single ones. */
  readonly length: number | undefined;
  /** One for each element, or one for all of them. */
  readonly parts: readonly PreparedPart[];
  /** Numbers of a row. */
  readonly width: number;
}

function prepared(name: string, length: number | undefined, parts: readonly PreparedPart[]): PreparedColumn {
  const widths = parts.reduce((sum, { width }) => sum + width, 0);
  return { name, length, parts, width: parts.length === 1 ? widths * (length ?? 1) : widths };
}

/** Whether a value makes its column one of lists. A list of one number is that number. */
const isSeveral = (value: unknown, takes: Takes): value is ArrayLike<unknown> => takes === 'numbers' && isList(value) && value.length !== 1;

/** Throws DataError, without its place, for what is no list of so many. */
function elementsOf(value: unknown, length: number): ArrayLike<unknown> {
  if (isList(value) && value.length === length) return value;
  throw new DataError(`expected a list of ${length} numbers, got ${isList(value) ? value.length : describe(value)}`);
}

/** Learns of a column, chunk by chunk. Its first value that is no gap decides whether it is one of lists. */
export class ColumnFitting {
  readonly #plan: ColumnPlan;
  readonly #where: string;
  /** Elements of its lists, 0 of single values; undefined until a value has come. */
  #length: number | undefined;
  #parts: readonly PartFitting[];
  /** Rows so far, as long as all of them are gaps. */
  #gaps = 0;

  /** Throws OptionError where gaps cannot be filled so. */
  constructor(where: string, plan: ColumnPlan) {
    this.#plan = plan;
    this.#where = where;
    this.#parts = [new PartFitting(where, plan)];
  }

  /** @param before Rows before the first, for messages. */
  add(values: RawValues, before: number): void {
    let row = 0;
    try {
      for (; row < values.length; row++) this.#add(values[row]);
    } catch (error) {
      throw placed(`${this.#where}, row ${before + row}`, error);
    }
  }

  #add(value: unknown): void {
    if (this.#length === undefined) this.#begin(value);
    if (!this.#length) this.#parts[0].add(value);
    else if (isGap(value, 'numbers')) this.#addGap(value);
    else this.#addElements(value);
  }

  #begin(value: unknown): void {
    const { takes } = this.#plan.encoding.definition;
    if (isGap(value, takes)) this.#gaps++;
    else if (isSeveral(value, takes)) this.#beginLists(value.length);
    else this.#length = 0;
  }

  #beginLists(length: number): void {
    const { encoding } = this.#plan;
    if (length === 0) throw new DataError('expected a list of numbers, got an empty one');
    this.#length = length;
    const [first] = this.#parts;
    if (encoding.isOverLists) {
      // The gaps so far were those of one element each.
      if (this.#gaps > 0) first.addGaps(null, this.#gaps * (length - 1));
      return;
    }
    if (length > MOST_ELEMENTS)
      throw new DataError(`expected at most ${MOST_ELEMENTS} elements that are encoded each by its own figures, got ${length}`);
    const others = Array.from({ length: length - 1 }, (_, i) => new PartFitting(`${this.#where}[${i + 1}]`, this.#plan));
    if (this.#gaps > 0) for (const other of others) other.addGaps(null, this.#gaps);
    this.#parts = [first, ...others];
  }

  #addElements(value: unknown): void {
    const elements = elementsOf(value, this.#length as number);
    const parts = this.#parts;
    let i = 0;
    try {
      for (; i < elements.length; i++) parts[parts.length === 1 ? 0 : i].add(elements[i]);
    } catch (error) {
      throw placed(`element ${i}`, error);
    }
  }

  #addGap(value: unknown): void {
    const elements = (this.#length as number) / this.#parts.length;
    for (const part of this.#parts) part.addGaps(value, elements);
  }

  /** Throws DataError where the values do not do. */
  finish(): PreparedColumn {
    return prepared(
      this.#plan.name,
      this.#length || undefined,
      this.#parts.map((part) => part.finish()),
    );
  }
}

/** The place that a column's numbers are written to: row after row of `stride` numbers, from `at` on. */
export interface Place {
  readonly to: Encoded;
  readonly at: number;
  readonly stride: number;
  /** Rows [from, end) alone. Default all. */
  readonly from?: number;
  readonly end?: number;
}

/**
 * Encodes a column into zeros.
 *
 * @param where Its place in messages.
 * @param before Rows before the first, for messages.
 * @throws DataError for a value that is no value of the column.
 */
export function encodeColumn(
  where: string,
  column: PreparedColumn,
  values: RawValues,
  { to, at, stride, from = 0, end = values.length }: Place,
  before = 0,
): void {
  const write = column.length === undefined ? writerOf(column.parts[0]) : listWriter(column, column.length);
  let row = from;
  try {
    for (let place = at + from * stride; row < end; row++, place += stride) write(values[row], to, place);
  } catch (error) {
    throw placed(`${where}, row ${before + row}`, error);
  }
}

function listWriter({ parts }: PreparedColumn, length: number): ReturnType<typeof writerOf> {
  const writers = parts.map(writerOf);
  return (value, to, at) => {
    const elements = isGap(value, 'numbers') ? undefined : elementsOf(value, length);
    let place = at;
    let i = 0;
    try {
      for (; i < length; i++) {
        const part = parts.length === 1 ? 0 : i;
        writers[part](elements ? elements[i] : value, to, place);
        place += parts[part].width;
      }
    } catch (error) {
      throw elements ? placed(`element ${i}`, error) : error;
    }
  };
}

/** A column as a model file holds it: of single values, or of lists. */
export type ColumnConfig =
  | ({ readonly name: string } & PartConfig)
  | {
      readonly name: string;
      readonly length: number;
      /** One for each element, or one for all of them. */
      readonly elements: readonly PartConfig[];
    };

export const columnConfig = ({ name, length, parts }: PreparedColumn): ColumnConfig =>
  length === undefined ? { name, ...partConfig(parts[0]) } : { name, length, elements: parts.map(partConfig) };

type ReadEncoding = (where: string, config: unknown) => FittedEncoding;

/** Throws FormatError or OptionError for what is no column. */
export function columnFrom(where: string, config: unknown, encodingFrom: ReadEncoding): PreparedColumn {
  const isOfLists = typeof config === 'object' && config !== null && 'length' in config;
  checkKeys(where, config, isOfLists ? ['name', 'length', 'elements'] : ['name', 'impute', 'encoding']);
  const { name, length, elements } = config as Record<string, unknown>;
  if (typeof name !== 'string') throw new FormatError(`${where}.name: expected a text, got ${describe(name)}`);
  if (!isOfLists) return prepared(name, undefined, [partFrom(where, config, encodingFrom)]);
  const count = checkInteger(`${where}.length`, length, 2);
  if (!Array.isArray(elements) || ![1, count].includes(elements.length) || elements.length > MOST_ELEMENTS)
    throw new FormatError(`${where}.elements: expected a list of one encoding, or of ${count}, got ${describe(elements)}`);
  const parts = Array.from(elements, (one, i) => elementFrom(`${where}.elements[${i}]`, one, encodingFrom));
  return prepared(name, count, parts);
}

function partFrom(where: string, config: unknown, encodingFrom: ReadEncoding): PreparedPart {
  const { impute, encoding } = config as Record<string, unknown>;
  const fitted = encodingFrom(`${where}.encoding`, encoding);
  const { takes } = fitted.encoding.definition;
  return preparedPart(impute === undefined ? undefined : imputationFrom(`${where}.impute`, impute, takes), fitted);
}

function elementFrom(where: string, config: unknown, encodingFrom: ReadEncoding): PreparedPart {
  checkKeys(where, config, ['impute', 'encoding']);
  const part = partFrom(where, config, encodingFrom);
  const { takes } = part.encoding.encoding.definition;
  if (takes !== 'numbers') throw new FormatError(`${where}: expected an encoding of numbers, got one of ${takes}`);
  return part;
}
