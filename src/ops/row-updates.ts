/**
 * One optimiser step over the rows of a table that indices name, in place; every other row, and its state, stays as it is. The formulas are
 * those of src/ops/optimizers.ts, with g of a row from the δ's at the places of its index: their sum, or, unless `summed`, the one at its
 * first place. δ of what is no index goes nowhere.
 */
import { ShapeError } from '../errors.ts';
import { arenaElements } from './bfloat16.ts';
import { EMBEDDING } from './embedding.ts';
import { ADAM_ATTRIBUTES, adamNumbers, adamStep, MOMENTUM_ATTRIBUTES, momentumNumbers, momentumStep, WEIGHT_DECAY } from './optimizers.ts';
import { ROUNDING_WORK, STREAM, withRounding } from './rounded-states.ts';
import { chainsSize, isRow, LOOKUP, type Lookup } from './rows.ts';
import { count, formatShape } from './shape.ts';
import { type AttributesOf, defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** Whether δ's of equal indices add up; else each is the whole gradient of its row. */
const SUMMED = { summed: { kind: 'flag', default: true } } as const;

const whole = (s: Lookup) => s.count * s.columns;

/** What the updates share; `states` are of the table's shape. */
const ROWS = {
  indices: { index: { below: 'count' } },
  divide: () => ({ over: 'count' }) as const,
  ranges: ['count'],
  scratch: (s: Lookup) => chainsSize(s) + s.columns,
} as const;

const lookedUp = ([table, , index]: readonly Shape[], { summed }: AttributesOf<typeof SUMMED>) => ({
  rows: count(index),
  count: table[0],
  columns: table[1],
  summed: summed ? 1 : 0,
});

/** Throws ShapeError unless `states` are of the table's shape and each index has one row of δ. */
function checkRows(op: string, [table, delta, index]: readonly Shape[], states: readonly Shape[] = []): readonly Shape[] {
  const [size, columns] = table;
  if (table.length !== 2 || size < 1 || delta[delta.length - 1] !== columns || count(delta.slice(0, -1)) !== count(index))
    throw new ShapeError(
      `${op}: expected a table of [count, size] and one row of δ for each index, got ${[table, delta, index].map(formatShape).join(', ')}`,
    );
  const other = states.find((state) => String(state) !== String(table));
  if (other) throw new ShapeError(`${op}: expected states of the table's shape, ${formatShape(table)}, got ${formatShape(other)}`);
  return [];
}

interface RowsFrame extends Lookup {
  readonly delta: Float64Array;
  readonly index: Float64Array;
  readonly summed: number;
}

/** Calls body(at, g) for each row that occurs, which begins at element `at`; `g` is its gradient. */
function forEachRow({ delta, index, rows, count: size, columns, summed }: RowsFrame, body: (at: number, g: Float64Array) => void): void {
  const gradients = new Map<number, Float64Array>();
  for (let r = 0; r < rows; r++) {
    if (!isRow(index[r], size)) continue;
    const at = r * columns;
    const g = gradients.get(index[r]);
    if (!g) gradients.set(index[r], delta.slice(at, at + columns));
    else if (summed) for (let j = 0; j < columns; j++) g[j] += delta[at + j];
  }
  for (const [row, g] of gradients) body(row * columns, g);
}

const packedSize = (s: Lookup) => arenaElements('bfloat16', whole(s));

/** What those with states of bfloat16 share. */
const ROUNDED_ROWS = { ...ROWS, context: true } as const;

export const ROW_UPDATES = [
  defineOp({
    /** table[i] ← table[i] − η·(g[i] + weightDecay·table[i]) of each i in index; g[i] = Σ δ[r] of the r whose index is i. */
    name: 'embedSgd',
    operands: { table: 'inout', delta: 'in', index: 'in', learningRate: 'in' },
    scalars: { ...LOOKUP, weightDecay: 'float', summed: 'integer' },
    attributes: { ...WEIGHT_DECAY, ...SUMMED },
    ...ROWS,
    shapes: (inputs) => checkRows('embedSgd', inputs),
    lower: (inputs, _, attributes) => ({ ...lookedUp(inputs, attributes), weightDecay: attributes.weightDecay }),
    extents: (s) => ({ table: whole(s), delta: s.rows * s.columns, index: s.rows, learningRate: 1 }),
    work: (s) => s.rows * (2 * s.columns + 1),
  }),
  defineOp({
    /** momentum, of the rows of table and velocity in index alone; g[i] = Σ δ[r] of the r whose index is i. */
    name: 'embedMomentum',
    operands: { table: 'inout', delta: 'in', index: 'in', velocity: 'inout', learningRate: 'in' },
    scalars: { ...LOOKUP, momentum: 'float', weightDecay: 'float', nesterov: 'integer', summed: 'integer' },
    attributes: { ...MOMENTUM_ATTRIBUTES, ...SUMMED },
    ...ROWS,
    shapes: (inputs) => checkRows('embedMomentum', inputs, [inputs[3]]),
    lower: (inputs, _, attributes) => ({ ...lookedUp(inputs, attributes), ...momentumNumbers(attributes) }),
    extents: (s) => ({ table: whole(s), delta: s.rows * s.columns, index: s.rows, velocity: whole(s), learningRate: 1 }),
    work: (s) => s.rows * (4 * s.columns + 1),
  }),
  defineOp({
    /** adam, of the rows of table, mean and variance in index alone; g[i] = Σ δ[r] of the r whose index is i. */
    name: 'embedAdam',
    operands: { table: 'inout', delta: 'in', index: 'in', mean: 'inout', variance: 'inout', learningRate: 'in', step: 'in' },
    scalars: {
      ...LOOKUP,
      ...{ beta1: 'float', beta2: 'float', epsilon: 'float', weightDecay: 'float', decoupled: 'integer', summed: 'integer' },
    },
    attributes: { ...ADAM_ATTRIBUTES, ...SUMMED },
    ...ROWS,
    shapes: (inputs) => checkRows('embedAdam', inputs, [inputs[3], inputs[4]]),
    lower: (inputs, _, attributes) => ({ ...lookedUp(inputs, attributes), ...adamNumbers(attributes) }),
    extents: (s) => ({
      ...{ table: whole(s), delta: s.rows * s.columns, index: s.rows, mean: whole(s), variance: whole(s), learningRate: 1, step: 1 },
    }),
    work: (s) => s.rows * (6 * s.columns + 1),
  }),
  defineOp({
    /** embedMomentum, with the velocity as bfloat16. */
    name: 'embedMomentumBfloat16',
    ...ROUNDED_ROWS,
    bfloat16: ['velocity'],
    operands: { table: 'inout', delta: 'in', index: 'in', velocity: 'inout', learningRate: 'in', step: 'in' },
    scalars: { ...LOOKUP, momentum: 'float', weightDecay: 'float', nesterov: 'integer', summed: 'integer', stream: 'integer' },
    attributes: { ...MOMENTUM_ATTRIBUTES, ...SUMMED, ...STREAM },
    shapes: (inputs) => checkRows('embedMomentumBfloat16', inputs, [inputs[3]]),
    lower: (inputs, _, attributes) => ({
      ...{ ...lookedUp(inputs, attributes), ...momentumNumbers(attributes), stream: attributes.stream },
    }),
    extents: (s) => ({
      ...{ table: whole(s), delta: s.rows * s.columns, index: s.rows, velocity: packedSize(s), learningRate: 1, step: 1 },
    }),
    work: (s) => s.rows * ((4 + ROUNDING_WORK) * s.columns + 1),
  }),
  defineOp({
    /** embedAdam, with the means of g and g² as bfloat16. */
    name: 'embedAdamBfloat16',
    ...ROUNDED_ROWS,
    bfloat16: ['mean', 'variance'],
    operands: { table: 'inout', delta: 'in', index: 'in', mean: 'inout', variance: 'inout', learningRate: 'in', step: 'in' },
    scalars: {
      ...LOOKUP,
      ...{ beta1: 'float', beta2: 'float', epsilon: 'float', weightDecay: 'float', decoupled: 'integer', summed: 'integer' },
      stream: 'integer',
    },
    attributes: { ...ADAM_ATTRIBUTES, ...SUMMED, ...STREAM },
    shapes: (inputs) => checkRows('embedAdamBfloat16', inputs, [inputs[3], inputs[4]]),
    lower: (inputs, _, attributes) => ({
      ...{ ...lookedUp(inputs, attributes), ...adamNumbers(attributes), stream: attributes.stream },
    }),
    extents: (s) => ({
      ...{ table: whole(s), delta: s.rows * s.columns, index: s.rows, mean: packedSize(s), variance: packedSize(s) },
      ...{ learningRate: 1, step: 1 },
    }),
    work: (s) => s.rows * ((6 + ROUNDING_WORK) * s.columns + 1),
  }),
];

/** Look-ups, and the updates of the rows that they name: what a table that is looked up may need. */
export const LOOKUPS = [...EMBEDDING, ...ROW_UPDATES] as const;

export const ROW_UPDATES_REFERENCE: ReferenceOf<(typeof ROW_UPDATES)[number]> = {
  embedSgd: ({ table, learningRate, weightDecay, ...rows }) => {
    forEachRow(rows, (at, g) => {
      for (let j = 0; j < g.length; j++) table[at + j] -= learningRate[0] * (g[j] + weightDecay * table[at + j]);
    });
  },
  embedMomentum: ({ table, velocity, learningRate, momentum, weightDecay, nesterov, ...rows }) => {
    const step = momentumStep({ learningRate, momentum, weightDecay, nesterov });
    forEachRow(rows, (at, g) => {
      for (let j = 0; j < g.length; j++) step({ parameter: table, velocity }, at + j, g[j]);
    });
  },
  embedAdam: ({ table, mean, variance, learningRate, step, beta1, beta2, epsilon, weightDecay, decoupled, ...rows }) => {
    const update = adamStep({ learningRate, step, beta1, beta2, epsilon, weightDecay, decoupled });
    forEachRow(rows, (at, g) => {
      for (let j = 0; j < g.length; j++) update({ parameter: table, mean, variance }, at + j, g[j]);
    });
  },
  embedMomentumBfloat16: ({ table, velocity: words, learningRate, step: t, stream, momentum, weightDecay, nesterov, context, ...rows }) => {
    const step = momentumStep({ learningRate, momentum, weightDecay, nesterov });
    withRounding([words], table.length, { context, stream, step: t }, ([velocity]) => {
      forEachRow(rows, (at, g) => {
        for (let j = 0; j < g.length; j++) step({ parameter: table, velocity }, at + j, g[j]);
      });
    });
  },
  embedAdamBfloat16: ({ table, mean: meanWords, variance: varianceWords, ...settings }) => {
    const update = adamStep(settings);
    withRounding([meanWords, varianceWords], table.length, settings, ([mean, variance]) => {
      forEachRow(settings, (at, g) => {
        for (let j = 0; j < g.length; j++) update({ parameter: table, mean, variance }, at + j, g[j]);
      });
    });
  },
};
