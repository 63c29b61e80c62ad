/** Where elements come from that were moved. */
import type { GraphValue, Operation } from './graph.ts';

/**
 * The operations through which a value's elements came to where they are, in the order in which they run: those that `passes`, as far
 * back as one feeds the next.
 */
export function movementInto(value: GraphValue, passes: (operation: Operation) => boolean): Operation[] {
  const found = new Set<Operation>();
  const pending: (GraphValue | undefined)[] = [value];
  while (pending.length > 0) {
    const operation = pending.pop()?.operation;
    if (!operation || found.has(operation) || !passes(operation)) continue;
    found.add(operation);
    pending.push(...operation.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
