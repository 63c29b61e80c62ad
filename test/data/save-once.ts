/** Writes so many bytes to a path, and says how that ended. */
import { writeBytes } from '../../src/node/files.ts';

const [path, size] = process.argv.slice(2);
try {
  await writeBytes(path, new Uint8Array(Number(size)));
  console.log('written');
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
}
