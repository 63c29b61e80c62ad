/** Reading files piece by piece, and writing them whole. */
import type { Stats } from 'node:fs';
import { type FileHandle, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, messageOf } from '../errors.ts';
import { checkLocation, type FileLocation } from '../options.ts';
import { type ByteSource, sourceOf } from '../platform/byte-source.ts';
import { removeLeftovers, temporaryName } from './temporaries.ts';

/**
 * The bytes of a file, read on demand; those of a pipe, read all at once.
 *
 * @throws DataError that names the file where it cannot be read; a later read does too.
 */
export async function openBytes(location: FileLocation): Promise<ByteSource> {
  const path = pathOf(location);
  try {
    const stats = await stat(path);
    if (!stats.isFile() && !stats.isFIFO()) throw new DataError(`expected a file to read at ${path}, got ${kindOf(stats)}`);
    return stats.isFile() ? await FileSource.open(path) : sourceOf(await readFile(path));
  } catch (error) {
    throw named(`expected a file to read at ${path}`, error);
  }
}

/** All bytes of a file. Throws DataError that names it where it cannot be read. */
export async function readBytes(location: FileLocation): Promise<Uint8Array> {
  const path = pathOf(location);
  try {
    return await readFile(path);
  } catch (error) {
    throw named(`expected a file to read at ${path}`, error);
  }
}

/** Bytes that are read at once, so that small tensors do not cost a call each. */
const WINDOW_BYTES = 4 * 2 ** 20;

class FileSource implements ByteSource {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #buffer: Uint8Array;
  /** Where in the file the buffer's bytes are from. */
  #start = 0;
  #end = 0;

  private constructor(
    path: string,
    file: FileHandle,
    readonly length: number,
  ) {
    this.#path = path;
    this.#file = file;
    this.#buffer = new Uint8Array(Math.min(WINDOW_BYTES, length));
  }

  static async open(path: string): Promise<FileSource> {
    const file = await open(path, 'r');
    try {
      return new FileSource(path, file, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** A piece longer than the window is read directly. */
  async read(start: number, end: number): Promise<Uint8Array> {
    if (end - start > this.#buffer.length) {
      const bytes = new Uint8Array(end - start);
      await this.#fill(bytes, start);
      return bytes;
    }
    if (start < this.#start || end > this.#end) {
      this.#start = this.#end = start;
      const filled = this.#buffer.subarray(0, Math.min(this.#buffer.length, this.length - start));
      await this.#fill(filled, start);
      this.#end = start + filled.length;
    }
    return this.#buffer.subarray(start - this.#start, end - this.#start);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Throws DataError where the file has become shorter, or cannot be read. */
  async #fill(bytes: Uint8Array, start: number): Promise<void> {
    const expected = `expected ${this.length} bytes to read at ${this.#path}`;
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new DataError(`${expected}, got ${start + done}`);
        done += bytesRead;
      }
    } catch (error) {
      throw named(expected, error);
    }
  }
}

/**
 * Writes a file whole or not at all: under another name beside it first, then renamed, so that a crash or a full disk leaves whatever stood
 * at `path` before. It is on the disk when the promise is fulfilled. A link is written through, to what it points to; an existing file
 * keeps its mode and owner, where these may be set. Temporary files of killed processes are removed.
 *
 * @throws DataError that names the file where it cannot be written, or where something else than a regular file stands there.
 */
export async function writeBytes(location: FileLocation, bytes: Uint8Array): Promise<void> {
  const path = pathOf(location);
  try {
    const stats = await standing(path);
    if (stats) await checkWritable(path);
    await replace(stats ? await realpath(path) : await throughLinks(path), stats, bytes);
  } catch (error) {
    throw named(`expected to write ${bytes.length} bytes to ${path}`, error);
  }
}

/** The path of a location. Throws DataError for one that names no file. */
export function pathOf(location: FileLocation): string {
  checkLocation('path', location);
  const path = typeof location === 'string' ? location : fromUrl(location.href);
  if (path.includes('\0')) throw new DataError(`expected a path without NUL, got ${JSON.stringify(path.slice(0, 60))}`);
  if (/^https?:\/\//i.test(path)) throw notHere(path);
  return path;
}

function fromUrl(href: string): string {
  if (!/^file:/i.test(href)) throw notHere(href);
  try {
    return fileURLToPath(href);
  } catch (error) {
    throw named(`expected the URL of a file, got ${href}`, error);
  }
}

function notHere(href: string): DataError {
  return new DataError(
    `expected a path or a file: URL, got ${href.slice(0, 200)}; the bytes that fetch() gives of it are for Network.fromBytes() or loadPredictor(), and toBytes() for sending`,
  );
}

/** The regular file at a path, links followed; undefined for a free path. Throws DataError for anything else. */
async function standing(path: string): Promise<Stats | undefined> {
  const stats = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats && !stats.isFile()) throw new DataError(`expected a regular file or none to replace at ${path}, got ${kindOf(stats)}`);
  return stats;
}

/** Throws where the process may not write to the file: a file that is protected is not replaced by another either. */
async function checkWritable(path: string): Promise<void> {
  await (await open(path, 'r+')).close();
}

/** The number of links that Linux follows. */
const MOST_LINKS = 40;

/** The path that a dangling link points to; a path that is no link is itself. */
async function throughLinks(path: string): Promise<string> {
  let place = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const folder = await realpath(dirname(place));
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) return join(folder, basename(place));
    place = resolve(folder, target);
  }
  throw new DataError(`expected at most ${MOST_LINKS} links from one to the next at ${path}, got more`);
}

async function replace(path: string, stats: Stats | undefined, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await removeLeftovers(folder);
  const temporary = join(folder, temporaryName());
  const file = await open(temporary, 'wx', stats ? 0o600 : 0o666);
  try {
    await write(file, stats, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

async function write(file: FileHandle, stats: Stats | undefined, bytes: Uint8Array): Promise<void> {
  try {
    if (stats) await keepAccess(file, stats);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a file the owner and the mode of another; the owner only where the process may. */
async function keepAccess(file: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid).catch(() => undefined);
  await file.chmod(mode & 0o7777);
}

/** Where a folder cannot be synced: on Windows, and in some file systems. */
const NO_SYNC = ['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EBADF'];

/** Puts a folder's names on the disk, where it can be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_SYNC.includes(String(codeOf(error)))) throw error;
  } finally {
    await handle.close();
  }
}

/** What stands at a path that is no regular file, in words. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

/** An error as DataError, with what was expected before it. */
export function named(expected: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  return new DataError(`${expected}, got: ${messageOf(error)}`, { cause: error });
}
