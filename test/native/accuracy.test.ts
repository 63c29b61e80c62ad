/** exp, log, tanh, sigmoid, erf and power against float64, in units in the last place. */
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { loadNative } from '../../src/node/load-native.ts';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { erf, sigmoid } from '../../src/ops/functions.ts';
import { all, assemble, expectAddon } from './programs.ts';

const INFINITY_BITS = 0x7f800000;
const SIZE = 2 ** 20;
const SMALLEST_NORMAL = 2 ** -126;

interface Accuracy {
  readonly op: string;
  readonly exact: (x: number) => number;
  /** Largest error in ulp. */
  readonly bound: number;
  /** Where the function does something: half of the sample lies there. */
  readonly range: readonly [number, number];
  readonly special: readonly (readonly [x: number, y: number])[];
}

const FUNCTIONS: readonly Accuracy[] = [
  {
    op: 'exp',
    exact: Math.exp,
    bound: 2,
    range: [-104, 89],
    special: [
      [0, 1],
      [-0, 1],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, 0],
      // The last number below and the first above ln of the largest float; the same around half the smallest one.
      [88.72283935546875, Math.fround(Math.exp(88.72283935546875))],
      [88.72284698486328, Number.POSITIVE_INFINITY],
      [-103.97207641601562, 2 ** -149],
      [-103.97209167480469, 0],
      [-1000, 0],
      [1e-45, 1],
    ],
  },
  {
    op: 'log',
    exact: Math.log,
    bound: 2,
    range: [0, 4],
    special: [
      [1, 0],
      [0, Number.NEGATIVE_INFINITY],
      [-0, Number.NEGATIVE_INFINITY],
      [-1, Number.NaN],
      [-1e-45, Number.NaN],
      [Number.NEGATIVE_INFINITY, Number.NaN],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ],
  },
  { op: 'tanh', exact: Math.tanh, bound: 4, range: [-10, 10], special: odd(1) },
  {
    op: 'sigmoid',
    exact: sigmoid,
    bound: 4,
    range: [-104, 20],
    special: [
      [0, 0.5],
      [Number.POSITIVE_INFINITY, 1],
      [Number.NEGATIVE_INFINITY, 0],
    ],
  },
  { op: 'erf', exact: erf, bound: 4, range: [-4.5, 4.5], special: odd(1) },
];

/** f(−x) = −f(x), signs of zero included, with a limit at infinity. */
function odd(limit: number): [number, number][] {
  return [
    [0, 0],
    [-0, -0],
    [Number.POSITIVE_INFINITY, limit],
    [Number.NEGATIVE_INFINITY, -limit],
    [3e38, limit],
    [-3e38, -limit],
  ];
}

/** x to the power of y, for every pair: JavaScript's special cases among them. */
const BASES = [0, 0.3, 0.999, 1, 1.5, 2, 10, 16777215, 1e-45, 3e38, Number.POSITIVE_INFINITY].flatMap((x) => [x, -x]).concat(Number.NaN);
const EXPONENTS = [0, 0.5, 1, 1.7, 2, 3, 16777215, 1e30, 1e-45, Number.POSITIVE_INFINITY].flatMap((y) => [y, -y]).concat(Number.NaN);

function powers(backend: LocalBackend, x: Float32Array, y: Float32Array): Float32Array {
  const at = { x: 0, y: x.length, out: 2 * x.length };
  const program = assemble([{ op: 'power', at, scalars: { outer: 1, middle: 1, inner: x.length, xInner: 1, yInner: 1 } }], 3 * x.length);
  const session = backend.openArena(program, 0);
  session.write(at.x, x);
  session.write(at.y, y);
  session.run(all(program));
  const out = Float32Array.from(session.read(at.out, x.length));
  session.dispose();
  return out;
}

function evaluate(backend: LocalBackend, op: string, x: Float32Array): Float32Array {
  const program = assemble([{ op, at: { x: 0, out: x.length }, scalars: { size: x.length } }], 2 * x.length);
  const session = backend.openArena(program, 0);
  session.write(0, x);
  session.run(all(program));
  const y = Float32Array.from(session.read(x.length, x.length));
  session.dispose();
  return y;
}

/** Half of it spread evenly over the range, half over all bit patterns that are numbers, both signs. */
function sample([low, high]: readonly [number, number]): Float32Array {
  const bits = new Uint32Array(SIZE);
  const x = new Float32Array(bits.buffer);
  for (let i = 0; i < SIZE / 2; i++) x[i] = low + ((high - low) * (i + 0.5)) / (SIZE / 2);
  const step = INFINITY_BITS / (SIZE / 4);
  for (let i = 0; i < SIZE / 2; i++) bits[SIZE / 2 + i] = (i % 2) * 2 ** 31 + Math.floor((i >> 1) * step) + (i % 7);
  return x;
}

/** The distance in units of the float32 grid at the exact value; 0 where both are NaN or infinite alike. */
function ulps(y: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(y, rounded) || (Number.isNaN(y) && Number.isNaN(exact))) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(exact), SMALLEST_NORMAL)));
  return Math.abs(y - exact) / 2 ** (exponent - 23);
}

/** The largest error, and where. */
function worst(x: Float32Array, y: Float32Array, exact: (x: number) => number): { ulp: number; x: number } {
  let result = { ulp: 0, x: 0 };
  for (let i = 0; i < x.length; i++) {
    const ulp = ulps(y[i], exact(x[i]));
    if (!(ulp <= result.ulp)) result = { ulp, x: x[i] };
  }
  return result;
}

const backends = [...(expectAddon ? [loadNative()] : []), await loadWasmFile()];

describe.each(backends.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  it.each(FUNCTIONS)('$op is within $bound ulp', ({ op, exact, bound, range }) => {
    const x = sample(range);
    const { ulp, x: at } = worst(x, evaluate(backend, op, x), exact);
    expect(ulp, `at ${at}`).toBeLessThanOrEqual(bound);
  });

  it.each(FUNCTIONS)('$op of special values', ({ op, special }) => {
    const pairs = [...special, [Number.NaN, Number.NaN] as const];
    const y = evaluate(
      backend,
      op,
      Float32Array.from(pairs, ([x]) => x),
    );
    expect([...y]).toEqual(pairs.map(([, value]) => value));
  });

  it.each(FUNCTIONS)('$op has the same bits wherever in a vector an element lies', ({ op, range }) => {
    const x = sample(range).subarray(SIZE / 2 - 50, SIZE / 2 + 50);
    const whole = evaluate(backend, op, x);
    for (let start = 0; start < 20; start++) {
      expect(evaluate(backend, op, x.subarray(start, 2 * start + 37))).toEqual(whole.subarray(start, 2 * start + 37));
    }
  });

  it('power is within 1 ulp and has JavaScript’s special values', () => {
    const pairs = BASES.flatMap((x) => EXPONENTS.map((y) => [x, y]));
    const x = Float32Array.from(pairs, ([base]) => base);
    const y = Float32Array.from(pairs, ([, exponent]) => exponent);
    const wrong = [...powers(backend, x, y)].flatMap((z, i) => (ulps(z, x[i] ** y[i]) <= 1 ? [] : [`${x[i]} ** ${y[i]} is ${z}`]));
    expect(wrong).toEqual([]);
  });
});
