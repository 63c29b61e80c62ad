/** A thousand random graphs of element-wise operations, in runs and one by one: the same bits on every backend, and less memory touched. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { Elements } from '../../src/backends/backend.ts';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { compile } from '../../src/compiler/compile.ts';
import { printGraph } from '../../src/graph/print.ts';
import { disassemble } from '../../src/program/disassemble.ts';
import { instructions, type Program, resolveScalars } from '../../src/program/format.ts';
import { EAGER } from '../native/networks.ts';
import { addonFile, expectAddon } from '../native/programs.ts';
import { BACKENDS } from '../support/backends.ts';
import { runProgram } from '../support/run-graph.ts';
import { elementGraph } from './element-graph.ts';

const GRAPHS = Number(process.env.CHAINRULE_RANDOM_GRAPHS ?? 1000);
const CHUNKS = 10;

/** The elements that differ; any NaN counts as one and the same. */
const differs = (a: Elements, b: Elements) => [...a].findIndex((value, i) => !Object.is(value, b[i]));

/** Elements that a program's instructions read and write at its largest batch. */
function elementsTouched(program: Program): number {
  let total = 0;
  for (const instruction of instructions(program)) {
    const extents = instruction.op.extents(resolveScalars(instruction, program.maximumRows));
    for (const [name, offset] of Object.entries(instruction.operands)) if (offset >= 0) total += extents[name];
  }
  return total;
}

function check(seed: number): readonly [apart: number, together: number] {
  const { graph, values, rows, maximumRows } = elementGraph(seed);
  const [apart, together] = [false, true].map((fusesElements) => compile(graph, { maximumRows, fusesElements }));
  for (const backend of BACKENDS) {
    const reproducible = backend.with({ reproducible: true });
    const expected = runProgram(reproducible, apart, values, rows);
    const actual = runProgram(reproducible, together, values, rows);
    for (const [name, value] of expected) {
      const at = differs(actual.get(name) as Elements, value);
      if (at < 0) continue;
      const what = `seed ${seed}, ${backend.name}, ${rows}/${maximumRows} rows: ${name} has ${actual.get(name)?.[at]} at ${at}, not ${value[at]}`;
      expect.fail(`${what}\n${printGraph(graph)}\n${disassemble(together)}`);
    }
  }
  return [elementsTouched(apart), elementsTouched(together)];
}

describe('random graphs of element-wise operations have the same bits in runs and one by one', () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => chunk))('the %sth tenth', (chunk) => {
    let [apart, together] = [0, 0];
    for (let seed = chunk; seed < GRAPHS; seed += CHUNKS) {
      const touched = check(seed);
      apart += touched[0];
      together += touched[1];
    }
    expect(together).toBeLessThan(0.8 * apart);
  });
});

describe('random graphs in runs have the same bits', () => {
  it.each(expectAddon ? [2, 3, 7] : [])('on %s threads as on one', (threads) => {
    const backend = nativeBackend(createRequire(import.meta.url)(addonFile) as NativeAddon, EAGER);
    const [one, several] = [1, threads].map((count) => backend.with({ threads: count, reproducible: true }));
    for (let seed = 0; seed < GRAPHS; seed += 20) {
      const { graph, values, rows, maximumRows } = elementGraph(seed);
      const program = compile(graph, { maximumRows });
      const expected = runProgram(one, program, values, rows);
      const actual = runProgram(several, program, values, rows);
      for (const [name, value] of expected) expect(differs(actual.get(name) as Elements, value), `seed ${seed}: ${name}`).toBe(-1);
    }
  });
});
