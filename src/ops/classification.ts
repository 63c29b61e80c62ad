/** Ops that know about classes: picking by index, softmax with cross-entropy, counting correct answers. */
import { ShapeError } from '../errors.ts';
import { byRowsOrParts, EXPONENTIAL, logSumExp, partsScratch } from './reductions.ts';
import { count, formatShape, sameShape } from './shape.ts';
import { defineOp, noGradient, type ReferenceOf, type Shape } from './spec.ts';

/** Whether targets are class indices, else probabilities. */
const SPARSE = { sparse: { kind: 'flag', default: false } } as const;

const ROWS = { rows: 'size', columns: 'size' } as const;
const matrix = (s: { rows: number; columns: number }) => s.rows * s.columns;
const byRows = () => ({ over: 'rows' }) as const;

function classes(op: string, x: Shape): { rows: number; columns: number } {
  if (x.length !== 2 || x[1] < 0) throw new ShapeError(`${op}: expected a shape of [rows, classes], got ${formatShape(x)}`);
  return { rows: x[0], columns: x[1] };
}

function indexShape(op: string, index: Shape, rows: number): void {
  if (index.length !== 1 || index[0] !== rows) {
    throw new ShapeError(`${op}: expected one class index for each of ${formatShape([rows])} rows, got ${formatShape(index)}`);
  }
}

/** An index that is no class of the row yields NaN rather than a stray read. */
function isClass(index: number, columns: number): boolean {
  return index >= 0 && index < columns && Number.isInteger(index);
}

function argmax(x: Float64Array, start: number, columns: number): number {
  let best = 0;
  for (let j = 1; j < columns; j++) if (x[start + j] > x[start + best]) best = j;
  return best;
}

function rankOf(x: Float64Array, start: number, columns: number, index: number): number {
  const own = x[start + index];
  let before = 0;
  for (let j = 0; j < columns; j++) if (!(x[start + j] < own || (x[start + j] === own && j <= index))) before++;
  return before;
}

/** How `correct` compares: a class index; the largest of a row; or each value against a threshold. */
export const COMPARISON = { index: 0, largest: 1, threshold: 2 } as const;

