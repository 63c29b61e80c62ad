/** Rows of a table, chosen by index: the look-up of an embedding, and its gradient. */
import { ShapeError } from '../errors.ts';
import { chainsSize, isRow, LOOKUP } from './rows.ts';
import { count, formatShape } from './shape.ts';
import { defineOp, type ReferenceOf } from './spec.ts';

export const EMBEDDING = [
  defineOp({
    /** out[r] = table[index[r]]; a row of NaN where the index is none. */
    name: 'embed',
    operands: { table: 'in', index: 'in', out: 'out' },
    scalars: LOOKUP,
    indices: { index: { below: 'count' } },
    shapes: ([table, index]) => {
      if (table.length !== 2 || table.some((size) => size < 1))
        throw new ShapeError(`embed: expected a table of [count, size], got ${formatShape(table)}`);
      return [[...index, table[1]]];
    },
    lower: ([table, index]) => ({ rows: count(index), count: table[0], columns: table[1] }),
    extents: (s) => ({ table: s.count * s.columns, index: s.rows, out: s.rows * s.columns }),
    divide: () => ({ over: 'rows' }),
    work: (s) => s.rows * (2 * s.columns + 1),
    gradient: (m, { inputs: [table, index] }, [delta]) => [
      delta && m.apply('embedGradient', [delta, index], { count: table.shape[0] }),
      undefined,
    ],
  }),
  defineOp({
    /** out[i] = Σ δ[r] of the r whose index is i, zeros where there are none; δ of what is no index goes nowhere. */
    name: 'embedGradient',
    operands: { delta: 'in', index: 'in', out: 'out' },
    scalars: LOOKUP,
    indices: { index: { below: 'count' } },
    attributes: { count: { kind: 'positive' } },
    shapes: ([delta, index], { count: size }) => {
      const columns = delta[delta.length - 1];
      if (columns < 1 || count(delta.slice(0, -1)) !== count(index))
        throw new ShapeError(`embedGradient: expected one row of δ for each index, got ${formatShape(delta)} and ${formatShape(index)}`);
      if (!Number.isInteger(size) || size < 1) throw new ShapeError(`embedGradient: expected a positive count of rows, got ${size}`);
      return [[size, columns]];
    },
    lower: ([, index], [out]) => ({ rows: count(index), count: out[0], columns: out[1] }),
    extents: (s) => ({ delta: s.rows * s.columns, index: s.rows, out: s.count * s.columns }),
    divide: () => ({ over: 'count' }),
    ranges: ['count'],
    scratch: chainsSize,
    gradient: (m, { inputs: [, index] }, [delta]) => [delta && m.apply('embed', [delta, index]), undefined],
  }),
];

export const EMBEDDING_REFERENCE: ReferenceOf<(typeof EMBEDDING)[number]> = {
  embed: ({ table, index, out, rows, count: size, columns }) => {
    for (let r = 0; r < rows; r++) {
      const valid = isRow(index[r], size);
      for (let j = 0; j < columns; j++) out[r * columns + j] = valid ? table[index[r] * columns + j] : Number.NaN;
    }
  },
  embedGradient: ({ delta, index, out, rows, count: size, columns }) => {
    out.fill(0, 0, size * columns);
    for (let r = 0; r < rows; r++) {
      if (!isRow(index[r], size)) continue;
      for (let j = 0; j < columns; j++) out[index[r] * columns + j] += delta[r * columns + j];
    }
  },
};
