/** Rows gathered from chunks, in memory that is used again: it costs more to have fresh memory than to copy into it. */
import { type Chunk, columnAt, joinRows, sliceRows } from './chunk.ts';
import { type Column, isNumeric, isSameForm, memoryFor, widthOf } from './columns.ts';

/** Memory of rows that nobody reads any more. */
export class SpareRows {
  /** What was gathered here: no other memory may be written to. */
  readonly #own = new WeakSet<Chunk>();
  #spare: Chunk | undefined;

  /** Begins to gather so many rows at most. */
  gather(most: number): GatheredRows {
    const spare = this.#spare;
    this.#spare = undefined;
    return new GatheredRows(most, spare, (chunk) => this.#own.add(chunk));
  }

  /** Takes back the memory of rows that nobody reads any more. What was not gathered here stays as it is. */
  giveBack(chunk: Chunk): void {
    if (this.#own.has(chunk)) this.#spare = chunk;
  }
}

export class GatheredRows {
  /** Copied so far. */
  #rows = 0;
  readonly #most: number;
  readonly #spare: Chunk | undefined;
  readonly #note: (chunk: Chunk) => void;
  /** Of `most` rows. */
  #columns: readonly Column[] = [];
  /** From the first on whose columns are of another kind. */
  readonly #others: Chunk[] = [];

  /** @param note Is told of what lies in this memory. */
  constructor(most: number, spare: Chunk | undefined, note: (chunk: Chunk) => void) {
    this.#most = most;
    this.#spare = spare;
    this.#note = note;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  /** Copies the rows of a chunk; false where it holds on to it. Throws DataError for other columns than those before. */
  add(chunk: Chunk): boolean {
    if (this.isEmpty) this.#columns = chunk.columns.map((column, i) => this.#memoryOf(column, this.#spare?.columns[i]));
    const columns = this.#columns.map(({ path }) => columnAt(chunk, path, this.#columns.length));
    if (this.#others.length > 0 || !columns.every((column, i) => isSameKind(column, this.#columns[i]))) {
      this.#others.push(chunk);
      return false;
    }
    for (const [i, column] of columns.entries()) copyInto(this.#columns[i], column, this.#rows);
    this.#rows += chunk.rows;
    return true;
  }

  /** All of them, as `joinRows` joins chunks. At least one has been added. */
  rows(): Chunk {
    const all = { rows: this.#most, columns: this.#columns };
    const copied = this.#rows < this.#most ? sliceRows(all, 0, this.#rows) : all;
    if (this.#others.length > 0) return joinRows([copied, ...this.#others]);
    this.#note(copied);
    return copied;
  }

  #memoryOf(column: Column, spare: Column | undefined): Column {
    if (!isNumeric(column)) return { ...column, values: new Array<unknown>(this.#most) };
    return { ...column, data: memoryFor(this.#most * widthOf(column), column.data, spare) };
  }
}

function isSameKind(a: Column, b: Column): boolean {
  if (!isNumeric(a) || !isNumeric(b)) return isNumeric(a) === isNumeric(b);
  return isSameForm(a, b) && a.data.constructor === b.data.constructor;
}

function copyInto(to: Column, from: Column, row: number): void {
  if (isNumeric(to) && isNumeric(from)) to.data.set(from.data, row * widthOf(to));
  else if (!isNumeric(to) && !isNumeric(from)) {
    const values = to.values as unknown[];
    for (let i = 0; i < from.values.length; i++) values[row + i] = from.values[i];
  }
}
