/** Chunks of a query's result as chunks of rows. */
import { type Chunk, type Column, isNumeric, packed } from '../datasets/chunk.ts';
import type { ChunkMemory } from '../datasets/source.ts';
import { DataError } from '../errors.ts';
import type { DuckChunk } from './duckdb.ts';
import { HashedTexts } from './hashed-texts.ts';
import { SpareBuffers } from './spare-buffers.ts';
import type { ColumnDescription, Destination, Layout } from './table-options.ts';

/** A column of a result, and how it is asked for. */
export interface ColumnOfResult extends ColumnDescription {
  /** In SQL: of numbers DOUBLE without gaps, of text VARCHAR. */
  readonly expression: string;
  /** Whether each value is a vector of the same length. */
  readonly isVector?: boolean;
}

/** A text, asked for with its hash. */
interface Texts {
  readonly hashes: number;
  readonly cache: HashedTexts;
}

/** As a vector has it: half the bytes to decode, copy and free. DuckDB refuses a number beyond float32. */
const inFloat32 = ({ expression }: ColumnOfResult) => `CAST(${expression} AS FLOAT)`;

const isNumber = ({ from }: Destination) => from.type === 'number';

export class ResultChunks {
  /** What is asked for, in this order. */
  readonly expressions: readonly string[];
  readonly #where: string;
  readonly #layout: Layout;
  readonly #columns: readonly ColumnOfResult[];
  /** Places in the result by a column's index in the table. */
  readonly #places = new Map<number, number>();
  readonly #texts = new Map<number, Texts>();

  readonly #memory: ChunkMemory;

  /** @param memory Where the numbers of chunks lie. */
  constructor(where: string, layout: Layout, columns: readonly ColumnOfResult[], memory: ChunkMemory = new SpareBuffers()) {
    this.#memory = memory;
    this.#where = where;
    this.#layout = layout;
    this.#columns = columns;
    const expressions: string[] = [];
    for (const { index } of layout.vectors.flatMap(({ parts }) => parts))
      this.#places.set(index, expressions.push(inFloat32(columns[index])) - 1);
    for (const { index, from } of layout.single) {
      const { expression } = columns[index];
      this.#places.set(index, expressions.push(expression) - 1);
      if (from.type === 'text') this.#texts.set(index, { hashes: expressions.push(`hash(${expression})`) - 1, cache: new HashedTexts() });
    }
    this.expressions = expressions;
  }

  /** The rows of a result's chunk, copied. */
  chunk(chunk: DuckChunk): Chunk {
    const rows = chunk.rowCount;
    const buffers: ArrayBuffer[] = [];
    const taken = (bytes: number) => {
      const buffer = this.#memory.take(bytes);
      buffers.push(buffer);
      return buffer;
    };
    const columns: Column[] = this.#layout.vectors.map(({ path, parts }) => {
      const width = parts.length;
      const data = new Float32Array(taken(4 * rows * width));
      parts.forEach(({ index }, start) => {
        const numbers = this.#numbers(chunk, index, Float32Array);
        for (let row = 0, to = start; row < rows; row++, to += width) data[to] = numbers[row];
      });
      return { path, shape: [width], data };
    });
    // At once: fifty small arrays are freed later, and take twice the memory.
    const singles = new Float64Array(taken(8 * rows * this.#layout.single.filter(isNumber).length));
    let start = 0;
    for (const one of this.#layout.single) {
      if (!isNumber(one)) columns.push(this.#values(chunk, one));
      else {
        const data = singles.subarray(start, start + rows);
        data.set(this.#numbers(chunk, one.index, Float64Array).subarray(0, rows));
        columns.push({ path: one.path, shape: [], data });
        start += rows;
      }
    }
    const release = () => {
      for (const buffer of buffers) this.#memory.giveBack(buffer);
    };
    return { rows, columns, release };
  }

  #values(chunk: DuckChunk, { path, from, index }: Destination): Column {
    const texts = this.#texts.get(index);
    if (texts) return { path, values: this.#textsOf(chunk, index, texts) };
    const vector = chunk.getColumnVector(this.#place(index));
    const column = { path, values: Array.from({ length: chunk.rowCount }, (_, row) => plain(vector.getItem(row))) };
    return this.#columns[index].isVector ? this.#vectors(column, from.name) : column;
  }

  /** Throws DataError for a vector that is a gap or has one. */
  #vectors(values: Extract<Column, { values: unknown }>, name: string): Column {
    const column = packed(values);
    if (isNumeric(column)) return column;
    throw new DataError(`${this.#where}: expected vectors of numbers without gaps in column '${name}', got gaps`);
  }

  #textsOf(chunk: DuckChunk, index: number, { hashes, cache }: Texts): (string | null)[] {
    const vector = chunk.getColumnVector(this.#place(index));
    const { items } = chunk.getColumnVector(hashes);
    if (!(items instanceof BigUint64Array)) throw this.#other('UBIGINT');
    return cache.texts(items.subarray(0, chunk.rowCount), (row) => vector.getItem(row) as string | null);
  }

  /** Where they lie, until the next chunk. */
  #numbers<T extends Float32Array | Float64Array>(chunk: DuckChunk, index: number, Kind: new () => T): T {
    const { items } = chunk.getColumnVector(this.#place(index));
    if (items instanceof Kind) return items;
    throw this.#other(Kind.name === 'Float32Array' ? 'FLOAT' : 'DOUBLE');
  }

  #place(index: number): number {
    return this.#places.get(index) as number;
  }

  #other(type: string): DataError {
    return new DataError(
      `${this.#where}: expected a column of ${type} from DuckDB's client, got another: its version is none that is known`,
    );
  }
}

/** DuckDB's lists and bytes as arrays: numbers in lists are a Float64Array, as far as none is missing. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value) return value.bytes;
  if (!('items' in value) || !Array.isArray(value.items)) return value;
  const items = value.items.map(plain);
  return items.every((item) => typeof item === 'number') ? Float64Array.from(items) : items;
}
