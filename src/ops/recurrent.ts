/**
 * Recurrent layers: one op runs a cell over all steps of a sequence, another hands the δ's back. The projection of the input and the
 * gradients of the weights depend on no step before: they are products over all steps at once.
 *
 * Sequences are [rows, steps, width]; a tensor of gates holds the gates of one step side by side, in PyTorch's order. All cells share:
 * `mask` [rows, steps] leaves the state as it is where it is 0; `reverse` runs from the last step to the first; `truncate` k > 0 lets no δ
 * pass from step k, 2k, … of the recurrence to the step before. Each step's sums over k are those of a matrix product (matmul.ts).
 */
import { ShapeError } from '../errors.ts';
import * as cells from './recurrent-cells.ts';
import { EXPONENTIAL } from './reductions.ts';
import { count, formatShape, sameShape } from './shape.ts';
import { type AttributesOf, defineOp, type Expressions, noGradient, type ReferenceOf, type Shape, type Value } from './spec.ts';

const SEQUENCE = { rows: 'size', steps: 'size', units: 'size', reverse: 'integer' } as const;
const SEQUENCE_SIZES = { name: 'SequenceSizes', scalars: SEQUENCE };
const BACKWARD = { ...SEQUENCE, truncate: 'integer' } as const;
const RELU = { relu: 'integer' } as const;

const DIRECTION = { reverse: { kind: 'flag', default: false } } as const;
const CELL = { ...DIRECTION, truncate: { kind: 'natural', default: 0 } } as const;
const RELU_ATTRIBUTE = { relu: { kind: 'flag', default: false } } as const;

type Sizes = Readonly<Record<'rows' | 'steps' | 'units', number>>;
type MaybeShape = Shape | undefined;

const byRows = () => ({ over: 'rows' }) as const;

/** With this many weights a step takes long enough for threads to meet after it: measured. */
const LEAST_WEIGHTS = 3 << 16;

/** By rows; or each step by units, for all rows, after which the threads meet. */
const divideCell = (gates: number) => (s: Sizes) =>
  gates * square(s) < LEAST_WEIGHTS ? byRows() : ({ over: 'rows', within: 'units', meetings: s.steps } as const);

const flag = (value: boolean | 0 | 1) => (value ? 1 : 0);

/** Sizes of a sequence of hidden states. */
function sequenceOf(hidden: Shape, { reverse }: AttributesOf<typeof DIRECTION>) {
  const [rows, steps, units] = hidden;
  return { rows, steps, units, reverse: flag(reverse) };
}

const backwardOf = (hidden: Shape, attributes: AttributesOf<typeof CELL>) => ({
  ...sequenceOf(hidden, attributes),
  truncate: attributes.truncate,
});

function isSane({ rows, steps, units, reverse }: Sizes & { readonly reverse: number }): boolean {
  return rows !== 0 && steps > 0 && units > 0 && reverse <= 1;
}

const isSaneRnn = (s: Sizes & { readonly reverse: number; readonly relu: number }) => isSane(s) && s.relu <= 1;

function expectShape(op: string, what: string, shape: MaybeShape, expected: Shape): void {
  if (shape && !sameShape(shape, expected)) {
    throw new ShapeError(`${op}: expected ${what} of shape ${formatShape(expected)}, got ${formatShape(shape)}`);
  }
}

/** The shape of the hidden states that a cell of `gates` gates makes of `projected`, checked against its other operands. */
function hiddenShape(op: string, gates: number, projected: Shape, weight: Shape, initials: readonly MaybeShape[], mask: MaybeShape): Shape {
  const units = weight[1];
  const [rows, steps, width] = projected;
  if (projected.length !== 3 || steps < 1 || weight.length !== 2 || units < 1 || width !== gates * units) {
    throw new ShapeError(
      `${op}: expected a projection of [rows, steps, ${gates}·units] and a weight of [${gates}·units, units], got ${formatShape(projected)} and ${formatShape(weight)}`,
    );
  }
  expectShape(op, 'a weight', weight, [gates * units, units]);
  for (const initial of initials) expectShape(op, 'an initial state', initial, [rows, units]);
  expectShape(op, 'a mask', mask, [rows, steps]);
  return [rows, steps, units];
}

const states = (s: Sizes) => s.rows * s.steps * s.units;
const square = (s: Sizes) => s.units * s.units;

