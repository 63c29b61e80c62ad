/** Cases for every op, family by family: an op of a known family has cases without being named here. */
import { ACTIVATIONS as ELEMENT_ACTIVATIONS } from '../../src/ops/functions.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { attentionFamilies } from './families-attention.ts';
import { batchingCases } from './families-batching.ts';
import { classificationCases } from './families-classification.ts';
import { convolutionCases } from './families-convolution.ts';
import { ctcCases } from './families-ctc.ts';
import { elementwiseCases } from './families-elementwise.ts';
import { elementwise } from './families-fused.ts';
import { normalizationCases } from './families-normalization.ts';
import { quantizationCases } from './families-quantization.ts';
import { recurrentCases } from './families-recurrent.ts';
import { batched, LENGTHS, make, POSITIVE, SIZES, TAME } from './make-case.ts';
import { describeCase, type Fill, type OpCase } from './op-case.ts';

type Family = (op: OpSpec) => readonly OpCase[];

const withAttributes = (op: OpSpec, shape: Shape, attributes: Attributes) =>
  shape.some((size) => size < 0) ? batched(op, [shape], { attributes }) : [make(op, [shape], { attributes })];

const fill: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [], { attributes: { shape: [n], value: 0.75 } })),
  ...batched(op, [], { attributes: { shape: [BATCH, 5], value: -1e-3 } }),
];

const scale: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { attributes: { factor: -0.3, count: 7 } })),
  ...batched(op, [[BATCH, 7]], { attributes: { factor: 3, count: BATCH * 7 } }),
  ...batched(op, [[13]], { attributes: { factor: 1, count: BATCH } }),
];

const reshape: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { attributes: { shape: [1, n] } })),
  ...withAttributes(op, [BATCH, 3, 5], { shape: [BATCH, 15] }),
];

const permute: Family = (op) => [
  ...SIZES.map((n) => make(op, [[n, 17]], { attributes: { order: [1, 0] } })),
  ...withAttributes(op, [BATCH, 7], { order: [1, 0] }),
  ...withAttributes(op, [2, BATCH, 3], { order: [1, 0, 2] }),
  ...withAttributes(op, [BATCH, 3, 2, 5], { order: [3, 0, 2, 1] }),
  ...withAttributes(op, [2, 20, 3, 18], { order: [0, 3, 2, 1] }),
  ...withAttributes(op, [2, 3, 2, 3, 2, 3], { order: [5, 4, 3, 2, 1, 0] }),
  ...withAttributes(op, [1, 5, 1], { order: [2, 0, 1] }),
];

const broadcast: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { attributes: { shape: [3, n] } })),
  ...SIZES.map((n) => make(op, [[5, 1]], { attributes: { shape: [5, n] } })),
  ...LENGTHS.map((n) => make(op, [[]], { attributes: { shape: [n] } })),
  ...batched(op, [[7]], { attributes: { shape: [BATCH, 7] } }),
  ...batched(op, [[BATCH, 1]], { attributes: { shape: [BATCH, 17] } }),
  ...batched(op, [[]], { attributes: { shape: [BATCH] } }),
  ...batched(op, [[1, 3, 1, 5]], { attributes: { shape: [BATCH, 3, 4, 5] } }),
];

const slice: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[3, n + 4]], { attributes: { axis: 1, start: 2, end: n + 2 } })),
  make(op, [[2]], { attributes: { axis: 0, start: 1, end: 2 } }),
  ...SIZES.map((n) => make(op, [[n + 1, 5]], { attributes: { axis: 0, start: 1, end: n + 1 } })),
  ...batched(op, [[BATCH, 7, 3]], { attributes: { axis: 1, start: 0, end: 4 } }),
  ...batched(op, [[5, BATCH, 3]], { attributes: { axis: 0, start: 2, end: 5 } }),
  ...batched(op, [[BATCH, 9]], { attributes: { axis: -1, start: 8, end: 9 } }),
];

