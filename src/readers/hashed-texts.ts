/** Texts of a column by hashes: DuckDB's client takes a microsecond for a text, of which most have come before. */

/** A power of two. */
const SLOTS = 4096;

export class HashedTexts {
  readonly #hashes = new Uint32Array(2 * SLOTS);
  readonly #texts = new Array<string | null | undefined>(SLOTS);

  /**
   * A text for each hash of 64 bits. Two texts of the same hash are not told apart: among a million texts there are two such once in 37 million tables.
   *
   * @param read Gives the text of a row, null for a gap.
   */
  texts(hashes: BigUint64Array, read: (row: number) => string | null): (string | null)[] {
    const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * hashes.length);
    const texts = new Array<string | null>(hashes.length);
    for (let row = 0; row < texts.length; row++) {
      const [low, high] = [words[2 * row], words[2 * row + 1]];
      const slot = low & (SLOTS - 1);
      let text = this.#texts[slot];
      if (text === undefined || this.#hashes[2 * slot] !== low || this.#hashes[2 * slot + 1] !== high) {
        text = read(row);
        this.#texts[slot] = text;
        this.#hashes[2 * slot] = low;
        this.#hashes[2 * slot + 1] = high;
      }
      texts[row] = text;
    }
    return texts;
  }
}
