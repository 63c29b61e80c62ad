/** Turns what callers give as data into columns that a backend gathers from, checked before anything is touched. */

import type { Backend, DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Loss, TargetForm } from '../losses.ts';
import { type Dense, type TensorLike, toDense } from '../nested.ts';
import { COMPARISON } from '../ops/classification.ts';
import { checkKeys, describe } from '../options.ts';
import type { Head } from './heads.ts';
import type { Shapes } from './structure.ts';

/** One tensor, or for a network of named inputs and outputs one for each name. */
export type TensorOrNamed = TensorLike | { readonly [name: string]: TensorLike };

/** Samples and what is known of them: y is one class index a sample, or values. */
export interface DataSet<X = TensorLike, Y = TensorLike> {
  readonly x: X;
  readonly y: Y;
}

/** Data of a network of any kind. */
export type AnyDataSet = DataSet<TensorOrNamed, TensorOrNamed>;

type Numbers = Float32Array | Float64Array;

/** How `correct` compares this data's targets with predictions; undefined where there is nothing to count. */
export interface Comparison {
  readonly comparison: number;
  readonly threshold: number;
}

/** A head's targets as they are trained with. */
interface PreparedTarget {
  readonly column: DataColumn;
  readonly form: TargetForm;
  readonly comparison: Comparison | undefined;
}

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

/** What a backend's numbers can hold. */
export type Numeric = Pick<Backend, 'elementBytes' | 'firstNotFinite'>;

