/** A fused op computes what its expansion computes. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import type { GraphValue } from '../../src/graph/graph.ts';
import type { Application } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { relativeDifference } from '../support/compare.ts';
import { runProgram } from '../support/run-graph.ts';
import { casesOf } from './families.ts';
import { applyOp, REFERENCE, sourcesOf, valuesOf } from './gradient-cases.ts';
import { describeCase, type OpCase } from './op-case.ts';

const FUSED = OPS.filter((op) => op.expand);
const TOLERANCE = 1e-12;

/**
 * In all that the op gives or changes. The op and its expansion side by side in one unoptimised program would both be expanded: so in two.
 */
function differences(test: OpCase, seed: number): number[] {
  const fused = applyOp(test);
  const spelled = sourcesOf(test);
  const application = { inputs: spelled.inputs, attributes: test.attributes } as unknown as Application;
  const expansion = test.op.expand!(new GraphExpressions(spelled.graph), application) as readonly GraphValue[];
  fused.outputs.forEach((output, i) => {
    expect(expansion[i].shape).toEqual(output.shape);
    fused.graph.outputs.set(`out${i}`, output);
    spelled.graph.outputs.set(`out${i}`, expansion[i]);
  });
  const [one, other] = [compile(fused.graph, options(test)), compile(spelled.graph, { ...options(test), optimize: false })];
  expect(one.code[0]).not.toBe(other.code[0]);
  const values = valuesOf(test, [], seed);
  const [actual, expected] = [one, other].map((program) => runProgram(REFERENCE, program, values, test.rows));
  return [...expected].map(([name, value]) => relativeDifference(actual.get(name)!, value));
}

const options = ({ maximumRows }: OpCase) => ({ maximumRows, fusesElements: false });

describe('a fused op equals its expansion:', () => {
  for (const op of FUSED) {
    casesOf(op).forEach((test, i) => {
      if (!test.special)
        it(describeCase(test), () => {
          for (const difference of differences(test, i)) expect(difference).toBeLessThanOrEqual(TOLERANCE);
        });
    });
  }
});
