/** Cases of connectionist temporal classification. */
import { BATCH } from '../../src/ops/shape.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { BATCHES, make, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

interface Sizes {
  readonly rows: number;
  readonly steps: number;
  readonly classes: number;
  readonly length: number;
  readonly blank?: number;
}

/** Labels that any path of that many steps has room for, repeats and all. */
const ROOMY: readonly Sizes[] = [
  { rows: BATCH, steps: 5, classes: 3, length: 2 },
  { rows: BATCH, steps: 3, classes: 2, length: 1, blank: 1 },
  { rows: 1, steps: 1, classes: 3, length: 1 },
  { rows: 2, steps: 4, classes: 3, length: 2, blank: 2 },
  { rows: 1, steps: 9, classes: 5, length: 4, blank: 3 },
  ...SIZES.map((length) => ({ rows: 2, steps: 2 * length, classes: 4, length, blank: 1 })),
  ...SIZES.map((classes) => ({ rows: 3, steps: 6, classes: classes + 1, length: 3 })),
];

/** More labels than most rows have steps for. */
const TIGHT: readonly Sizes[] = SIZES.map((steps) => ({ rows: 5, steps, classes: 3, length: 1 + (steps >> 1) }));

const LOGS: Fill = { low: -8, high: 0 };
/** Rows that end early, at once, or not at all; after the first −1 anything may lie; 7 is no class. */
const PADDED: Fill = { values: [1, 2, 1, -1, 2, -1, 1, 1, 2, 2, -1, 0, 2, -(2 ** 31), 1, 1, 7] };
const SATURATED: Fill = { values: [0, -1000, -50, -1e30, -1e-40, -3e38, Number.NEGATIVE_INFINITY, -0.5] };
/** Lengths that are no whole number of steps count those that begin below them. */
const LENGTHS: Fill = { values: [3, 0, 2.5, -1, 100, 1, Number.NaN] };

function cases(op: OpSpec, sizes: readonly Sizes[], fills: Record<string, Fill>, rest: Partial<OpCase> = {}, lengths = false): OpCase[] {
  return sizes.flatMap((s) => {
    const shapes: Record<string, Shape | undefined> = {
      delta: [s.rows],
      logs: [s.rows, s.steps, s.classes],
      labels: [s.rows, s.length],
      lengths: lengths ? [s.rows] : undefined,
    };
    const own: Record<string, Fill> = {
      delta: TAME,
      logs: LOGS,
      labels: { classes: s.classes },
      lengths: { classes: s.steps + 1 },
      ...fills,
    };
    const batches = s.rows < 0 ? BATCHES : ([[1, 1]] as const);
    return batches.map(([rows, maximumRows]) =>
      make(
        op,
        op.inputs.map((name) => shapes[name]),
        {
          fills: op.inputs.map((name) => own[name]),
          rows,
          maximumRows,
          ...rest,
          attributes: { blank: s.blank ?? 0, ...rest.attributes },
        },
      ),
    );
  });
}

const ZERO: Partial<OpCase> = { attributes: { zeroInfinity: true } };

function both(op: OpSpec): OpCase[] {
  const padded: Sizes = { rows: 17, steps: 7, classes: 4, length: 5 };
  return [
    ...cases(op, ROOMY, {}),
    ...cases(op, ROOMY, {}, ZERO, true),
    ...cases(op, TIGHT, {}),
    ...cases(op, TIGHT, {}, ZERO),
    ...cases(op, [padded], { labels: PADDED }),
    ...cases(op, [padded], { labels: PADDED, lengths: LENGTHS }, {}, true),
    ...cases(op, [padded], { labels: PADDED, lengths: LENGTHS }, ZERO, true),
    ...cases(op, [padded, { ...padded, length: 1 }], { labels: PADDED, logs: SATURATED }, { special: true }),
    ...cases(op, [{ rows: 2, steps: 300, classes: 30, length: 60 }], {}),
  ];
}

export const ctcCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = { ctc: both, ctcGradient: both };
