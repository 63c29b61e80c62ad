/** Cases of the ops that know about classes. */
import { COMPARISON } from '../../src/ops/classification.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { BATCHES, make, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

/** What is no class of five: each must give NaN and no stray access. */
const NO_CLASSES: Fill = { values: [0, 4, 5, -1, 0.5, 1e30, -1e30, Number.NaN, Number.POSITIVE_INFINITY, 1e-40, -0, 3] };
const PROBABILITY: Fill = { low: 0.02, high: 0.98 };
const SATURATED: Fill = { values: [1000, -1000, 0, 1e-40, 999.5] };

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly run: number;
  readonly maximum: number;
}

const MATRICES: readonly Sizes[] = [
  ...SIZES.map((columns) => ({ rows: 3, columns, run: 1, maximum: 1 })),
  ...SIZES.map((rows) => ({ rows, columns: 10, run: 1, maximum: 1 })),
  { rows: 2, columns: 1803, run: 1, maximum: 1 },
  { rows: 603, columns: 5, run: 1, maximum: 1 },
  ...BATCHES.map(([run, maximum]) => ({ rows: BATCH, columns: 5, run, maximum })),
];

function each(
  op: OpSpec,
  inputs: (sizes: Sizes) => readonly Shape[],
  fills: (sizes: Sizes) => readonly Fill[],
  rest: Partial<OpCase> = {},
) {
  return MATRICES.map((sizes) =>
    make(op, inputs(sizes), {
      fills: fills(sizes),
      rows: sizes.run,
      maximumRows: sizes.maximum,
      ...rest,
      attributes: { columns: sizes.columns, ...rest.attributes },
    }),
  );
}

const matrix = ({ rows, columns }: Sizes): Shape => [rows, columns];
const column = ({ rows }: Sizes): Shape => [rows];
const classesOf = ({ columns }: Sizes): Fill => ({ classes: columns });

const pick = (op: OpSpec) => [
  ...each(
    op,
    (s) => [matrix(s), column(s)],
    (s) => [TAME, classesOf(s)],
  ),
  make(op, [[12, 5], [12]], { fills: [TAME, NO_CLASSES] }),
];

const scatter = (op: OpSpec) => [
  ...each(
    op,
    (s) => [column(s), column(s)],
    (s) => [TAME, classesOf(s)],
  ),
  make(op, [[12], [12]], { fills: [TAME, NO_CLASSES], attributes: { columns: 5 } }),
];

const SPARSE = { attributes: { sparse: true } };
const DENSE = { attributes: { sparse: false } };

const softmaxCrossEntropy = (op: OpSpec) => [
  ...each(
    op,
    (s) => [matrix(s), column(s)],
    (s) => [TAME, classesOf(s)],
    SPARSE,
  ),
  ...each(
    op,
    (s) => [matrix(s), matrix(s)],
    () => [TAME, PROBABILITY],
    DENSE,
  ),
  make(op, [[12, 5], [12]], { ...SPARSE, fills: [TAME, NO_CLASSES] }),
  make(op, [[5, 5], [5]], { ...SPARSE, fills: [SATURATED, { values: [0, 1, 2, 3, 4] }], special: true }),
  make(
    op,
    [
      [5, 5],
      [5, 5],
    ],
    { ...DENSE, fills: [SATURATED, { values: [0, 1, 0, 0.5, 0.5, 1] }], special: true },
  ),
];

const softmaxCrossEntropyGradient = (op: OpSpec) =>
  ([[], undefined] as const).flatMap((scalar) => [
    ...each(
      op,
      (s) => [scalar ?? column(s), matrix(s), column(s)],
      (s) => [TAME, PROBABILITY, classesOf(s)],
      SPARSE,
    ),
    ...each(
      op,
      (s) => [scalar ?? column(s), matrix(s), matrix(s)],
      () => [TAME, PROBABILITY, PROBABILITY],
      DENSE,
    ),
    make(op, [scalar ?? [12], [12, 5], [12]], { ...SPARSE, fills: [TAME, PROBABILITY, NO_CLASSES] }),
  ]);

/** Small whole numbers, so that equal values decide which of them is the largest. */
const TIES: Fill = { classes: 3 };

const correct = (op: OpSpec) => [
  ...each(
    op,
    (s) => [matrix(s), column(s)],
    (s) => [TAME, classesOf(s)],
    { attributes: { comparison: COMPARISON.index } },
  ),
  ...each(
    op,
    (s) => [matrix(s), matrix(s)],
    () => [TIES, TIES],
    { attributes: { comparison: COMPARISON.largest } },
  ),
  ...each(
    op,
    (s) => [matrix(s), matrix(s)],
    () => [TAME, { classes: 2 }],
    { attributes: { comparison: COMPARISON.threshold, threshold: 0.5 } },
  ),
  make(op, [[12, 5], [12]], { fills: [TAME, NO_CLASSES], attributes: { comparison: COMPARISON.index } }),
];

const argmax = (op: OpSpec) =>
  [TAME, TIES].flatMap((fill) =>
    each(
      op,
      (s) => [matrix(s)],
      () => [fill],
    ),
  );

const rank = (op: OpSpec) => [
  ...[TAME, TIES].flatMap((fill) =>
    each(
      op,
      (s) => [matrix(s), column(s)],
      (s) => [fill, classesOf(s)],
    ),
  ),
  make(op, [[12, 5], [12]], { fills: [TIES, NO_CLASSES] }),
  make(op, [[5, 5], [5]], {
    fills: [{ values: [1, Number.NaN, 0, Number.POSITIVE_INFINITY] }, { values: [0, 1, 2, 3, 4] }],
    special: true,
  }),
];

/** Below 0, above 1, and on the borders of bins. */
const SCORES: Fill = { values: [0, 0.125, 0.1249, 1, 0.5, 2, -1, 0.99, Number.POSITIVE_INFINITY, 1e-40, 0.75] };

const histogram = (op: OpSpec) =>
  [1, 8].flatMap((bins) =>
    [PROBABILITY, SCORES].flatMap((fill) =>
      each(
        op,
        (s) => [matrix(s), matrix(s)],
        () => [fill, TAME],
        { attributes: { bins } },
      ),
    ),
  );

export const classificationCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = {
  pick,
  scatter,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  correct,
  argmax,
  rank,
  histogram,
};
