/** Where the package's own files lie. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackendError } from '../errors.ts';

/**
 * The package's root: this file is as deep below it in src/ as in dist/. In a bundle it is some folder above the bundle, which has none of
 * the package's files.
 *
 * @throws BackendError where the code runs as a classic script, which does not know its place.
 */
export function packageFolder(): string {
  const here: string | undefined = import.meta.url;
  if (!here?.startsWith('file:')) throw new BackendError('the package’s own files are out of reach: it was bundled into another script');
  return dirname(dirname(dirname(fileURLToPath(here))));
}
