/** NPZ: NumPy's arrays by name, each an NPY file in a ZIP archive. */
import { FormatError } from '../errors.ts';
import { checkBytes } from '../options.ts';
import { type NpyArray, parseNpy } from './npy.ts';
import { unzip, zipEntries } from './zip.ts';

const ENDING = '.npy';

/**
 * Reads the bytes of an NPZ file, as `numpy.savez` and `numpy.savez_compressed` write them: its arrays by their names.
 *
 * @throws DataError for what is no Uint8Array; FormatError, which names the array, where the bytes are no such archive of less than 4 GB, or an
 *   array is none that `parseNpy` reads.
 */
export async function parseNpz(bytes: Uint8Array): Promise<Map<string, NpyArray>> {
  checkBytes('parseNpz', bytes);
  const arrays = new Map<string, NpyArray>();
  for (const entry of zipEntries(bytes)) {
    if (!entry.name.endsWith(ENDING)) throw new FormatError(`NPZ: expected files that end with ${ENDING}, got ${entry.name}`);
    const name = entry.name.slice(0, -ENDING.length);
    if (arrays.has(name)) throw new FormatError(`NPZ: expected arrays of different names, got two of ${name}`);
    arrays.set(name, arrayOf(name, await unzip(entry)));
  }
  return arrays;
}

function arrayOf(name: string, bytes: Uint8Array): NpyArray {
  try {
    return parseNpy(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`NPZ: ${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
