/** Finds and loads the native addon. Node only. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NativeAddon } from '../backends/native.ts';
import { BackendError } from '../errors.ts';
import { packageFolder } from './package-folder.ts';

/** The file in which scripts/install.mjs leaves the reason, in a line, where it built no addon. */
const REASON_FILE = 'build/not-built.txt';
const BUILT_FILE = 'build/Release/chainrule.node';

/** As `native/csv_object.cpp` defines it: every argument checked there, plain errors thrown. */
export interface NativeCsvLines {
  /**
   * Reads records into rows [row, rows), until these are full, nothing is left, or a record is to be read by another.
   *
   * @param bytes The last of them ends a line.
   * @param memories Where fields go, by the numbers that the columns name.
   * @param out Six words of result: the byte where it stopped, the row that comes next, lines passed, notes, why it stopped (`CSV_STOP`), and for a
   *   wrong number of fields that number. Then six words for each note of a field that is left to read: row, column, its bytes from and to, lines
   *   before its record, and 1 where quotes within are doubled. Room for a note of each column at least.
   */
  read(bytes: Uint8Array, row: number, rows: number, memories: readonly ArrayBufferView[], out: Int32Array): void;
}

/**
 * @param columns Four words for each: its kind (`CSV_KIND` of csv-addon.ts), the number of its memory, and start and stride of its place there.
 * @param missing Fields that are gaps, in UTF-8, each as a line.
 */
export type NativeCsvLinesClass = new (delimiter: number, columns: Int32Array, missing: Uint8Array) => NativeCsvLines;

export interface Addon extends NativeAddon {
  /** What `CsvLines` takes and gives, by number. */
  readonly csvVersion: number;
  readonly CsvLines: NativeCsvLinesClass;
}

/** From build/Release, else a prebuilt binary. Throws BackendError with the reason, and with what to do. */
export function loadAddon(): Addon {
  try {
    const folder = packageFolder();
    const require = createRequire(join(folder, 'package.json'));
    const built = join(folder, BUILT_FILE);
    // node-gyp-build would find it too, but takes longer to load and to look than the addon does.
    return existsSync(built) ? require(built) : require('node-gyp-build')(folder);
  } catch (error) {
    throw new BackendError(`the native addon could not be loaded: ${explain(error as Error)}`, { cause: error });
  }
}

function explain(error: Error): string {
  const [reason] = error.message.split('\n');
  // Built anew it would say so again.
  if (error instanceof BackendError || reason.startsWith('CHAINRULE_ISA ')) return reason;
  const folder = packageFolder();
  if (!existsSync(join(folder, 'binding.gyp'))) return `it is not beside the script, as in a bundle: leave chainrule out of it`;
  if (existsSync(join(folder, BUILT_FILE))) return `${reason}; npm rebuild chainrule builds it again`;
  if (existsSync(join(folder, REASON_FILE)))
    return `${readFileSync(join(folder, REASON_FILE), 'utf8').trim()}; then: npm rebuild chainrule`;
  return (
    'it was not built, for its install script has not run: allow it (npm install-scripts approve chainrule, pnpm approve-builds, ' +
    'bun pm trust chainrule), or run npm rebuild chainrule'
  );
}
