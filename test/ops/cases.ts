/** One-instruction programs for every op but the matrix products and what has them inside, on sizes and values that are awkward for vector code. */
import type { DataBinding, LocalBackend } from '../../src/backends/backend.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { elementsOf, type OpSpec } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import type { Program } from '../../src/program/format.ts';
import { all, assemble, type Step } from '../native/programs.ts';
import { elementwise } from './families-fused.ts';
import { scalarsOf } from './op-case.ts';

export interface KernelCase {
  readonly name: string;
  readonly program: Program;
  readonly arena: Float32Array;
  readonly data?: DataBinding;
}

type Scalars = Readonly<Record<string, number>>;

/** They need a bound data set besides scalars. */
const BATCHING = ['beginStep', 'gather', 'record'];

const SIZES = [1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 67, 1003];
const ROWS = [1, 2, 3, 7, 10, 16, 19, 33, 100].map((columns, i) => ({ rows: 1 + (i % 4), columns }));

/** Of more elements, and more of them, than a block of a sum has. */
const LONG_ROWS = { rows: 2, columns: 1803 };
const MANY_ROWS = { rows: 603, columns: 5 };

/** Sizes and steps of loop nests: a dense run, and a transposition with a repeated level. */
const STRIDES = [
  [
    [2, 1, 3, 2, 3, 5],
    [90, 90, 30, 15, 5, 1],
  ],
  [
    [1, 2, 1, 3, 4, 2],
    [0, 1, 0, 8, 2, 24],
  ],
] as const;

/** Floats of every magnitude and kind beside ordinary ones. */
const SPECIAL = [
  ...[0, 0.5, 1, 3, 6, 1e-45, 1e-39, 2 ** -126, 1e-20, 88.7, 89, 87.4, 103.9, 104, 1e9, 16777217, 3e38].flatMap((x) => [x, -x]),
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
];

