/** Turns what callers give as data into columns that a backend gathers from, checked before anything is touched. */

import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Work } from '../event-loop/slices.ts';
import { areIndices, type ElementRanges } from '../model/element-ranges.ts';
import type { Head } from '../model/heads.ts';
import type { Shapes } from '../model/structure.ts';
import { densify, type TensorLike } from '../nested.ts';
import { count } from '../ops/shape.ts';
import { checkNames } from '../options.ts';
import type { Origin } from '../origin.ts';
import { checkElements } from './element-checks.ts';
import { checkFinite, type NumberColumn, type Numeric } from './finite-numbers.ts';
import { type PreparedTarget, prepareTarget } from './targets.ts';

/** One tensor, or for a network of named inputs and outputs one for each name. */
export type TensorOrNamed = TensorLike | { readonly [name: string]: TensorLike };

/** Samples and what is known of them: y is class indices, one a sample or one a step of a sequence, or values. */
export interface DataSet<X = TensorLike, Y = TensorLike> {
  readonly x: X;
  readonly y: Y;
}

/** Data of a network of any kind. */
export type AnyDataSet = DataSet<TensorOrNamed, TensorOrNamed>;

export interface PreparedSamples {
  readonly rows: number;
  /** In the order of the network's inputs. */
  readonly inputs: readonly DataColumn[];
}

export interface PreparedData extends PreparedSamples {
  /** In the order of the network's heads. */
  readonly targets: readonly PreparedTarget[];
}

/** As training gathers them: inputs, then targets. */
export function columnsOf({ inputs, targets }: PreparedData): DataColumn[] {
  return [...inputs, ...targets.map(({ column }) => column)];
}

/** What data must fit: what a network says of itself, and the numbers of its backend. */
export interface DataContract {
  readonly model: DataModel;
  readonly backend: Numeric;
}

export interface DataModel {
  /** The shape of one sample of each input. */
  readonly inputs: Shapes;
  readonly heads: readonly Head[];
  /** Whether data goes by the inputs' and heads' names. */
  readonly isNamed: boolean;
  /** What elements of the inputs are to be, where not any numbers will do. */
  readonly elementRanges: ReadonlyMap<string, ElementRanges>;
  /** Where in the step something comes from in words. */
  describe(origin: Origin): string;
}

/** What data of a network must fit, on a backend. */
export function contractOf(model: DataModel, backend: Numeric): DataContract {
  return { model, backend };
}

/** The part of each name, of an object that has these names and no others; where data is not named, the whole. Throws DataError. */
function parts(where: string, value: unknown, names: readonly string[], isNamed: boolean): (readonly [string, TensorLike])[] {
  if (!isNamed) return [[where, value as TensorLike]];
  const given = checkNames<TensorLike>(where, value, names);
  return names.map((name) => [`${where}.${name}`, given[name]]);
}

/** What becomes of typed arrays that callers keep: read where they lie, or copied before the event loop turns. */
export type Keeping = 'lent' | 'copied';

/** Samples for each input, of the same number of rows, at least one. Throws ShapeError or DataError. */
export function* prepareSamples(where: string, value: unknown, contract: DataContract, keeping: Keeping = 'lent'): Work<PreparedSamples> {
  const { inputs, isNamed, elementRanges } = contract.model;
  const [names, shapes] = [[...inputs.keys()], [...inputs.values()]];
  const given = parts(where, value, names, isNamed);
  const prepared: PreparedInput[] = [];
  for (const [at, part] of given) prepared.push(yield* prepareInput(at, part, shapes[prepared.length], keeping));
  const columns: DataColumn[] = [];
  for (const [i, { column }] of prepared.entries())
    columns.push(yield* checkColumn(given[i][0], column, elementRanges.get(names[i]), contract));
  const [{ rows }] = prepared;
  const uneven = prepared.findIndex((one) => one.rows !== rows);
  if (uneven >= 0)
    throw new DataError(`${where}.${names[uneven]}: expected as many rows as ${names[0]} has, ${rows}, got ${prepared[uneven].rows}`);
  return { rows, inputs: columns };
}

interface PreparedInput {
  readonly rows: number;
  readonly column: NumberColumn;
}

/** Numbers, or indices where all elements are: those have an array of their own, for kernels look where they say. */
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

/** What was hardly meant. */
function shapeHint(shape: readonly number[], sample: readonly number[]): string {
  if (shape.join() === sample.join()) return `; a sample alone is a batch of one, [${[1, ...sample].join(', ')}]`;
  const [channels, ...size] = sample;
  if (size.length === 2 && shape.slice(1).join() === [...size, channels].join()) return '; channels come first, not last';
  return '';
}

/** Checks a data set against a network's inputs and heads. Throws ShapeError or DataError. */
export function* prepareData(where: string, data: AnyDataSet, contract: DataContract): Work<PreparedData> {
  const {
    model: { heads, isNamed },
    backend,
  } = contract;
  const { x, y } = checkNames<TensorOrNamed>(where, data, ['x', 'y']);
  const samples = yield* prepareSamples(`${where}.x`, x, contract);
  const names = heads.map(({ name }) => name);
  const targets: PreparedTarget[] = [];
  for (const [at, part] of parts(`${where}.y`, y, names, isNamed))
    targets.push(yield* prepareTarget(at, part, heads[targets.length], samples.rows, backend));
  return { ...samples, targets };
}
