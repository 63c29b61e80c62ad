/** Saves to a path again and again, and says the number of each save when it is done. */
import { writeSync } from 'node:fs';
import { writeBytes } from '../../src/node/files.ts';
import { contents } from './numbered-contents.ts';

const [path, first] = process.argv.slice(2);
writeSync(1, 'begins\n');
for (let number = Number(first); ; number++) {
  await writeBytes(path, contents(number));
  writeSync(1, `${number}\n`);
}