const insert: Family = (op) => [
  ...LENGTHS.map((n) =>
    make(
      op,
      [
        [3, n + 4],
        [3, n],
      ],
      { attributes: { axis: 1, start: 2 } },
    ),
  ),
  ...SIZES.map((n) => make(op, [[n], [n]], { attributes: { axis: 0, start: 0 } })),
  ...batched(
    op,
    [
      [BATCH, 7, 3],
      [BATCH, 4, 3],
    ],
    { attributes: { axis: 1, start: 3 } },
  ),
  ...batched(
    op,
    [
      [5, BATCH],
      [2, BATCH],
    ],
    { attributes: { axis: 0, start: 1 } },
  ),
];

const sum: Family = (op) => [
  ...[...LENGTHS, 5003].map((n) => make(op, [[n]], { attributes: { axis: 0, axes: 1 } })),
  ...SIZES.map((n) => make(op, [[n, 17]], { attributes: { axis: 0, axes: 1 } })),
  ...SIZES.map((n) => make(op, [[17, n]], { attributes: { axis: 1, axes: 1 } })),
  ...SIZES.map((n) => make(op, [[3, n, 5]], { attributes: { axis: 1, axes: 1 } })),
  make(op, [[1100, 83]], { attributes: { axis: 0, axes: 1 } }),
  make(op, [[2, 1030]], { attributes: { axis: 1, axes: 1 } }),
  ...batched(op, [[BATCH, 65]], { attributes: { axis: 0, axes: 1 } }),
  ...batched(op, [[BATCH, 65]], { attributes: { axis: 1, axes: 1 } }),
  ...batched(op, [[BATCH, 3, 5]], { attributes: { axis: 0, axes: 2 } }),
  ...batched(op, [[BATCH, 3, 5]], { attributes: { axis: 0, axes: 3 } }),
  ...batched(op, [[3, BATCH]], { attributes: { axis: 1, axes: 0 } }),
];

/** Sizes whose squares are ordinary, overflow or vanish in float32. */
const norm: Family = (op) => [
  ...LENGTHS.flatMap((n) => [1, 1e25, 1e-25].map((size) => make(op, [[n]], { fills: [{ low: -size, high: size }] }))),
  ...batched(op, [[BATCH, 65]]),
];

const TRANSPOSITIONS = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));
/** m, n, k around the tiles of every kernel. */
const PRODUCTS: readonly (readonly [number, number, number])[] = [
  ...SIZES.map((n) => [n, n, n] as const),
  ...[15, 16, 17, 65].flatMap((n) => [[1, n, 7] as const, [n, 1, 5] as const, [3, n, 1] as const]),
  [64, 10, 129],
  [5, 127, 63],
  // Rows of B as wide as one panel of a native tile: they lie as if they were packed.
  ...[2, 3].flatMap((vectors) => [4, 8, 16].map((lanes) => [40, vectors * lanes, 20] as const)),
  // Where WASM's products of one or two parts of four by four end.
  ...[3, 4].flatMap((k) => [[4, 4, 2 * k] as const, [4, 8, k] as const, [8, 3, k] as const, [1, 8, k] as const, [8, 1, k] as const]),
  [4, 4, 9],
  [4, 9, 3],
  [9, 4, 3],
  [5, 5, 2],
];

/** The shapes of A and B for m×n = m×k · k×n, lying as the transpositions say; `stack` in front of both. */
function productShapes(m: number, n: number, k: number, { transposeA, transposeB }: Attributes, stackA: Shape = [], stackB = stackA) {
  return [
    [...stackA, ...(transposeA ? [k, m] : [m, k])],
    [...stackB, ...(transposeB ? [n, k] : [k, n])],
  ];
}

interface ProductCase {
  readonly shapes: readonly Shape[];
  /** The result's. */
  readonly out: Shape;
  readonly batched: boolean;
  readonly transpositions: Attributes;
}

