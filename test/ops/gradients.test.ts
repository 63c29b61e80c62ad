/** Every gradient rule against central differences, in float64 on the reference backend. */
import { describe, expect, it } from 'vitest';
import { GradientError } from '../../src/errors.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, sum } from '../../src/graph/functions.ts';
import type { GraphValue } from '../../src/graph/graph.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { noGradient, type OpSpec } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { applyOp, compareGradients, isSmooth, smallCases, weightedLoss } from './gradient-cases.ts';
import { describeCase, type OpCase } from './op-case.ts';

const TOLERANCE = 1e-7;
const DIFFERENTIABLE = OPS.filter((op) => op.outputs.length > 0 && (op.expand || (op.gradient && op.gradient !== noGradient)));
/** Those through which a δ would flow if they had a rule. */
const WITHOUT_RULE = OPS.filter(
  (op) => op.outputs.length > 0 && op.inputs.length > 0 && !op.compiled && op.gradient !== noGradient && !DIFFERENTIABLE.includes(op),
);

function check(test: OpCase, seed: number, order: 1 | 2 = 1): void {
  const { error, where } = compareGradients(test, seed, order);
  expect(error, where).toBeLessThanOrEqual(order === 1 ? TOLERANCE : 1e-6);
}

describe('gradient rules', () => {
  it('exist for every op that makes results of inputs, but for those that are themselves ways back', () => {
    expect(WITHOUT_RULE.map((op) => op.name)).toEqual(['ctcGradient', 'rnnGradient', 'lstmGradient', 'gruGradient', 'previousStates']);
  });

  describe.each(DIFFERENTIABLE.map((op) => [op.name, op] as const))('agree with central differences: %s', (_, op) => {
    const cases = smallCases(op);
    it('has small cases', () => expect(cases.length).toBeGreaterThan(2));
    cases.forEach((test, i) => {
      it(describeCase(test), () => check(test, i));
    });
  });
});

/** Of an op whose way back has no rule: the error says which. */
function checkSecond(test: OpCase, seed: number): void {
  try {
    check(test, seed, 2);
  } catch (error) {
    if (!(error instanceof GradientError)) throw error;
    expect(WITHOUT_RULE.filter(({ name }) => error.message.includes(`got ${name},`))).toHaveLength(1);
  }
}

describe('second derivatives', () => {
  describe.each(DIFFERENTIABLE.map((op) => [op.name, op] as const))('agree with central differences, or are refused: %s', (_, op) => {
    smallCases(op)
      .slice(0, 2)
      .forEach((test, i) => {
        it(describeCase(test), () => checkSecond(test, i));
      });
  });

  it('are refused of recurrences and alignments alone', () => {
    const refused = DIFFERENTIABLE.filter((op) => {
      const { graph, inputs, outputs } = applyOp(smallCases(op)[0]);
      const wanted = inputs.filter((input, i) => input && isSmooth(smallCases(op)[0], i)) as GraphValue[];
      try {
        differentiateGraph(
          differentiateGraph(weightedLoss(graph, outputs), wanted)
            .map((delta) => sum(delta))
            .reduce(add),
          wanted,
        );
        return false;
      } catch (error) {
        return error instanceof GradientError;
      }
    });
    expect(refused.map(({ name }) => name)).toEqual(['ctc', 'rnn', 'lstm', 'gru']);
  });
});

describe('a broken rule', () => {
  const broken: readonly (readonly [string, OpSpec])[] = [
    [
      'of the wrong sign',
      { ...opNamed('tanh'), gradient: (m, { inputs: [x] }, [delta]) => [delta && m.negate(m.multiply(delta, m.exp(x)))] },
    ],
    [
      'that is off by a thousandth',
      { ...opNamed('square'), gradient: (m, { inputs: [x] }, [delta]) => [delta && m.multiply(2.002, m.multiply(delta, x))] },
    ],
    [
      'that forgets an input',
      {
        ...opNamed('multiply'),
        gradient: (m, { inputs: [x, y] }, [delta]) => [delta && m.sumTo(m.multiply(delta, y), x.shape), undefined],
      },
    ],
  ];

  it.each(broken)('%s is caught', (_, op) => {
    const errors = smallCases(op).map((test, i) => compareGradients(test, i).error);
    expect(Math.max(...errors)).toBeGreaterThan(1e3 * TOLERANCE);
  });
});

describe('operands of class indices and masks', () => {
  it('take no δ', () => {
    const indices = DIFFERENTIABLE.flatMap(smallCases).filter((test) => test.inputs.some((_, i) => !isSmooth(test, i)));
    expect(new Set(indices.map(({ op }) => op.name))).toEqual(
      new Set([
        ...['pick', 'scatter', 'softmaxCrossEntropy', 'softmaxCrossEntropyGradient', 'ctc', 'rnn', 'lstm', 'gru'],
        ...['embed', 'embedGradient', 'attention', 'attentionGradient'],
      ]),
    );
  });
});
