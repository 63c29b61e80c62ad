/** Formulas that are one step of a run: each is found, and gives the bits of its functions one by one. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { COMPOSITIONS, type Formula, formulaArity } from '../../src/ops/compositions.ts';
import { ELEMENT_FUNCTIONS, sourceCount } from '../../src/ops/element-functions.ts';
import { decodeSteps, type ElementStep, encodeStep, FIRST_LITERAL, PLACES } from '../../src/ops/element-steps.ts';
import { instructions, type Program } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { runProgram, type Values } from '../support/run-graph.ts';

/** A block of a run, and some elements more that are no whole vectors. */
const SIZE = 1043;
const NUMBERS = [0.7, 0.3, 1.9, 0.6];

/** The formula, where sources that `isNumber` names are numbers. */
function graphOf(formula: Formula, isNumber: (k: number) => boolean): { graph: Graph; values: Values } {
  const graph = new Graph({ training: false });
  const values: Record<string, Float32Array> = {};
  const sources = Array.from({ length: formulaArity(formula) }, (_, k) => {
    if (isNumber(k)) return graph.constant(NUMBERS[k]);
    values[`x${k}`] = Float32Array.from({ length: SIZE }, (_, i) => 1.1 + Math.sin(1.7 * i + k));
    return graph.input(`x${k}`, [SIZE]);
  });
  const build = (part: Formula): GraphValue =>
    typeof part === 'number' ? sources[part] : graph.apply(part.function, part.of.map(build))[0];
  graph.outputs.set('out', build(formula));
  return { graph, values };
}

/** The steps of a program's only run. */
function stepsOf(program: Program): ElementStep[] {
  const [{ op, scalars }] = [...instructions(program)];
  expect(op.name).toBe('elementwise');
  return decodeSteps(Array.from({ length: 24 }, (_, i) => Number(scalars[`step${i}`])));
}

describe.each(COMPOSITIONS.map(({ name, formula }) => ({ name, formula })))('$name', ({ name, formula }) => {
  it('is one step', () => {
    const steps = stepsOf(compile(graphOf(formula, () => false).graph));
    expect(steps.map(({ function: f }) => f.name)).toEqual([name]);
  });

  it.each([
    ['elements', () => false],
    ['elements and numbers in turn', (k: number) => k % 2 === 1],
    ['numbers and elements in turn', (k: number) => k % 2 === 0],
  ])('has the bits of its functions, of %s', (_, isNumber) => {
    const { graph, values } = graphOf(formula, isNumber);
    const [apart, together] = [false, true].map((fusesElements) => compile(graph, { fusesElements }));
    for (const backend of BACKENDS) {
      const reproducible = backend.with({ numerics: 'separate' });
      expect(runProgram(reproducible, together, values).get('out')).toEqual(runProgram(reproducible, apart, values).get('out'));
    }
  });
});

describe('a step', () => {
  it.each(ELEMENT_FUNCTIONS.map((f) => [f.name, f] as const))('keeps what its word says: %s', (_, f) => {
    const step = { function: f, to: FIRST_LITERAL - 1, sources: Array.from({ length: sourceCount(f) }, (_, k) => PLACES - 1 - k) };
    expect(encodeStep(step)).toBeGreaterThan(0);
    expect(decodeSteps([encodeStep(step)])).toEqual([step]);
  });
});
