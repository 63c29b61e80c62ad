/** Runs the cases of sums on the native backend, whose instruction set CHAINRULE_ISA names, and writes digests of the results to stdout. */
import { loadNative } from '../../src/node/load-native.ts';
import { digests, runSums } from './sum-cases.ts';

process.stdout.write(JSON.stringify(digests(runSums(loadNative().with({ numerics: 'separate' })))));
