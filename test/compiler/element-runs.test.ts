/** A thousand random graphs of element-wise operations, in runs and one by one: the same bits on every backend, and less memory touched. Which sums join. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { Elements } from '../../src/backends/backend.ts';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, mean, multiply, reshape, subtract, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Shape } from '../../src/ops/spec.ts';
import { disassemble } from '../../src/program/disassemble.ts';
import { instructions, type Program, resolveScalars } from '../../src/program/format.ts';
import { EAGER } from '../native/networks.ts';
import { addonFile, expectAddon } from '../native/programs.ts';
import { BACKENDS } from '../support/backends.ts';
import { runProgram } from '../support/run-graph.ts';
import { elementGraph } from './element-graph.ts';
import { opsOf } from './networks.ts';

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
    const reproducible = backend.with({ numerics: 'separate' });
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
    const [one, several] = [1, threads].map((count) => backend.with({ threads: count, numerics: 'separate' }));
    for (let seed = 0; seed < GRAPHS; seed += 20) {
      const { graph, values, rows, maximumRows } = elementGraph(seed);
      const program = compile(graph, { maximumRows });
      const expected = runProgram(one, program, values, rows);
      const actual = runProgram(several, program, values, rows);
      for (const [name, value] of expected) expect(differs(actual.get(name) as Elements, value), `seed ${seed}: ${name}`).toBe(-1);
    }
  });
});

describe('a sum', () => {
  const square = (x: GraphValue) => multiply(x, x);
  /** The instructions of values made of x and y. */
  function opsOfRuns(shape: Shape, body: (x: GraphValue, y: GraphValue) => readonly GraphValue[]): string[] {
    const graph = new Graph({ training: true });
    body(graph.input('x', shape), graph.input('y', shape)).forEach((value, i) => {
      graph.outputs.set(`${i}`, value);
    });
    return opsOf(compile(graph, { maximumRows: 3 }));
  }
  const loss = (x: GraphValue, y: GraphValue) => mean(square(subtract(x, y)));
  const withDelta = (x: GraphValue, y: GraphValue) => {
    const value = loss(x, y);
    return [value, differentiateGraph(value, [x])[0]];
  };
  const centred = (x: GraphValue, y: GraphValue) => {
    const z = square(add(x, y));
    return [subtract(z, reshape(mean(z, [1]), [BATCH, 1]))];
  };

  it.each<[string, Shape, (x: GraphValue, y: GraphValue) => readonly GraphValue[], readonly string[]]>([
    ['of a loss joins it', [BATCH, 5], (x, y) => [loss(x, y)], ['elementwise', 'scale']],
    ['of a loss leaves its δ in the run', [BATCH, 5], withDelta, ['scale', 'elementwise', 'scale']],
    ['of each row joins', [BATCH, 5], (x, y) => [sum(square(subtract(x, y)), [1])], ['elementwise']],
    [
      'and another over the same axes join',
      [4, 5],
      (x, y) => [sum(subtract(x, y), [1]), sum(multiply(x, y), [1])],
      ['elementwise', 'elementwise'],
    ],
    ['down the rows stays alone', [4, 5], (x, y) => [sum(square(subtract(x, y)), [0])], ['elementwise', 'sum']],
    ['of what no run makes stays alone', [4, 5], (x) => [sum(x)], ['sum']],
    ['that the same elements are compared with ends its run', [BATCH, 5], centred, ['elementwise', 'scale', 'subtract']],
    ['of 2²⁰ elements joins', [2 ** 20], (x, y) => [sum(multiply(x, y))], ['elementwise']],
    ['of more stays alone', [2 ** 20 + 1], (x, y) => [sum(multiply(x, y))], ['multiply', 'sum']],
  ])('%s', (_, shape, body, expected) => {
    expect(opsOfRuns(shape, body)).toEqual(expected);
  });
});
