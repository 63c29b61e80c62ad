/** Rows of a table, chosen by index: the look-up of an embedding, its gradient, and an update of the chosen rows alone. */
import { ShapeError } from '../errors.ts';
import { count, formatShape } from './shape.ts';
import { defineOp, type OpSpec } from './spec.ts';

/** `rows` indices into a table of `count` rows of `columns` each. */
const LOOKUP = { rows: 'size', count: 'size', columns: 'size' } as const;

/**
 * Scratch floats for chains of equal indices: the place after each place, and the slots of a hash table, a power of two and at least twice
 * as many as places.
 */
const chainsSize = ({ rows }: { readonly rows: number }) => rows + 2 ** Math.max(1, Math.ceil(Math.log2(2 * rows)));

const isRow = (index: number, rows: number) => index >= 0 && index < rows && Number.isInteger(index);

export const EMBEDDING: readonly OpSpec[] = [
  defineOp({
    name: 'embed',
    synopsis: 'out[r] = table[index[r]]; a row of NaN where the index is none',
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
    gradient: (m, { inputs: [table, index] }, [delta]) => [
      delta && m.apply('embedGradient', [delta, index], { count: table.shape[0] }),
      undefined,
    ],
    evaluate: ({ table, index, out, rows, count: size, columns }) => {
      for (let r = 0; r < rows; r++) {
        const valid = isRow(index[r], size);
        for (let j = 0; j < columns; j++) out[r * columns + j] = valid ? table[index[r] * columns + j] : Number.NaN;
      }
    },
  }),
  defineOp({
    name: 'embedGradient',
    synopsis: 'out[i] = Σ δ[r] of the r whose index is i, zeros where there are none; δ of what is no index goes nowhere',
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
    evaluate: ({ delta, index, out, rows, count: size, columns }) => {
      out.fill(0, 0, size * columns);
      for (let r = 0; r < rows; r++) {
        if (!isRow(index[r], size)) continue;
        for (let j = 0; j < columns; j++) out[index[r] * columns + j] += delta[r * columns + j];
      }
    },
  }),
  defineOp({
    name: 'embedSgd',
    synopsis: 'table[i] ← table[i] − η·Σ δ[r] of the r whose index is i; δ of what is no index goes nowhere',
    operands: { table: 'inout', delta: 'in', index: 'in', learningRate: 'in' },
    scalars: LOOKUP,
    indices: { index: { below: 'count' } },
    shapes: ([table, delta, index]) => {
      const [size, columns] = table;
      if (table.length !== 2 || size < 1 || delta[delta.length - 1] !== columns || count(delta.slice(0, -1)) !== count(index))
        throw new ShapeError(
          `embedSgd: expected a table of [count, size] and one row of δ for each index, got ${[table, delta, index].map(formatShape).join(', ')}`,
        );
      return [];
    },
    lower: ([table, , index]) => ({ rows: count(index), count: table[0], columns: table[1] }),
    extents: (s) => ({ table: s.count * s.columns, delta: s.rows * s.columns, index: s.rows, learningRate: 1 }),
    divide: () => ({ over: 'count' }),
    ranges: ['count'],
    scratch: (s) => chainsSize(s) + s.columns,
    work: (s) => s.rows * (2 * s.columns + 1),
    expand: (m, { inputs: [table, delta, index, learningRate] }) =>
      m.applyAll('sgd', [table, m.apply('embedGradient', [delta, index], { count: table.shape[0] }), learningRate]),
    evaluate: ({ table, delta, index, learningRate, rows, count: size, columns }) => {
      for (let r = 0; r < rows; r++) {
        if (!isRow(index[r], size)) continue;
        for (let j = 0; j < columns; j++) table[index[r] * columns + j] -= learningRate[0] * delta[r * columns + j];
      }
    },
  }),
];
