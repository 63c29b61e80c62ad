/** Numbers made from a seed, the same at every run. Time does not depend on what they are. */
import type { Tensor } from 'chainrule';

/** Lehmer's generator of numbers between 0 and 1 (1951). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Values between 0 and 1. */
export function drawnValues(shape: readonly number[], seed = 1): Tensor {
  const random = generator(seed);
  return { shape: [...shape], data: Float32Array.from({ length: count(shape) }, random) };
}

/** A class for each row. */
export function drawnClasses(rows: number, classes: number, seed = 2): Int32Array {
  const random = generator(seed);
  return Int32Array.from({ length: rows }, () => Math.floor(random() * classes));
}

/** Indices 0 … below − 1 as numbers. */
export function drawnIndices(shape: readonly number[], below: number, seed = 3): Tensor {
  const random = generator(seed);
  return { shape: [...shape], data: Float32Array.from({ length: count(shape) }, () => Math.floor(random() * below)) };
}
