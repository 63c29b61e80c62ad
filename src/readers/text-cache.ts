/** Texts of a column by their bytes: a category comes up in most rows, and one string is then enough for all of them. */
import type { CsvFields } from './csv-fields.ts';

/** A power of two. */
const SLOTS = 1024;
/** Longer texts seldom come up again. */
const LONGEST = 24;

export class TextCache {
  readonly #texts = new Array<string | null | undefined>(SLOTS);
  /** What stands for the text, and where that is a gap the bytes all the same. */
  readonly #bytes = new Array<string>(SLOTS);
  readonly #fields: CsvFields;

  constructor(fields: CsvFields) {
    this.#fields = fields;
  }

  /**
   * The text of bytes [from, to), null where it is a gap.
   *
   * @param hash Of the bytes; any will do.
   * @param isAscii Whether all bytes are below 128.
   */
  text(bytes: Buffer, from: number, to: number, hash: number, isAscii: boolean): string | null {
    if (!isAscii || to - from > LONGEST) return this.#fields.text(bytes.toString('utf8', from, to));
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    const known = this.#texts[slot];
    if (known !== undefined && isSame(this.#bytes[slot], bytes, from, to)) return known;
    const text = bytes.toString('latin1', from, to);
    this.#bytes[slot] = text;
    this.#texts[slot] = this.#fields.text(text);
    return this.#texts[slot];
  }
}

function isSame(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
