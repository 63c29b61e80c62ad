/** Programs put together by hand, for tests that stand below the compiler. */

import type { LocalBackend } from '../../src/backends/backend.ts';
import { BEGINNING, type Clock } from '../../src/clock.ts';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { TABLE_HASH } from '../../src/ops/numbers.generated.ts';
import { opId } from '../../src/ops/registry.ts';
import '../../src/ops/table.ts';
import { NETWORK } from '../../src/origin.ts';
import { HEADER_WORDS, PROGRAM_VERSION, type Program, recordWidth } from '../../src/program/format.ts';

export type Words = readonly [op: string, ...words: number[]];

/** A program of instructions given as an op's name and the words of its operands and scalars. */
export function assemble(
  arenaSize: number,
  instructions: readonly Words[],
  options: { literals?: number[]; maximumRows?: number } = {},
): Program {
  const code = instructions.flatMap(([op, ...words]) => [opId(op), HEADER_WORDS + words.length, ...words]);
  const words = { code: Int32Array.from(code), literals: Float64Array.from(options.literals ?? []) };
  const maximumRows = options.maximumRows ?? 1;
  return {
    version: PROGRAM_VERSION,
    tableHash: TABLE_HASH,
    ...words,
    arenaSize,
    maximumRows,
    constants: [],
    parameters: new Map(),
    state: new Map(),
    carried: new Map(),
    inputs: new Map(),
    outputs: new Map(),
    records: new Map(),
    recordWidth: recordWidth(words, maximumRows),
    origins: instructions.map(() => NETWORK),
    buffers: [],
    unplannedSize: arenaSize,
  };
}

/** x ← x + 1 for one element at 0, and a record of it: element 16 must hold the 1. */
export const counter = (arenaSize = 32) =>
  assemble(
    arenaSize,
    [
      ['add', 0, 16, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
      ['record', 0, 0, 0, 1],
    ],
    { literals: [0] },
  );

/** A run of all of a program. */
export const whole = (program: Program, repeats = 1, rows = 1, clock: Clock = BEGINNING) => ({
  from: 0,
  to: program.code.length,
  repeats,
  clock,
  rows,
});

export const freshBackend = (): Promise<LocalBackend> => loadWasmFile();