function productCases(): ProductCase[] {
  return TRANSPOSITIONS.flatMap((transpositions) => {
    const one = (batchedSizes: boolean, out: Shape, ...rest: Parameters<typeof productShapes>) => ({
      shapes: productShapes(...rest),
      out,
      batched: batchedSizes,
      transpositions,
    });
    const t = transpositions;
    return [
      ...PRODUCTS.map(([m, n, k]) => one(false, [m, n], m, n, k, t)),
      one(true, [BATCH, 10], BATCH, 10, 17, t),
      one(true, [5, 7], 5, 7, BATCH, t),
      one(true, [5, BATCH], 5, BATCH, 3, t),
      one(true, [BATCH, 5, 7], 5, 7, 3, t, [BATCH]),
      one(true, [BATCH, 5, 7], 5, 7, 3, t, [BATCH], []),
      one(true, [BATCH, 5, 7], 5, 7, 3, t, [], [BATCH]),
      one(false, [2, 3, 4, 5], 4, 5, 6, t, [2, 3]),
    ];
  });
}

function products(
  op: OpSpec,
  inputs: (product: ProductCase) => readonly (Shape | undefined)[],
  attributes: readonly Attributes[],
): OpCase[] {
  return productCases().flatMap((product, i) => {
    const rest = { attributes: { ...product.transpositions, ...attributes[i % attributes.length] } };
    return product.batched ? batched(op, inputs(product), rest) : [make(op, inputs(product), rest)];
  });
}

const matmul: Family = (op) => products(op, ({ shapes }) => shapes, [{}]);

const EPILOGUES = OPS.filter((op) => op.kernel === 'unaryGradient').map((op) => ({
  activation: op.name.slice(0, -'Gradient'.length),
  alpha: 0.25,
}));

/** With a bias, and without one. */
function layers(op: OpSpec, epilogues: readonly Attributes[]): OpCase[] {
  const bias = ({ out }: ProductCase) => (out[out.length - 1] > 0 ? [out[out.length - 1]] : undefined);
  return [...products(op, (p) => [...p.shapes, bias(p)], epilogues), ...products(op, (p) => [...p.shapes, undefined], epilogues)];
}

const affine: Family = (op) => layers(op, [{ activation: 'identity' }, ...EPILOGUES]);

const deltaMatmul: Family = (op) => products(op, ({ shapes, out }) => [...shapes, out], [{ activation: 'identity' }, ...EPILOGUES]);

const NEEDS_SUM = new Set(ELEMENT_ACTIVATIONS.filter((f) => f.saves === 'x').map(({ name }) => name));

const affineSlope: Family = (op) =>
  layers(
    op,
    EPILOGUES.filter(({ activation }) => NEEDS_SUM.has(activation)),
  );

const matmulMultiply: Family = (op) => products(op, ({ shapes, out }) => [...shapes, out], [{}]);

const UPDATE_VARIANTS: readonly Attributes[] = [{}, { nesterov: true, decoupled: true }];

/** What an update takes once for all elements. */
const OF_THE_STEP: Readonly<Record<string, (n: number) => Fill>> = {
  learningRate: () => ({ low: 0.01, high: 0.1 }),
  // Some beyond what an integer of 64 bits holds.
  step: (n) => ({ values: [n === 3 ? 3e38 : n === 5 ? Number.POSITIVE_INFINITY : n * n] }),
};

/** Parameter, gradient, as many states as the op has (never negative), learning rate, the number of the step. */
const update: Family = (op) =>
  UPDATE_VARIANTS.flatMap((variant) =>
    LENGTHS.map((n) => {
      const fills = op.inputs.map((name) => OF_THE_STEP[name]?.(n) ?? (/squares|variance/.test(name) ? POSITIVE : TAME));
      const inputs = op.inputs.map((name) => (name in OF_THE_STEP ? [] : [n]));
      const settings = { momentum: 0.9, weightDecay: 0.01, epsilon: 1e-8, decay: 0.99, beta1: 0.9, beta2: 0.999 };
      return make(op, inputs, { fills, attributes: { ...settings, ...variant } });
    }),
  );

