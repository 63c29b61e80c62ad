/** Equality of plain data. */

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

const entriesOf = (value: object): unknown[] | undefined => {
  if (Array.isArray(value)) return value;
  if (value instanceof Map || value instanceof Set) return [...value];
  return undefined;
};

/**
 * Whether two values are the same: numbers and texts by value, lists, maps and sets by what they hold and its order, plain objects by their
 * properties, of which one that is undefined counts as absent; all else, functions too, by identity.
 */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const [listed, others] = [entriesOf(a), entriesOf(b)];
  if (listed && others) return listed.length === others.length && listed.every((value, i) => isEqual(value, others[i]));
  if (!isPlain(a) || !isPlain(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isEqual(a[key], b[key]));
}
