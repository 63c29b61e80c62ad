/** Circles among things that need one another. */

/** By name, the names of what each needs. */
export type Needs = ReadonlyMap<string, Iterable<string>>;

/** The groups of things each of which needs, by way of others, itself and all others of its group (Tarjan 1972). */
export function circles(needs: Needs): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (name: string) => {
    order.set(name, order.size);
    lowest.set(name, order.get(name) as number);
    open.push(name);
    for (const other of needs.get(name) ?? []) {
      if (!order.has(other)) visit(other);
      if (open.includes(other)) lowest.set(name, Math.min(lowest.get(name) as number, lowest.get(other) as number));
    }
    if (lowest.get(name) !== order.get(name)) return;
    const group = open.splice(open.indexOf(name));
    if (group.length > 1 || [...(needs.get(name) ?? [])].includes(name)) found.push(group.sort());
  };
  for (const name of needs.keys()) if (!order.has(name)) visit(name);
  return found;
}
