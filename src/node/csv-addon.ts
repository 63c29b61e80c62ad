/** The addon's parser of comma-separated values, where the addon loads. */
import { loadAddon } from './addon.ts';
import { environment } from './environment.ts';

/** As `native/csv_object.cpp` defines it: every argument checked there, plain errors thrown. */
export interface NativeCsvLines {
  /**
   * Reads lines without quotes into rows [row, rows), until these are full, nothing is left, or a line has another number of fields.
   *
   * @param bytes The last of them ends a line.
   * @param memories Where fields go, by the numbers that the columns name.
   * @param out Five words of result: the byte where it stopped, the row that comes next, lines passed, notes, and fields of a line that has not as
   *   many as there are columns, else 0. Then five words for each note of a field that is left to read: row, column, its bytes from and to, and lines
   *   before its line. Room for a note of each column at least.
   */
  read(bytes: Uint8Array, row: number, rows: number, memories: readonly ArrayBufferView[], out: Int32Array): void;
}

/**
 * @param columns Four words for each: its kind (`CSV_KIND`), the number of its memory, and start and stride of its place there.
 * @param missing Fields that are gaps, in UTF-8, each as a line.
 */
export type NativeCsvLinesClass = new (delimiter: number, columns: Int32Array, missing: Uint8Array) => NativeCsvLines;

/** What a column's fields become: numbers, or numbers of texts (int32, −1 where a text has none). */
export const CSV_KIND = { ignored: 0, float32: 1, float64: 2, text: 3 } as const;

let loaded: NativeCsvLinesClass | 'none' | undefined;

/** The parser; undefined where the addon does not load, and where CHAINRULE_BACKEND asks for another backend than it. */
export function nativeCsvLines(): NativeCsvLinesClass | undefined {
  if (!['', 'auto', 'native'].includes(environment('CHAINRULE_BACKEND') ?? '')) return undefined;
  loaded ??= loadParser();
  return loaded === 'none' ? undefined : loaded;
}

function loadParser(): NativeCsvLinesClass | 'none' {
  try {
    // An addon that was built before has none.
    return loadAddon().CsvLines ?? 'none';
  } catch {
    return 'none';
  }
}
