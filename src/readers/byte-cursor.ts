/** Bytes taken one stretch after the other from pieces that come as they come. */
import { FormatError } from '../errors.ts';

/** Some runtimes hold no larger arrays. */
const MOST_BYTES = 2 ** 31 - 1;
/** Bytes that are allocated at once: those of a chunk. */
const FIRST_BYTES = 8 * 2 ** 20;

export class ByteCursor {
  readonly #name: string;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  /** @param name For messages. */
  constructor(name: string, pieces: AsyncIterable<Uint8Array>) {
    this.#name = name;
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * So many bytes, in memory that no one else has. It is taken as bytes come, so that a header's wrong size takes none.
   *
   * @throws FormatError where the end comes first, or where they are more than an array holds.
   */
  async read(length: number): Promise<Uint8Array> {
    if (length > MOST_BYTES) throw new FormatError(`${this.#name}: expected rows of at most ${MOST_BYTES} bytes, got ${length}`);
    let bytes = new Uint8Array(Math.min(length, FIRST_BYTES));
    let filled = 0;
    while (filled < length) {
      const some = await this.#some(length - filled);
      if (filled + some.length > bytes.length) {
        const larger = new Uint8Array(Math.min(length, 2 * (filled + some.length)));
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(some, filled);
      filled += some.length;
    }
    return bytes;
  }

  /** Passes over so many bytes. Throws FormatError where the end comes first. */
  async skip(length: number): Promise<void> {
    for (let rest = length; rest > 0; ) rest -= (await this.#some(rest)).length;
  }

  /** Throws FormatError where more bytes follow. */
  async checkEnd(): Promise<void> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done) return;
      this.#piece = value;
    }
    throw new FormatError(`${this.#name}: expected no more bytes than its header says, got more`);
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  /** At least one of the next bytes, at most so many. */
  async #some(most: number): Promise<Uint8Array> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done) throw new FormatError(`${this.#name}: expected as many bytes as its header says, got ${most} fewer at least`);
      this.#piece = value;
    }
    const some = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(some.length);
    return some;
  }
}
