/** The origin of moved elements. */

/** The used part of an operation and its inputs. */
interface Moving {
  readonly id: number;
  readonly inputs: readonly ({ readonly operation: Moving | undefined } | undefined)[];
}

/**
 * The operations that moved a value's elements to their places, in the order in which they run: a chain of operations that pass `passes`.
 */
export function movementInto<O extends Moving>(value: { readonly operation: O | undefined }, passes: (operation: O) => boolean): O[] {
  const found = new Set<O>();
  const pending: ({ readonly operation: Moving | undefined } | undefined)[] = [value];
  while (pending.length > 0) {
    const operation = pending.pop()?.operation as O | undefined;
    if (!operation || found.has(operation) || !passes(operation)) continue;
    found.add(operation);
    pending.push(...operation.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
