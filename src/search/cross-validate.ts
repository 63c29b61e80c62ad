/** Cross-validation: networks trained on all folds but one, each judged on the fold that it has not seen. */
import type { EvaluateOptions } from '../common-options.ts';
import { foldsOf, restOf } from '../data/folds.ts';
import { rowSource } from '../data/rows-of.ts';
import type { DataSet } from '../data/samples.ts';
import { type HasSource, isDataset } from '../datasets/source.ts';
import { DataError, OptionError } from '../errors.ts';
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
  /** What makes numbers of raw rows. */
  readonly preparation?: unknown;
}

type Made = Trainable | Promise<Trainable>;

/** A dataset of `chainrule/data`, which divides itself. */
interface Divisible extends HasSource {
  kFold(
    count: number,
    options: { readonly seed: number; readonly stratify?: string },
  ): readonly { readonly train: unknown; readonly test: unknown }[];
}

export interface CrossValidateOptions {
  /** How many; at least 2. Default 5. */
  readonly folds?: number;
  /** Whether each fold has its share of every class; y is then class indices or labels, one a row. Default false. */
  readonly stratify?: boolean;
  /** Decides which rows are in which fold. Default 0. */
  readonly seed?: number;
  /** The options of each fit; a function is given the number of the fold, from 0, as where callbacks are to be new ones. */
  readonly fit?: FitOptions<never> | ((fold: number) => FitOptions<never>);
  readonly evaluate?: EvaluateOptions;
}

/** @typeParam Rows Int32Array; undefined where the data are a dataset, whose rows have no numbers. */
export interface FoldResult<Rows extends Int32Array | undefined = Int32Array> {
  /** The rows that were held out. */
  readonly rows: Rows;
  readonly history: History;
  /** On the rows held out. */
  readonly evaluation: Evaluation;
}

export interface CrossValidation<Rows extends Int32Array | undefined = Int32Array> {
  readonly folds: readonly FoldResult<Rows>[];
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
 * Raw rows need a preparation, and one that is fitted on all rows knows of those held out: `create` fits one on the rows that it is given,
 *
 * ```ts
 * const { mean } = await crossValidate(async (fold, train) => {
 *   const preparation = await prepare(train, { x: { age: standardize(), job: oneHot() }, y: classes() });
 *   return Network.create({ input: preparation, layers: [dense(2)], loss: 'softmaxCrossEntropy' });
 * }, { x: rows, y: labels });
 * ```
 *
 * and two folds whose networks share a preparation are refused.
 *
 * @param create Makes the network for a fold, from 0, whose training rows are `train`: a dataset where the data are one, else `{ x, y }` with tensors, raw
 *   rows or raw columns. The network is disposed of when it has been judged.
 * @param data Tensors, raw rows, or a dataset of `chainrule/data` whose rows are `{ x, y }` and the same in every pass.
 * @throws OptionError for an unknown or impossible option, and for a preparation that another fold's network has too; DataError or ShapeError for data that
 *   do not fit, or have fewer rows than there are folds; what `fit` and `evaluate` throw.
 */
export function crossValidate<D extends Divisible>(
  create: (fold: number, train: D) => Made,
  data: D,
  options?: CrossValidateOptions,
): Promise<CrossValidation<undefined>>;
export function crossValidate(
  create: (fold: number, train: DataSet<unknown, unknown>) => Made,
  data: DataSet<unknown, unknown>,
  options?: CrossValidateOptions,
): Promise<CrossValidation>;
export async function crossValidate(
  create: (fold: number, train: never) => Made,
  data: Divisible | DataSet<unknown, unknown>,
  options: CrossValidateOptions = {},
): Promise<CrossValidation<Int32Array | undefined>> {
  checkFunction('crossValidate', create);
  const { fit, evaluate, ...division } = readOptions('crossValidate', OPTIONS, options);
  const results: FoldResult<Int32Array | undefined>[] = [];
  const preparations = new Set<unknown>();
  for (const [fold, { rows, train, test }] of divided(data, division).entries()) {
    const part = train() as never;
    const network = await create(fold, part);
    try {
      checkPreparation(network, preparations);
      const history = await network.fit(part, typeof fit === 'function' ? fit(fold) : fit);
      if (history.aborted) return summed(results, true);
      results.push({ rows, history, evaluation: await network.evaluate(test() as never, evaluate) });
    } finally {
      network.dispose();
    }
  }
  return summed(results, false);
}

/** The rows of a fold, held out, and what is copied of the data when it is needed. */
interface Fold {
  readonly rows: Int32Array | undefined;
  train(): unknown;
  test(): unknown;
}

interface Dividing {
  readonly folds: number;
  readonly stratify: boolean;
  readonly seed: number;
}

function divided(data: Divisible | DataSet<unknown, unknown>, { folds, stratify, seed }: Dividing): Fold[] {
  if (isDataset(data)) {
    if (typeof data.kFold !== 'function')
      throw new OptionError('crossValidate: expected a Dataset, or data in tensors, got a dataset without kFold()');
    const parts = data.kFold(folds, { seed, ...(stratify && { stratify: 'y' }) });
    return parts.map(({ train, test }) => ({ rows: undefined, train: () => train, test: () => test }));
  }
  const source = rowSource('crossValidate', data);
  const { rows } = source;
  if (rows < folds) throw new DataError(`crossValidate: expected at least as many rows as folds, ${folds}, got ${rows}`);
  return foldsOf(rows, folds, seed, stratify ? source.classes() : undefined).map((held) => ({
    rows: held,
    train: () => source.take(restOf(rows, held)),
    test: () => source.take(held),
  }));
}

/** Throws OptionError for a preparation that another fold has: it has learnt of rows that one of both holds out. */
function checkPreparation({ preparation }: Trainable, seen: Set<unknown>): void {
  if (preparation === undefined) return;
  if (seen.has(preparation))
    throw new OptionError(
      'crossValidate: expected a preparation fitted on the training rows that create is given, got that of another fold',
    );
  seen.add(preparation);
}

function summed<Rows extends Int32Array | undefined>(folds: readonly FoldResult<Rows>[], aborted: boolean): CrossValidation<Rows> {
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
