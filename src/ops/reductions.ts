/** Sums, and the row-wise ops built on them: softmax and its kin. */
import { ShapeError } from '../errors.ts';
import { SMALLEST_NORMAL } from './functions.ts';
import { count, formatShape } from './shape.ts';
import { defineOp, type ReferenceOf, type Shape } from './spec.ts';

const ROWS = { rows: 'size', columns: 'size' } as const;

const lowerRows = (x: Shape) => ({ rows: count(x.slice(0, -1)), columns: x[x.length - 1] });
const matrix = (s: { rows: number; columns: number }) => s.rows * s.columns;

function rowwise(op: string, x: Shape): Shape {
  if (x.length < 1 || x[x.length - 1] < 0) throw new ShapeError(`${op}: expected a last axis that is not the batch, got ${formatShape(x)}`);
  return x;
}

/** max and ln Σ e^(x − max) of one row. Not their sum: it would lose ties of large numbers. */
export function logSumExp(x: Float64Array, start: number, columns: number): { max: number; log: number } {
  let max = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < columns; j++) max = Math.max(max, x[start + j]);
  let sum = 0;
  for (let j = 0; j < columns; j++) sum += Math.exp(x[start + j] - max);
  return { max, log: Math.log(sum) };
}

const ROW_ACTIVATION = { over: 'row', initializer: 'glorotUniform' } as const;

const LAST = [-1] as const;

/**
 * Elements of a part of a long row, whose sum one thread computes. A part is a power of two of whole blocks, so its sum is a node in the
 * tree of the whole row's sum (native/kernels/sums.h).
 */
export const ROW_PART = 4096;
/** A row of this many elements takes long enough for threads to meet over it: measured. */
const LEAST_ROW = 1 << 16;
/** The same for a plain sum, which is as fast as memory. */
const LEAST_SUM = 1 << 21;
/** Floats of a part in the memory that threads share: 16 partial sums, twice. */
const PART_FLOATS = 2 * 16;

/** By rows, or a long row by its parts. */
export const byRowsOrParts = (meetings: number) => (s: { rows: number; columns: number }) =>
  s.columns < LEAST_ROW
    ? ({ over: 'rows' } as const)
    : ({ over: 'rows', within: 'columns', meetings: meetings * s.rows, granule: ROW_PART } as const);
export const partsScratch = (s: { columns: number }) => (s.columns < LEAST_ROW ? 0 : PART_FLOATS * Math.ceil(s.columns / ROW_PART));

/** The cost of an exponential, in elements of plain arithmetic. */
export const EXPONENTIAL = 16;

