/** Turns what callers give as data into columns that a backend gathers from, checked before anything is touched. */

import type { Backend, DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Loss, TargetForm } from '../losses.ts';
import { type Dense, type TensorLike, toDense } from '../nested.ts';
import { COMPARISON } from '../ops/classification.ts';
import { checkKeys, describe } from '../options.ts';

/** Samples and what is known of them: y is one class index a sample, or values. */
export interface DataSet {
  readonly x: TensorLike;
  readonly y: TensorLike;
}

type Numbers = Float32Array | Float64Array;

/** How `correct` compares this data's targets with predictions; undefined where there is nothing to count. */
export interface Comparison {
  readonly comparison: number;
  readonly threshold: number;
}

export interface PreparedData {
  readonly rows: number;
  readonly x: DataColumn;
  readonly y: DataColumn;
  readonly form: TargetForm;
  readonly comparison: Comparison | undefined;
}

/** What a backend's numbers can hold. */
export type Numeric = Pick<Backend, 'elementBytes' | 'firstNotFinite'>;

/** What data must fit. */
export interface DataContract {
  /** The shape of one sample. */
  readonly input: readonly number[];
  /** The shape of one prediction. */
  readonly output: readonly number[];
  readonly loss: Loss;
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

/** Samples of the given shape, at least one row. Throws ShapeError or DataError. */
export function prepareSamples(
  where: string,
  value: TensorLike,
  { input: sample, backend }: Pick<DataContract, 'input' | 'backend'>,
): { rows: number; column: DataColumn } {
  const { shape, data } = toDense(where, value);
  const fits = shape.length === sample.length + 1 && sample.every((size, axis) => size === shape[axis + 1]);
  if (!fits) throw new ShapeError(`${where}: expected shape [rows, ${sample.join(', ')}], got [${shape.join(', ')}]`);
  if (shape[0] === 0) throw new DataError(`${where}: expected at least one row, got none`);
  const width = elements(sample);
  checkFinite(where, data, width, backend);
  return { rows: shape[0], column: { data, width } };
}

/** Checks a data set against a network's input, output and loss. */
export function prepareData(where: string, data: DataSet, contract: DataContract): PreparedData {
  const { output, loss, backend } = contract;
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new DataError(`${where}: expected { x, y }, got ${describe(data)}`);
  checkKeys(where, data, ['x', 'y']);
  const { rows, column: x } = prepareSamples(`${where}.x`, data.x, contract);
  const target = toDense(`${where}.y`, data.y);
  if (target.shape[0] !== rows)
    throw new DataError(`${where}.y: expected one target for each of ${rows} rows of x, got shape [${target.shape.join(', ')}]`);
  checkFinite(`${where}.y`, target.data, Math.max(1, target.data.length / rows), backend);
  const width = elements(output);
  const given = isList(target, output, loss) ? 'classes' : 'values';
  if (given === 'values') {
    checkValues(`${where}.y`, target, output, loss);
    return { rows, x, y: { data: target.data, width }, form: 'values', comparison: compareValues(target.data, width, loss) };
  }
  checkClasses(`${where}.y`, target.data, width);
  if (loss.definition.targets.includes('classes')) {
    return { rows, x, y: { data: target.data, width: 1 }, form: 'classes', comparison: { comparison: COMPARISON.index, threshold: 0 } };
  }
  return {
    rows,
    x,
    y: { data: oneHot(target.data, width), width },
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
