/** The addon's parser of comma-separated values, where the addon loads. */
import { loadAddon, type NativeCsvLinesClass } from './addon.ts';
import { environment } from './environment.ts';

/** What a column's fields become: numbers, or numbers of texts (int32, −1 where a text has none). */
export const CSV_KIND = { ignored: 0, float32: 1, float64: 2, text: 3 } as const;

/** Nothing is left, or rows are full; a line without quotes has another number of fields; a record has quotes to look at, or no end. */
export const CSV_STOP = { none: 0, fields: 1, quotes: 2 } as const;

/** As `native/csv_object.h` has it. */
const CSV_VERSION = 2;

let loaded: NativeCsvLinesClass | 'none' | undefined;

/** The parser; undefined where the addon does not load, and where CHAINRULE_BACKEND asks for another backend than it. */
export function nativeCsvLines(): NativeCsvLinesClass | undefined {
  if (!['', 'auto', 'native'].includes(environment('CHAINRULE_BACKEND') ?? '')) return undefined;
  loaded ??= loadParser();
  return loaded === 'none' ? undefined : loaded;
}

function loadParser(): NativeCsvLinesClass | 'none' {
  try {
    const { csvVersion, CsvLines } = loadAddon();
    // An addon that was built before has none, or another.
    return csvVersion === CSV_VERSION ? CsvLines : 'none';
  } catch {
    return 'none';
  }
}
