/** A dense row-major array of numbers: what data, predictions, parameters and gradients are given and returned as. */
import { ShapeError } from './errors.ts';

export interface Tensor<Shape extends readonly number[] = readonly number[]> {
  /** Sizes, outermost first; [] for a scalar. */
  readonly shape: Shape;
  /** Row-major elements: as many as the product of the sizes. */
  readonly data: Float32Array | Float64Array;
}

/** A tensor over `data`, not copied. Throws ShapeError where the product of `shape` is not `data.length`. */
export function tensor<const Shape extends readonly number[]>(
  data: Float32Array | Float64Array | readonly number[],
  shape: Shape,
): Tensor<Shape> {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (shape.some((size) => !Number.isInteger(size) || size < 0) || elements !== data.length) {
    throw new ShapeError(`tensor: expected ${data.length} elements to fill the shape, got [${shape.join(', ')}] (${elements})`);
  }
  return {
    shape: [...shape] as unknown as Shape,
    data: data instanceof Float32Array || data instanceof Float64Array ? data : Float32Array.from(data),
  };
}
