/** Rows of several look-ups, one after the other. */
import { BATCH, count } from '../ops/shape.ts';
import { concatenate, reshape } from './functions.ts';
import type { GraphValue } from './graph.ts';

/**
 * Values of one row, of `axes` last axes, for each element of their other axes, joined: [batch, rows, …], or [rows, …] where none has a
 * batch. A single one is itself; undefined where only some have a batch.
 */
export function joinRows(values: readonly GraphValue[], axes = 0): GraphValue | undefined {
  if (values.length === 1) return values[0];
  const batched = values.filter(({ shape }) => shape[0] === BATCH);
  if (batched.length > 0 && batched.length < values.length) return undefined;
  const leading = batched.length > 0 ? [BATCH] : [];
  const flat = values.map((value) => {
    const end = value.shape.length - axes;
    return reshape(value, [...leading, count(value.shape.slice(leading.length, end)), ...value.shape.slice(end)]);
  });
  return concatenate(flat, leading.length);
}
