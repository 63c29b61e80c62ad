/**
 * A file that a log is written to while training goes on. Writes are asynchronous, each at a position; the last is synchronous, so that the
 * file is whole when a fit returns, also after an abort, which waits for no promise.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync, statSync, write, writeSync } from 'node:fs';
import { DataError, messageOf } from '../errors.ts';
import { kindOf, named, pathOf } from '../node/files.ts';
import type { FileLocation } from '../options.ts';

interface Piece {
  readonly bytes: Uint8Array;
  readonly position: number;
}

const NEWLINE = 10;

/**
 * The path of a file that can be written. An existing file stays as it is; none is left where there was none.
 *
 * @throws DataError that names the file where it cannot be written, or where something else than a regular file stands there.
 */
export function checkLogFile(where: string, location: FileLocation): string {
  const path = pathOf(location);
  const expected = `${where}: expected a file to write at ${path}`;
  const before = statSync(path, { throwIfNoEntry: false });
  if (before && !before.isFile()) throw new DataError(`${expected}, got ${kindOf(before)}`);
  try {
    closeSync(openSync(path, 'a'));
    if (!before) rmSync(path);
  } catch (error) {
    throw named(expected, error);
  }
  return path;
}

export class LogFile {
  readonly #file: number;
  /** Where the next piece is to be written. */
  #end: number;
  #waiting: Uint8Array[] = [];
  #underWay: Piece | undefined;
  #isOver = false;

  /**
   * @param where The logger, for messages.
   * @param appends Whether what the file holds stays; a last line that was cut off gets its end.
   * @throws DataError that names the file where it cannot be opened.
   */
  constructor(
    readonly where: string,
    readonly path: string,
    appends: boolean,
  ) {
    try {
      // Not 'a': that mode ignores positions.
      this.#file = appends ? openExisting(path) : openSync(path, 'w');
      this.#end = fstatSync(this.#file).size;
      if (appends && this.#end > 0) this.#endLastLine();
    } catch (error) {
      throw named(`${where}: expected a file to write at ${path}`, error);
    }
  }

  /** Has the bytes written, off the caller's thread. A failure is a warning of the process, and ends the log: training goes on. */
  write(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    if (!this.#underWay) this.#writeNext();
  }

  /** Writes what is left, at once, and closes the file. */
  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const piece = this.#takeWaiting();
    try {
      // The piece under way may not have arrived: the same bytes at the same position do no harm.
      if (this.#underWay) writeWhole(this.#file, this.#underWay);
      writeWhole(this.#file, piece);
    } catch (error) {
      this.#warn(error);
    }
    if (!this.#underWay) closeSync(this.#file);
  }

  #writeNext(): void {
    this.#underWay = this.#takeWaiting();
    this.#writeRest(this.#underWay);
  }

  #writeRest({ bytes, position }: Piece): void {
    write(this.#file, bytes, 0, bytes.length, position, (error, written) => {
      if (!error && written < bytes.length && !this.#isOver) {
        this.#writeRest({ bytes: bytes.subarray(written), position: position + written });
        return;
      }
      this.#underWay = undefined;
      if (error && !this.#isOver) {
        this.#isOver = true;
        this.#warn(error);
      }
      if (this.#isOver) closeSync(this.#file);
      else if (this.#waiting.length > 0) this.#writeNext();
    });
  }

  #takeWaiting(): Piece {
    const bytes = Buffer.concat(this.#waiting);
    const position = this.#end;
    this.#waiting = [];
    this.#end += bytes.length;
    return { bytes, position };
  }

  #endLastLine(): void {
    const last = new Uint8Array(1);
    readSync(this.#file, last, 0, 1, this.#end - 1);
    if (last[0] !== NEWLINE) this.write(Uint8Array.of(NEWLINE));
  }

  #warn(error: unknown): void {
    process.emitWarning(`${this.where}: expected to write to ${this.path}, got: ${messageOf(error)}; the log ends there, training goes on`);
  }
}

function openExisting(path: string): number {
  closeSync(openSync(path, 'a'));
  return openSync(path, 'r+');
}

function writeWhole(file: number, { bytes, position }: Piece): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