/** What data must fit. */
export interface DataContract {
  /** The shape of one sample of each input. */
  readonly inputs: Shapes;
  readonly heads: readonly Head[];
  /** Whether data goes by the inputs' and heads' names. */
  readonly isNamed: boolean;
  readonly backend: Numeric;
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Throws DataError for NaN, infinity and what becomes infinite in the backend's elements. */
function checkFinite(where: string, data: Numbers, width: number, backend: Numeric): void {
  const i = backend.firstNotFinite(data);
  if (i >= 0)
    throw new DataError(
      `${where}: expected finite numbers${backend.elementBytes === 4 ? ' within the range of float32' : ''}, got ${data[i]} in row ${Math.floor(i / width)}, element ${i % width}`,
    );
}

/** The part of each name, of an object that has these names and no others; where data is not named, the whole. Throws DataError. */
function parts(where: string, value: unknown, names: readonly string[], isNamed: boolean): (readonly [string, TensorLike])[] {
  if (!isNamed) return [[where, value as TensorLike]];
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
  if (!isObject) throw new DataError(`${where}: expected { ${names.join(', ')} }, got ${describe(value)}`);
  checkKeys(where, value, names);
  return names.map((name) => {
    const part = (value as Record<string, TensorLike>)[name];
    if (part === undefined) throw new DataError(`${where}: expected { ${names.join(', ')} }, got no ${name}`);
    return [`${where}.${name}`, part];
  });
}

/** Samples for each input, of the same number of rows, at least one. Throws ShapeError or DataError. */
export function prepareSamples(where: string, value: unknown, { inputs, isNamed, backend }: DataContract): PreparedSamples {
  const shapes = [...inputs.values()];
  const prepared = parts(where, value, [...inputs.keys()], isNamed).map(([at, part], i) => prepareInput(at, part, shapes[i], backend));
  const [{ rows }] = prepared;
  const uneven = prepared.findIndex((one) => one.rows !== rows);
  if (uneven >= 0) {
    const names = [...inputs.keys()];
    throw new DataError(`${where}.${names[uneven]}: expected as many rows as ${names[0]} has, ${rows}, got ${prepared[uneven].rows}`);
  }
  return { rows, inputs: prepared.map(({ column }) => column) };
}

function prepareInput(where: string, value: TensorLike, sample: readonly number[], backend: Numeric) {
  const { shape, data } = toDense(where, value);
  const fits = shape.length === sample.length + 1 && sample.every((size, axis) => size === shape[axis + 1]);
  if (!fits) throw new ShapeError(`${where}: expected shape [rows, ${sample.join(', ')}], got [${shape.join(', ')}]`);
  if (shape[0] === 0) throw new DataError(`${where}: expected at least one row, got none`);
  const width = elements(sample);
  checkFinite(where, data, width, backend);
  return { rows: shape[0], column: { data, width } };
}

/** Checks a data set against a network's inputs and heads. Throws ShapeError, DataError or OptionError. */
export function prepareData(where: string, data: AnyDataSet, contract: DataContract): PreparedData {
  const { heads, isNamed, backend } = contract;
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new DataError(`${where}: expected { x, y }, got ${describe(data)}`);
  checkKeys(where, data, ['x', 'y']);
  const samples = prepareSamples(`${where}.x`, data.x, contract);
  const names = heads.map(({ name }) => name);
  const targets = parts(`${where}.y`, data.y, names, isNamed).map(([at, part], i) =>
    prepareTarget(at, part, heads[i], samples.rows, backend),
  );
  return { ...samples, targets };
}

function prepareTarget(where: string, value: TensorLike, { shape: output, loss }: Head, rows: number, backend: Numeric): PreparedTarget {
  const target = toDense(where, value);
  if (target.shape[0] !== rows)
    throw new DataError(`${where}: expected one target for each of ${rows} rows of x, got shape [${target.shape.join(', ')}]`);
  checkFinite(where, target.data, Math.max(1, target.data.length / rows), backend);
  const width = elements(output);
  const given = isList(target, output, loss) ? 'classes' : 'values';
  if (given === 'values') {
    checkValues(where, target, output, loss);
    return { column: { data: target.data, width }, form: 'values', comparison: compareValues(target.data, width, loss) };
  }
  checkClasses(where, target.data, width);
  if (loss.definition.targets.includes('classes'))
    return { column: { data: target.data, width: 1 }, form: 'classes', comparison: { comparison: COMPARISON.index, threshold: 0 } };
  return {
    column: { data: oneHot(target.data, width), width },
    form: 'values',
    comparison: { comparison: COMPARISON.largest, threshold: 0 },
  };
}

/** Whether targets are a plain list of class indices, rather than values of the prediction's shape. */
function isList({ shape }: Dense, output: readonly number[], { definition }: Loss): boolean {
  if (shape.length === 2 && shape[1] === 1 && definition.targets[0] === 'classes') return true;
  return shape.length === 1 && (definition.targets[0] === 'classes' || elements(output) > 1);
}

function checkValues(where: string, { shape }: Dense, output: readonly number[], loss: Loss): void {
  const flat = shape.length === 1 && elements(output) === 1;
  if (!loss.definition.targets.includes('values'))
    throw new ShapeError(`${where}: expected one class index a row for ${loss.name}, got shape [${shape.join(', ')}]`);
  if (!flat && shape.slice(1).join() !== output.join()) {
    throw new ShapeError(`${where}: expected shape [rows, ${output.join(', ')}] or one class index a row, got [${shape.join(', ')}]`);
  }
}

function checkClasses(where: string, indices: Numbers, classes: number): void {
  const wrong = indices.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= classes);
  if (wrong >= 0) throw new DataError(`${where}: expected class indices from 0 to ${classes - 1}, got ${indices[wrong]} in row ${wrong}`);
}

function oneHot(indices: Numbers, classes: number): Float32Array {
  const hot = new Float32Array(indices.length * classes);
  indices.forEach((index, row) => {
    hot[row * classes + index] = 1;
  });
  return hot;
}

/** Targets that are all 0 or 1 are classes in another form, and can be counted. */
function compareValues(data: Numbers, width: number, { name, definition }: Loss): Comparison | undefined {
  if (name === 'softmaxCrossEntropy') return { comparison: COMPARISON.largest, threshold: 0 };
  if (!data.every((value: number) => value === 0 || value === 1)) return undefined;
  if (width > 1 && rowsSumToOne(data, width)) return { comparison: COMPARISON.largest, threshold: 0 };
  return { comparison: COMPARISON.threshold, threshold: definition.threshold };
}

function rowsSumToOne(data: Numbers, width: number): boolean {
  for (let start = 0; start < data.length; start += width) {
    let sum = 0;
    for (let j = start; j < start + width; j++) sum += data[j];
    if (sum !== 1) return false;
  }
  return true;
}
