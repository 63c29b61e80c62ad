/** Takes rows from a stream of chunks, as many at a time as its user wants. */
import { type Chunk, joinRows, sliceRows } from './chunk.ts';
import type { SpareRows } from './spare-rows.ts';

export class RowReader {
  readonly #chunks: AsyncIterator<Chunk>;
  /** Read, and not taken yet. */
  #waiting: Chunk | undefined;
  #isAtEnd = false;

  constructor(chunks: AsyncIterable<Chunk>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next rows, without taking them: some at least, unless the end has come. */
  async peek(): Promise<Chunk | undefined> {
    while (!this.#waiting && !this.#isAtEnd) {
      const { done, value } = await this.#chunks.next();
      if (done) this.#isAtEnd = true;
      else if (value.rows > 0) this.#waiting = value;
    }
    return this.#waiting;
  }

  /**
   * The next `rows` rows; fewer at the end, undefined behind it.
   *
   * @param spare Where they are joined. Default fresh memory.
   */
  async take(rows: number, spare?: SpareRows): Promise<Chunk | undefined> {
    const parts: Chunk[] = [];
    for (let missing = rows; missing > 0; ) {
      const chunk = await this.peek();
      if (!chunk) break;
      const taken = Math.min(missing, chunk.rows);
      parts.push(taken === chunk.rows ? chunk : sliceRows(chunk, 0, taken));
      this.#waiting = taken === chunk.rows ? undefined : sliceRows(chunk, taken, chunk.rows);
      missing -= taken;
    }
    if (parts.length === 0) return undefined;
    if (!spare || parts.length === 1) return joinRows(parts);
    const joined = spare.join(parts);
    for (const { release } of parts) release?.();
    return joined;
  }

  /** Puts rows back in front of what comes next. */
  unread(chunk: Chunk): void {
    this.#waiting = this.#waiting ? joinRows([chunk, this.#waiting]) : chunk;
  }

  /** Lets go of what the source holds. */
  async close(): Promise<void> {
    this.#waiting = undefined;
    this.#isAtEnd = true;
    await this.#chunks.return?.();
  }
}
