/** What readers read: files, gzipped or not, and streams, as pieces of bytes. */
import { type FileHandle, open } from 'node:fs/promises';
import { DataError, FormatError, messageOf, OptionError, StateError } from '../errors.ts';
import { zlib } from '../node/builtins.ts';
import { named, pathOf } from '../node/files.ts';
import { describe, type FileLocation, isLocation } from '../options.ts';

type Piece = string | Uint8Array;

/** A web stream, such as the body of a response. */
interface WebStream {
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: unknown }>; cancel(reason?: unknown): Promise<void> };
}

/** Text or bytes in pieces: a stream of Node or of the web, an array, a generator. */
export type Pieces = AsyncIterable<Piece> | Iterable<Piece> | WebStream;

/**
 * What readers read: a path or a `file:` URL; a stream or any iterable of text or bytes, which is read once; or a function that gives such a
 * stream, called for every pass.
 */
export type ReaderInput = FileLocation | Pieces | (() => Pieces | Promise<Pieces>);

/** Input as bytes, unzipped where it is gzipped, which its first bytes tell. */
export interface Input {
  /** For messages. */
  readonly name: string;
  /** The path, where it is a file's. */
  readonly file?: string;
  /** All of it from the beginning. What a piece holds may change with the next. Left early, it closes the file or stream. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Its first bytes, or all where it has fewer. A stream that is read once gives them again with all others. */
  head(length: number): Promise<Uint8Array>;
  /** How long it is, where that is known before all of it is read: of a file that is not gzipped. */
  length(): Promise<number | undefined>;
}

/** Bytes of a file that are read at once. */
const PIECE_BYTES = 256 * 1024;

/** Throws OptionError for what is neither a place nor a stream, DataError for a place that is no file's. */
export function inputOf(where: string, given: unknown): Input {
  if (isLocation(given)) {
    const path = pathOf(given);
    return { ...repeatable(path, () => piecesOfFile(path)), file: path, length: () => lengthOfFile(path) };
  }
  if (typeof given === 'function') return repeatable('a stream', () => fromFunction(where, given as () => unknown));
  if (!isPieces(given))
    throw new OptionError(`${where}: expected a path, a URL, a stream or a function that gives one, got ${describe(given)}`);
  return new OnceInput(where, given);
}

function repeatable(name: string, open: () => AsyncIterable<Uint8Array>): Input {
  const pieces = () => unzipped(name, open());
  return { name, pieces, head: async (length) => joined((await taken(pieces(), length, true)).head), length: async () => undefined };
}

/** Whether a value may be what readers read. */
export const isInput = (value: unknown): value is ReaderInput => isLocation(value) || typeof value === 'function' || isPieces(value);

/** All bytes of an input. */
export async function allBytes(input: Input): Promise<Uint8Array> {
  return joined((await taken(input.pieces(), Number.POSITIVE_INFINITY, true)).head);
}

/** A stream that can be read once. Its beginning may be looked at before. */
class OnceInput implements Input {
  readonly name = 'the stream';
  readonly #where: string;
  readonly #given: Pieces;
  #head: Uint8Array[] = [];
  #rest: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  #isRead = false;
  /** What reading its beginning has thrown: it has come to its end there, which must not pass for that of the data. */
  #failure: { readonly error: unknown } | undefined;

  constructor(where: string, given: Pieces) {
    this.#where = where;
    this.#given = given;
  }

