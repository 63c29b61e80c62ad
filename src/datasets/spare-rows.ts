/** Memory of joined rows, used again: it costs more to have fresh memory than to copy into it. */
import { type Chunk, joinRows } from './chunk.ts';

export class SpareRows {
  /** What was joined here: no other memory may be written to. */
  readonly #joined = new WeakSet<Chunk>();
  #spare: Chunk | undefined;

  /** The rows of all, one after the other. A single chunk is given as it is. */
  join(chunks: readonly Chunk[]): Chunk {
    if (chunks.length === 1) return chunks[0];
    const joined = joinRows(chunks, this.#spare);
    this.#spare = undefined;
    this.#joined.add(joined);
    return joined;
  }

  /** Takes back the memory of rows that nobody reads any more. What was not joined here stays as it is. */
  giveBack(chunk: Chunk): void {
    if (this.#joined.has(chunk)) this.#spare = chunk;
  }
}
