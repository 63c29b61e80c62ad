/** Rows without weight: nothing of them counts, be it infinite or NaN, of which 0 times makes NaN. */
import { add, multiply, reshape, step, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { MASKED } from '../ops/composite.ts';

/**
 * x [rows, …] where a row weighs something, `otherwise` in the others. δ passes in the same way: that of the others is 0, whatever it was.
 *
 * @param weight [rows].
 */
export function counted(x: GraphValue, weight: GraphValue, otherwise: number): GraphValue {
  const [rows, ...rest] = x.shape;
  const mask = reshape(step(weight), [rows, ...rest.map(() => 1)]);
  const [kept] = x.graph.apply(MASKED, [x, mask]);
  return otherwise === 0 ? kept : add(kept, multiply(subtract(1, mask), otherwise));
}
