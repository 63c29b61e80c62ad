/** The rows of a chunk as a network takes them: x, y and weight, each one tensor or one for each name. */
import { DataError } from '../errors.ts';
import { type Chunk, type Column, formatPath, isNumeric } from './chunk.ts';

const ROOTS = ['x', 'y', 'weight'] as const;

type Root = (typeof ROOTS)[number];

/** Something with a shape and its elements, or nested arrays: what a network checks. */
type Part = unknown;

/**
 * The parts that the rows have. Rows with no names of these are samples themselves where no targets are wanted.
 *
 * @throws DataError for rows that lack x, or y where it is wanted, or have anything else beside them.
 */
export function dataOf(where: string, { rows, columns }: Chunk, wantsTargets: boolean): Partial<Record<Root, Part>> {
  const names = new Set(columns.map(({ path }) => path[0]));
  const isWhole = !wantsTargets && !names.has('x');
  if (isWhole) return { x: partOf(rows, columns) };
  const lacks = (wantsTargets ? ['x', 'y'] : ['x']).filter((name) => !names.has(name));
  const others = [...names].filter((name) => !ROOTS.some((root) => root === name));
  if (lacks.length || others.length) {
    const got = columns.map(({ path }) => formatPath(path)).join(', ');
    throw new DataError(`${where}: expected rows of { x, ${wantsTargets ? 'y, ' : ''}weight? }, got rows of ${got || 'nothing'}`);
  }
  const under = (root: Root) => {
    const own = columns.filter(({ path }) => path[0] === root);
    return own.length
      ? {
          [root]: partOf(
            rows,
            own.map((column) => ({ ...column, path: column.path.slice(1) })),
          ),
        }
      : {};
  };
  return { ...under('x'), ...under('y'), ...under('weight') };
}

function partOf(rows: number, columns: readonly Column[]): Part {
  if (columns.length === 1 && columns[0].path.length === 0) return tensorOf(rows, columns[0]);
  return Object.fromEntries(columns.map((column) => [formatPath(column.path), tensorOf(rows, column)]));
}

const tensorOf = (rows: number, column: Column): Part =>
  isNumeric(column) ? { shape: [rows, ...column.shape], data: column.data } : column.values;