const dropout: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { attributes: { rate: 0.3, stream: n } })),
  ...batched(op, [[BATCH, 7]], { attributes: { rate: 0.5, stream: 1 } }),
  make(op, [[65]], { attributes: { rate: 0, stream: 0 } }),
];

/** Integers on both sides of what float32 has exactly, and what is no integer of 32 bits. */
const EXACT = [0, 1, -1, 5, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 30 + 1, 2 ** 31 - 1, -(2 ** 31) + 1];
const NUMBERS = [0, -0, 1, -1, 7, 2 ** 24, 2 ** 24 + 2, 2 ** 31 - 128, -(2 ** 31) + 128, 2 ** 31, -(2 ** 31), 2 ** 40, 1e30, -1e30];
const NO_INTEGERS = [0.5, -0.5, 1.5, 1e-40, 2 ** 23 - 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const toIndex: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { fills: [{ classes: 1000 }] })),
  ...batched(op, [[BATCH, 3]], { fills: [{ classes: 1000 }] }),
  make(op, [[22]], { fills: [{ values: [...NUMBERS, ...NO_INTEGERS] }] }),
];

const indices: Family = (op) => [
  ...LENGTHS.map((n) => make(op, [[n]], { fills: [{ classes: 1000 }] })),
  ...batched(op, [[BATCH, 3]], { fills: [{ classes: 1000 }] }),
  make(op, [[10]], { fills: [{ values: EXACT }] }),
];

/** From the middle of a drawing, too; a batch's rows are the next elements. */
const drawing: Family = (op) => {
  const attributes: Attributes = op.name === 'drawUniform' ? { stream: 5, limit: 0.7 } : { stream: 5, deviation: 0.3 };
  return [
    ...LENGTHS.map((n) => make(op, [], { attributes: { ...attributes, shape: [n] } })),
    ...SIZES.map((n) => make(op, [], { attributes: { ...attributes, shape: [n], first: 2 ** 30 + 12 } })),
    ...batched(op, [], { attributes: { ...attributes, shape: [BATCH, 7] } }),
  ];
};

const assign: Family = (op) => LENGTHS.map((n) => make(op, [[n], [n]]));

/** The weight is a plain number, or the rows of the batch. */
const accumulate: Family = (op) =>
  LENGTHS.flatMap((n) => [1, 3, BATCH].map((weight) => make(op, [[n], [n]], { attributes: { weight }, rows: 7, maximumRows: 16 })));

/** By the op's name, or else by its kernel's. */
const FAMILIES: Readonly<Record<string, Family>> = {
  fill,
  scale,
  reshape,
  permute,
  broadcast,
  slice,
  insert,
  assign,
  accumulate,
  sum,
  norm,
  matmul,
  affine,
  affineSlope,
  deltaMatmul,
  matmulMultiply,
  dropout,
  toIndex,
  toNumber: indices,
  clampIndex: indices,
  drawUniform: drawing,
  drawNormal: drawing,
  elementwise,
  ...batchingCases,
  ...elementwiseCases,
  ...classificationCases,
  ...ctcCases,
  ...convolutionCases,
  ...recurrentCases,
  ...normalizationCases,
  ...attentionFamilies,
  ...quantizationCases,
};

/**
 * The cases of an op, each once: variants that another op of the family tells apart may be one. Throws for an op that no family covers.
 */
export function casesOf(op: OpSpec): readonly OpCase[] {
  const isUpdate = Object.values(op.operands).includes('inout');
  const family = FAMILIES[op.name] ?? FAMILIES[op.kernel] ?? (isUpdate ? update : undefined);
  if (!family) throw new Error(`${op.name}: expected cases in test/ops/families.ts, got none`);
  return [...new Map(family(op).map((test) => [describeCase(test), test])).values()];
}
