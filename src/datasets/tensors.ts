/** Rows of tensors in memory: row i of each is row i of the dataset. */
import { DataError, ShapeError } from '../errors.ts';
import { toDense } from '../nested.ts';
import { describe } from '../options.ts';
import { type Chunk, type Column, elementsOf, isNumberArray, isRecord, type Path, packed, sliceRows, takeRows } from './chunk.ts';
import { plainArray } from './columns.ts';
import { rowsPerChunk, type Source } from './source.ts';

/** What is a tensor by itself: an array of numbers, or a shape and its data. */
export const isTensor = (value: unknown): boolean =>
  isNumberArray(value) || (typeof value === 'object' && value !== null && 'shape' in value && 'data' in value);

/** Rows of one tensor, or of tensors and lists by name, or by names within names. Throws DataError or ShapeError. */
export function tensorSource(given: unknown): Source {
  const parts = isTensor(given) ? [{ path: [], value: given }] : partsOf(given as Readonly<Record<string, unknown>>);
  const columns = parts.map(({ path, value }) => columnOf(path, value));
  const [first] = columns;
  for (const { column, rows } of columns) {
    if (rows !== first.rows)
      throw new DataError(`${whereOf(column.path)}: expected as many rows as ${nameOf(first.column.path)} has, ${first.rows}, got ${rows}`);
  }
  return chunkSource({ rows: first.rows, columns: columns.map(({ column }) => column) });
}

const nameOf = (path: Path) => path.join('.') || 'the tensor';
const whereOf = (path: Path) => ['Dataset.from', ...path].join('.');

/** The rows of one chunk. */
export function chunkSource(chunk: Chunk): Source {
  const { rows } = chunk;
  return {
    rows,
    isSteady: true,
    async *read({ skip }) {
      const most = rowsPerChunk(rows === 0 ? 0 : elementsOf(chunk) / rows);
      for (let at = skip; at < rows; at += most) yield sliceRows(chunk, at, Math.min(at + most, rows));
    },
    take: (numbers) => takeRows(chunk, numbers),
  };
}

interface Part {
  readonly path: Path;
  readonly value: unknown;
}

function partsOf(given: Readonly<Record<string, unknown>>, path: Path = []): Part[] {
  const parts = Object.entries(given).flatMap(([name, value]): Part[] => {
    if (value === undefined) return [];
    const own = [...path, name];
    return isRecord(value) && path.length === 0 ? partsOf(value, own) : [{ path: own, value }];
  });
  if (parts.length === 0) throw new DataError(`${whereOf(path)}: expected tensors by name, got none`);
  return parts;
}

interface Rows {
  readonly rows: number;
  readonly column: Column;
}

function columnOf(path: Path, value: unknown): Rows {
  if (isNumberArray(value)) return { rows: value.length, column: { path, shape: [], data: plainArray(value) } };
  if (Array.isArray(value)) return { rows: value.length, column: packed({ path, values: value }) };
  const [rows, ...shape] = shapeOf(path, value);
  const { data } = value as { readonly data: unknown };
  const numbers = isNumberArray(data) ? plainArray(data) : toDense(whereOf(path), value as never).data;
  const elements = shape.reduce((product, size) => product * size, rows);
  if (numbers.length !== elements)
    throw new ShapeError(
      `${whereOf(path)}: expected ${elements} elements for shape [${[rows, ...shape].join(', ')}], got ${numbers.length}`,
    );
  return { rows, column: { path, shape, data: numbers } };
}

/** Rows, and the sizes of one. Throws DataError or ShapeError. */
function shapeOf(path: Path, value: unknown): readonly number[] {
  if (!isTensor(value)) throw new DataError(`${whereOf(path)}: expected a tensor or an array, got ${describe(value)}`);
  const { shape } = value as { readonly shape: unknown };
  const isShape = Array.isArray(shape) && shape.length > 0 && Array.from(shape).every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape || shape.slice(1).includes(0))
    throw new ShapeError(
      `${whereOf(path)}: expected a shape [rows, …sizes of a row], integers of at least 1 but for the rows, got ${describe(shape)}`,
    );
  return shape;
}
