/** Records read by the addon: the same rows and errors as those of `csv-lines.ts` and csv-parse. What quotes are wrong is left to csv-parse to say. */
import { CHUNK_ROWS } from '../datasets/source.ts';
import type { NativeCsvLines } from '../node/addon.ts';
import { CSV_KIND, CSV_STOP, nativeCsvLines } from '../node/csv-addon.ts';
import { type CsvFields, LF, type RecordReader } from './csv-fields.ts';
import { CsvLines } from './csv-lines.ts';
import type { TableChunks } from './table-chunks.ts';

/** More columns would take much memory for what is noted of a record. */
const MOST_COLUMNS = 8192;
/** Bytes that it is given at once, where a line is not longer. */
const MOST_BYTES = 2 ** 24;
/** Words of the result, and of a note, as `NativeCsvLines` says. */
const RESULT = 6;
const NOTE = 6;
const LEAST_NOTES = 1024;

/** The fastest reader that there is here. */
export function recordReaderOf(table: TableChunks, fields: CsvFields): RecordReader {
  const Native = table.numbers.length <= MOST_COLUMNS ? nativeCsvLines() : undefined;
  if (!Native) return new CsvLines(table, fields);
  return new NativeLines(table, fields, new Native(fields.delimiter, wordsOf(table), linesOf(fields.missing)));
}

/** The memory of the numbers of texts is behind those of the table. */
function wordsOf({ numbers, values, memories }: TableChunks): Int32Array {
  let texts = 0;
  const words = Array.from(numbers, (number, i) => {
    if (number) {
      const { memory, first, start, stride } = number;
      return [memories[memory] instanceof Float32Array ? CSV_KIND.float32 : CSV_KIND.float64, memory, first + start, stride];
    }
    return values[i] ? [CSV_KIND.text, memories.length, CHUNK_ROWS * texts++, 1] : [CSV_KIND.ignored, 0, 0, 1];
  });
  return Int32Array.from(words.flat());
}

/** Those that bytes without quotes may have. A text that UTF-8 cannot spell is none of these. */
function linesOf(missing: ReadonlySet<string>): Uint8Array {
  const some = [...missing].filter((text) => !text.includes('\n') && Buffer.from(text).toString() === text);
  return Buffer.from(some.map((text) => `${text}\n`).join(''));
}

class NativeLines implements RecordReader {
  readonly readsQuotes = true;
  line = 1;
  readonly #native: NativeCsvLines;
  readonly #table: TableChunks;
  readonly #fields: CsvFields;
  /** Numbers of texts, column after column of those that are text. */
  readonly #numbers: Int32Array;
  /** Undefined where a column is none. */
  readonly #textColumns: readonly (TextColumn | undefined)[];
  /** By their numbers. */
  readonly #texts: (string | null)[] = [];
  readonly #out: Int32Array;

  constructor(table: TableChunks, fields: CsvFields, native: NativeCsvLines) {
    this.#native = native;
    this.#table = table;
    this.#fields = fields;
    this.#numbers = new Int32Array(CHUNK_ROWS * table.values.filter(Boolean).length);
    let texts = 0;
    this.#textColumns = table.values.map((place) => {
      if (!place) return undefined;
      const start = CHUNK_ROWS * texts++;
      return { place, numbers: this.#numbers.subarray(start, start + CHUNK_ROWS) };
    });
    this.#out = new Int32Array(RESULT + NOTE * Math.max(LEAST_NOTES, table.numbers.length));
  }

  read(bytes: Buffer, from: number, end: number): number {
    let at = from;
    let isStopped = false;
    while (at < end && !this.#table.isFull && !isStopped) {
      at += this.#readSome(bytes.subarray(at, endOfSome(bytes, at, end)));
      isStopped = this.#out[4] === CSV_STOP.quotes;
    }
    return at;
  }

  /** Gives how many bytes have been read. */
  #readSome(bytes: Buffer): number {
    const table = this.#table;
    const before = table.rows;
    this.#native.read(bytes, before, CHUNK_ROWS, [...table.memories, this.#numbers], this.#out);
    const [at, row, lines, notes, stop, fields] = this.#out;
    for (let i = 0; i < notes; i++) this.#readNoted(bytes, RESULT + NOTE * i);
    for (const column of this.#textColumns) if (column) this.#putTexts(column, before, row);
    table.rows = row;
    this.line += lines;
    if (stop === CSV_STOP.fields) throw this.#fields.errors.fields(this.line, fields);
    return at;
  }

  /** A number that is spelled in another way, a text that is new or has no number. */
  #readNoted(bytes: Buffer, note: number): void {
    const [row, column, from, to, lines, isDoubled] = this.#out.subarray(note, note + NOTE);
    const given = bytes.toString('utf8', from, to);
    const text = isDoubled ? given.replaceAll('""', '"') : given;
    const place = this.#table.numbers[column];
    if (place) place.data[row * place.stride + place.start] = this.#fields.number(text, column, () => this.line + lines);
    else this.#noteText(row, this.#textColumns[column] as TextColumn, this.#fields.text(text));
  }

  #noteText(row: number, { place, numbers }: TextColumn, text: string | null): void {
    if (numbers[row] < 0) place.values[row] = text;
    else this.#texts[numbers[row]] = text;
  }

  #putTexts({ place: { values }, numbers }: TextColumn, from: number, to: number): void {
    const texts = this.#texts;
    for (let row = from; row < to; row++) if (numbers[row] >= 0) values[row] = texts[numbers[row]];
  }
}

interface TextColumn {
  readonly place: { values: unknown[] };
  /** By rows of the chunk; negative where the text is in `place` already. */
  readonly numbers: Int32Array;
}

/** The end of a line: so many bytes further at most, unless the first line is longer. */
function endOfSome(bytes: Buffer, from: number, end: number): number {
  if (end - from <= MOST_BYTES) return end;
  const some = bytes.lastIndexOf(LF, from + MOST_BYTES) + 1;
  return some > from ? some : bytes.indexOf(LF, from) + 1;
}
