/** Writes so many bytes to a path, as another user where one is given, and says how that ended. */
import { writeBytes } from '../../src/node/files.ts';

const [path, size, user] = process.argv.slice(2);
if (user) becomeUser(Number(user));
try {
  await writeBytes(path, new Uint8Array(Number(size)));
  console.log('written');
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
}

/** Only now: a user may be unable to read the folder that this clone is in. */
function becomeUser(id: number): void {
  process.setgroups?.([]);
  process.setgid?.(id);
  process.setuid?.(id);
}