/** Multiply-adds that take as long as one element of plain arithmetic, as in matmul.ts. */
const MULTIPLY_ADDS = 4;
/** The cost of a weight, in elements of plain arithmetic: it may come from a farther cache. */
const READS = 2;
const workOf = (gates: number, exponentials: number) => (s: Sizes) =>
  states(s) * ((gates * s.units) / MULTIPLY_ADDS + exponentials * EXPONENTIAL + 4 * gates) + READS * s.steps * gates * square(s);

/** Σ over rows and steps of δ ⊗ the state that the step began with. */
function weightGradient(
  m: Expressions,
  delta: Value,
  hidden: Value,
  initial: Value | undefined,
  { reverse }: AttributesOf<typeof DIRECTION>,
): Value {
  const previous = m.apply('previousStates', [hidden, initial], { reverse });
  return m.matmul(rowsOf(m, delta), rowsOf(m, previous), { transposeA: true });
}

const rowsOf = (m: Expressions, x: Value) => m.reshape(x, [count(x.shape.slice(0, -1)), x.shape[2]]);

export const RECURRENT = [
  defineOp({
    /** hidden[t] = f(projected[t] + W·hidden[t−1]) with f = tanh, or relu (Elman 1990). */
    name: 'rnn',
    operands: { projected: 'in', weight: 'in', initial: 'in?', mask: 'in?', hidden: 'out' },
    meanings: { mask: 'mask' },
    scalars: { ...SEQUENCE, ...RELU },
    sizes: SEQUENCE_SIZES,
    attributes: { ...CELL, ...RELU_ATTRIBUTE },
    shapes: ([projected, weight, initial, mask]) => [hiddenShape('rnn', 1, projected, weight, [initial], mask)],
    lower: (_, [hidden], attributes) => ({ ...sequenceOf(hidden, attributes), relu: flag(attributes.relu) }),
    valid: isSaneRnn,
    extents: (s) => ({
      projected: states(s),
      weight: square(s),
      initial: s.rows * s.units,
      mask: s.rows * s.steps,
      hidden: states(s),
    }),
    divide: divideCell(1),
    ranges: ['units'],
    fuses: true,
    work: workOf(1, 1),
    gradient: (m, { inputs: [, weight, initial, mask], outputs: [hidden], attributes }, [delta]) => {
      if (!delta) return [];
      const [deltaProjected, deltaInitial] = m.applyAll('rnnGradient', [delta, hidden, weight, mask], attributes);
      return [deltaProjected, weightGradient(m, deltaProjected, hidden, initial, attributes), deltaInitial, undefined];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ through rnn's steps: δprojected[t] = (δ[t] + Wᵀ·δprojected[t+1]) ⊙ f′, and what is left for the initial state. */
    name: 'rnnGradient',
    operands: { delta: 'in', hidden: 'in', weight: 'in', mask: 'in?', deltaProjected: 'out', deltaInitial: 'out' },
    meanings: { mask: 'mask' },
    scalars: { ...BACKWARD, ...RELU },
    sizes: SEQUENCE_SIZES,
    attributes: { ...CELL, ...RELU_ATTRIBUTE },
    shapes: ([, hidden]) => [hidden, [hidden[0], hidden[2]]],
    lower: ([, hidden], _, attributes) => ({ ...backwardOf(hidden, attributes), relu: flag(attributes.relu) }),
    valid: isSaneRnn,
    extents: (s) => ({
      delta: states(s),
      hidden: states(s),
      weight: square(s),
      mask: s.rows * s.steps,
      deltaProjected: states(s),
      deltaInitial: s.rows * s.units,
    }),
    divide: divideCell(1),
    ranges: ['units'],
    fuses: true,
    work: workOf(1, 0),
    tolerance: 1e-4,
  }),
  defineOp({
    /**
     * i, f, g, o = σ, σ, tanh, σ of projected[t] + W·hidden[t−1]; cell[t] = f⊙cell[t−1] + i⊙g; hidden[t] = o⊙tanh cell[t]; the gates for
     * the way back (they take no δ).
     */
    name: 'lstm',
    operands: {
      projected: 'in',
      weight: 'in',
      initialHidden: 'in?',
      initialCell: 'in?',
      mask: 'in?',
      hidden: 'out',
      cell: 'out',
      gates: 'out',
    },
    meanings: { mask: 'mask' },
    scalars: SEQUENCE,
    sizes: SEQUENCE_SIZES,
    attributes: CELL,
    shapes: ([projected, weight, initialHidden, initialCell, mask]) => {
      const hidden = hiddenShape('lstm', 4, projected, weight, [initialHidden, initialCell], mask);
      return [hidden, hidden, projected];
    },
    lower: (_, [hidden], attributes) => sequenceOf(hidden, attributes),
    valid: isSane,
    extents: (s) => ({
      projected: 4 * states(s),
      weight: 4 * square(s),
      initialHidden: s.rows * s.units,
      initialCell: s.rows * s.units,
      mask: s.rows * s.steps,
      hidden: states(s),
      cell: states(s),
      gates: 4 * states(s),
    }),
    divide: divideCell(4),
    ranges: ['units'],
    fuses: true,
    work: workOf(4, 5),
    gradient: (m, { inputs: [, weight, initialHidden, initialCell, mask], outputs: [hidden, cell, gates], attributes }, deltas) => {
      const [delta, deltaCell] = deltas;
      if (!delta && !deltaCell) return [];
      const operands = [delta, deltaCell, gates, cell, weight, initialCell, mask];
      const [deltaProjected, deltaInitialHidden, deltaInitialCell] = m.applyAll('lstmGradient', operands, attributes);
      const deltaWeight = weightGradient(m, deltaProjected, hidden, initialHidden, attributes);
      return [deltaProjected, deltaWeight, deltaInitialHidden, deltaInitialCell, undefined];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ through lstm's steps, from the last to the first: of the projected gates, and what is left for the initial states. */
    name: 'lstmGradient',
    operands: {
      delta: 'in?',
      deltaCell: 'in?',
      gates: 'in',
      cell: 'in',
      weight: 'in',
      initialCell: 'in?',
      mask: 'in?',
      deltaProjected: 'out',
      deltaInitialHidden: 'out',
      deltaInitialCell: 'out',
    },
    meanings: { mask: 'mask' },
    scalars: BACKWARD,
    sizes: SEQUENCE_SIZES,
    attributes: CELL,
    shapes: ([, , gates, cell]) => [gates, [cell[0], cell[2]], [cell[0], cell[2]]],
    lower: ([, , , cell], _, attributes) => backwardOf(cell, attributes),
    valid: isSane,
    extents: (s) => ({
      delta: states(s),
      deltaCell: states(s),
      gates: 4 * states(s),
      cell: states(s),
      weight: 4 * square(s),
      initialCell: s.rows * s.units,
      mask: s.rows * s.steps,
      deltaProjected: 4 * states(s),
      deltaInitialHidden: s.rows * s.units,
      deltaInitialCell: s.rows * s.units,
    }),
    divide: divideCell(4),
    ranges: ['units'],
    fuses: true,
    work: workOf(4, 1),
    tolerance: 1e-4,
  }),
  defineOp({
    /**
     * r, z = σ of projected[t] + q, n = tanh(projected[t] + r⊙q) for q = W·hidden[t−1] + bias; hidden[t] = (1−z)⊙n + z⊙hidden[t−1]; r, z, n
     * and the q of n for the way back (they take no δ).
     */
    name: 'gru',
    operands: { projected: 'in', weight: 'in', bias: 'in?', initial: 'in?', mask: 'in?', hidden: 'out', gates: 'out' },
    meanings: { mask: 'mask' },
    scalars: SEQUENCE,
    sizes: SEQUENCE_SIZES,
    attributes: CELL,
    shapes: ([projected, weight, bias, initial, mask]) => {
      const [rows, steps, units] = hiddenShape('gru', 3, projected, weight, [initial], mask);
      expectShape('gru', 'a bias', bias, [3 * units]);
      return [
        [rows, steps, units],
        [rows, steps, 4 * units],
      ];
    },
    lower: (_, [hidden], attributes) => sequenceOf(hidden, attributes),
    valid: isSane,
    extents: (s) => ({
      projected: 3 * states(s),
      weight: 3 * square(s),
      bias: 3 * s.units,
      initial: s.rows * s.units,
      mask: s.rows * s.steps,
      hidden: states(s),
      gates: 4 * states(s),
    }),
    divide: divideCell(3),
    ranges: ['units'],
    fuses: true,
    work: workOf(3, 3),
    gradient: (m, { inputs: [, weight, bias, initial, mask], outputs: [hidden, gates], attributes }, [delta]) => {
      if (!delta) return [];
      const operands = [delta, hidden, gates, weight, initial, mask];
      const [deltaProjected, deltaRecurrent, deltaInitial] = m.applyAll('gruGradient', operands, attributes);
      const deltaWeight = weightGradient(m, deltaRecurrent, hidden, initial, attributes);
      return [deltaProjected, deltaWeight, bias && m.sum(deltaRecurrent, [0, 1]), deltaInitial, undefined];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ through gru's steps: of the projected gates, of W·hidden + bias, and what is left for the initial state. */
    name: 'gruGradient',
    operands: {
      delta: 'in',
      hidden: 'in',
      gates: 'in',
      weight: 'in',
      initial: 'in?',
      mask: 'in?',
      deltaProjected: 'out',
      deltaRecurrent: 'out',
      deltaInitial: 'out',
    },
    meanings: { mask: 'mask' },
    scalars: BACKWARD,
    sizes: SEQUENCE_SIZES,
    attributes: CELL,
    shapes: ([, hidden]) => {
      const [rows, steps, units] = hidden;
      return [
        [rows, steps, 3 * units],
        [rows, steps, 3 * units],
        [rows, units],
      ];
    },
    lower: ([, hidden], _, attributes) => backwardOf(hidden, attributes),
    valid: isSane,
    extents: (s) => ({
      delta: states(s),
      hidden: states(s),
      gates: 4 * states(s),
      weight: 3 * square(s),
      initial: s.rows * s.units,
      mask: s.rows * s.steps,
      deltaProjected: 3 * states(s),
      deltaRecurrent: 3 * states(s),
      deltaInitial: s.rows * s.units,
    }),
    divide: divideCell(3),
    ranges: ['units'],
    fuses: true,
    work: workOf(3, 0),
    tolerance: 1e-4,
  }),
  defineOp({
    /** the state that each step of a recurrence began with: out[t] = hidden[t−1], and the initial state (or zeros) at the first. */
    name: 'previousStates',
    operands: { hidden: 'in', initial: 'in?', out: 'out' },
    scalars: SEQUENCE,
    sizes: SEQUENCE_SIZES,
    attributes: DIRECTION,
    shapes: ([hidden]) => [hidden],
    lower: (_, [hidden], attributes) => sequenceOf(hidden, attributes),
    valid: isSane,
    extents: (s) => ({ hidden: states(s), initial: s.rows * s.units, out: states(s) }),
    divide: byRows,
  }),
  defineOp({
    /** out[r, t] = 1 where t < lengths[r], else 0. */
    name: 'sequenceMask',
    operands: { lengths: 'in', out: 'out' },
    meanings: { lengths: { lengthUpTo: 'steps' } },
    scalars: { rows: 'size', steps: 'size' },
    attributes: { steps: { kind: 'positive' } },
    shapes: ([lengths], attributes) => {
      if (lengths.length !== 1) throw new ShapeError(`sequenceMask: expected one length a row, got ${formatShape(lengths)}`);
      return [[lengths[0], attributes.steps]];
    },
    lower: (_, [[rows, steps]]) => ({ rows, steps }),
    valid: ({ steps }) => steps > 0,
    extents: ({ rows, steps }) => ({ lengths: rows, out: rows * steps }),
    divide: byRows,
    gradient: noGradient,
  }),
];

export const RECURRENT_REFERENCE: ReferenceOf<(typeof RECURRENT)[number]> = {
  rnn: cells.rnn,
  rnnGradient: cells.rnnGradient,
  lstm: cells.lstm,
  lstmGradient: cells.lstmGradient,
  gru: cells.gru,
  gruGradient: cells.gruGradient,
  previousStates: ({ hidden, initial, out, rows, steps, units, reverse }) => {
    for (let b = 0; b < rows; b++) {
      const start = b * steps * units;
      const [first, rest, from] = reverse ? [(steps - 1) * units, 0, units] : [0, units, 0];
      out.set(hidden.subarray(start + from, start + from + (steps - 1) * units), start + rest);
      for (let j = 0; j < units; j++) out[start + first + j] = initial?.[b * units + j] ?? 0;
    }
  },
  sequenceMask: ({ lengths, out, rows, steps }) => {
    for (let r = 0; r < rows; r++) for (let t = 0; t < steps; t++) out[r * steps + t] = t < lengths[r] ? 1 : 0;
  },
};
