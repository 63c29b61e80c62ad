/** A column of raw rows: what fills its gaps, and its encoding. */
import { DataError, FormatError, OptionError } from '../errors.ts';
import { checkKeys, describe } from '../options.ts';
import { isGap, readerOf, type Takes } from './cells.ts';
import { type Encoded, Encoding, type FittedEncoding, placed } from './encoding.ts';
import { type FittedImputation, fittedImputation, Imputation, imputationFrom } from './impute.ts';
import { numbers } from './numbers.ts';
import type { RawValues } from './raw-rows.ts';

/** An encoding, with what fills gaps before it; an imputation alone stands before `numbers()`. */
export type ColumnOption<T extends Takes = Takes> =
  | Encoding<T>
  | Imputation
  | readonly [Imputation]
  | readonly [Encoding<T>]
  | readonly [Imputation, Encoding<T>];

export interface ColumnPlan {
  readonly name: string;
  readonly imputation: Imputation | undefined;
  readonly encoding: Encoding;
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

/** A column that is ready to encode. */
export interface PreparedColumn {
  readonly name: string;
  readonly imputation: FittedImputation | undefined;
  readonly encoding: FittedEncoding;
  /** Numbers of a row, the indicator of gaps among them. */
  readonly width: number;
}

const prepared = (name: string, imputation: FittedImputation | undefined, encoding: FittedEncoding): PreparedColumn => ({
  ...{ name, imputation, encoding },
  width: encoding.encoder.width + (imputation?.indicator ? 1 : 0),
});

const GAPS = "null, undefined, NaN and '' are gaps, which impute() fills";

/** Learns of a column, chunk by chunk. */
export class ColumnFitting {
  readonly #plan: ColumnPlan;
  readonly #where: string;
  readonly #fill: ReturnType<Imputation['learner']> | undefined;
  readonly #learner: ReturnType<Encoding['learner']>;
  #gaps = 0;

  /** Throws OptionError where gaps cannot be filled so. */
  constructor(where: string, plan: ColumnPlan) {
    this.#plan = plan;
    this.#where = where;
    this.#fill = plan.imputation?.learner(`${where}: impute`, plan.encoding.definition.takes);
    this.#learner = plan.encoding.learner();
  }

  /** @param before Rows before the first, for messages. */
  add(values: RawValues, before: number): void {
    const { takes } = this.#plan.encoding.definition;
    const read = readerOf(takes);
    let row = 0;
    try {
      for (; row < values.length; row++) {
        const value = values[row];
        if (isGap(value, takes)) this.#addGap(value);
        else this.#addValue(read(value));
      }
    } catch (error) {
      throw placed(`${this.#where}, row ${before + row}`, error);
    }
  }

  #addValue(value: ReturnType<ReturnType<typeof readerOf>>): void {
    this.#fill?.add(value);
    this.#learner?.add(value as never, 1);
  }

  #addGap(value: unknown): void {
    if (this.#fill) this.#gaps++;
    else if (this.#plan.encoding.definition.gaps === 'taken') this.#learner?.add(null as never, 1);
    else throw new DataError(`expected a value, got ${describe(value)}; ${GAPS}`);
  }

  /** Throws DataError where the values do not do. */
  finish(): PreparedColumn {
    const { name, imputation, encoding } = this.#plan;
    const filled = imputation && this.#fill ? fittedImputation(this.#where, imputation, this.#fill) : undefined;
    try {
      // A category that fills gaps is one, though these may come later.
      if (filled && (this.#gaps > 0 || encoding.definition.takes === 'categories')) this.#learner?.add(filled.value as never, this.#gaps);
      return prepared(name, filled, encoding.fitted(this.#where, this.#learner?.learned()));
    } catch (error) {
      throw placed(this.#where, error);
    }
  }
}

/** The place that a column's numbers are written to: row after row of `stride` numbers, from `at` on. */
export interface Place {
  readonly to: Encoded;
  readonly at: number;
  readonly stride: number;
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
  { imputation, encoding, width }: PreparedColumn,
  values: RawValues,
  place: Place,
  before = 0,
): void {
  const { takes, gaps } = encoding.encoding.definition;
  const { encoder } = encoding;
  const read = readerOf(takes);
  const { to, stride } = place;
  let row = 0;
  try {
    for (let at = place.at; row < values.length; row++, at += stride) {
      const value = values[row];
      if (!isGap(value, takes)) encoder.encode(read(value) as never, to, at);
      else if (imputation) {
        encoder.encode(imputation.value as never, to, at);
        if (imputation.indicator) to[at + width - 1] = 1;
      } else if (gaps === 'taken') encoder.encode(null as never, to, at);
      else throw new DataError(`expected a value, got ${describe(value)}; ${GAPS}`);
    }
  } catch (error) {
    throw placed(`${where}, row ${before + row}`, error);
  }
}

/** A column as a model file holds it. */
export interface ColumnConfig {
  readonly name: string;
  readonly impute?: FittedImputation;
  readonly encoding: FittedEncoding['config'];
}

export const columnConfig = ({ name, imputation, encoding }: PreparedColumn): ColumnConfig => ({
  name,
  ...(imputation && { impute: imputation }),
  encoding: encoding.config,
});

/** Throws FormatError or OptionError for what is no column. */
export function columnFrom(
  where: string,
  config: unknown,
  encodingFrom: (where: string, config: unknown) => FittedEncoding,
): PreparedColumn {
  checkKeys(where, config, ['name', 'impute', 'encoding']);
  const { name, impute, encoding } = config as Record<string, unknown>;
  if (typeof name !== 'string') throw new FormatError(`${where}.name: expected a text, got ${describe(name)}`);
  const fitted = encodingFrom(`${where}.encoding`, encoding);
  const { takes } = fitted.encoding.definition;
  return prepared(name, impute === undefined ? undefined : imputationFrom(`${where}.impute`, impute, takes), fitted);
}
