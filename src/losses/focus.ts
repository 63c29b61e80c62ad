/** The factor of focal losses. */
import { exp, log, maximum, multiply, square } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';

/** Below it a power of less than 1 has slopes beyond float32. */
const SMALLEST = 2 ** -100;

/** x^γ of the probability of what is wrong. */
export function focused(wrong: GraphValue, gamma: number): GraphValue | number {
  if (gamma === 0) return 1;
  if (gamma === 1) return wrong;
  if (gamma === 2) return square(wrong);
  return exp(multiply(log(maximum(wrong, SMALLEST)), gamma));
}
