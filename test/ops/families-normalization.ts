/** Cases of the ops that normalise. */
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { BATCHES, make, POSITIVE, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

/** Apart from its name each operand's place: the input itself, what there is one of a channel, a row or a column. */
type Kind = 'x' | 'channel' | 'row' | 'column' | 'absent';

function cases(op: OpSpec, x: Shape, kinds: readonly Kind[], attributes: Attributes): OpCase[] {
  const shapes: Record<Kind, Shape | undefined> = {
    x,
    channel: [x[1]],
    row: x.slice(0, -1),
    column: [x[x.length - 1]],
    absent: undefined,
  };
  const inputs = kinds.map((kind) => shapes[kind]);
  const fills: Fill[] = op.inputs.map((name) => (/variance|scale/.test(name) ? POSITIVE : TAME));
  const batches = x[0] < 0 ? BATCHES : ([[1, 1]] as const);
  return batches.map(([rows, maximumRows]) => make(op, inputs, { fills, attributes, rows, maximumRows }));
}

/** A whole channel of one element has no variance to speak of: δ would be all rounding. */
const CHANNELS: readonly Shape[] = [
  ...SIZES.map((n) => [7, n]),
  ...SIZES.filter((n) => n > 1).map((n) => [3, 2, n]),
  [5, 17, 2],
  // More rows, and more elements of a channel in them, than a block of a sum has.
  [600, 19],
  [90, 3, 49],
  [3, 2, 1500],
  [2, 3, 4, 5],
];
const BATCHED_CHANNELS: readonly Shape[] = [
  [BATCH, 3, 5, 7],
  [BATCH, 5, 2],
];

const overChannels = (kinds: readonly Kind[]) => (op: OpSpec) =>
  [...CHANNELS, ...BATCHED_CHANNELS].flatMap((x) => cases(op, x, kinds, { epsilon: 1e-3 }));

const MATRICES: readonly Shape[] = [
  ...SIZES.filter((n) => n > 1).map((n) => [3, n]),
  ...SIZES.map((n) => [n, 5]),
  [2, 3, 17],
  [2, 1803],
  [603, 5],
  [BATCH, 9],
  [BATCH, 2, 5],
];

const overRows = (variants: readonly (readonly Kind[])[]) => (op: OpSpec) =>
  MATRICES.flatMap((x) => variants.flatMap((kinds) => [true, false].flatMap((centred) => cases(op, x, kinds, { centred, epsilon: 1e-3 }))));

export const normalizationCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = {
  batchNorm: overChannels(['x', 'channel', 'channel']),
  batchNormGradient: overChannels(['x', 'x', 'channel', 'channel', 'channel']),
  normalize: overRows([
    ['x', 'column', 'column'],
    ['x', 'column', 'absent'],
    ['x', 'absent', 'column'],
    ['x', 'absent', 'absent'],
  ]),
  normalizeGradient: overRows([
    ['x', 'x', 'row', 'row', 'column'],
    ['x', 'x', 'row', 'row', 'absent'],
  ]),
  normalizeParameterGradient: (op) => MATRICES.flatMap((x) => cases(op, x, ['x', 'x', 'row', 'row'], {})),
};
