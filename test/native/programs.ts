/** Programs written by hand, an instruction at a time, for what the compiler is not needed for. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RunRequest } from '../../src/backends/backend.ts';
import { TABLE_HASH } from '../../src/ops/numbers.generated.ts';
import { opId, opNamed } from '../../src/ops/registry.ts';
import '../../src/ops/table.ts';
import { NETWORK } from '../../src/origin.ts';
import { ABSENT, instructionWords, PROGRAM_VERSION, type Program, recordWidth } from '../../src/program/format.ts';

export const addonFile = fileURLToPath(new URL('../../build/Release/chainrule.node', import.meta.url));

/** Native tests are defined where the addon was built; continuous integration must have built it. */
export const expectAddon = existsSync(addonFile) || Boolean(process.env.CI);

/** The instruction sets of this machine, best first; none where the addon was not built. */
export function availableIsas(): readonly string[] {
  return expectAddon ? (createRequire(import.meta.url)(addonFile) as { isas: string[] }).isas : [];
}

/** An op with its operands' offsets and its scalars by name; what is not named is absent or 0. */
export interface Step {
  readonly op: string;
  readonly at?: Readonly<Record<string, number>>;
  readonly scalars?: Readonly<Record<string, number>>;
}

export function assemble(steps: readonly Step[], arenaSize: number, maximumRows = 64): Program {
  const literals: number[] = [];
  const code = steps.flatMap(({ op: name, at = {}, scalars = {} }) => {
    const op = opNamed(name);
    const operands = Object.keys(op.operands).map((operand) => at[operand] ?? ABSENT);
    const words = Object.entries(op.scalars).map(([scalar, kind]) => {
      const value = scalars[scalar] ?? 0;
      return kind === 'float' ? literals.push(value) - 1 : value;
    });
    return [opId(name), instructionWords(op), ...operands, ...words];
  });
  const words = { code: Int32Array.from(code), literals: Float64Array.from(literals) };
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
    origins: steps.map(() => NETWORK),
    buffers: [],
    unplannedSize: arenaSize,
  };
}

/** The whole program once, or as often as asked. */
export function all(program: Program, request: Partial<RunRequest> = {}): RunRequest {
  return { from: 0, to: program.code.length, repeats: 1, rows: 1, ...request };
}

/** A program whose every repeat is a product of two 64×64 matrices: some microseconds. */
export function products(): Program {
  const size = 64 * 64;
  const scalars = { batches: 1, m: 64, n: 64, k: 64 };
  return assemble([{ op: 'matmul', at: { a: 0, b: size, out: 2 * size }, scalars }], 3 * size);
}
