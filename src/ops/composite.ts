/** Ops without kernels: autodiff takes each as a whole, by a gradient rule of its own, and the compiler replaces it by its expansion. */
import { ShapeError } from '../errors.ts';
import { count, formatShape, sameShape } from './shape.ts';
import { defineOp, type Expressions, type ReferenceOf, type Value } from './spec.ts';

/** y·(ln y − x) of −x and a mask y: x where y is 1. Where y is 0, relativeEntropy selects a 0 and multiplies nothing. */
const selected = (m: Expressions, x: Value, mask: Value) => m.apply('relativeEntropy', [m.negate(x), mask]);

/** The rows of a mask that are 1, of x and of δ: a product would make NaN of 0 · ∞. */
export const MASKED = defineOp({
  /** out[r, …] = x[r, …] where mask[r] is 1; 0 where it is 0, whatever x is there. */
  name: 'masked',
  composite: true,
  operands: { x: 'in', mask: 'in', out: 'out' },
  scalars: { rows: 'size', columns: 'size' },
  shapes: ([x, mask]) => {
    const expected = [x[0], ...x.slice(1).map(() => 1)];
    if (sameShape(mask, expected)) return [x];
    throw new ShapeError(`masked: expected a mask of shape ${formatShape(expected)}, got ${formatShape(mask)}`);
  },
  lower: ([x, mask]) => ({ rows: count(mask), columns: Math.abs(count(x.slice(1))) }),
  extents: ({ rows, columns }) => ({ x: rows * columns, mask: rows, out: rows * columns }),
  gradient: (m, { inputs: [, mask] }, [delta]) => [delta && selected(m, delta, mask), undefined],
  expand: (m, { inputs: [x, mask] }) => [selected(m, x, mask)],
});

export const MASKED_REFERENCE: ReferenceOf<typeof MASKED> = {
  masked: ({ x, mask, out, rows, columns }) => {
    for (let i = 0; i < rows * columns; i++) out[i] = mask[Math.floor(i / columns)] === 1 ? x[i] : 0;
  },
};
