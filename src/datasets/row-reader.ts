/** Takes rows from a stream of chunks, as many at a time as its user wants. */
import { type Chunk, joinRows, sliceRows } from './chunk.ts';
import type { SpareRows } from './spare-rows.ts';

export class RowReader {
  readonly #chunks: AsyncIterator<Chunk>;
  /** Read, and not taken yet. */
  #waiting: Chunk[] = [];
  #isAtEnd = false;

  constructor(chunks: AsyncIterable<Chunk>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next rows, without taking them: some at least, unless the end has come. */
  async peek(): Promise<Chunk | undefined> {
    while (this.#waiting.length === 0 && !this.#isAtEnd) {
      const { done, value } = await this.#chunks.next();
      if (done) this.#isAtEnd = true;
      else if (value.rows > 0) this.#waiting.push(value);
    }
    return this.#waiting[0];
  }

  /** The next `rows` rows; fewer at the end, undefined behind it. */
  async take(rows: number): Promise<Chunk | undefined> {
    const parts: Chunk[] = [];
    for (let missing = rows; missing > 0; missing -= parts[parts.length - 1].rows) {
      const part = await this.#next(missing);
      if (!part) break;
      parts.push(part);
    }
    return parts.length ? joinRows(parts) : undefined;
  }

  /** `take`, where rows of several chunks are copied into the spare memory as they come, and the chunks released. */
  async takeInto(spare: SpareRows, rows: number): Promise<Chunk | undefined> {
    const gathered = spare.gather(rows);
    for (let missing = rows; missing > 0; ) {
      const part = await this.#next(missing);
      if (!part) break;
      if (part.rows === rows) return part;
      if (gathered.add(part)) part.release?.();
      missing -= part.rows;
    }
    return gathered.isEmpty ? undefined : gathered.rows();
  }

  /** The next chunk, or so many of its rows. */
  async #next(most: number): Promise<Chunk | undefined> {
    const chunk = await this.peek();
    if (!chunk) return undefined;
    const isWhole = chunk.rows <= most;
    if (isWhole) this.#waiting.shift();
    else this.#waiting[0] = sliceRows(chunk, most, chunk.rows);
    return isWhole ? chunk : sliceRows(chunk, 0, most);
  }

  /** Puts rows back in front of what comes next. */
  unread(chunk: Chunk): void {
    this.#waiting.unshift(chunk);
  }

  /** Lets go of what the source holds. */
  async close(): Promise<void> {
    this.#waiting = [];
    this.#isAtEnd = true;
    await this.#chunks.return?.();
  }
}
