/** Runs the cases of sums on the native backend, whose instruction set CHAINRULE_ISA names, and writes their errors to stdout. */
import { referenceBackend } from '../../src/backends/reference.ts';
import { loadNative } from '../../src/node/load-native.ts';
import { sumErrors } from './sum-cases.ts';

process.stdout.write(JSON.stringify(sumErrors(loadNative(), referenceBackend)));
