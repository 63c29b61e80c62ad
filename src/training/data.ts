/** Turns what callers give as data into columns that a backend gathers from, checked before anything is touched. */

import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import { denseAsGiven, type TensorLike, toFloats } from '../nested.ts';
import { count } from '../ops/shape.ts';
import { checkNames } from '../options.ts';
import type { Origin } from '../origin.ts';
import { checkFinite, type Numeric } from './finite-numbers.ts';
import type { Head } from './heads.ts';
import { type IndexRanges, indexColumn } from './index-inputs.ts';
import type { Shapes } from './structure.ts';
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
  /** What choose rows of tables, among the elements of the inputs. */
  readonly indexRanges: ReadonlyMap<string, IndexRanges>;
  /** Where in the step something comes from in words. */
  describe(origin: Origin): string;
}

/** The part of each name, of an object that has these names and no others; where data is not named, the whole. Throws DataError. */
function parts(where: string, value: unknown, names: readonly string[], isNamed: boolean): (readonly [string, TensorLike])[] {
  if (!isNamed) return [[where, value as TensorLike]];
  const given = checkNames<TensorLike>(where, value, names);
  return names.map((name) => [`${where}.${name}`, given[name]]);
}

/** Samples for each input, of the same number of rows, at least one. Throws ShapeError or DataError. */
export function prepareSamples(where: string, value: unknown, contract: DataContract): PreparedSamples {
  const { inputs, isNamed } = contract.model;
  const samples = [...inputs];
  const prepared = parts(where, value, [...inputs.keys()], isNamed).map(([at, part], i) => prepareInput(at, part, samples[i], contract));
  const [{ rows }] = prepared;
  const uneven = prepared.findIndex((one) => one.rows !== rows);
  if (uneven >= 0) {
    const names = [...inputs.keys()];
    throw new DataError(`${where}.${names[uneven]}: expected as many rows as ${names[0]} has, ${rows}, got ${prepared[uneven].rows}`);
  }
  return { rows, inputs: prepared.map(({ column }) => column) };
}

function prepareInput(
  where: string,
  value: TensorLike,
  [name, sample]: readonly [string, readonly number[]],
  contract: DataContract,
): { rows: number; column: DataColumn } {
  const { shape, data } = denseAsGiven(where, value);
  if (shape[0] === 0) throw new DataError(`${where}: expected at least one row, got none`);
  if (shape.slice(1).join() !== sample.join() || shape.length !== sample.length + 1) {
    const hint = shape.join() === sample.join() ? `; a sample alone is a batch of one, [${[1, ...sample].join(', ')}]` : '';
    throw new ShapeError(`${where}: expected shape [${['rows', ...sample].join(', ')}], got [${shape.join(', ')}]${hint}`);
  }
  const width = count(sample);
  const ranges = contract.model.indexRanges.get(name);
  if (!ranges?.every((range) => range)) checkFinite(where, data, width, contract.backend);
  return { rows: shape[0], column: ranges ? indexColumn(where, data, ranges, contract) : { data: toFloats(data), width } };
}

/** Checks a data set against a network's inputs and heads. Throws ShapeError or DataError. */
export function prepareData(where: string, data: AnyDataSet, contract: DataContract): PreparedData {
  const {
    model: { heads, isNamed },
    backend,
  } = contract;
  const { x, y } = checkNames<TensorOrNamed>(where, data, ['x', 'y']);
  const samples = prepareSamples(`${where}.x`, x, contract);
  const names = heads.map(({ name }) => name);
  const targets = parts(`${where}.y`, y, names, isNamed).map(([at, part], i) => prepareTarget(at, part, heads[i], samples.rows, backend));
  return { ...samples, targets };
}
