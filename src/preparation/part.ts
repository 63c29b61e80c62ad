/** What becomes of single values: of a column, or of one element of a column of lists. */
import { DataError } from '../errors.ts';
import { describe } from '../options.ts';
import { isGap, readerOf } from './cells.ts';
import { type Encoded, type Encoding, type FittedEncoding, placed } from './encoding.ts';
import { type FittedImputation, fittedImputation, type Imputation } from './impute.ts';

/** What is asked for. */
export interface PartPlan {
  readonly imputation: Imputation | undefined;
  readonly encoding: Encoding;
}

/** Ready to encode. */
export interface PreparedPart {
  readonly imputation: FittedImputation | undefined;
  readonly encoding: FittedEncoding;
  /** Numbers of a value, the indicator of a gap among them. */
  readonly width: number;
}

export const preparedPart = (imputation: FittedImputation | undefined, encoding: FittedEncoding): PreparedPart => ({
  imputation,
  encoding,
  width: encoding.encoder.width + (imputation?.indicator ? 1 : 0),
});

const unfilled = (value: unknown) =>
  new DataError(`expected a value, got ${describe(value)}; null, undefined, NaN and '' are gaps, which impute() fills`);

/** Learns of values. */
export class PartFitting {
  readonly #plan: PartPlan;
  readonly #where: string;
  readonly #read: ReturnType<typeof readerOf>;
  readonly #fill: ReturnType<Imputation['learner']> | undefined;
  readonly #learner: ReturnType<Encoding['learner']>;
  #gaps = 0;

  /** Throws OptionError where gaps cannot be filled so. */
  constructor(where: string, plan: PartPlan) {
    const { takes } = plan.encoding.definition;
    this.#plan = plan;
    this.#where = where;
    this.#read = readerOf(takes);
    this.#fill = plan.imputation?.learner(`${where}: impute`, takes);
    this.#learner = plan.encoding.learner();
  }

  /** Throws DataError, without its place, for what is no value, and for a gap that nothing fills. */
  add(value: unknown): void {
    if (isGap(value, this.#plan.encoding.definition.takes)) this.addGaps(value, 1);
    else {
      const read = this.#read(value);
      this.#fill?.add(read);
      this.#learner?.add(read as never, 1);
    }
  }

  /** A gap as often as that. Throws DataError where nothing fills it. */
  addGaps(value: unknown, times: number): void {
    if (this.#fill) this.#gaps += times;
    else if (this.#plan.encoding.definition.gaps === 'taken') this.#learner?.add(null as never, times);
    else throw unfilled(value);
  }

  /** Throws DataError where the values do not do. */
  finish(): PreparedPart {
    const { imputation, encoding } = this.#plan;
    const filled = imputation && this.#fill ? fittedImputation(this.#where, imputation, this.#fill) : undefined;
    try {
      // A category that fills gaps is one, though these may come later.
      if (filled && (this.#gaps > 0 || encoding.definition.takes === 'categories')) this.#learner?.add(filled.value as never, this.#gaps);
      return preparedPart(filled, encoding.fitted(this.#where, this.#learner?.learned()));
    } catch (error) {
      throw placed(this.#where, error);
    }
  }
}

/** What writes the numbers of a value into zeros, from place `at` on. Throws DataError, without its place, for what is no value. */
export function writerOf({ imputation, encoding, width }: PreparedPart): (value: unknown, to: Encoded, at: number) => void {
  const { encoder } = encoding;
  const { takes, gaps } = encoding.encoding.definition;
  const read = readerOf(takes);
  return (value, to, at) => {
    if (!isGap(value, takes)) encoder.encode(read(value) as never, to, at);
    else if (imputation) {
      encoder.encode(imputation.value as never, to, at);
      if (imputation.indicator) to[at + width - 1] = 1;
    } else if (gaps === 'taken') encoder.encode(null as never, to, at);
    else throw unfilled(value);
  };
}

/** How single values are filled and encoded, as a model file holds it. */
export interface PartConfig {
  readonly impute?: FittedImputation;
  readonly encoding: FittedEncoding['config'];
}

export const partConfig = ({ imputation, encoding }: PreparedPart): PartConfig => ({
  ...(imputation && { impute: imputation }),
  encoding: encoding.config,
});