export const REDUCTIONS = [
  defineOp({
    /** the sum over a run of neighbouring axes: x seen as [outer, reduced, inner]. */
    name: 'sum',
    operands: { x: 'in', out: 'out' },
    scalars: { outer: 'size', reduced: 'size', inner: 'size' },
    attributes: { axis: { kind: 'natural' }, axes: { kind: 'natural' } },
    shapes: ([x], { axis, axes }) => {
      if (axis + axes > x.length)
        throw new ShapeError(`sum: expected a run of the ${x.length} axes of ${formatShape(x)}, got ${axes} from axis ${axis}`);
      return [[...x.slice(0, axis), ...x.slice(axis + axes)]];
    },
    lower: ([x], _, { axis, axes }) => ({
      outer: count(x.slice(0, axis)),
      reduced: count(x.slice(axis, axis + axes)),
      inner: count(x.slice(axis + axes)),
    }),
    sumsOver: (x, { axis, axes }) => (axis + axes === x.length && count(x.slice(axis)) !== 1 ? axes : undefined),
    extents: ({ outer, reduced, inner }) => ({ x: outer * reduced * inner, out: outer * inner }),
    divide: ({ outer, reduced, inner }) => {
      if (inner > 1) return outer > 1 ? { over: 'outer' } : { over: 'inner', scattered: ['x'] };
      if (reduced >= LEAST_SUM) return { over: 'outer', within: 'reduced', meetings: outer, granule: ROW_PART };
      return outer > 1 ? { over: 'outer' } : undefined;
    },
    ranges: ['reduced', 'inner'],
    scratch: ({ reduced, inner }) => (inner > 1 || reduced < LEAST_SUM ? 0 : partsScratch({ columns: reduced })),
    gradient: (m, { inputs: [x], attributes: { axis, axes } }, [delta]) => {
      return [
        delta &&
          m.broadcast(
            m.reshape(
              delta,
              x.shape.map((size, i) => (i >= axis && i < axis + axes ? 1 : size)),
            ),
            x.shape,
          ),
      ];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** √Σ x² over all elements, whose squares may overflow or vanish; NaN where it is itself beyond the range of the numbers. */
    name: 'norm',
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size' },
    shapes: () => [[]],
    lower: ([x]) => ({ size: count(x) }),
    extents: ({ size }) => ({ x: size, out: 1 }),
    gradient: (m, { inputs: [x], outputs: [norm] }, [delta]) => [
      delta && m.multiply(x, m.broadcast(m.divide(delta, m.maximum(norm, SMALLEST_NORMAL)), x.shape)),
    ],
  }),
  defineOp({
    /** eˣ / Σ eˣ over the last axis, the largest x subtracted first. */
    name: 'softmax',
    operands: { x: 'in', out: 'out' },
    scalars: ROWS,
    shapes: ([x]) => [rowwise('softmax', x)],
    lower: ([x]) => lowerRows(x),
    extents: (s) => ({ x: matrix(s), out: matrix(s) }),
    divide: byRowsOrParts(2),
    ranges: ['columns'],
    scratch: partsScratch,
    work: (s) => EXPONENTIAL * matrix(s),
    gives: ['probabilities'],
    activation: ROW_ACTIVATION,
    inPlace: ['x'],
    gradient: (m, { outputs: [y] }, [delta]) => [delta && m.apply('softmaxGradient', [delta, y])],
  }),
  defineOp({
    /** y ⊙ (δ − Σ δ⊙y). */
    name: 'softmaxGradient',
    operands: { delta: 'in', y: 'in', out: 'out' },
    scalars: ROWS,
    shapes: ([delta]) => [rowwise('softmaxGradient', delta)],
    lower: ([delta]) => lowerRows(delta),
    extents: (s) => ({ delta: matrix(s), y: matrix(s), out: matrix(s) }),
    divide: byRowsOrParts(1),
    ranges: ['columns'],
    scratch: partsScratch,
    work: (s) => EXPONENTIAL * matrix(s),
    inPlace: ['delta', 'y'],
    expand: (m, { inputs: [delta, y] }) => [m.multiply(y, m.subtract(delta, m.sum(m.multiply(delta, y), LAST, true)))],
  }),
  defineOp({
    /** x − ln Σ eˣ over the last axis. */
    name: 'logSoftmax',
    operands: { x: 'in', out: 'out' },
    scalars: ROWS,
    shapes: ([x]) => [rowwise('logSoftmax', x)],
    lower: ([x]) => lowerRows(x),
    extents: (s) => ({ x: matrix(s), out: matrix(s) }),
    divide: byRowsOrParts(2),
    ranges: ['columns'],
    scratch: partsScratch,
    work: (s) => EXPONENTIAL * matrix(s),
    gives: ['logProbabilities'],
    activation: ROW_ACTIVATION,
    inPlace: ['x'],
    gradient: (m, { outputs: [y] }, [delta]) => [delta && m.apply('logSoftmaxGradient', [delta, y])],
  }),
  defineOp({
    /** δ − eʸ · Σ δ. */
    name: 'logSoftmaxGradient',
    operands: { delta: 'in', y: 'in', out: 'out' },
    scalars: ROWS,
    shapes: ([delta]) => [rowwise('logSoftmaxGradient', delta)],
    lower: ([delta]) => lowerRows(delta),
    extents: (s) => ({ delta: matrix(s), y: matrix(s), out: matrix(s) }),
    divide: byRowsOrParts(1),
    ranges: ['columns'],
    scratch: partsScratch,
    work: (s) => EXPONENTIAL * matrix(s),
    inPlace: ['delta', 'y'],
    expand: (m, { inputs: [delta, y] }) => [m.subtract(delta, m.multiply(m.exp(y), m.sum(delta, LAST, true)))],
  }),
];

export const REDUCTIONS_REFERENCE: ReferenceOf<(typeof REDUCTIONS)[number]> = {
  sum: ({ x, out, outer, reduced, inner }) => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let r = 0; r < reduced; r++) sum += x[(o * reduced + r) * inner + i];
        out[o * inner + i] = sum;
      }
    }
  },
  norm: ({ x, out, size }) => {
    let largest = 0;
    for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(x[i]));
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (x[i] / (largest || 1)) ** 2;
    const norm = largest * Math.sqrt(sum);
    out[0] = norm <= Number.MAX_VALUE ? norm : Number.NaN;
  },
  softmax: ({ x, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) {
      const { max, log } = logSumExp(x, r * columns, columns);
      for (let j = r * columns; j < (r + 1) * columns; j++) out[j] = Math.exp(x[j] - max - log);
    }
  },
  softmaxGradient: ({ delta, y, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) {
      let dot = 0;
      for (let j = r * columns; j < (r + 1) * columns; j++) dot += delta[j] * y[j];
      for (let j = r * columns; j < (r + 1) * columns; j++) out[j] = y[j] * (delta[j] - dot);
    }
  },
  logSoftmax: ({ x, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) {
      const { max, log } = logSumExp(x, r * columns, columns);
      for (let j = r * columns; j < (r + 1) * columns; j++) out[j] = x[j] - max - log;
    }
  },
  logSoftmaxGradient: ({ delta, y, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let j = r * columns; j < (r + 1) * columns; j++) sum += delta[j];
      for (let j = r * columns; j < (r + 1) * columns; j++) out[j] = delta[j] - Math.exp(y[j]) * sum;
    }
  },
};
