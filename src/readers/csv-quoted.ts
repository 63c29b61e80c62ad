/** Records with quotes, read by csv-parse: where the addon is loaded, those whose quotes are wrong. */
import type { Options, parse } from 'csv-parse/sync';
import { messageOf } from '../errors.ts';
import { LF } from './csv-fields.ts';

export const QUOTE = 34;

/** Records without quotes between two with them that go to csv-parse too: a call costs as much as some lines. */
const NEAR_BYTES = 4096;

/** A record that csv-parse refuses. */
export interface Refused {
  /** Where the record begins. */
  readonly at: number;
  readonly reason: string;
}

/** The end of the records from `from` on that are whole, as far as quotes are near; −1 where the first is not. */
export function endOfQuoted(bytes: Buffer, from: number): number {
  let isQuoted = false;
  let end = -1;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LF && !isQuoted) {
      end = at + 1;
      const next = bytes.indexOf(QUOTE, end);
      if (next < 0 || next - end > NEAR_BYTES) return end;
    }
  }
  return end;
}

/** The end of the last record that is whole. */
export function endOfLast(bytes: Buffer): number {
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) isQuoted = !isQuoted;
    else if (bytes[at] === LF && !isQuoted) end = at + 1;
  }
  return end;
}

export class QuotedRecords {
  readonly #parse: typeof parse;
  readonly #options: Options;

  private constructor(parser: typeof parse, delimiter: string) {
    this.#parse = parser;
    this.#options = {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    };
  }

  static async load(delimiter: string): Promise<QuotedRecords> {
    return new QuotedRecords((await import('csv-parse/sync')).parse, delimiter);
  }

  /** The fields of records, or the first that is none. */
  records(bytes: Buffer): string[][] | Refused {
    try {
      return this.#parse(bytes, this.#options) as unknown as string[][];
    } catch (error) {
      // Lines of these bytes, not of the file.
      return { at: this.#ends(bytes).at(-1) ?? 0, reason: messageOf(error).replace(/ (?:at|on) line \d+/g, '') };
    }
  }

  /** Where the record of a number begins. */
  startOf(bytes: Buffer, record: number): number {
    return record === 0 ? 0 : this.#ends(bytes)[record - 1];
  }

  /** Where records end, as far as they can be read. */
  #ends(bytes: Buffer): number[] {
    const ends: number[] = [];
    const note = (_: unknown, info: { readonly bytes: number }) => {
      ends.push(info.bytes);
      return null;
    };
    try {
      this.#parse(bytes, { ...this.#options, on_record: note as never });
    } catch {
      // What it refuses has no end.
    }
    return ends;
  }
}
