/** Cases of the recurrent ops: every cell with and without its optional operands, in both directions, cut and not. */
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { batched, make } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

type Sizes = readonly [rows: number, steps: number, units: number];

/** Rows × steps × units around the vectors' widths, with one of each being 1. */
const SIZES: readonly Sizes[] = [
  ...[1, 3, 4, 5, 16, 17, 33].map((units) => [3, 4, units] as const),
  [1, 5, 7],
  [2, 1, 6],
  [1, 1, 1],
  [2, 2, 2],
  [17, 3, 13],
  [40, 2, 48],
  // More than one block of sums, and a weight beyond the workspace.
  [2, 2, 250],
];
const BATCHED: readonly Sizes[] = [
  [BATCH, 3, 5],
  [BATCH, 2, 18],
];

const GENTLE: Fill = { low: -1, high: 1 };
/** About a third of the steps are padding, among them first and last ones. */
const MASK: Fill = { classes: 2 };
const GATE: Fill = { low: 0.05, high: 0.95 };

const FORWARD: readonly Attributes[] = [{}, { reverse: true }];
const BACKWARD: readonly Attributes[] = [...FORWARD, { truncate: 2 }, { reverse: true, truncate: 1 }];

/** How an operand's shape follows from the sizes, by the operand's name and the gates of the cell. */
export function shapeOf(name: string, gates: number, op: string, [rows, steps, units]: Sizes): Shape {
  if (/^initial/.test(name)) return [rows, units];
  if (name === 'mask') return [rows, steps];
  if (name === 'weight') return [gates * units, units];
  if (name === 'bias') return [gates * units];
  if (name === 'projected') return [rows, steps, gates * units];
  if (name === 'gates') return [rows, steps, (op.startsWith('gru') ? 4 : gates) * units];
  return [rows, steps, units];
}

export function fillOf(name: string): Fill {
  if (name === 'mask') return MASK;
  return name === 'gates' ? GATE : GENTLE;
}

/** All optional operands absent, all there, and every other one. */
function choices(op: OpSpec): ((name: string) => boolean)[] {
  const optional = op.inputs.filter((name) => op.operands[name] === 'in?');
  return [0, 1, 2, 3].map((choice) => (name) => {
    const i = optional.indexOf(name);
    return i < 0 || choice === 1 || (choice >= 2 && i % 2 === choice % 2);
  });
}

const cell =
  (gates: number) =>
  (op: OpSpec): OpCase[] => {
    const fills = op.inputs.map(fillOf);
    const has = choices(op);
    const variants = op.name.endsWith('Gradient') ? BACKWARD : FORWARD;
    return [...SIZES, ...BATCHED].flatMap((sizes, i) =>
      has.flatMap((isThere, j) => {
        const attributes = { ...variants[(i + j) % variants.length], relu: (i + j) % 3 === 0 };
        const inputs = op.inputs.map((name) => (isThere(name) ? shapeOf(name, gates, op.name, sizes) : undefined));
        return sizes[0] < 0 ? batched(op, inputs, { fills, attributes }) : [make(op, inputs, { fills, attributes })];
      }),
    );
  };

const sequenceMask = (op: OpSpec): OpCase[] => [
  ...[1, 2, 5, 17, 67].map((steps) => make(op, [[steps + 2]], { fills: [{ classes: steps + 2 }], attributes: { steps } })),
  ...batched(op, [[BATCH]], { fills: [{ classes: 9 }], attributes: { steps: 7 } }),
];

export const recurrentCases: Readonly<Record<string, (op: OpSpec) => OpCase[]>> = {
  rnn: cell(1),
  rnnGradient: cell(1),
  lstm: cell(4),
  lstmGradient: cell(4),
  gru: cell(3),
  gruGradient: cell(3),
  previousStates: cell(1),
  sequenceMask,
};
