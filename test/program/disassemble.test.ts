/** Programs and memory plans for people. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, matmul, mean, relu, square } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { describeMemory, disassemble } from '../../src/program/disassemble.ts';
import { instructions } from '../../src/program/format.ts';

function program() {
  const graph = new Graph();
  const x = graph.input('x', [BATCH, 3]);
  const weight = graph.parameter('0.weight', [3, 5]);
  const bias = graph.parameter('0.bias', [5]);
  const y = graph.from({ parts: [], layer: ['0'], backward: false }, () => relu(add(matmul(x, weight), bias)));
  const loss = graph.within('loss', () => mean(square(y)));
  graph.outputs.set('loss', loss);
  differentiateGraph(loss, [weight, bias]).forEach((delta, i) => {
    graph.gradients.set(['0.weight', '0.bias'][i], delta);
  });
  return compile(graph, { maximumRows: 32 });
}

describe('a disassembly', () => {
  const compiled = program();
  const lines = disassemble(compiled).split('\n');

  it('has a line for each instruction, with its word', () => {
    const all = [...instructions(compiled)];
    expect(lines.map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual(all.map(({ at, op }) => [String(at), op.name]));
  });

  it('names inputs, parameters, layers, activations and sizes that depend on the batch', () => {
    expect(lines[0]).toMatch(/affine +a=x b=0\.weight bias=0\.bias out=@\d+ .*m=batch n=5 k=3 .*relu +; 0$/);
    expect(lines.some((line) => line.includes('; 0 backward'))).toBe(true);
    expect(lines.some((line) => line.includes('; loss'))).toBe(true);
  });
});

describe('a memory plan', () => {
  it('lists every buffer and what planning saves, in bytes', () => {
    const compiled = program();
    const lines = describeMemory(compiled, 8).split('\n');
    expect(lines).toHaveLength(compiled.buffers.length + 2);
    expect(lines[1]).toMatch(/^ +0 +120 +always +0\.weight$/);
    expect(lines.at(-1)).toMatch(
      new RegExp(`arena: ${compiled.arenaSize * 8} bytes with planning, ${compiled.unplannedSize * 8} without .* at 32 rows`),
    );
  });
});
