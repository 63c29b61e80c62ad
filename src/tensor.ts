/** A dense row-major array of numbers: data, predictions, parameters and gradients are tensors. */
import { DataError, ShapeError } from './errors.ts';
import { describe } from './options.ts';

export interface Tensor<Shape extends readonly number[] = readonly number[]> {
  /** Sizes, outermost first; [] for a scalar. */
  readonly shape: Shape;
  /** Row-major elements; their number is the product of the sizes. */
  readonly data: Float32Array | Float64Array;
}

/** A tensor returned by chainrule. Its JSON has the elements as a list, `{ shape, data: […] }`, which is data for a network again. */
class Dense<Shape extends readonly number[]> implements Tensor<Shape> {
  constructor(
    readonly shape: Shape,
    readonly data: Tensor['data'],
  ) {}

  toJSON(): { shape: Shape; data: number[] } {
    return { shape: this.shape, data: Array.from(this.data) };
  }
}

/** A tensor over `data`, which is not copied. */
export function tensorOver<Shape extends readonly number[]>(shape: Shape, data: Tensor['data']): Tensor<Shape> {
  return new Dense(shape, data);
}

/** Tensors by name, whose JSON has them by name too. */
export class NamedTensors extends Map<string, Tensor> {
  toJSON(): Record<string, Tensor> {
    return Object.fromEntries(this);
  }
}

/**
 * A tensor over `data`, not copied where that is a Float32Array or a Float64Array.
 *
 * @throws DataError for data that is no flat list of numbers, ShapeError where the product of `shape` is not `data.length`.
 */
export function tensor<const Shape extends readonly number[]>(
  data: Float32Array | Float64Array | readonly number[],
  shape: Shape,
): Tensor<Shape> {
  if (!Array.isArray(shape) || !Array.from(shape).every((size) => Number.isInteger(size) && size >= 0))
    throw new ShapeError(`tensor: expected a shape of integers of at least 0, got ${describe(shape)}`);
  const isFloats = data instanceof Float32Array || data instanceof Float64Array;
  if (!isFloats && !(Array.isArray(data) && data.findIndex((element) => typeof element !== 'number') < 0))
    throw new DataError(`tensor: expected a flat array of numbers, a Float32Array or a Float64Array, got ${describe(data)}`);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== data.length)
    throw new ShapeError(`tensor: expected ${elements} elements for shape [${shape.join(', ')}], got ${data.length}`);
  return tensorOver([...shape] as unknown as Shape, isFloats ? data : Float32Array.from(data));
}
