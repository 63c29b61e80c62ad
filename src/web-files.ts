/** Files where there is no file system, in pages and workers: they are fetched, and not written. */
import { DataError, OptionError } from './errors.ts';
import { checkLocation, type FileLocation } from './options.ts';

/**
 * What a URL gives; a relative one is resolved as `fetch` does.
 *
 * @throws DataError that names the URL where nothing comes, or a page instead of a file; OptionError for what is no URL, or without `fetch`.
 */
export async function fetchBytes(location: FileLocation): Promise<Uint8Array> {
  checkLocation('url', location);
  if (typeof fetch !== 'function') throw new OptionError('load: expected a runtime with files or fetch, got none: use Network.fromBytes()');
  const url = typeof location === 'string' ? location : location.href;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new DataError(`expected a file at ${url}, got status ${`${response.status} ${response.statusText}`.trim()}`);
    // Servers of single-page applications answer with their page where there is no file.
    if (/^text\/html\b/i.test(response.headers.get('content-type') ?? ''))
      throw new DataError(`expected a file at ${url}, got a page (text/html)`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`expected a file to fetch at ${url}, got: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Throws OptionError: where a page's bytes go is for the page to say. */
export async function refuseToWrite(): Promise<void> {
  throw new OptionError(
    'save: expected a runtime with files to write, got none: toBytes() gives the bytes to send or to keep, and in a page ' +
      'URL.createObjectURL(new Blob([network.toBytes()])) is the href of a link with a download attribute',
  );
}
