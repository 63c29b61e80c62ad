/** One pass over a file of comma-separated values, from pieces of bytes to chunks. */
import type { Chunk } from '../datasets/chunk.ts';
import type { Reading } from '../datasets/source.ts';
import { DataError, FormatError } from '../errors.ts';
import { CsvFields, isBlank, LF, type RecordReader, skipLines } from './csv-fields.ts';
import { recordReaderOf } from './csv-native.ts';
import { endOfQuoted, QUOTE, QuotedRecords, type Refused } from './csv-quoted.ts';
import { TableChunks } from './table-chunks.ts';
import type { ColumnDescription, Layout } from './table-options.ts';

/** A longer record is more likely a quote that nobody closed. */
export const LONGEST_RECORD = 16 * 2 ** 20;

/** As much of it as is looked at to say what is wrong. */
const SHOWN_BYTES = 64 * 1024;

/** How a file is to be read. */
export interface CsvForm {
  readonly name: string;
  readonly delimiter: string;
  readonly missing: ReadonlySet<string>;
  readonly columns: readonly ColumnDescription[];
  readonly layout: Layout;
}

const at = ({ name }: { readonly name: string }, line: number) => `csv: ${name}, line ${line}`;

/** Records to be left out, the header's included, and where chunks may lie. */
type Pass = Pick<Reading, 'skip' | 'memory'>;

/** Chunks of the records after the first `skip`, the header's included. */
export async function* readCsv(
  form: CsvForm,
  pieces: AsyncIterable<Uint8Array>,
  { skip, memory }: Pass,
): AsyncGenerator<Chunk, void, undefined> {
  const reading = new CsvReading(form, await QuotedRecords.load(form.delimiter), { skip, memory });
  let bytes = Buffer.alloc(0);
  let length = 0;
  let isBegun = false;
  for await (const piece of pieces) {
    // One byte more, for the end of a last line that has none.
    if (bytes.length <= length + piece.length) bytes = enlarged(bytes, length, 2 * (length + piece.length) + 1);
    bytes.set(piece, length);
    length += piece.length;
    if (!isBegun && length < 3) continue;
    const start = isBegun ? 0 : lengthOfMark(form.name, bytes);
    isBegun = true;
    yield* reading.chunks(bytes.subarray(start, length));
    const done = start + reading.at;
    bytes.copyWithin(0, done, length);
    length -= done;
    if (length > LONGEST_RECORD) throw reading.tooLong(bytes.subarray(0, length));
  }
  if (length > 0 && bytes[length - 1] !== LF) bytes[length++] = LF;
  yield* reading.chunks(bytes.subarray(0, length), true);
  if (reading.table.rows > 0) yield reading.table.take();
}

function enlarged(bytes: Buffer, length: number, capacity: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(capacity);
  larger.set(bytes.subarray(0, length));
  return larger;
}

