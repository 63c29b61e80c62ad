/** Cases of the ops that look rows up, and of attention. */
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { BATCHES, make, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

/** What is no row of five: each must give NaN and no stray access. */
const NO_ROWS: Fill = { values: [0, 4, 5, -1, 0.5, 1e30, -1e30, Number.NaN, Number.POSITIVE_INFINITY, 1e-40, -0, 3] };

/** Indices, the table's rows and its columns. */
const LOOKUPS: readonly (readonly [Shape, number, number])[] = [
  ...SIZES.map((n) => [[5], 3, n] as const),
  ...SIZES.map((n) => [[n], 7, 5] as const),
  ...SIZES.map((n) => [[2, 3], n, 3] as const),
  [[28], 33, 100],
  [[BATCH, 4], 5, 6],
  [[BATCH], 9, 17],
];

const batchesOf = (shape: Shape) => (shape[0] < 0 ? BATCHES : ([[1, 1]] as const));

const embed = (op: OpSpec): OpCase[] => [
  ...LOOKUPS.flatMap(([index, count, columns]) =>
    batchesOf(index).map(([rows, maximumRows]) =>
      make(op, [[count, columns], index], { fills: [TAME, { classes: count }], rows, maximumRows }),
    ),
  ),
  make(op, [[5, 3], [12]], { fills: [TAME, NO_ROWS] }),
];

const embedGradient = (op: OpSpec): OpCase[] => [
  ...LOOKUPS.flatMap(([index, count, columns]) =>
    batchesOf(index).map(([rows, maximumRows]) =>
      make(op, [[...index, columns], index], { fills: [TAME, { classes: count }], attributes: { count }, rows, maximumRows }),
    ),
  ),
  make(op, [[12, 3], [12]], { fills: [TAME, NO_ROWS], attributes: { count: 5 } }),
];

/** What an update of rows takes besides its table, δ, index and states. */
const OF_THE_STEP: Readonly<Record<string, Fill>> = { learningRate: { low: 0.01, high: 0.1 }, step: { values: [7] } };
const UPDATES: readonly Attributes[] = [
  { weightDecay: 0, summed: true },
  { weightDecay: 0.01, summed: false, nesterov: true, decoupled: true },
];

/** A table, its rows of δ, whose they are, states, the learning rate, the number of the step. */
const rowUpdate = (op: OpSpec): OpCase[] => {
  const of = (index: Shape, count: number, columns: number, indices: Fill, batch = {}) => {
    const shapes: Readonly<Record<string, Shape>> = { delta: [...index, columns], index, learningRate: [], step: [] };
    const fills: Readonly<Record<string, Fill>> = { index: indices, variance: { low: 0.5, high: 2 }, ...OF_THE_STEP };
    const inputs = op.inputs.map((name) => shapes[name] ?? [count, columns]);
    return UPDATES.map((variant) => {
      const attributes = { momentum: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, stream: 3, ...variant };
      return make(op, inputs, { fills: op.inputs.map((name) => fills[name] ?? TAME), attributes, ...batch });
    });
  };
  return [
    ...LOOKUPS.flatMap(([index, count, columns]) =>
      batchesOf(index).flatMap(([rows, maximumRows]) => of(index, count, columns, { classes: count }, { rows, maximumRows })),
    ),
    ...of([12], 5, 3, NO_ROWS),
  ];
};

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly features: number;
}

/** Around the tile of 64 queries and 64 keys, and small ones for gradient checks. */
const ATTENTIONS: readonly Sizes[] = [
  { batch: BATCH, heads: 2, queries: 3, keys: 3, features: 1 },
  { batch: BATCH, heads: 1, queries: 2, keys: 3, features: 2 },
  { batch: 1, heads: 1, queries: 1, keys: 1, features: 3 },
  { batch: 2, heads: 1, queries: 3, keys: 2, features: 2 },
  { batch: 1, heads: 2, queries: 2, keys: 2, features: 3 },
  { batch: 1, heads: 1, queries: 3, keys: 1, features: 2 },
  ...[5, 17, 63, 64, 65, 129].map((n) => ({ batch: 2, heads: 3, queries: n, keys: n, features: 7 })),
  { batch: 1, heads: 2, queries: 70, keys: 5, features: 16 },
  { batch: 1, heads: 2, queries: 5, keys: 70, features: 1 },
  { batch: 1, heads: 2, queries: 70, keys: 200, features: 33 },
];

/** Keys that are there and keys that are not; one batch's alone may be all missing. */
const PRESENT: Fill = { classes: 2 };

function attentionCases(op: OpSpec, inputs: (queries: Shape, keys: Shape, logSums: Shape) => readonly (Shape | undefined)[]): OpCase[] {
  return ATTENTIONS.flatMap(({ batch, heads, queries, keys, features }) =>
    [true, false].flatMap((causal) =>
      [true, false].flatMap((masked) => {
        const shapes = inputs([batch, queries, heads * features], [batch, keys, heads * features], [batch, heads, queries]);
        const mask = op.inputs.indexOf('mask');
        const given = shapes.map((shape, i) => (i === mask ? (masked ? [batch, keys] : undefined) : shape));
        const fills = op.inputs.map((name): Fill => (name === 'mask' ? PRESENT : name === 'logSums' ? { low: 2, high: 4 } : TAME));
        const attributes = { heads, causal, scale: 1 / Math.sqrt(features) };
        return batchesOf([batch]).map(([rows, maximumRows]) => make(op, given, { fills, attributes, rows, maximumRows }));
      }),
    ),
  );
}

export const attentionFamilies: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = {
  embed,
  embedGradient,
  embedSgd: rowUpdate,
  embedMomentum: rowUpdate,
  embedAdam: rowUpdate,
  embedMomentumBfloat16: rowUpdate,
  embedAdamBfloat16: rowUpdate,
  attention: (op) => attentionCases(op, (q, k) => [q, k, k, undefined]),
  attentionGradient: (op) => [
    ...attentionCases(op, (q, k, sums) => [q, undefined, q, k, k, undefined, q, sums]),
    ...attentionCases(op, (q, k, sums) => [q, sums, q, k, k, undefined, q, sums]),
  ],
};
