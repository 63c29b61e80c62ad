/** Turns callers' data into columns that a backend gathers from, checked before anything is touched. */

import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Work } from '../event-loop/slices.ts';
import { areIndices, type ElementRanges } from '../model/element-ranges.ts';
import type { Head } from '../model/heads.ts';
import type { Shapes } from '../model/structure.ts';
import { copyArrays, densify, type TensorLike } from '../nested.ts';
import { count } from '../ops/shape.ts';
import type { Origin } from '../origin.ts';
import { checkElements } from './element-checks.ts';
import { checkFinite, type NumberColumn, type Numeric } from './finite-numbers.ts';
import { type PreparedTarget, prepareTarget } from './targets.ts';

/** Samples and their targets: y is class indices, one a sample or one a step of a sequence, or values. */
export interface DataSet<X = TensorLike, Y = TensorLike> {
  readonly x: X;
  readonly y: Y;
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
  /** Whether an evaluation of it is to tell of each head, besides the whole. */
  readonly tellsHeads: boolean;
}

export interface PreparedSamples {
  readonly rows: number;
  /** In the order of the network's inputs. */
  readonly inputs: readonly DataColumn[];
}

export interface PreparedData extends PreparedSamples {
  /** In the order of the network's heads. */
  readonly targets: readonly PreparedTarget[];
  /** Whether an evaluation of it is to tell of each head, besides the whole. */
  readonly tellsHeads: boolean;
}

/** The data with copies of its typed arrays, which their owner may change then. */
export function copyGiven(data: GivenData): GivenData {
  const copy = (given: readonly Given[]) => given.map(({ where, value }) => ({ where, value: copyArrays(value) }));
  return { ...data, x: copy(data.x), y: copy(data.y) };
}

/** As training gathers them: inputs, then targets. */
export function columnsOf({ inputs, targets }: PreparedData): DataColumn[] {
  return [...inputs, ...targets.map(({ column }) => column)];
}

/** The requirements of data: those of the network, and the numbers of its backend. */
export interface DataContract {
  readonly model: DataModel;
  readonly backend: Numeric;
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
  const [names, shapes] = [[...inputs.keys()], [...inputs.values()]];
  const prepared: PreparedInput[] = [];
  for (const { where, value } of given) prepared.push(yield* prepareInput(where, value, shapes[prepared.length], keeping));
  const columns: DataColumn[] = [];
  for (const [i, { column }] of prepared.entries())
    columns.push(yield* checkColumn(given[i].where, column, elementRanges.get(names[i]), contract));
  const [{ rows }] = prepared;
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
  if (shape.slice(1).join() !== sample.join() || shape.length !== sample.length + 1) {
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
export function* prepareData({ x, y, tellsHeads }: GivenData, contract: DataContract): Work<PreparedData> {
  const { model, backend } = contract;
  const samples = yield* prepareSamples(x, contract);
  const targets: PreparedTarget[] = [];
  for (const { where, value } of y) targets.push(yield* prepareTarget(where, value, model.heads[targets.length], samples.rows, backend));
  return { ...samples, targets, tellsHeads };
}
