/**
 * For runtimes with a command line: `main-moved.js epochs checkpoint [options]` goes on from a file, the network's options in JSON, and
 * prints what that gave.
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import * as chainrule from 'chainrule';
import { trainOn } from './moved.js';

const [, , epochs, file, options = '{}'] = process.argv;
console.log(JSON.stringify(await trainOn(chainrule, Number(epochs), await readFile(file), JSON.parse(options))));
