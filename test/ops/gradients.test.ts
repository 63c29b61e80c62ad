/** Every gradient rule against central differences, in float64 on the reference backend. */
import { describe, expect, it } from 'vitest';
import { noGradient, type OpSpec } from '../../src/ops/spec.ts';
import { OPS, opNamed } from '../../src/ops/table.ts';
import { compareGradients, isSmooth, smallCases, WITHOUT_GRADIENT } from './gradient-cases.ts';
import { describeCase, type OpCase } from './op-case.ts';

const TOLERANCE = 1e-7;
const DIFFERENTIABLE = OPS.filter((op) => op.outputs.length > 0 && (op.expand || (op.gradient && op.gradient !== noGradient)));

function check(test: OpCase, seed: number, order: 1 | 2 = 1): void {
  const { error, where } = compareGradients(test, seed, order);
  expect(error, where).toBeLessThanOrEqual(order === 1 ? TOLERANCE : 1e-6);
}

describe('gradient rules', () => {
  it('exist for every op but those that are listed', () => {
    expect(OPS.filter((op) => !DIFFERENTIABLE.includes(op)).map((op) => op.name)).toEqual(WITHOUT_GRADIENT);
  });

  describe.each(DIFFERENTIABLE.map((op) => [op.name, op] as const))('agree with central differences: %s', (_, op) => {
    const cases = smallCases(op);
    it('has small cases', () => expect(cases.length).toBeGreaterThan(2));
    cases.forEach((test, i) => {
      it(describeCase(test), () => check(test, i));
    });
  });
});

/** Smooth ones, whose derivatives are themselves fused ops with expansions. */
const TWICE = [
  ...['sigmoid', 'tanh', 'elu', 'gelu', 'geluTanh', 'silu', 'softplus', 'exp', 'log', 'sqrt', 'square', 'erf'],
  ...['multiply', 'divide', 'power', 'squaredError', 'logisticError', 'bernoulliError'],
  ...['softmax', 'logSoftmax', 'softmaxCrossEntropy', 'matmul', 'affine', 'deltaMatmul', 'sum', 'permute'],
  ...['batchNorm', 'normalize', 'embed', 'attention'],
];

describe('second derivatives', () => {
  describe.each(TWICE)('agree with central differences: %s', (name) => {
    smallCases(opNamed(name))
      .slice(0, 4)
      .forEach((test, i) => {
        it(describeCase(test), () => check(test, i, 2));
      });
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
