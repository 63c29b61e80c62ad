/** Turns callers' data into columns that a backend gathers from, checked before anything is touched. */

import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Work } from '../event-loop/slices.ts';
import { areIndices, type ElementRanges } from '../model/element-ranges.ts';
import type { Task } from '../model/graphs.ts';
import type { Head } from '../model/heads.ts';
import { targetInput, weightInput } from '../model/row-source.ts';
import type { Shapes } from '../model/structure.ts';
import { copyArrays, densify, isOfRows, type TensorLike } from '../nested.ts';
import { count } from '../ops/shape.ts';
import type { Origin } from '../origin.ts';
import { checkElements } from './element-checks.ts';
import { checkFinite, type NumberColumn, type Numeric } from './finite-numbers.ts';
import { type GivenWeights, prepareWeights } from './row-weights.ts';
import { type PreparedTarget, prepareTarget } from './targets.ts';

/** Samples and their targets: y is class indices, one a sample, one a step of a sequence or, for ctc, any number a row; or values. */
export interface DataSet<X = TensorLike, Y = TensorLike> {
  readonly x: X;
  readonly y: Y;
  /**
   * What each row weighs in losses, metrics and their means: numbers of at least 0, [rows], or [rows, steps] for one a step of a sequence. A
   * row of weight 2 counts as two, one of weight 0 not at all, even where its prediction or its loss is infinite or NaN; the scale of all together
   * does not matter. Of several outputs for all of them, or by name, where one without a name has rows that weigh the same. Statistics of batchNorm
   * take every row alike, and a row whose values overflow within the layers spoils their gradients. Default 1 each.
   *
   * A mini-batch in which no row weighs anything has a loss and gradients of 0, and is a step as any other: averages of gradients decay, momentum
   * goes on, weight decay and penalties act.
   */
  readonly weight?: TensorLike | { readonly [output: string]: TensorLike };
}

/** The data given for one input or one head, and its name in messages. */
export interface Given {
  readonly where: string;
  readonly value: TensorLike;
}

/** A data set in the order of a network's inputs and heads. */
export interface GivenData {
  readonly x: readonly Given[];
  readonly y: readonly Given[];
  readonly weights: readonly GivenWeights[];
  /** Whether an evaluation of it is to tell of each head, besides the whole. */
  readonly tellsHeads: boolean;
}

export interface PreparedSamples {
  readonly rows: number;
  /** In the order of the network's inputs. */
  readonly inputs: readonly DataColumn[];
}

export interface WeightedTarget extends PreparedTarget {
  /** One a row, or one for each of its targets; undefined where all weigh the same. */
  readonly weights: DataColumn | undefined;
}

export interface PreparedData extends PreparedSamples {
  /** In the order of the network's heads. */
  readonly targets: readonly WeightedTarget[];
  /** Whether an evaluation of it is to tell of each head, besides the whole. */
  readonly tellsHeads: boolean;
}

/** The data with copies of its typed arrays, which their owner may change then. */
export function copyGiven(data: GivenData): GivenData {
  const copied = ({ where, value }: Given): Given => ({ where, value: copyArrays(value) });
  const weights = data.weights.map(({ rows, classes }) => ({ rows: rows && copied(rows), classes }));
  return { ...data, x: data.x.map(copied), y: data.y.map(copied), weights };
}

/** As training gathers them: inputs, targets, then the weights of the heads that have some. */
export function columnsOf({ inputs, targets }: PreparedData): DataColumn[] {
  return [...inputs, ...targets.map(({ column }) => column), ...targets.flatMap(({ weights }) => weights ?? [])];
}

/** What the graphs of a network need to know of its targets. */
export function tasksOf({ targets }: PreparedData): Task[] {
  return targets.map(({ form, comparison, ignores, weights }) => ({
    form,
    comparison,
    ignores,
    ...(weights && { weights: weights.width }),
  }));
}

/** The columns of heads by the names of their inputs, in a graph whose batch the caller writes. */
export function headInputs({ heads }: Pick<DataModel, 'heads'>, { targets }: PreparedData): [string, DataColumn][] {
  return heads.flatMap(({ name }, i) => {
    const { column, weights } = targets[i];
    return [[targetInput(name), column], ...(weights ? [[weightInput(name), weights]] : [])] as [string, DataColumn][];
  });
}

