/** The graph's vocabulary as plain functions: users, layers and losses write expressions with them. */

import { OptionError, ShapeError } from '../errors.ts';
import { ACTIVATION_NAMES as names } from '../ops/activations.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { ACTIVATIONS, type ElementActivation } from '../ops/functions.ts';
import { opIn } from '../ops/registry.ts';
import { count, formatShape, multiplySizes, resolveAxis } from '../ops/shape.ts';
import type { Shape } from '../ops/spec.ts';
import { checkInteger, checkName, checkNumber, describe } from '../options.ts';
import { elementsOver, GraphExpressions } from './expressions.ts';
import { checkValue, type GraphValue, graphOf } from './graph.ts';
import type { Binary, Joined, Joining, Operand, Unary, WithLast } from './shapes.ts';

const over = (...operands: readonly Operand[]) => new GraphExpressions(graphOf(...operands));

/** Throws OptionError where something is not a list of integers. */
function checkList(op: string, what: 'axes' | 'sizes', value: readonly number[]): readonly number[] {
  if (!Array.isArray(value) || !Array.from(value).every(Number.isSafeInteger))
    throw new OptionError(`${op}: expected a list of ${what}, got ${describe(value)}`);
  return value;
}

type BinaryName = 'add' | 'subtract' | 'multiply' | 'divide' | 'power' | 'maximum' | 'minimum';

const binary = (name: BinaryName) => ((x, y) => over(x, y)[name](x, y)) as Binary;
const unary = (op: string) => ((x) => over(x).apply(op, [x])) as Unary;

/** x + y, broadcasting as NumPy does. */
export const add = binary('add');
/** x − y, broadcasting. */
export const subtract = binary('subtract');
/** x · y element by element, broadcasting. */
export const multiply = binary('multiply');
/** x / y element by element, broadcasting. */
export const divide = binary('divide');
/** xʸ element by element, broadcasting; NaN where x < 0 and y is not an integer. */
export const power = binary('power');
/** The larger of x and y, broadcasting. Where they are equal each takes half of δ. */
export const maximum = binary('maximum');
/** The smaller of x and y, broadcasting. Where they are equal each takes half of δ. */
export const minimum = binary('minimum');
/** −x. */
export const negate = unary('negate');
/** eˣ. */
export const exp = unary('exp');
/** ln x. */
export const log = unary('log');
/** √x. */
export const sqrt = unary('sqrt');
/** x². */
export const square = unary('square');
/** |x|; δ at 0 is 0. */
export const abs = unary('abs');
/** −1, 0 or 1, by the sign of x; no δ passes. */
export const sign = unary('sign');
/** 1 where x > 0, else 0; no δ passes. */
export const step = unary('step');

/** x limited to −limit … limit. Throws OptionError unless the limit is a number of at least 0. */
export function clamp<const S extends Shape>(x: GraphValue<S>, limit: number): GraphValue<S>;
export function clamp(x: GraphValue, limit: number): GraphValue {
  return over(x).clamp(x, checkNumber('clamp(limit)', limit, 0));
}

/** 1 / (1 + e⁻ˣ). */
export const sigmoid = unary('sigmoid');
/** tanh x. */
export const tanh = unary('tanh');
/** max(0, x); δ at 0 is 0. */
export const relu = unary('relu');
/** ln(1 + eˣ). */
export const softplus = unary('softplus');
/** eˣ / Σ eˣ over the last axis. */
export const softmax = unary('softmax');
/** x − ln Σ eˣ over the last axis. */
export const logSoftmax = unary('logSoftmax');

/** Every activation by name: the element-wise ones, softmax and logSoftmax. */
export type ActivationName = ElementActivation | 'softmax' | 'logSoftmax';

export const ACTIVATION_NAMES = names as readonly ActivationName[];

/** Whether an activation has a parameter. */
export const takesAlpha = (name: ActivationName) => ACTIVATIONS.find((f) => f.name === name)?.alpha !== undefined;

/**
 * Applies an activation by name; `alpha` is the parameter of leakyRelu and elu.
 *
 * @throws OptionError for an unknown name.
 */
export function activate<const S extends Shape>(x: GraphValue<S>, name: ActivationName, alpha?: number): GraphValue<S>;
export function activate(x: GraphValue, name: ActivationName, alpha?: number): GraphValue {
  if (checkName('activate(name)', name, ACTIVATION_NAMES) === 'identity') return x;
  return over(x).apply(name, [x], alpha === undefined ? {} : { alpha });
}

/** The sum over `axes` (default: all). */
export function sum(x: GraphValue, axes?: readonly number[]): GraphValue {
  return over(x).sum(x, axes === undefined ? x.shape.map((_, axis) => axis) : checkList('sum', 'axes', axes));
}

/** The mean over `axes` (default: all); over the batch it divides by the rows that came. */
export function mean(x: GraphValue, axes?: readonly number[]): GraphValue {
  if (axes !== undefined) checkList('mean', 'axes', axes);
  return over(x).scale(sum(x, axes), 1, elementsOver(x, axes));
}

