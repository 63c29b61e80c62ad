/**
 * Products of bytes, for predictions: a matrix of int8 numbers that is made once of a weight, and a dense layer that multiplies it by
 * activations of a byte each. Both are made by the compiler (src/compiler/quantize.ts).
 */
import { ShapeError } from '../errors.ts';
import type { Division } from './division.ts';
import { ACTIVATIONS } from './functions.ts';
import { EPILOGUE, epilogueScalars, lowerEpilogue } from './matmul.ts';
import { count, formatShape } from './shape.ts';
import { defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** Columns of a panel: what the widest vectors hold as 32-bit sums. */
export const BYTE_PANEL = 16;
/** Steps of k in a word. */
const BYTES = 4;
/** Rows that are quantised together, in a thread's scratch memory. */
export const BYTE_ROWS = 48;

/** The largest int8 of a weight: −128 stays unused, so that signs are alike. */
export const MOST_WEIGHT = 127;
/** The largest byte of an activation. */
export const MOST_ACTIVATION = 255;
/** With as many steps of k or fewer, no sum of products leaves 32 bits: k · 255 · 127 < 2³¹. */
export const MOST_BYTE_STEPS = 2 ** 16;
/** A column whose largest magnitude is below this is 0. */
export const LEAST_WEIGHT = 2 ** -100;

/** With this many rows, as for float32 products. */
const MANY_ROWS = 64;
/** Multiply-adds that take as long as one element of plain arithmetic. */
const MULTIPLY_ADDS = 16;

const panelsOf = (n: number) => Math.ceil(n / BYTE_PANEL);
const wordsOf = (k: number) => Math.ceil(k / BYTES);

interface Sizes {
  readonly n: number;
  readonly k: number;
}

/** The operands that `quantizeWeight` makes. */
const madeExtents = ({ n, k }: Sizes) => ({
  words: panelsOf(n) * wordsOf(k) * BYTE_PANEL,
  starts: panelsOf(n) * BYTE_PANEL,
  scales: panelsOf(n) * BYTE_PANEL,
});

/** Where byte p of column j lies: four steps of k in a word, the words of a panel's columns beside each other, step after step. */
const wordAt = (j: number, p: number, k: number) =>
  (Math.floor(j / BYTE_PANEL) * wordsOf(k) + Math.floor(p / BYTES)) * BYTE_PANEL + (j % BYTE_PANEL);

/** x to the nearest integer of at least `low` and at most `high`, to the even one of two; 0 where it is no number. In float32. */
function rounded(x: number, low: number, high: number): number {
  if (Number.isNaN(x)) return 0;
  const limited = Math.min(Math.max(x, low), high);
  const floor = Math.floor(limited);
  const beyond = limited - floor;
  return beyond > 0.5 || (beyond === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** The byte of an activation, less the byte of 0. */
const activationByte = (x: number, inverse: number, zero: number) => rounded(Math.fround(x * inverse), -zero, MOST_ACTIVATION - zero);

/** Signed byte p of a word. */
const byteOf = (word: number, p: number) => (word << (8 * (BYTES - 1 - p))) >> 24;

interface Weight extends Sizes {
  readonly weight: Float64Array;
  readonly transposed: number;
}

const weightAt = ({ weight, transposed, n, k }: Weight, j: number, p: number) => weight[transposed ? j * k + p : p * n + j];

/** Column j as int8 numbers, and the float that one of them stands for. */
function quantizedColumn(s: Weight, j: number): { readonly numbers: Int8Array; readonly scale: number } {
  let largest = 0;
  for (let p = 0; p < s.k; p++) {
    const magnitude = Math.abs(weightAt(s, j, p));
    if (magnitude > largest) largest = magnitude;
  }
  const inverse = largest >= LEAST_WEIGHT ? Math.fround(MOST_WEIGHT / largest) : 0;
  const numbers = Int8Array.from({ length: s.k }, (_, p) => rounded(Math.fround(weightAt(s, j, p) * inverse), -MOST_WEIGHT, MOST_WEIGHT));
  return { numbers, scale: Math.fround(largest / MOST_WEIGHT) };
}

/** By columns where there are few rows, so that each thread's part of the weight stays in its cache. */
function divideProduct({ m, n }: { readonly m: number; readonly n: number }): Division<'out', 'm' | 'n'> {
  return n >= m && m < MANY_ROWS ? { over: 'n', scattered: ['out'] } : { over: 'm' };
}

const wrong = (op: string, expected: string, shapes: readonly Shape[]) =>
  new ShapeError(`${op}: expected ${expected}, got ${shapes.map((shape) => formatShape(shape)).join(', ')}`);

export const QUANTIZATION = [
  defineOp({
    /** A matrix as int8 numbers, four steps of k in a word; what each column's sums begin with, and the scale of its results. */
    name: 'quantizeWeight',
    compiled: true,
    operands: { weight: 'in', words: 'out', starts: 'out', scales: 'out' },
    scalars: { n: 'size', k: 'size', transposed: 'integer', zero: 'integer', step: 'float' },
    // Of the activations: the byte of 0, and the difference that a byte stands for.
    attributes: {
      transposed: { kind: 'flag', default: false },
      zero: { kind: 'natural', default: 0 },
      step: { kind: 'nonNegative', default: 1 },
    },
    indices: { words: {}, starts: {} },
    shapes: ([weight], { transposed }) => {
      if (weight.length !== 2 || weight.some((size) => size < 1)) throw wrong('quantizeWeight', 'a matrix', [weight]);
      const [n, k] = transposed ? weight : [weight[1], weight[0]];
      if (k > MOST_BYTE_STEPS) throw wrong('quantizeWeight', `at most ${MOST_BYTE_STEPS} inputs`, [weight]);
      const columns = panelsOf(n) * BYTE_PANEL;
      return [[panelsOf(n), wordsOf(k), BYTE_PANEL], [columns], [columns]];
    },
    lower: ([weight], _, { transposed, zero, step }) => {
      const [n, k] = transposed ? weight : [weight[1], weight[0]];
      return { n, k, transposed: transposed ? 1 : 0, zero, step };
    },
    valid: ({ n, k, zero }) => n > 0 && k > 0 && k <= MOST_BYTE_STEPS && zero <= MOST_ACTIVATION,
    extents: (s) => ({ weight: s.n * s.k, ...madeExtents(s) }),
  }),
  defineOp({
    /** out = f(A·B · scale + bias) of A as bytes and of a weight that quantizeWeight has made; sums are exact integers. */
    name: 'quantizedAffine',
    compiled: true,
    operands: { a: 'in', words: 'in', starts: 'in', scales: 'in', bias: 'in?', out: 'out' },
    scalars: { m: 'size', n: 'size', k: 'size', zero: 'integer', inverse: 'float', ...epilogueScalars },
    // `inverse` is a float32: the number by which activations are multiplied to become bytes.
    attributes: {
      columns: { kind: 'positive' },
      zero: { kind: 'natural', default: 0 },
      inverse: { kind: 'nonNegative', default: 1 },
      ...EPILOGUE,
    },
    indices: { words: {}, starts: {} },
    shapes: ([a, words], { columns }) => {
      const k = a[a.length - 1];
      const made = [panelsOf(columns), wordsOf(k), BYTE_PANEL];
      if (a.length < 2 || k < 1 || words.join() !== made.join())
        throw wrong('quantizedAffine', 'rows and the words of a weight', [a, words]);
      return [[...a.slice(0, -1), columns]];
    },
    lower: ([a], [out], { columns, zero, inverse, ...epilogue }) => ({
      ...{ m: count(out.slice(0, -1)), n: columns, k: a[a.length - 1], zero, inverse },
      ...lowerEpilogue(epilogue),
    }),
    valid: ({ m, n, k, zero }) => m !== 0 && n > 0 && k > 0 && k <= MOST_BYTE_STEPS && zero <= MOST_ACTIVATION,
    extents: (s) => ({ a: s.m * s.k, ...madeExtents(s), bias: s.n, out: s.m * s.n }),
    divide: divideProduct,
    ranges: ['m', 'n'],
    scratch: ({ k }) => BYTE_ROWS * wordsOf(k),
    work: ({ m, n, k }) => (m * n * k) / MULTIPLY_ADDS + (n * k) / BYTES + m * (n + k),
    tolerance: 1e-4,
  }),
];

export const QUANTIZATION_REFERENCE: ReferenceOf<(typeof QUANTIZATION)[number]> = {
  quantizeWeight: (s) => {
    const { words, starts, scales, n, k, zero, step } = s;
    const { words: size, starts: columns } = madeExtents(s);
    for (const made of [words.subarray(0, size), starts.subarray(0, columns), scales.subarray(0, columns)]) made.fill(0);
    for (let j = 0; j < n; j++) {
      const { numbers, scale } = quantizedColumn(s, j);
      numbers.forEach((number, p) => {
        const at = wordAt(j, p, k);
        words[at] = words[at] | ((number & 0xff) << (8 * (p % BYTES)));
      });
      starts[j] = -zero * numbers.reduce((sum, number) => sum + number, 0) + 0;
      scales[j] = Math.fround(Math.fround(step) * scale);
    }
  },
  quantizedAffine: ({ a, words, starts, scales, bias, out, m, n, k, zero, inverse, activation, alpha }) => {
    const f = ACTIVATIONS[activation];
    const row = new Int32Array(k);
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) row[p] = activationByte(a[i * k + p], inverse, zero) + zero;
      for (let j = 0; j < n; j++) {
        let sum = starts[j];
        for (let p = 0; p < k; p++) sum += row[p] * byteOf(words[wordAt(j, p, k)], p % BYTES);
        out[i * n + j] = f.value(sum * scales[j] + ((bias as Float64Array | undefined)?.[j] ?? 0), alpha);
      }
    }
  },
};
