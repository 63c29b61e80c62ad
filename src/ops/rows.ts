/** Rows of a table that indices name: what look-ups, their gradients and the updates of single rows share. */

/** `rows` indices into a table of `count` rows of `columns` each. */
export const LOOKUP = { rows: 'size', count: 'size', columns: 'size' } as const;

export interface Lookup {
  readonly rows: number;
  readonly count: number;
  readonly columns: number;
}

/**
 * Scratch floats for chains of equal indices: the place after each place, and the slots of a hash table, a power of two and at least twice
 * as many as places.
 */
export const chainsSize = ({ rows }: Pick<Lookup, 'rows'>): number => rows + 2 ** Math.max(1, Math.ceil(Math.log2(2 * rows)));

export const isRow = (index: number, rows: number): boolean => index >= 0 && index < rows && Number.isInteger(index);
