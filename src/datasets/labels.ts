/** Labels of rows, by which a split keeps proportions. */
import { DataError, OptionError } from '../errors.ts';
import { describe } from '../options.ts';
import { type Chunk, formatPath, isSamePath, type Path, rowsOf, valuesOf } from './chunk.ts';

/** Where a label stands, or a function that gives it. */
export type Label = string | Path | ((row: never) => unknown);

/** The names of a value as users give them: one, or several, one within the other. Throws OptionError. */
export function pathOf(where: string, value: unknown): Path {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return [...value];
  throw new OptionError(`${where}: expected a name, or a list of names, one within the other, got ${describe(value)}`);
}

/** The check of an option that says where a label stands. */
export function checkLabel(where: string, value: unknown): Label {
  return typeof value === 'function' ? (value as Label) : pathOf(where, value);
}

/** The column of a path. Throws DataError where there is none. */
export function columnAt(where: string, { columns }: Chunk, path: Path): Chunk['columns'][number] {
  const found = columns.find((column) => isSamePath(column.path, path));
  if (found) return found;
  const names = columns.map((column) => formatPath(column.path)).join(', ');
  throw new DataError(`${where}: expected ${formatPath(path)} in every row, got rows of ${names || 'nothing'}`);
}

/** Labels as numbers, from 0 on in the order in which they are met. */
export class Labels {
  readonly #numbers = new Map<unknown, number>();
  readonly #ids: number[] = [];

  constructor(
    readonly where: string,
    readonly label: Label,
  ) {}

  add(chunk: Chunk): void {
    for (const value of this.#valuesOf(chunk)) {
      const key = this.#keyOf(value);
      const id = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, id);
      this.#ids.push(id);
    }
  }

  /** Of all rows that were added. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  #valuesOf(chunk: Chunk): readonly unknown[] {
    const { label, where } = this;
    if (typeof label === 'function') return rowsOf(chunk).map((row) => label(row as never));
    return valuesOf(columnAt(where, chunk, typeof label === 'string' ? [label] : label));
  }

  /** What is the same of two equal labels. One-hot rows are labels too. */
  #keyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) return `date ${value.getTime()}`;
    const list = 'data' in value ? value.data : value;
    if (Array.isArray(list) || ArrayBuffer.isView(list)) return `list ${Array.from(list as ArrayLike<unknown>).join()}`;
    throw new DataError(`${this.where}: expected labels that are numbers, text or lists of them, got ${describe(value)}`);
  }
}
