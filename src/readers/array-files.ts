/** Files of arrays as datasets: their first axis is that of rows. They are read in pieces, as large as they may be. */
import type { Chunk, Column, NumberArray } from '../datasets/chunk.ts';
import { CHUNK_ROWS, type Source } from '../datasets/source.ts';
import { DataError, FormatError } from '../errors.ts';
import { openUnzipped } from '../node/unzipped.ts';
import { abortable } from './abortable.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { Input } from './input.ts';

/** What the beginning of a file says. */
export interface ArrayHeader {
  readonly shape: readonly number[];
  /** Of an element. */
  readonly bytes: number;
  /** Bytes before the elements. */
  readonly start: number;
  /** The elements in bytes that no one else has. */
  read(bytes: Uint8Array): NumberArray;
}

/** A format of arrays. */
export interface ArrayFormat {
  readonly name: string;
  /** Bytes that its longest header ends in. */
  readonly beginning: number;
  /** Throws FormatError. */
  parse(beginning: Uint8Array): ArrayHeader;
}

/** A file whose rows are values at a path. */
export interface ArrayFile {
  readonly path: readonly string[];
  readonly input: Input;
}

/** Bytes of the largest chunk that has more than one row. */
const CHUNK_BYTES = 8 * 2 ** 20;

/** Rows of several files of one format, side by side. */
export function arraySource(format: ArrayFormat, files: readonly ArrayFile[]): Source {
  let known: number | undefined;
  return {
    get rows() {
      const { file } = files[0].input;
      if (file === undefined) return undefined;
      known ??= headerOf(format, files[0].input, openUnzipped(file).beginning(format.beginning)).shape[0];
      return known;
    },
    isSteady: true,
    read: ({ skip, signal }) => abortable(readArrays(format, files, skip), signal),
  };
}

async function* readArrays(format: ArrayFormat, files: readonly ArrayFile[], skip: number): AsyncGenerator<Chunk, void, undefined> {
  const headers = await Promise.all(files.map(({ input }) => openedHeader(format, input)));
  const [rows] = headers[0].shape;
  headers.forEach(({ shape }, i) => {
    if (shape[0] !== rows) throw new DataError(`${format.name}: expected ${rows} rows in ${files[i].input.name}, got ${shape[0]}`);
  });
  const widths = headers.map(({ shape, bytes }) => shape.slice(1).reduce((product, size) => product * size, bytes));
  const step = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_BYTES / Math.max(...widths))));
  const cursors = files.map(({ input }) => new ByteCursor(`${format.name}: ${input.name}`, input.pieces()));
  try {
    const first = Math.min(skip, rows);
    for (const [i, cursor] of cursors.entries()) await cursor.skip(headers[i].start + first * widths[i]);
    for (let at = first; at < rows; at += step) {
      const some = Math.min(step, rows - at);
      const columns: Column[] = [];
      for (const [i, { shape, read }] of headers.entries())
        columns.push({ path: files[i].path, shape: shape.slice(1), data: read(await cursors[i].read(some * widths[i])) });
      yield { rows: some, columns };
    }
    for (const cursor of cursors) await cursor.checkEnd();
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** The header, found to account for the length where a file tells that. */
async function openedHeader(format: ArrayFormat, input: Input): Promise<ArrayHeader> {
  const header = headerOf(format, input, await input.head(format.beginning));
  const length = await input.length();
  const expected = header.shape.reduce((product, size) => product * size, header.bytes);
  if (length !== undefined && length - header.start !== expected)
    throw new FormatError(
      `${format.name}: ${input.name}: expected ${expected} bytes of elements for shape [${header.shape.join(', ')}], got ${length - header.start}`,
    );
  return header;
}

function headerOf(format: ArrayFormat, input: Input, beginning: Uint8Array): ArrayHeader {
  const header = named(input, () => format.parse(beginning));
  const { shape } = header;
  if (shape.length === 0 || shape.slice(1).includes(0))
    throw new DataError(`${format.name}: ${input.name}: expected an axis of rows, and elements in a row, got shape [${shape.join(', ')}]`);
  return { ...header, read: (bytes) => named(input, () => header.read(bytes)) };
}

/** What it gives; a FormatError with the name of the file. */
function named<T>({ name }: Input, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
