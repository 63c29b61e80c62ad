/**
 * Runs the cases on the native backend, whose instruction set CHAINRULE_ISA names, and writes what it makes of each to stdout as JSON. With a
 * number, runs the case of that number alone, and writes what it leaves as bytes, with the values of the second number.
 */
import { loadNative } from '../../src/node/load-native.ts';
import { allCases, leftByRuns, resultOf } from './bits.ts';

const [number, way] = process.argv.slice(2).map(Number);
const native = loadNative();
const cases = allCases();

process.stdout.write(
  number === undefined
    ? JSON.stringify(cases.map((one) => resultOf(native, one)))
    : new Uint8Array(leftByRuns(native, cases[number])[way].buffer),
);
