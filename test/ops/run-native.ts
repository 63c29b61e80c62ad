/**
 * Runs the cases on the native backend, whose instruction set CHAINRULE_ISA names, and writes what it makes of each to stdout as JSON. With
 * numbers, runs the cases of those numbers alone, and writes what they leave as bytes.
 */
import { loadNative } from '../../src/node/load-native.ts';
import { allCases, fusedDigests, leftByRuns, resultOf } from './bits.ts';

const numbers = process.argv.slice(2).map(Number);
const native = loadNative();
const cases = allCases();

process.stdout.write(
  numbers.length === 0
    ? JSON.stringify(cases.map((one) => ({ ...resultOf(native, one), fused: fusedDigests(native, one) })))
    : Buffer.concat(numbers.flatMap((number) => leftByRuns(native, cases[number])).map(({ buffer }) => new Uint8Array(buffer))),
);
