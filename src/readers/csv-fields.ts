/** What records of comma-separated values are read by, with quotes or without: which fields are gaps and numbers, and what is said of others. */
import { numberOf } from './cells.ts';

export const LF = 10;
export const CR = 13;

/** What a line lacks, or what a field should be; it names the line. */
export interface CsvErrors {
  fields(line: number, got: number): Error;
  number(line: number, column: number, got: string): Error;
}

/** Reads records into the chunk of a table. */
export interface RecordReader {
  /** Whether it reads records with quotes; else no byte that it is given is one. */
  readonly readsQuotes: boolean;
  /** The line that comes next, counted from 1. */
  line: number;
  /**
   * Reads records from `from` to `end`, where a line has ended, until the chunk is full, or before a record whose quotes csv-parse has to look at. Gives
   * where it stopped.
   */
  read(bytes: Buffer, from: number, end: number): number;
}

export class CsvFields {
  /** The code of the character between fields. */
  readonly delimiter: number;
  /** Fields that are gaps. */
  readonly missing: ReadonlySet<string>;
  readonly errors: CsvErrors;
  readonly #missingNumbers: ReadonlySet<number>;

  constructor(delimiter: string, missing: ReadonlySet<string>, errors: CsvErrors) {
    this.delimiter = delimiter.charCodeAt(0);
    this.missing = missing;
    this.errors = errors;
    this.#missingNumbers = new Set([...missing].map(numberOf).filter((number) => number !== undefined));
  }

  /** Whether some spelling of a number is a gap. */
  mayBeMissing(number: number): boolean {
    return this.#missingNumbers.size > 0 && this.#missingNumbers.has(number);
  }

  /**
   * The number of a field, NaN for a gap.
   *
   * @param line Where its record begins, for messages.
   */
  number(text: string, column: number, line: () => number): number {
    if (this.missing.has(text)) return Number.NaN;
    const number = numberOf(text);
    if (number === undefined) throw this.errors.number(line(), column, text);
    return number;
  }

  /** The text of a field, null for a gap. */
  text(text: string): string | null {
    return this.missing.has(text) ? null : text;
  }
}

/** Whether the line that begins here is blank. */
export const isBlank = (bytes: Buffer, at: number) => bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);

/** Passes over records of lines. Gives where it stopped, how many records they were, and how many lines. */
export function skipLines(bytes: Buffer, from: number, end: number, most: number): { at: number; skipped: number; lines: number } {
  let [at, skipped, lines] = [from, 0, 0];
  while (at < end && skipped < most) {
    if (!isBlank(bytes, at)) skipped++;
    lines++;
    at = bytes.indexOf(LF, at) + 1;
  }
  return { at, skipped, lines };
}
