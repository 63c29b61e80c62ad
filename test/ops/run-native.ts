/** Runs the cases on the native backend, whose instruction set CHAINRULE_ISA names, and writes the bits of all results to stdout. */
import { loadNative } from '../../src/node/load-native.ts';
import { kernelCases, runCases } from './cases.ts';

process.stdout.write(Buffer.concat(runCases(loadNative(), kernelCases()).map((bits) => new Uint8Array(bits.buffer))));