/** The requirements of data: those of the network, and the numbers of its backend. */
export interface DataContract {
  readonly model: DataModel;
  readonly backend: Numeric;
  /** Whether the rows are some of many: then they may all weigh 0. Default false. */
  readonly isPart?: boolean;
}

export interface DataModel {
  /** The shape of one sample of each input. */
  readonly inputs: Shapes;
  readonly heads: readonly Head[];
  /** The ranges of input elements, where not any number will do. */
  readonly elementRanges: ReadonlyMap<string, ElementRanges>;
  /** Where in the step something comes from in words. */
  describe(origin: Origin): string;
}

/** Whether typed arrays of callers are read where they lie, or copied before the event loop turns. */
export type Keeping = 'lent' | 'copied';

/** Samples for each input, of the same number of rows, at least one. Throws ShapeError or DataError. */
export function* prepareSamples(given: readonly Given[], contract: DataContract, keeping: Keeping = 'lent'): Work<PreparedSamples> {
  const { inputs, elementRanges } = contract.model;
  const names = [...inputs.keys()];
  const prepared: PreparedInput[] = [];
  for (let i = 0; i < given.length; i++)
    prepared.push(yield* prepareInput(given[i].where, given[i].value, inputs.get(names[i]) as readonly number[], keeping));
  const columns: DataColumn[] = [];
  for (let i = 0; i < given.length; i++)
    columns.push(yield* checkColumn(given[i].where, prepared[i].column, elementRanges.get(names[i]), contract));
  const { rows } = prepared[0];
  const uneven = prepared.findIndex((one) => one.rows !== rows);
  if (uneven >= 0)
    throw new DataError(`${given[uneven].where}: expected as many rows as ${names[0]} has, ${rows}, got ${prepared[uneven].rows}`);
  return { rows, inputs: columns };
}

interface PreparedInput {
  readonly rows: number;
  readonly column: NumberColumn;
}

/** Numbers; or a separate array of indices where all elements are, since kernels use them as addresses. */
function* checkColumn(where: string, column: NumberColumn, ranges: ElementRanges | undefined, contract: DataContract): Work<DataColumn> {
  const { data, width } = column;
  const indices = areIndices(ranges) ? new Int32Array(data.length) : undefined;
  if (!indices) yield* checkFinite(where, data, width, contract.backend);
  if (ranges) yield* checkElements(where, data, ranges, contract, indices);
  return indices ? { data: indices, width } : column;
}

function* prepareInput(where: string, value: TensorLike, sample: readonly number[], keeping: Keeping): Work<PreparedInput> {
  const { shape, data, isOwn } = yield* densify(where, value);
  if (shape[0] === 0) throw new DataError(`${where}: expected at least one row, got none`);
  if (!isOfRows(shape, sample)) {
    const hint = shapeHint(shape, sample);
    throw new ShapeError(`${where}: expected shape [${['rows', ...sample].join(', ')}], got [${shape.join(', ')}]${hint}`);
  }
  return { rows: shape[0], column: { data: keeping === 'copied' && !isOwn ? data.slice() : data, width: count(sample) } };
}

/** A hint for a likely mistake. */
function shapeHint(shape: readonly number[], sample: readonly number[]): string {
  if (shape.join() === sample.join()) return `; a sample alone is a batch of one, [${[1, ...sample].join(', ')}]`;
  const [channels, ...size] = sample;
  if (size.length === 2 && shape.slice(1).join() === [...size, channels].join()) return '; channels come first, not last';
  return '';
}

/** Checks a data set against a network's inputs and heads. Throws ShapeError or DataError. */
export function* prepareData({ x, y, weights, tellsHeads }: GivenData, contract: DataContract): Work<PreparedData> {
  const { model, backend } = contract;
  const samples = yield* prepareSamples(x, contract);
  const { rows } = samples;
  const inputs = () => new Map([...model.inputs.keys()].map((name, i) => [name, samples.inputs[i]]));
  const contractOfTargets = { rows, backend, inputs };
  const targets: WeightedTarget[] = [];
  for (let i = 0; i < y.length; i++) {
    const head = model.heads[i];
    const target = yield* prepareTarget(y[i].where, y[i].value, head, contractOfTargets);
    const ofRows = yield* prepareWeights(weights[i], { head, target, rows, mayBeNothing: contract.isPart }, backend);
    targets.push(Object.assign(target, { weights: ofRows }));
  }
  return { rows, inputs: samples.inputs, targets, tellsHeads };
}
