/** Where the parts of a program lie in its code. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { BackendError } from '../../src/errors.ts';
import { exp, log, sqrt } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import type { Part } from '../../src/origin.ts';
import { instructions } from '../../src/program/format.ts';
import { rangeOfPart } from '../../src/program/parts.ts';

/** Functions of x, one after the other, each within parts. */
function programOf(steps: readonly (readonly [readonly Part[], (x: GraphValue) => GraphValue])[]) {
  const graph = new Graph();
  let x = graph.input('x', [3]);
  for (const [parts, step] of steps) {
    const apply = parts.reduceRight<() => GraphValue>(
      (inner, part) => () => graph.within(part, inner),
      () => step(x),
    );
    x = apply();
  }
  graph.outputs.set('y', x);
  return compile(graph, { optimize: false });
}

describe('the range of a part', () => {
  const program = programOf([
    [['count'], exp],
    [['count'], log],
    [[], sqrt],
    [['update', 'clip'], exp],
    [['update'], log],
  ]);
  const starts = [...instructions(program)].map(({ at }) => at);

  it('of the code that begins a program ends where the network begins', () =>
    expect(rangeOfPart(program, 'count')).toEqual({ from: 0, to: starts[2] }));

  it('of the code that ends a program has the parts within it', () =>
    expect(rangeOfPart(program, 'update')).toEqual({ from: starts[3], to: program.code.length }));

  it('is that of an outermost part, and of one that the program has', () => {
    expect(rangeOfPart(program, 'clip')).toBeUndefined();
    expect(rangeOfPart(program, 'loss')).toBeUndefined();
  });

  it('is refused for a part whose instructions lie apart', () => {
    const scattered = programOf([
      [['record'], exp],
      [[], log],
      [['record'], sqrt],
    ]);
    expect(() => rangeOfPart(scattered, 'record')).toThrow(BackendError);
    expect(() => rangeOfPart(scattered, 'record')).toThrow('program: expected the instructions of record side by side, got one apart at');
  });
});
