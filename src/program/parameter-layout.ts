/** Where a network's parameters lie at the start of every arena whose program reads them: sessions of such programs can share them. */
import { count } from '../ops/shape.ts';
import type { Shape } from '../ops/spec.ts';
import { ALIGNMENT } from './format.ts';

export interface ParameterLayout {
  /** By name: the first element. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Elements that all take together. */
  readonly size: number;
}

export const NO_PARAMETERS: ParameterLayout = { offsets: new Map(), size: 0 };

/** One after the other, each where a buffer may start. */
export function layOutParameters(shapes: Iterable<readonly [string, Shape]>): ParameterLayout {
  const offsets = new Map<string, number>();
  let size = 0;
  for (const [name, shape] of shapes) {
    offsets.set(name, size);
    size = Math.ceil((size + count(shape)) / ALIGNMENT) * ALIGNMENT;
  }
  return { offsets, size };
}
