/** Cases of products of bytes. */
import { BYTE_PANEL } from '../../src/ops/quantization.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { batched, make, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

type Family = (op: OpSpec) => readonly OpCase[];

/** n and k around panels and words. */
const WEIGHTS: readonly (readonly [number, number])[] = [
  ...SIZES.map((n) => [n, n] as const),
  ...[1, 2, 3, 4, 5].map((k) => [17, k] as const),
  [1, 129],
  [130, 3],
];

const RANGES: readonly Attributes[] = [
  { zero: 0, step: 0.01 },
  { zero: 117, step: 0.25 },
  { zero: 255, step: 1 },
];

/** Columns of zeros, and of numbers that are too small for a scale. */
const DEGENERATE: Fill = { values: [0, 0, 1e-31, 0] };

const quantizeWeight: Family = (op) => [
  ...WEIGHTS.flatMap(([n, k], i) =>
    [false, true].map((transposed) => make(op, [transposed ? [n, k] : [k, n]], { attributes: { transposed, ...RANGES[i % 3] } })),
  ),
  make(op, [[8, 4]], { fills: [DEGENERATE], attributes: { ...RANGES[1] } }),
  // Halves between two integers: the even one is nearest.
  make(op, [[6, 1]], { fills: [{ values: [127, 0.5, 1.5, 2.5, -0.5, -1.5] }], attributes: { ...RANGES[1] } }),
];

/** Words of four bytes of any sign, none of which is a float that a copy as a number would change. */
const WORDS: Fill = {
  values: Array.from({ length: 97 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) & ~0x40000000) | 0),
};
const STARTS: Fill = { values: [0, 1, -30000, 517, 99999] };

/** The operands for rows of A, of k numbers each, and n columns. */
function operands(rows: Shape, n: number, k: number, hasBias: boolean): (Shape | undefined)[] {
  const panels = Math.ceil(n / BYTE_PANEL);
  const columns = [panels * BYTE_PANEL];
  return [[...rows, k], [panels, Math.ceil(k / 4), BYTE_PANEL], columns, columns, hasBias ? [n] : undefined];
}

const FILLS: readonly Fill[] = [TAME, WORDS, STARTS, { low: 0, high: 1e-4 }, TAME];

const EPILOGUES: readonly Attributes[] = [
  { activation: 'identity' },
  { activation: 'relu' },
  { activation: 'gelu' },
  { activation: 'leakyRelu', alpha: 0.25 },
];

/** Activations that bytes hold, and that lie beyond their range on both sides. */
const BYTES: readonly Attributes[] = [
  { zero: 0, inverse: 127 },
  { zero: 128, inverse: 63 },
  { zero: 255, inverse: 100 },
];

/** m, n, k around tiles, panels and words; more rows than are quantised together. */
const PRODUCTS: readonly (readonly [number, number, number])[] = [
  ...SIZES.map((n) => [n, n, n] as const),
  ...[1, 2, 3, 4, 5, 6, 7].map((m) => [m, 80, 9] as const),
  [1, 1, 1],
  [1, 10, 129],
  [50, 33, 5],
  [97, 7, 13],
  [3, 200, 1],
];

const quantizedAffine: Family = (op) => [
  ...PRODUCTS.map(([m, n, k], i) => {
    const attributes = { columns: n, ...BYTES[i % BYTES.length], ...EPILOGUES[i % EPILOGUES.length] };
    return make(op, operands([m], n, k, i % 2 === 0), { fills: FILLS, attributes });
  }),
  ...[true, false].flatMap((hasBias) =>
    batched(op, operands([BATCH], 10, 17, hasBias), { fills: FILLS, attributes: { columns: 10, ...BYTES[1], activation: 'tanh' } }),
  ),
  ...batched(op, operands([BATCH, 3], 20, 6, true), { fills: FILLS, attributes: { columns: 20, ...BYTES[1], activation: 'relu' } }),
  // Halves between two bytes; what no byte holds.
  make(op, operands([1], 3, 8, false), {
    fills: [{ values: [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1e9, -1e9] }, ...FILLS.slice(1)],
    attributes: { columns: 3, zero: 100, inverse: 1, activation: 'identity' },
  }),
];

export const quantizationCases: Readonly<Record<string, Family>> = { quantizeWeight, quantizedAffine };
