/** Ops that read the context: choosing and gathering the mini-batch, dropout, recording the results of a step. */
import { PURPOSE, permutation, philox, RandomStream } from '../random/philox.ts';
import type { Context } from './context.ts';
import { BATCH, count, resolve } from './shape.ts';
import { type Dim, defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** A named place in the record of a step: behind `at` numbers, and `after` more for each row of the mini-batch (0, or −n for n a row). */
export interface RecordPlace {
  readonly at: number;
  readonly after: Dim;
  readonly shape: Shape;
}

/** Where in a record of a mini-batch of so many rows a place begins. */
export const startOf = ({ at, after }: Omit<RecordPlace, 'shape'>, rows: number): number => at + resolve(after, rows);

/** The cost of drawing a random word, in elements of plain arithmetic. */
const RANDOM = 16;

/** Mini-batches in an epoch of the bound data; 0 without data. */
export const batchesPerEpoch = ({ order, batchSize }: Context) => Math.ceil(order.length / batchSize);

function beginStep(context: Context): void {
  const rows = context.order.length;
  const { epoch } = context;
  if (context.orderEpoch !== epoch) {
    if (context.shuffle) permutation(context.order, new RandomStream(context.seed, PURPOSE.shuffle, 0, epoch));
    else for (let i = 0; i < rows; i++) context.order[i] = i;
    context.orderEpoch = epoch;
  }
  context.cursor = context.batch * context.batchSize;
  context.rows = Math.min(context.batchSize, rows - context.cursor);
}

/** The kept elements of a dropout mask: element i is kept where word i mod 4 of block ⌊i / 4⌋ reaches rate · 2³². */
function evaluateDropout(x: Float64Array, out: Float64Array, size: number, rate: number, stream: number, context: Context): void {
  const before = context.before < 0 ? context.epoch * batchesPerEpoch(context) : context.before;
  const step = before + context.batch;
  const threshold = Math.floor(rate * 2 ** 32);
  const keep = 1 / (1 - rate);
  const counter = new Uint32Array([0, stream, step % 2 ** 32, Math.floor(step / 2 ** 32)]);
  const words = new Uint32Array(4);
  const key1 = Math.floor(context.seed / 2 ** 32) + (PURPOSE.dropout << 24);
  for (let i = 0; i < size; i++) {
    if (i % 4 === 0) {
      counter[0] = i / 4;
      philox(counter, context.seed, key1, words);
    }
    out[i] = words[i % 4] >= threshold ? x[i] * keep : 0;
  }
}

export const BATCHING = [
  defineOp({
    /** choose the clock’s mini-batch; at an epoch’s start make its order (Fisher–Yates, keyed by seed and epoch). */
    name: 'beginStep',
    context: true,
    changesContext: true,
    operands: {},
    scalars: {},
    shapes: () => [],
    lower: () => ({}),
    extents: () => ({}),
  }),
  defineOp({
    /** the mini-batch’s rows of data column `column`, `width` values each: numbers (indices 0) or indices (1). */
    name: 'gather',
    context: true,
    readsColumn: 'column',
    operands: { out: 'out' },
    scalars: { column: 'integer', size: 'size', width: 'integer', indices: 'integer' },
    indices: { out: { when: ['indices', 1] } },
    attributes: { column: { kind: 'natural' }, sample: { kind: 'shape' }, indices: { kind: 'flag', default: false } },
    shapes: (_, { sample }) => [[BATCH, ...sample]],
    lower: (_, [out], { column, indices }) => ({ column, size: count(out), width: count(out.slice(1)), indices: indices ? 1 : 0 }),
    valid: ({ size, width }) => size === BATCH * width,
    extents: ({ size }) => ({ out: size }),
    divide: () => ({ over: 'size', byRows: true }),
    ranges: ['size'],
  }),
  defineOp({
    /** copy x into the record of this step, at its place at + after. */
    name: 'record',
    context: true,
    operands: { x: 'in' },
    // The place is a number that grows with the rows: `at` of what lies before it, and `after` for each row.
    scalars: { at: 'integer', after: 'size', size: 'size' },
    attributes: { at: { kind: 'natural' }, after: { kind: 'integer', default: 0 } },
    shapes: () => [],
    lower: ([x], _, { at, after }) => ({ at, after, size: count(x) }),
    valid: ({ after }) => after <= 0,
    extents: ({ size }) => ({ x: size }),
    recordEnd: ({ at, after, size }) => at + after + size,
  }),
  defineOp({
    /** each element zeroed with probability rate, the others divided by 1 − rate; the mask depends on (seed, stream, mini-batch) only. */
    name: 'dropout',
    context: true,
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size', rate: 'float', stream: 'integer' },
    attributes: { rate: { kind: 'nonNegative' }, stream: { kind: 'natural' } },
    shapes: ([x]) => [x],
    lower: (_, [out], { rate, stream }) => ({ size: count(out), rate, stream }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    ranges: ['size'],
    work: ({ size }) => RANDOM * size,
    inPlace: ['x'],
    // The mask is drawn again, not kept.
    gradient: (m, { attributes }, [delta]) => [delta && m.apply('dropout', [delta], attributes)],
  }),
];

export const BATCHING_REFERENCE: ReferenceOf<(typeof BATCHING)[number]> = {
  beginStep: ({ context }) => beginStep(context),
  gather: ({ out, column, width, context }) => {
    const data = context.columns[column];
    for (let r = 0; r < context.rows; r++) {
      const from = context.order[context.cursor + r] * width;
      for (let j = 0; j < width; j++) out[r * width + j] = data[from + j];
    }
  },
  record: ({ x, at, after, context }) => context.records.set(x, context.repeat * context.recordWidth + at + after),
  dropout: ({ x, out, size, rate, stream, context }) => evaluateDropout(x, out, size, rate, stream, context),
};
