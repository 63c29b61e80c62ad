/** Random graphs, with gradients and updates, on all backends, optimised and as written: all agree. A thousand in `npm run test:long`. */
import { describe, expect, it } from 'vitest';
import type { Backend, Elements } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { gradientSlot } from '../../src/compiler/encode.ts';
import { printGraph } from '../../src/graph/print.ts';
import { instructions, type Program } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { runProgram } from '../support/run-graph.ts';
import { randomGraph } from './random-graph.ts';

const GRAPHS = Number(process.env.CHAINRULE_RANDOM_GRAPHS ?? 250);
const CHUNKS = 10;
/** Rounding alone leaves something of what cancels out exactly: differences count against at least this magnitude. */
const FLOOR = 1e-2;
const REFERENCE_TOLERANCE = 1e-9;
const FLOAT_TOLERANCE = 2e-4;

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;

function error(actual: Elements, expected: Elements): number {
  let largest = FLOOR;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    difference = Math.max(difference, Number.isFinite(actual[i]) ? Math.abs(actual[i] - expected[i]) : Number.POSITIVE_INFINITY);
  }
  return difference / largest;
}

/** The gradients of tables of which a program updates single rows: it has no place for them. */
function gradientsSpared(program: Program): Set<string> {
  const tables = [...instructions(program)].flatMap(({ op, operands }) =>
    /^embed(Sgd|Momentum|Adam)$/.test(op.name) ? [operands.table] : [],
  );
  return new Set([...program.parameters].filter(([, { offset }]) => tables.includes(offset)).map(([name]) => gradientSlot(name)));
}

function check(seed: number): void {
  const { graph, values, rows, maximumRows } = randomGraph(seed);
  const programs = [false, true].map((optimize) => compile(graph, { optimize, maximumRows }));
  const expected = runProgram(REFERENCE, programs[0], values, rows);
  for (const backend of BACKENDS) {
    for (const [i, program] of programs.entries()) {
      const actual = backend === REFERENCE && i === 0 ? expected : runProgram(backend, program, values, rows);
      const tolerance = backend === REFERENCE ? REFERENCE_TOLERANCE : FLOAT_TOLERANCE;
      const spared = gradientsSpared(program);
      for (const [name, value] of expected) {
        if (spared.has(name)) continue;
        const off = error(actual.get(name)!, value);
        if (off <= tolerance) continue;
        const how = `seed ${seed}, ${backend.name}, ${i ? 'optimised' : 'as written'}, ${rows}/${maximumRows} rows`;
        expect.fail(`${how}: ${name} is off by ${off}\n${printGraph(graph)}`);
      }
    }
  }
}

describe('random graphs agree on all backends, optimised and as written', () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => chunk))('the %sth tenth', (chunk) => {
    for (let seed = chunk; seed < GRAPHS; seed += CHUNKS) check(seed);
  });
});