  async head(length: number): Promise<Uint8Array> {
    this.#check();
    this.#rest ??= unzipped(this.name, bytesOf(this.#where, this.#given));
    const present = this.#head.reduce((sum, { length }) => sum + length, 0);
    try {
      this.#head.push(...(await taken(this.#rest, length - present, false)).head);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    return joined(this.#head).subarray(0, length);
  }

  async length(): Promise<undefined> {
    return undefined;
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check();
    this.#isRead = true;
    this.#rest ??= unzipped(this.name, bytesOf(this.#where, this.#given));
    const head = this.#head;
    this.#head = [];
    try {
      yield* head;
      yield* this.#rest;
    } finally {
      await this.#rest.return();
    }
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
    if (this.#isRead)
      throw new StateError(
        `${this.#where}: expected one pass over a stream, which can be read once, got another; a function that gives a new stream is called for every pass`,
      );
  }
}

/** Pieces until so many bytes are there, copied. */
async function taken(pieces: AsyncGenerator<Uint8Array>, length: number, closes: boolean): Promise<{ readonly head: Uint8Array[] }> {
  const head: Uint8Array[] = [];
  let present = 0;
  try {
    while (present < length) {
      const { done, value } = await pieces.next();
      if (done) break;
      const piece = closes ? value.subarray(0, length - present) : value;
      head.push(piece.slice());
      present += piece.length;
    }
  } finally {
    if (closes) await pieces.return(undefined);
  }
  return { head };
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => (pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));

/** The next piece is read while one is in use. */
async function* piecesOfFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await opened(path);
  let [buffer, other] = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
  let coming = readSome(path, file, buffer);
  try {
    for (;;) {
      const bytes = await coming;
      if (bytes === 0) return;
      const piece = buffer.subarray(0, bytes);
      [buffer, other] = [other, buffer];
      coming = readSome(path, file, buffer);
      // It is thrown when its turn comes.
      coming.catch(() => undefined);
      yield piece;
    }
  } finally {
    await coming.catch(() => undefined);
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw named(`expected a file to read at ${path}`, error);
  }
}

async function lengthOfFile(path: string): Promise<number | undefined> {
  const file = await opened(path);
  try {
    const magic = new Uint8Array(2);
    await readSome(path, file, magic);
    const stats = await file.stat();
    return stats.isFile() && !isGzip(magic) ? stats.size : undefined;
  } finally {
    await file.close();
  }
}

async function readSome(path: string, file: FileHandle, buffer: Uint8Array): Promise<number> {
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch (error) {
    throw named(`expected a file to read at ${path}`, error);
  }
}

async function* fromFunction(where: string, give: () => unknown): AsyncGenerator<Uint8Array, void, undefined> {
  const given = await give();
  if (!isPieces(given)) throw new OptionError(`${where}: expected a function that gives a stream, got one that gives ${describe(given)}`);
  yield* bytesOf(where, given);
}

const isPieces = (value: unknown): value is Pieces =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  (Symbol.asyncIterator in value || Symbol.iterator in value || 'getReader' in value);

/** Throws DataError for a piece that is neither text nor bytes; what the stream itself throws comes through. */
async function* bytesOf(where: string, given: Pieces): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = Symbol.asyncIterator in given || Symbol.iterator in given ? (given as AsyncIterable<unknown>) : fromReader(given);
  for await (const piece of pieces) {
    if (typeof piece === 'string') yield Buffer.from(piece);
    else if (piece instanceof Uint8Array) yield piece;
    else throw new DataError(`${where}: expected a stream of text or of Uint8Arrays, got ${describe(piece)} in it`);
  }
}

async function* fromReader(stream: WebStream): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    while (!isDone) {
      const { done, value } = await reader.read();
      isDone = done;
      if (!done) yield value;
    }
  } finally {
    if (!isDone) await reader.cancel();
  }
}

/** Pieces unzipped where they begin as gzip does. */
async function* unzipped(name: string, given: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = given[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  const rest = async function* () {
    yield* head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  };
  try {
    for (let length = 0; length < 2; ) {
      const { done, value } = await pieces.next();
      if (done) break;
      length += value.length;
      head.push(value.slice());
    }
    if (isGzip(joined(head))) yield* gunzipped(name, rest());
    else yield* rest();
  } finally {
    await pieces.return?.();
  }
}

const isGzip = ([first, second]: Uint8Array) => first === 0x1f && second === 0x8b;

/** Throws FormatError where the bytes are no whole gzip file; an error of what gives them comes through. */
async function* gunzipped(name: string, zipped: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let cause: unknown;
  const watched = async function* () {
    try {
      // Copied: gunzip takes a piece when the next one is read already.
      for await (const piece of zipped) yield piece.slice();
    } catch (error) {
      cause = error;
      throw error;
    }
  };
  const { pipeline, Readable } = await import('node:stream');
  const gunzip = zlib().createGunzip();
  // The callback has the errors that the loop below throws too.
  pipeline(Readable.from(watched(), { objectMode: true }), gunzip, () => undefined);
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (error) {
    if (cause !== undefined) throw cause;
    throw new FormatError(`expected gzip in ${name}, got: ${messageOf(error)}`, { cause: error });
  }
}
