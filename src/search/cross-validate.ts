/** Cross-validation: networks trained on all folds but one, each judged on the fold that it has not seen. */
import type { EvaluateOptions } from '../common-options.ts';
import { foldsOf, restOf } from '../data/folds.ts';
import { rowSource } from '../data/rows-of.ts';
import type { DataSet } from '../data/samples.ts';
import { DataError } from '../errors.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Evaluation, OutputResults } from '../metrics/evaluation.ts';
import { asGiven, flag, integer, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkFunction } from '../options.ts';
import type { History } from '../training/reports.ts';

/** What is asked of a network. */
interface Trainable {
  fit(data: never, options?: FitOptions<never>): Promise<History>;
  evaluate(data: never, options?: EvaluateOptions): Promise<Evaluation>;
  dispose(): void;
}

export interface CrossValidateOptions {
  /** How many; at least 2. Default 5. */
  readonly folds?: number;
  /** Whether each fold has its share of every class; y is then class indices, one a row. Default false. */
  readonly stratify?: boolean;
  /** Decides which rows are in which fold. Default 0. */
  readonly seed?: number;
  /** The options of each fit; a function is given the number of the fold, from 0, as where callbacks are to be new ones. */
  readonly fit?: FitOptions<never> | ((fold: number) => FitOptions<never>);
  readonly evaluate?: EvaluateOptions;
}

export interface FoldResult {
  /** The rows that were held out. */
  readonly rows: Int32Array;
  readonly history: History;
  /** On the rows held out. */
  readonly evaluation: Evaluation;
}

export interface CrossValidation {
  readonly folds: readonly FoldResult[];
  /**
   * Over the folds: of `loss`, of `accuracy` where there is one, and of each metric that is a number, by its name; of named outputs by `output.loss`
   * and so on.
   */
  readonly mean: Readonly<Record<string, number>>;
  /** The standard deviation of the same, of a sample: divided by one less than there are folds. */
  readonly deviation: Readonly<Record<string, number>>;
  /** Whether a fit was stopped by its signal: its fold, and those after it, are left out. */
  readonly aborted: boolean;
}

const OPTIONS = {
  folds: withDefault(integer(2), 5),
  stratify: withDefault(flag, false),
  seed: withDefault(integer(0), 0),
  fit: withDefault(asGiven<Required<CrossValidateOptions>['fit']>(), {}),
  evaluate: optional(asGiven<EvaluateOptions>()),
} satisfies TableOf<CrossValidateOptions>;

/**
 * Trains and judges a network for each fold, one after the other.
 *
 * @param create Makes the network for a fold, from 0; it is disposed of when it has been judged.
 * @throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit, or has fewer rows than there are folds;
 *   what `fit` and `evaluate` throw.
 */
export async function crossValidate(
  create: (fold: number) => Trainable | Promise<Trainable>,
  data: DataSet<unknown, unknown>,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  checkFunction('crossValidate', create);
  const { folds, stratify, seed, fit, evaluate } = readOptions('crossValidate', OPTIONS, options);
  const source = rowSource('crossValidate', data);
  const { rows } = source;
  if (rows < folds) throw new DataError(`crossValidate: expected at least as many rows as folds, ${folds}, got ${rows}`);
  const results: FoldResult[] = [];
  for (const [fold, held] of foldsOf(rows, folds, seed, stratify ? source.classes() : undefined).entries()) {
    const network = await create(fold);
    try {
      const history = await network.fit(source.take(restOf(rows, held)) as never, typeof fit === 'function' ? fit(fold) : fit);
      if (history.aborted) return summed(results, true);
      results.push({ rows: held, history, evaluation: await network.evaluate(source.take(held) as never, evaluate) });
    } finally {
      network.dispose();
    }
  }
  return summed(results, false);
}

function summed(folds: readonly FoldResult[], aborted: boolean): CrossValidation {
  const values = folds.map(({ evaluation }) => numbersOf(evaluation));
  const over = (how: (numbers: readonly number[]) => number) =>
    Object.fromEntries(Object.keys(values[0] ?? {}).map((name) => [name, how(values.map((one) => one[name]))]));
  return { folds, mean: over(meanOf), deviation: over(deviationOf), aborted };
}

const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

function deviationOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (numbers.length - 1));
}

function numbersOf({ loss, accuracy, metrics = {}, outputs = {} }: Evaluation): Record<string, number> {
  const named = Object.entries(outputs).map(([name, { loss: own, ...results }]) => ({
    [`${name}.loss`]: own,
    ...numbersIn(results, `${name}.`),
  }));
  return Object.assign({ loss }, numbersIn({ accuracy, metrics }, ''), ...named);
}

function numbersIn({ accuracy, metrics }: OutputResults, before: string): Record<string, number> {
  const numbers = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return {
    ...(accuracy !== undefined && { [`${before}accuracy`]: accuracy }),
    ...Object.fromEntries(numbers.map(([name, value]) => [`${before}${name}`, value])),
  };
}