export const CLASSIFICATION = [
  defineOp({
    /** out[r] = x[r, index[r]]. */
    name: 'pick',
    operands: { x: 'in', index: 'in', out: 'out' },
    scalars: ROWS,
    indices: { index: { below: 'columns' } },
    shapes: ([x, index]) => {
      const { rows } = classes('pick', x);
      indexShape('pick', index, rows);
      return [[rows]];
    },
    lower: ([x]) => classes('pick', x),
    extents: (s) => ({ x: matrix(s), index: s.rows, out: s.rows }),
    divide: byRows,
    gradient: (m, { inputs: [x, index] }, [delta]) => [delta && m.apply('scatter', [delta, index], { columns: x.shape[1] }), undefined],
  }),
  defineOp({
    /** out[r, index[r]] = x[r], zero elsewhere. */
    name: 'scatter',
    operands: { x: 'in', index: 'in', out: 'out' },
    scalars: ROWS,
    indices: { index: { below: 'columns' } },
    attributes: { columns: { kind: 'positive' } },
    shapes: ([x, index], { columns }) => {
      if (x.length !== 1) throw new ShapeError(`scatter: expected one value a row, got ${formatShape(x)}`);
      indexShape('scatter', index, x[0]);
      return [[x[0], columns]];
    },
    lower: (_, [out]) => classes('scatter', out),
    extents: (s) => ({ x: s.rows, index: s.rows, out: matrix(s) }),
    divide: byRows,
    gradient: (m, { inputs: [, index] }, [delta]) => [delta && m.apply('pick', [delta, index]), undefined],
  }),
  defineOp({
    /**
     * losses[r] = −Σ target ⊙ logSoftmax(logits), where differences of logits beyond the range of the numbers count as the largest one, and
     * softmax(logits) for the way back; target: class indices (sparse 1) or probabilities (0).
     */
    name: 'softmaxCrossEntropy',
    operands: { logits: 'in', target: 'in', losses: 'out', probabilities: 'out' },
    scalars: { ...ROWS, sparse: 'integer' },
    indices: { target: { below: 'columns', when: ['sparse', 1] } },
    attributes: SPARSE,
    shapes: ([logits, target], attributes) => {
      const { rows } = classes('softmaxCrossEntropy', logits);
      if (attributes.sparse) indexShape('softmaxCrossEntropy', target, rows);
      else if (!sameShape(logits, target)) {
        throw new ShapeError(`softmaxCrossEntropy: expected targets of shape ${formatShape(logits)}, got ${formatShape(target)}`);
      }
      return [[rows], logits];
    },
    lower: ([logits], _, attributes) => ({ ...classes('softmaxCrossEntropy', logits), sparse: attributes.sparse ? 1 : 0 }),
    extents: (s) => ({ logits: matrix(s), target: s.sparse ? s.rows : matrix(s), losses: s.rows, probabilities: matrix(s) }),
    divide: byRowsOrParts(3),
    ranges: ['columns'],
    scratch: partsScratch,
    work: (s) => EXPONENTIAL * matrix(s),
    gradient: (m, { inputs: [logits, target], outputs: [, probabilities], attributes }, [delta, deltaProbabilities]) => {
      const { sparse } = attributes;
      const ofLoss = delta && m.apply('softmaxCrossEntropyGradient', [delta, probabilities, target], { sparse });
      const ofProbabilities = deltaProbabilities && m.apply('softmaxGradient', [deltaProbabilities, probabilities]);
      const column = delta && !sparse && m.reshape(delta, [logits.shape[0], 1]);
      return [
        ofLoss && ofProbabilities ? m.add(ofLoss, ofProbabilities) : (ofLoss ?? ofProbabilities),
        column ? m.multiply(column, m.negate(m.apply('logSoftmax', [logits]))) : undefined,
      ];
    },
    expand: (m, { inputs: [logits, target], attributes }) => {
      const log = m.apply('logSoftmax', [logits]);
      const losses = attributes.sparse ? m.apply('pick', [log, target]) : m.sum(m.multiply(target, log), [-1]);
      return [m.negate(losses), m.apply('softmax', [logits])];
    },
  }),
  defineOp({
    /** δ[r] · (probabilities · Σ target − target); δ one number (deltaStep 0) or one a row (1). */
    name: 'softmaxCrossEntropyGradient',
    operands: { delta: 'in', probabilities: 'in', target: 'in', out: 'out' },
    scalars: { ...ROWS, sparse: 'integer', deltaStep: 'integer' },
    indices: { target: { below: 'columns', when: ['sparse', 1] } },
    attributes: SPARSE,
    shapes: ([, probabilities]) => {
      classes('softmaxCrossEntropyGradient', probabilities);
      return [probabilities];
    },
    lower: ([delta, probabilities], _, attributes) => ({
      ...classes('softmaxCrossEntropyGradient', probabilities),
      sparse: attributes.sparse ? 1 : 0,
      deltaStep: count(delta) === 1 ? 0 : 1,
    }),
    extents: (s) => ({
      delta: 1 + (s.rows - 1) * s.deltaStep,
      probabilities: matrix(s),
      target: s.sparse ? s.rows : matrix(s),
      out: matrix(s),
    }),
    divide: byRowsOrParts(1),
    ranges: ['columns'],
    scratch: partsScratch,
    inPlace: ['probabilities'],
    expand: (m, { inputs: [delta, probabilities, target], attributes }) => {
      const [rows, columns] = probabilities.shape;
      const column = m.reshape(m.broadcast(delta, [rows]), [rows, 1]);
      if (!attributes.sparse) {
        const total = m.sum(target, [-1], true);
        return [m.multiply(column, m.subtract(m.multiply(probabilities, total), target))];
      }
      const hot = m.apply('scatter', [m.fill(1, [rows]), target], { columns });
      return [m.multiply(column, m.subtract(probabilities, hot))];
    },
  }),
  defineOp({
    /** how many rows are right: argmax = class index (0), argmax = argmax (1), or every value on its side of the threshold (2). */
    name: 'correct',
    operands: { prediction: 'in', target: 'in', out: 'out' },
    scalars: { ...ROWS, comparison: 'integer', threshold: 'float' },
    indices: { target: { when: ['comparison', COMPARISON.index] } },
    attributes: { comparison: { kind: 'natural' }, threshold: { kind: 'number', default: 0 } },
    shapes: ([prediction, target], attributes) => {
      const wanted = attributes.comparison === COMPARISON.index ? prediction[0] : count(prediction);
      if (count(target) !== wanted)
        throw new ShapeError(
          `correct: expected ${formatShape([wanted])} targets for ${formatShape(prediction)}, got ${formatShape(target)}`,
        );
      return [[]];
    },
    lower: ([prediction], _, { comparison, threshold }) => ({
      rows: prediction[0],
      columns: count(prediction.slice(1)),
      comparison,
      threshold,
    }),
    extents: (s) => ({ prediction: matrix(s), target: s.comparison === COMPARISON.index ? s.rows : matrix(s), out: 1 }),
    gradient: noGradient,
  }),
  defineOp({
    /** out[r] = the index of the largest of row r, the first of several. */
    name: 'argmax',
    operands: { x: 'in', out: 'out' },
    scalars: ROWS,
    indices: { out: {} },
    shapes: ([x]) => [[classes('argmax', x).rows]],
    lower: ([x]) => classes('argmax', x),
    extents: (s) => ({ x: matrix(s), out: s.rows }),
    divide: byRows,
    gradient: noGradient,
  }),
  defineOp({
    /**
     * out[r] = how many columns of row r come before column index[r] in falling order; of equal ones the last comes first, of NaN all come
     * before.
     */
    name: 'rank',
    operands: { x: 'in', index: 'in', out: 'out' },
    scalars: ROWS,
    indices: { index: { below: 'columns' } },
    shapes: ([x, index]) => {
      const { rows } = classes('rank', x);
      indexShape('rank', index, rows);
      return [[rows]];
    },
    lower: ([x]) => classes('rank', x),
    extents: (s) => ({ x: matrix(s), index: s.rows, out: s.rows }),
    divide: byRows,
    gradient: noGradient,
  }),
  defineOp({
    /** out[b, j] = Σ weight[r, j] of the r whose x[r, j] lies in bin b of `bins` equal ones from 0 to 1; NaN lies in the first. */
    name: 'histogram',
    operands: { x: 'in', weight: 'in', out: 'out' },
    scalars: { ...ROWS, bins: 'size' },
    attributes: { bins: { kind: 'positive' } },
    shapes: ([x, weight], { bins }) => {
      const { columns } = classes('histogram', x);
      if (!sameShape(x, weight)) throw new ShapeError(`histogram: expected weights of shape ${formatShape(x)}, got ${formatShape(weight)}`);
      return [[bins, columns]];
    },
    lower: ([x], [out]) => ({ ...classes('histogram', x), bins: out[0] }),
    // Every x lies in some bin.
    valid: ({ bins }) => bins !== 0,
    extents: (s) => ({ x: matrix(s), weight: matrix(s), out: s.bins * s.columns }),
    gradient: noGradient,
  }),
];

