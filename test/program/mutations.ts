/** Valid programs, and programs spoiled by chance. */
import type { LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { FormatError } from '../../src/errors.ts';
import { OPS } from '../../src/ops/table.ts';
import { decode, HEADER_WORDS, type Program, resolveScalars } from '../../src/program/format.ts';
import { verify } from '../../src/program/verify.ts';
import { randomGraph } from '../compiler/random-graph.ts';
import { assemble } from '../ops/case-program.ts';
import { casesOf } from '../ops/families.ts';
import { Chance } from '../support/randomness.ts';

/** Programs that are spoiled and shown to the verifier. */
export const MUTATIONS = 20_000;

/** Larger sizes would be refused or run for hours; neither is what is looked for. */
const LARGEST_WORD = 300;

/** One program an op, of a few shapes each, and some of whole graphs. */
export function validPrograms(): Program[] {
  const single = OPS.flatMap((op) => {
    const cases = casesOf(op).filter(({ data }) => !data);
    if (cases.length === 0) return [];
    return [0.1, 0.5, 0.95].map((at) => assemble(cases[Math.floor(at * cases.length)], {}, 0).program);
  });
  const whole = Array.from({ length: 30 }, (_, seed) => {
    const { graph, maximumRows } = randomGraph(seed);
    if (seed % 3 === 0) for (const [name, value] of graph.outputs) graph.record(name, value);
    return compile(graph, { maximumRows });
  });
  return [...single, ...whole];
}

/** A copy with one to three words changed: to a near one, to one from elsewhere in the code, or to any. */
export function mutate(program: Program, chance: Chance): Program {
  const code = program.code.slice();
  for (let changes = 1 + chance.below(3); changes > 0; changes--) {
    const at = chance.below(code.length);
    code[at] = chance.pick([
      code[at] + 1,
      code[at] - 1,
      code[at] + 16,
      code[at] - 16,
      -code[at],
      code[at] * 2,
      code[chance.below(code.length)],
      chance.below(LARGEST_WORD) - 20,
      chance.word() | 0,
    ]);
  }
  return { ...program, code };
}

/** Of `MUTATIONS` spoiled programs those that the verifier passes and that are quick, each with the valid one that it was made of. */
export function acceptedMutations(): { readonly program: Program; readonly original: Program }[] {
  const chance = new Chance(7);
  const valid = validPrograms();
  const mutations = Array.from({ length: MUTATIONS }, (_, i) => {
    const original = valid[i % valid.length];
    return { program: mutate(original, chance), original };
  });
  return mutations.filter(({ program }) => passes(program) && isQuick(program));
}

function passes(program: Program): boolean {
  try {
    verify(program);
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return false;
  }
}

/** An instruction's loops could turn this often for nothing: programs beyond it are valid, but no test waits for them. */
const PATIENCE = 2 ** 20;

export function isQuick(program: Program): boolean {
  for (let at = 0; at < program.code.length; at += program.code[at + 1]) {
    const instruction = decode(program, at);
    const { op, scalars } = instruction;
    const sizes = Object.entries(scalars).filter(([name]) => op.scalars[name] === 'size');
    if (sizes.some(([, size]) => Math.abs(size) * program.maximumRows > PATIENCE)) return false;
    if (!(op.work(resolveScalars(instruction, program.maximumRows)) <= PATIENCE)) return false;
  }
  return true;
}

/** The words of the first instruction's operands and scalars by name. */
export function wordOf(program: Program, name: string): number {
  const { op } = decode(program, 0);
  return HEADER_WORDS + [...Object.keys(op.operands), ...Object.keys(op.scalars)].indexOf(name);
}

export function runOnce(backend: LocalBackend, program: Program, rows = program.maximumRows): void {
  const session = backend.openArena(program, 0);
  try {
    session.run({ from: 0, to: program.code.length, repeats: 1, rows });
  } finally {
    session.dispose();
  }
}
