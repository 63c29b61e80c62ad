/** For runtimes with a command line: `main.js [entry]` prints what training with that entry gave. */
import process from 'node:process';
import { train } from './train.js';

console.log(JSON.stringify(await train(await import(process.argv[2]))));