/**
 * x[r, index[r]] for each row r of a matrix: the element of its class. A number given for an index is taken as a whole one.
 *
 * @throws ShapeError unless x is [rows, classes] and there is one index for each row.
 */
export function pick(x: GraphValue, index: GraphValue): GraphValue {
  return over(x, index).apply(opIn(CLASSIFICATION, 'pick'), [x, index]);
}

/**
 * Rows of zeros with a one at each index: [rows] → [rows, classes].
 *
 * @throws ShapeError unless there is one index for each row.
 */
export function oneHot(index: GraphValue, classes: number): GraphValue {
  const m = over(index);
  return m.apply(opIn(CLASSIFICATION, 'scatter'), [m.fill(1, index.shape), index], { columns: checkInteger('oneHot(classes)', classes) });
}

/** The matrix product over the last two axes; a matrix on the right serves a whole stack on the left. */
export function matmul(a: GraphValue, b: GraphValue, options: { transposeA?: boolean; transposeB?: boolean } = {}): GraphValue {
  return over(a, b).matmul(a, b, options);
}

/** The same elements under another shape; one size may be −1 and is then worked out, unless the tensor has a batch (whose size is −1). */
export function reshape(x: GraphValue, shape: Shape): GraphValue {
  const m = over(x);
  const batched = x.shape.some((size) => size < 0);
  checkList('reshape', 'sizes', shape);
  return m.reshape(x, batched ? shape : inferSize(x.shape, shape));
}

function inferSize(from: Shape, to: Shape): Shape {
  if (to.filter((size) => size === -1).length !== 1) return to;
  const known = count(to.filter((size) => size !== -1));
  const missing = count(from) / known;
  if (!Number.isInteger(missing))
    throw new ShapeError(`reshape: expected a shape of as many elements as ${formatShape(from)}, got [${to.join(', ')}]`);
  return to.map((size) => (size === -1 ? missing : size));
}

/** The axes in another order (default: reversed). */
export function transpose(x: GraphValue, order?: readonly number[]): GraphValue {
  const m = over(x);
  if (order === undefined)
    return m.permute(
      x,
      x.shape.map((_, axis) => x.shape.length - 1 - axis),
    );
  return m.permute(x, checkList('transpose', 'axes', order));
}

/** The part of one axis from `start` to `end` (exclusive). The batch cannot be sliced. */
export function slice(x: GraphValue, axis: number, start: number, end: number): GraphValue {
  return over(x).slice(x, axis, start, end);
}

/** Tensors joined along the last axis, or along `axis`; their other sizes agree. The batch cannot be joined. */
export function concatenate(values: readonly GraphValue[], axis?: number): GraphValue;
export function concatenate<const Values extends readonly GraphValue[]>(...values: Values & Joining<Values>): GraphValue<Joined<Values>>;
export function concatenate(...given: readonly unknown[]): GraphValue {
  const [values, axis = -1] = (Array.isArray(given[0]) ? given : [given]) as [readonly GraphValue[], number?];
  if (values.length === 0) throw new ShapeError('concatenate: expected at least one tensor, got none');
  for (const value of values) checkValue('concatenate', value);
  if (values.length === 1) return values[0];
  const m = over(values[0]);
  const [first] = values;
  const at = resolveAxis(axis, first.shape.length, 'concatenate');
  const length = values.reduce((total, value) => total + (value.shape[at] ?? 0), 0);
  let start = 0;
  let result = m.fill(
    0,
    first.shape.map((size, i) => (i === at ? length : size)),
  );
  for (const value of values) {
    result = m.insert(result, value, at, start);
    start += value.shape[at];
  }
  return result;
}

/**
 * Parts of an axis (default the last): `parts` is their number, all of one size, or a list of their sizes.
 *
 * @throws ShapeError where the parts do not make up the axis.
 */
export function split<const S extends Shape>(x: GraphValue<S>, parts: number | readonly number[]): GraphValue<WithLast<S, number>>[];
export function split(x: GraphValue, parts: number | readonly number[], axis: number): GraphValue[];
export function split(x: GraphValue, parts: number | readonly number[], axis = -1): GraphValue[] {
  const at = resolveAxis(axis, checkValue('split', x).shape.length, 'split');
  const length = x.shape[at];
  const sizes =
    typeof parts === 'number'
      ? parts >= 1 && parts <= length
        ? new Array<number>(Math.floor(parts)).fill(length / parts)
        : []
      : checkList('split', 'sizes', parts);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length === 0 || !sizes.every((size) => Number.isInteger(size) && size > 0) || total !== length)
    throw new ShapeError(`split: expected parts that make up the ${length} of axis ${at} of ${formatShape(x.shape)}, got ${String(parts)}`);
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return slice(x, at, start - size, start);
  });
}

/** Repeats axes of size 1, and adds leading axes, until x has `shape`. */
export function broadcast(x: GraphValue, shape: Shape): GraphValue {
  return over(x).broadcast(x, checkList('broadcast', 'sizes', shape));
}

/** Everything but the batch in one axis. */
export function flattenSample(x: GraphValue): GraphValue {
  return over(x).reshape(x, [x.shape[0], x.shape.slice(1).reduce(multiplySizes, 1)]);
}
