/** Files where there is no file system, in pages and workers: they are fetched, and not written. */
import { DataError, messageOf, OptionError } from '../errors.ts';
import { checkLocation, type FileLocation } from '../options.ts';

/**
 * The bytes at a URL; a relative one is resolved as `fetch` does.
 *
 * @throws DataError that names the URL where nothing comes, or a page instead of a file; OptionError for an impossible URL, or without
 *   `fetch`.
 */
export async function fetchBytes(location: FileLocation): Promise<Uint8Array> {
  checkLocation('url', location);
  if (typeof fetch !== 'function')
    throw new OptionError('load: expected a runtime with files or fetch, got none: use Network.fromBytes(), or loadPredictor() of bytes');
  const url = typeof location === 'string' ? location : location.href;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new DataError(`expected a file at ${url}, got status ${`${response.status} ${response.statusText}`.trim()}`);
    // Servers of single-page applications answer with their page in place of a missing file.
    if (/^text\/html\b/i.test(response.headers.get('content-type') ?? ''))
      throw new DataError(`expected a file at ${url}, got a page (text/html)`);
    return await bodyOf(response);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`expected a file to fetch at ${url}, got: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Room for a body of unknown length. */
const FIRST_ROOM = 2 ** 20;

/**
 * All bytes of a body, in one array that is filled as they come: `arrayBuffer` of some runtimes holds them twice. The length that the server
 * says is only where to begin: of a compressed body it is another one.
 */
async function bodyOf({ body, headers }: Response): Promise<Uint8Array> {
  let bytes = roomFor(Number(headers.get('content-length')) || FIRST_ROOM);
  let length = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const end = length + part.value.length;
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * bytes.length));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(part.value, length);
    length = end;
  }
  return bytes.subarray(0, length);
}

/** A wrong length from a server cannot exhaust the page's memory. */
function roomFor(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    return new Uint8Array(FIRST_ROOM);
  }
}

/** Throws OptionError: where a page's bytes go is for the page to say. */
export async function refuseToWrite(): Promise<void> {
  throw new OptionError(
    'save: expected a runtime with files to write, got none: toBytes() gives the bytes to send or to keep, and in a page ' +
      'URL.createObjectURL(new Blob([network.toBytes()])) is the href of a link with a download attribute',
  );
}
