/** Arithmetic on sizes and shapes in which −n stands for n times the batch. */
import { ShapeError } from '../errors.ts';
import type { Dim, Shape } from './spec.ts';

/** The batch itself: the first size of every sample's shape. */
export const BATCH: Dim = -1;

/** The most axes that a tensor has. More serve nobody, and work for each of them would take long. */
export const MOST_AXES = 32;

/** The number that a size stands for when the batch has `rows` rows. */
export function resolve(size: Dim, rows: number): number {
  return size < 0 ? -size * rows : size;
}

/** The product of two sizes; at most one of them may depend on the batch. */
export function multiplySizes(a: Dim, b: Dim): Dim {
  if (a < 0 && b < 0) throw new ShapeError(`expected at most one size that depends on the batch, got ${formatShape([a, b])}`);
  return a < 0 || b < 0 ? -Math.abs(a * b) : a * b;
}

/** The number of elements of a shape. */
export function count(shape: Shape): Dim {
  return shape.reduce(multiplySizes, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[batch, 28, 28]`; n times the batch prints as `batch·n`. */
export function formatShape(shape: Shape): string {
  const size = (n: Dim) => (n === BATCH ? 'batch' : n < 0 ? `batch·${-n}` : String(n));
  return `[${shape.map(size).join(', ')}]`;
}

/** Throws ShapeError for an impossible result of an op: several sizes that depend on the batch, or too many axes. */
export function checkResult(op: string, shape: Shape): void {
  if (shape.length > MOST_AXES) throw new ShapeError(`${op}: expected a result of at most ${MOST_AXES} axes, got ${shape.length}`);
  if (shape.filter((size) => size < 0).length > 1)
    throw new ShapeError(`${op}: expected a result with at most one size that depends on the batch, got ${formatShape(shape)}`);
}

/** A valid axis for a shape of that rank; negative axes count from the end. Throws ShapeError. */
export function resolveAxis(axis: number, rank: number, op: string): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw new ShapeError(`${op}: expected an axis from ${-rank} to ${rank - 1}, got ${axis}`);
  }
  return resolved;
}

/** The shape that two shapes broadcast to, by NumPy's rule: aligned at the end, sizes equal or 1. Throws ShapeError. */
export function broadcastShapes(a: Shape, b: Shape, op: string): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = sizeFromEnd(a, rank - axis);
    const y = sizeFromEnd(b, rank - axis);
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`${op}: expected shapes that broadcast together, got ${formatShape(a)} and ${formatShape(b)}`);
    }
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** The size of the axis `fromEnd` places before the end; 1 where the shape has no such axis. */
export function sizeFromEnd(shape: Shape, fromEnd: number): Dim {
  return shape[shape.length - fromEnd] ?? 1;
}

/** Row-major strides, in elements. */
export function strides(shape: Shape): Dim[] {
  const result: Dim[] = new Array(shape.length);
  let step: Dim = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result[axis] = step;
    step = multiplySizes(step, shape[axis]);
  }
  return result;
}

/** One level of a loop nest: how often it runs, and how far each operand moves a turn. */
export interface Level {
  size: Dim;
  steps: Dim[];
}

/**
 * The loop nest over `size[axis]` in which operand k moves `steps[k]` at each axis: axes of size 1 dropped, and neighbours
 * merged wherever every operand moves through both as through one.
 */
export function collapse(levels: readonly Level[]): Level[] {
  const result: Level[] = [];
  for (const level of levels) {
    if (level.size === 1) continue;
    const outer = result.at(-1);
    if (outer && level.steps.every((step, k) => continues(outer.steps[k], step, level.size)) && !(outer.size < 0 && level.size < 0)) {
      outer.size = multiplySizes(outer.size, level.size);
      outer.steps = level.steps;
    } else {
      result.push({ size: level.size, steps: level.steps });
    }
  }
  return result;
}

/** Whether stepping `outer` equals taking `size` steps of `inner`. */
function continues(outer: Dim, inner: Dim, size: Dim): boolean {
  if (inner === 0) return outer === 0;
  return !(inner < 0 && size < 0) && outer === multiplySizes(inner, size);
}

/** Strides of an operand broadcast to `shape`: 0 along the axes it is repeated over. */
export function broadcastStrides(operand: Shape, shape: Shape): Dim[] {
  const own = strides(operand);
  return shape.map((_, axis) => {
    const source = axis - (shape.length - operand.length);
    return source < 0 || operand[source] === 1 ? 0 : own[source];
  });
}
