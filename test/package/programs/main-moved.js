/** For runtimes with a command line: `main-moved.js epochs checkpoint` goes on from a file, and prints what that gave. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import * as chainrule from 'chainrule';
import { trainOn } from './moved.js';

const [, , epochs, file] = process.argv;
console.log(JSON.stringify(await trainOn(chainrule, Number(epochs), await readFile(file))));