/** A Lehmer generator: the same numbers in every process. */
function generator(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Values for an operand: what its name calls for, and mostly ordinary numbers elsewhere. */
function fill(name: string, size: number, op: OpSpec, scalars: Scalars, random: () => number): Float32Array | Int32Array {
  if (elementsOf(op, name, scalars) === 'index') return Int32Array.from({ length: size }, () => Math.floor(random() * 12) - 1);
  const value = () => {
    if (op.name === 'toIndex' && random() < 0.8) return Math.floor(random() * 12) - 1;
    if (name === 'lengths') return random() * 30;
    if (name === 'mask') return Math.floor(random() * 3);
    if (name === 'step') return Math.floor(1 + random() * 1000);
    if (['squares', 'variance', 'probabilities', 'learningRate', 'target'].includes(name)) return random();
    if (
      (op.function !== undefined || op.readsInstruction || op.name === 'toIndex' || /^maxPool2d(Gradient|Pick)?$/.test(op.name)) &&
      random() < 0.2
    )
      return SPECIAL[Math.floor(random() * SPECIAL.length)];
    return (random() - 0.5) * 2 ** Math.floor(random() * 8 - 2);
  };
  return Float32Array.from({ length: size }, value);
}

function variants(op: OpSpec): Scalars[] {
  const names = Object.keys(op.scalars);
  if (op.readsInstruction)
    return elementwise(op)
      .filter(({ attributes }) => (attributes.shape as readonly number[]).every((size) => size > 0))
      .map(scalarsOf);
  if (op.kernel === 'binary') return broadcasts();
  if (op.name === 'sum') return sums();
  if (/Pool2d/.test(op.name)) return pools(op);
  if (op.kernel === 'stridedCopy') return STRIDES.map(([sizes, steps]) => strided(sizes, steps));
  if (op.name.startsWith('batchNorm')) return channels();
  if (op.name.startsWith('attention')) return attentions();
  if (op.name.startsWith('ctc')) return alignments();
  if (op.name === 'slice' || op.name === 'insert') return [{ outer: 3, stride: 17, start: 2, length: 13 }];
  if (op.name.startsWith('embed')) return ROWS.map(({ rows, columns }) => ({ rows: 3 * rows + 4, count: 9, columns }));
  if (names.includes('steps'))
    return ROWS.flatMap(({ rows, columns }) => [0, 1].map((reverse) => ({ rows, steps: 3, units: columns, reverse })));
  if (names.includes('columns')) return [...ROWS, LONG_ROWS, MANY_ROWS].flatMap((size) => flags(op).map((flag) => ({ ...size, ...flag })));
  return SIZES.flatMap((size) => flags(op).map((flag) => ({ size, ...flag })));
}

function strided(sizes: readonly number[], steps: readonly number[]): Scalars {
  return Object.fromEntries([...sizes.map((size, i) => [`size${i}`, size]), ...steps.map((step, i) => [`step${i}`, step])]);
}

function broadcasts(): Scalars[] {
  const shape = (outer: number, middle: number, inner: number, x: readonly number[], y: readonly number[]) => {
    const [xOuter, xMiddle, xInner] = x;
    const [yOuter, yMiddle, yInner] = y;
    return { outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha: 0.7 };
  };
  return [
    ...SIZES.map((size) => shape(1, 1, size, [0, 0, 1], [0, 0, 1])),
    ...[1, 7, 16, 21].flatMap((size) => [shape(2, 3, size, [3 * size, size, 1], [0, 0, 1]), shape(1, 3, size, [0, size, 1], [0, 1, 0])]),
    ...[3, 18].flatMap((size) => [shape(1, 3, size, [0, 1, 0], [0, size, 1]), shape(2, 2, size, [2, 1, 0], [0, 1, 0])]),
    shape(1, 2, 19, [0, 1, 2], [0, 57, 3]),
  ];
}

function sums(): Scalars[] {
  const alongMemory = SIZES.map((reduced, i) => ({ outer: 1 + (i % 3), reduced, inner: 1 }));
  const acrossRows = [2, 3, 4, 10, 16, 19, 67, 150].map((inner, i) => ({ outer: 1 + (i % 2), reduced: 1 + 7 * i, inner }));
  const blocks = [
    { outer: 2, reduced: 5003, inner: 1 },
    { outer: 1, reduced: 1100, inner: 83 },
  ];
  return [...alongMemory, ...acrossRows, ...blocks];
}

/** Windows of two by two and others, on planes that vectors do and do not divide. */
function pools(op: OpSpec): Scalars[] {
  const halved = [
    [2, 2],
    [4, 8],
    [3, 5],
    [6, 34],
    [7, 67],
  ].map(([height, width]) => ({
    ...{ height, width, outHeight: Math.floor(height / 2), outWidth: Math.floor(width / 2) },
    ...{ kernelHeight: 2, kernelWidth: 2, strideY: 2, strideX: 2, padTop: 0, padLeft: 0 },
  }));
  const overlapping = [
    [7, 9],
    [5, 20],
  ].map(([height, width]) => ({
    ...{ height, width, outHeight: Math.ceil(height / 2), outWidth: width - 1 },
    ...{ kernelHeight: 3, kernelWidth: 4, strideY: 2, strideX: 1, padTop: 1, padLeft: 1 },
  }));
  const wide = {
    ...{
      height: 20,
      width: 23,
      outHeight: 4,
      outWidth: 15,
      kernelHeight: 15,
      kernelWidth: 9,
      strideY: 2,
      strideX: 1,
      padTop: 1,
      padLeft: 0,
    },
  };
  const activations = 'activation' in op.scalars ? ACTIVATIONS.map((_, activation) => ({ activation })) : [{}];
  return [...halved, ...overlapping, wide].flatMap((pool, i) =>
    activations.map((one) => ({ planes: 1 + (i % 3), alpha: 0.7, ...pool, ...one })),
  );
}

function channels(): Scalars[] {
  const sizes = [1, 2, 3, 5, 16, 19, 33, 67];
  const blocks = [
    { outer: 600, channels: 19, inner: 1, epsilon: 1e-5 },
    { outer: 90, channels: 3, inner: 49, epsilon: 1e-5 },
    { outer: 3, channels: 2, inner: 1500, epsilon: 1e-5 },
  ];
  const few = sizes.flatMap((size, i) => [
    { outer: 7, channels: size, inner: 1, epsilon: 1e-5 },
    { outer: 1 + (i % 3), channels: 3, inner: size + 1, epsilon: 1e-5 },
  ]);
  return [...few, ...blocks];
}

function attentions(): Scalars[] {
  const sizes = [1, 2, 5, 16, 19, 65];
  return sizes.flatMap((queries) =>
    [0, 1].map((causal) => ({ batches: 2, heads: 3, queries, keys: queries + causal, features: 1 + (queries % 9), causal, scale: 0.4 })),
  );
}

/** Paths of few and of many states; indices of operands are below 11. */
function alignments(): Scalars[] {
  return [1, 2, 3, 7, 8, 15, 16, 40].flatMap((length, i) =>
    [0, 1].map((zeroInfinity) => ({ rows: 6, steps: 1 + 3 * length, classes: 11, length, blank: i % 3, zeroInfinity })),
  );
}

/** Scalars that are no sizes. */
function flags(op: OpSpec): Scalars[] {
  const hyper = { momentum: 0.9, weightDecay: 0.01, epsilon: 1e-8, decay: 0.99, beta1: 0.9, beta2: 0.999 };
  const base = { ...hyper, alpha: 0.7, value: 0.3, factor: 1, count: 3, weight: 7, rate: 0.3, stream: 5, threshold: 0.25, bins: 7 };
  if (op.name === 'correct') return [0, 1, 2].map((comparison) => ({ ...base, comparison }));
  const choices = ['nesterov', 'decoupled', 'deltaStep', 'sparse', 'centred'].filter((name) => name in op.scalars);
  const both = (list: Scalars[], name: string) => [0, 1].flatMap((value) => list.map((one) => ({ ...one, [name]: value })));
  return choices.reduce(both, [base]);
}

/** The operands in order, each from a cache line on; the last one, mostly the output, ends with the arena. */
function oneCase(op: OpSpec, scalars: Scalars, seed: number): KernelCase {
  const random = generator(seed);
  const words: number[] = [];
  const at: Record<string, number> = {};
  for (const [name, extent] of Object.entries(op.extents(scalars))) {
    while (words.length % 16 > 0) words.push(0);
    at[name] = words.length;
    words.push(...new Int32Array(fill(name, extent, op, scalars, random).buffer));
  }
  const program = assemble([{ op: op.name, at, scalars }], words.length);
  return { name: `${op.name} ${JSON.stringify(scalars)}`, program, arena: new Float32Array(Int32Array.from(words).buffer) };
}

/** The ops that choose, gather and record a mini-batch, as one program. */
function batchCase(): KernelCase {
  const steps: Step[] = [
    { op: 'beginStep' },
    { op: 'gather', at: { out: 0 }, scalars: { column: 0, size: -3, width: 3 } },
    { op: 'record', at: { x: 0 }, scalars: { at: 2, after: -1, size: -3 } },
  ];
  const columns = [{ data: Float32Array.from({ length: 39 }, (_, i) => i / 7), width: 3 }];
  const data = { columns, rows: 13, batchSize: 5, shuffle: true };
  return { name: BATCHING.join(), program: assemble(steps, 192), arena: new Float32Array(192), data };
}

export function kernelCases(): KernelCase[] {
  const ops = OPS.filter((op) => !op.fuses && !BATCHING.includes(op.name));
  return [batchCase(), ...ops.flatMap((op, i) => variants(op).map((scalars, j) => oneCase(op, scalars, 1000 * i + j)))];
}

const NAN_BITS = 0x7fc00000;

/** What the cases are run with. */
export const SEED = 12345;
export const runOf = (program: Program) => all(program, { clock: { epoch: 0, batch: 4 }, rows: 5 });

/** The bits of an arena; any NaN counts as one and the same. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer).map((bits, i) => (Number.isNaN(values[i]) ? NAN_BITS : bits));
}

/** The bits of the arena after each case. */
export function runCases(backend: LocalBackend, cases: readonly KernelCase[]): Uint32Array[] {
  const reproducible = backend.with({ reproducible: true });
  return cases.map(({ program, arena, data }) => {
    const session = reproducible.openArena(program, SEED);
    session.write(0, arena);
    if (data) session.bind(data);
    session.run(runOf(program));
    const bits = bitsOf(Float32Array.from(session.read(0, arena.length)));
    session.dispose();
    return bits;
  });
}

/** The cases whose bits differ, and the first element that does, before and after. */
export function differences(cases: readonly KernelCase[], actual: readonly Uint32Array[], expected: readonly Uint32Array[]): string[] {
  return cases.flatMap(({ name, arena }, i) => {
    const j = expected[i].findIndex((bits, k) => bits !== actual[i][k]);
    if (j < 0) return [];
    const [a, b] = [actual[i], expected[i]].map((bits) => new Float32Array(bits.buffer)[j]);
    return [`${name}: element ${j}, ${arena[j]} before, is ${a} instead of ${b}`];
  });
}
