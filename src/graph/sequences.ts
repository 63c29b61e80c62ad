/** Masks of sequences [batch, time, …]: 1 for a step that counts, 0 for padding. */

import { OptionError } from '../errors.ts';
import { RECURRENT } from '../ops/recurrent.ts';
import { opIn } from '../ops/registry.ts';
import { GraphExpressions } from './expressions.ts';
import { abs, subtract, sum } from './functions.ts';
import type { GraphValue } from './graph.ts';

/**
 * A mask [batch, steps] of sequences by their lengths [batch]: 1 for the first `lengths[r]` steps of row r, 0 for the others. Data given
 * for lengths is checked: whole numbers from 0 to `steps`. For a length that the network computes, the steps below it count.
 *
 * @throws OptionError unless `steps` is a positive integer; ShapeError unless there is one length a row.
 */
export function sequenceMask(lengths: GraphValue, steps: number): GraphValue {
  if (!Number.isSafeInteger(steps) || steps < 1) throw new OptionError(`sequenceMask: expected a positive number of steps, got ${steps}`);
  return new GraphExpressions(lengths.graph).apply(opIn(RECURRENT, 'sequenceMask'), [lengths], { steps });
}

/** A mask [batch, steps] of x [batch, steps, features]: 0 for steps that hold nothing but `padding` (default 0), 1 for the others. */
export function paddingMask(x: GraphValue, padding = 0): GraphValue {
  return new GraphExpressions(x.graph).step(sum(abs(subtract(x, padding)), [-1]));
}