export const CLASSIFICATION_REFERENCE: ReferenceOf<(typeof CLASSIFICATION)[number]> = {
  pick: ({ x, index, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) out[r] = isClass(index[r], columns) ? x[r * columns + index[r]] : Number.NaN;
  },
  scatter: ({ x, index, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) {
      out.fill(isClass(index[r], columns) ? 0 : Number.NaN, r * columns, (r + 1) * columns);
      if (isClass(index[r], columns)) out[r * columns + index[r]] = x[r];
    }
  },
  softmaxCrossEntropy: ({ logits, target, losses, probabilities, rows, columns, sparse }) => {
    for (let r = 0; r < rows; r++) {
      const start = r * columns;
      const { max, log } = logSumExp(logits, start, columns);
      const lossOf = (j: number) => Math.min(max - logits[start + j], Number.MAX_VALUE) + log;
      let loss = 0;
      if (sparse) loss = isClass(target[r], columns) ? lossOf(target[r]) : Number.NaN;
      else for (let j = 0; j < columns; j++) loss += target[start + j] * lossOf(j);
      for (let j = start; j < start + columns; j++) probabilities[j] = Math.exp(logits[j] - max - log);
      losses[r] = loss;
    }
  },
  softmaxCrossEntropyGradient: ({ delta, probabilities, target, out, rows, columns, sparse, deltaStep }) => {
    for (let r = 0; r < rows; r++) {
      const start = r * columns;
      let total = 0;
      if (sparse) total = isClass(target[r], columns) ? 1 : Number.NaN;
      else for (let j = start; j < start + columns; j++) total += target[j];
      for (let j = 0; j < columns; j++) {
        const t = sparse ? (j === target[r] ? 1 : 0) : target[start + j];
        out[start + j] = delta[r * deltaStep] * (probabilities[start + j] * total - t);
      }
    }
  },
  correct: ({ prediction, target, out, rows, columns, comparison, threshold }) => {
    let correct = 0;
    for (let r = 0; r < rows; r++) {
      const start = r * columns;
      let right = true;
      if (comparison === COMPARISON.index) right = argmax(prediction, start, columns) === target[r];
      else if (comparison === COMPARISON.largest) right = argmax(prediction, start, columns) === argmax(target, start, columns);
      else for (let j = start; j < start + columns; j++) right &&= prediction[j] > threshold === target[j] > 0.5;
      if (right) correct++;
    }
    out[0] = correct;
  },
  argmax: ({ x, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) out[r] = argmax(x, r * columns, columns);
  },
  rank: ({ x, index, out, rows, columns }) => {
    for (let r = 0; r < rows; r++) out[r] = isClass(index[r], columns) ? rankOf(x, r * columns, columns, index[r]) : Number.NaN;
  },
  histogram: ({ x, weight, out, rows, columns, bins }) => {
    out.fill(0, 0, bins * columns);
    for (let i = 0; i < rows * columns; i++) {
      const bin = x[i] > 0 ? Math.min(Math.floor(x[i] * bins), bins - 1) : 0;
      out[bin * columns + (i % columns)] += weight[i];
    }
  },
};