/** Bytes of the mark that text may begin with. Throws FormatError for the marks of UTF-16. */
export function lengthOfMark(name: string, [first, second, third]: Uint8Array): number {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new FormatError(`csv: ${name}: expected text in UTF-8, got UTF-16`);
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

class CsvReading {
  /** Bytes read of those given last. */
  at = 0;
  readonly table: TableChunks;
  readonly #form: CsvForm;
  readonly #fields: CsvFields;
  readonly #lines: RecordReader;
  readonly #quoted: QuotedRecords;
  /** Records to be left out. */
  #skip: number;

  constructor(form: CsvForm, quoted: QuotedRecords, { skip, memory }: Pass) {
    const { columns, layout, delimiter, missing } = form;
    this.table = new TableChunks(layout, columns.length, memory);
    this.#form = form;
    this.#quoted = quoted;
    this.#skip = skip;
    this.#fields = new CsvFields(delimiter, missing, {
      fields: (line, got) => new DataError(`${at(form, line)}: expected ${columns.length} fields, as there are columns, got ${got}`),
      number: (line, column, got) => notNumber(form, line, columns[column].name, got),
    });
    this.#lines = recordReaderOf(this.table, this.#fields);
  }

  /** Full chunks of the records that are whole. At the end of the file all have to be. */
  *chunks(bytes: Buffer, isEnd = false): Generator<Chunk, void, undefined> {
    this.at = 0;
    for (;;) {
      // Where the addon reads records with quotes, it is given all but those to be left out.
      const quote = this.#lines.readsQuotes && this.#skip === 0 ? -1 : bytes.indexOf(QUOTE, this.at);
      const ended = (quote < 0 ? bytes.lastIndexOf(LF) : bytes.lastIndexOf(LF, quote)) + 1;
      yield* this.#plain(bytes, ended);
      if (quote < 0 && this.at >= ended) return;
      if (quote >= 0 && this.#lines.readsQuotes && this.#skip === 0) continue;
      const end = endOfQuoted(bytes, this.at);
      if (end < 0 && !isEnd) return;
      yield* this.#withQuotes(bytes.subarray(this.at, end < 0 ? bytes.length : end));
      this.at = end < 0 ? bytes.length : end;
    }
  }

  *#plain(bytes: Buffer, end: number): Generator<Chunk, void, undefined> {
    if (this.#skip > 0 && this.at < end) {
      const { at, skipped, lines } = skipLines(bytes, this.at, end, this.#skip);
      this.at = at;
      this.#skip -= skipped;
      this.#lines.line += lines;
    }
    for (let before = -1; this.at < end && this.at > before; ) {
      before = this.at;
      this.at = this.#lines.read(bytes, this.at, end);
      if (this.table.isFull) yield this.table.take();
    }
  }

  *#withQuotes(bytes: Buffer): Generator<Chunk, void, undefined> {
    const read = this.#quoted.records(bytes);
    const refused = Array.isArray(read) ? undefined : read;
    const records = refused ? (this.#quoted.records(bytes.subarray(0, refused.at)) as string[][]) : (read as string[][]);
    const line = (record: number) => this.#lineAt(bytes, this.#quoted.startOf(bytes, record));
    for (let i = Math.min(this.#skip, records.length); i < records.length; i++) {
      this.#add(records[i], () => line(i));
      if (this.table.isFull) yield this.table.take();
    }
    if (refused) throw this.#refused(bytes, refused);
    this.#skip -= Math.min(this.#skip, records.length);
    this.#lines.line += count(bytes, bytes.length);
  }

  /**
   * As records without quotes are read: from field to field, so that the first thing that is wrong is named.
   *
   * @param line The line that the record begins at.
   */
  #add(record: readonly string[], line: () => number): void {
    const { table } = this;
    const { columns } = this.#form;
    for (let column = 0; column < Math.min(record.length, columns.length); column++) {
      const number = table.numbers[column];
      const place = table.values[column];
      if (number) number.data[table.rows * number.stride + number.start] = this.#fields.number(record[column], column, line);
      else if (place) place.values[table.rows] = this.#fields.text(record[column]);
    }
    if (record.length !== columns.length)
      throw new DataError(`${at(this.#form, line())}: expected ${columns.length} fields, as there are columns, got ${record.length}`);
    table.rows++;
  }

  /** The line of a byte, blank lines before it passed over. */
  #lineAt(bytes: Buffer, start: number): number {
    let from = start;
    while (isBlank(bytes, from)) from += bytes[from] === LF ? 1 : 2;
    return this.#lines.line + count(bytes, from);
  }

  #refused(bytes: Buffer, { at: start, reason }: Refused): DataError {
    return new DataError(`${at(this.#form, this.#lineAt(bytes, start))}: expected a record, got: ${reason}`);
  }

  /** @param bytes A record that has not ended. */
  tooLong(bytes: Buffer): DataError {
    // Its first line tells of a quote that is where none may be, and its beginning of one that is not closed.
    const end = bytes.indexOf(LF) + 1;
    const records = this.#quoted.records(bytes.subarray(0, end > 0 ? end : SHOWN_BYTES));
    if (!Array.isArray(records)) return this.#refused(bytes, records);
    return new DataError(`${at(this.#form, this.#lines.line)}: expected a record of at most ${LONGEST_RECORD} bytes, got more`);
  }
}

/** Ends of lines before a byte. */
function count(bytes: Buffer, end: number): number {
  let lines = 0;
  for (let next = bytes.indexOf(LF); next >= 0 && next < end; next = bytes.indexOf(LF, next + 1)) lines++;
  return lines;
}

function notNumber(form: CsvForm, line: number, column: string, text: string): DataError {
  const [name, got] = [column, text.length > 60 ? `${text.slice(0, 60)}…` : text].map((one) => JSON.stringify(one));
  return new DataError(
    `${at(form, line)}: expected a number in column ${name}, got ${got}; types: { ${name}: 'text' } reads all of it as text, missing: ['', ${got}] this as a gap`,
  );
}
