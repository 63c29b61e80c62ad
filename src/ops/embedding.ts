/** Rows of a table, chosen by index: what an embedding looks up, and where its δ goes. */
import { ShapeError } from '../errors.ts';
import { count, formatShape } from './shape.ts';
import { defineOp, type OpSpec, type Shape } from './spec.ts';

/** `rows` indices into a table of `count` rows of `columns` each. */
const LOOKUP = { rows: 'size', count: 'size', columns: 'size' } as const;

const isRow = (index: number, rows: number) => index >= 0 && index < rows && Number.isInteger(index);

export const EMBEDDING: readonly OpSpec[] = [
  defineOp({
    name: 'embed',
    synopsis: 'out[r] = table[index[r]]; a row of NaN where the index is none',
    operands: { table: 'in', index: 'in', out: 'out' },
    scalars: LOOKUP,
    shapes: ([table, index]) => {
      if (table.length !== 2 || table.some((size) => size < 1))
        throw new ShapeError(`embed: expected a table of [count, size], got ${formatShape(table)}`);
      return [[...index, table[1]]];
    },
    lower: ([table, index]) => ({ rows: count(index as Shape), count: (table as Shape)[0], columns: (table as Shape)[1] }),
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
    synopsis: 'out[index[r]] += δ[r] from zero, in the order of r; δ of what is no index goes nowhere',
    operands: { delta: 'in', index: 'in', out: 'out' },
    scalars: LOOKUP,
    shapes: ([delta, index], attributes) => {
      const columns = delta[delta.length - 1];
      if (columns < 1 || count(delta.slice(0, -1)) !== count(index))
        throw new ShapeError(`embedGradient: expected one row of δ for each index, got ${formatShape(delta)} and ${formatShape(index)}`);
      const size = Number(attributes.count);
      if (!Number.isInteger(size) || size < 1) throw new ShapeError(`embedGradient: expected a positive count of rows, got ${size}`);
      return [[size, columns]];
    },
    lower: ([, index], [out]) => ({ rows: count(index as Shape), count: out[0], columns: out[1] }),
    extents: (s) => ({ delta: s.rows * s.columns, index: s.rows, out: s.count * s.columns }),
    divide: () => ({ over: 'count' }),
    ranges: ['count'],
    gradient: (m, { inputs: [, index] }, [delta]) => [delta && m.apply('embed', [delta, index]), undefined],
    evaluate: ({ delta, index, out, rows, count: size, columns }) => {
      out.fill(0, 0, size * columns);
      for (let r = 0; r < rows; r++) {
        if (!isRow(index[r], size)) continue;
        for (let j = 0; j < columns; j++) out[index[r] * columns + j] += delta[r * columns + j];
      }
    },
  }),
];
