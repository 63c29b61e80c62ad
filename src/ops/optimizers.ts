/** One optimiser step over a run of parameters, in place. Formulas and defaults are PyTorch's. */
import { count } from './shape.ts';
import { defineOp, type OpSpec, type Shape } from './spec.ts';

const size = (inputs: readonly Shape[]) => count(inputs[0]);

/** Added to the gradient, times the parameter. */
const WEIGHT_DECAY = { weightDecay: { kind: 'number', default: 0 } } as const;
/** Keeps a divisor from being 0. */
const EPSILON = { epsilon: { kind: 'nonNegative' } } as const;

/** xⁿ by repeated squaring in double precision: the same bits on every backend. Of n, what no integer holds counts as the largest. */
export function integerPower(x: number, n: number): number {
  let result = 1;
  let square = x;
  for (let rest = Math.min(n, Number.MAX_SAFE_INTEGER); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

export const UPDATES: readonly OpSpec[] = [
  defineOp({
    name: 'sgd',
    synopsis: 'g ← gradient + weightDecay·p; p ← p − η·g',
    operands: { parameter: 'inout', gradient: 'in', learningRate: 'in' },
    scalars: { size: 'size', weightDecay: 'float' },
    attributes: WEIGHT_DECAY,
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), weightDecay: attributes.weightDecay }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    evaluate: ({ parameter, gradient, learningRate, size, weightDecay }) => {
      for (let i = 0; i < size; i++) parameter[i] -= learningRate[0] * (gradient[i] + weightDecay * parameter[i]);
    },
  }),
  defineOp({
    name: 'momentum',
    synopsis: 'v ← μ·v + g; p ← p − η·(nesterov ? g + μ·v : v)',
    operands: { parameter: 'inout', gradient: 'in', velocity: 'inout', learningRate: 'in' },
    scalars: { size: 'size', momentum: 'float', weightDecay: 'float', nesterov: 'integer' },
    attributes: { momentum: { kind: 'number' }, ...WEIGHT_DECAY, nesterov: { kind: 'flag', default: false } },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({
      size: size(inputs),
      momentum: attributes.momentum,
      weightDecay: attributes.weightDecay,
      nesterov: attributes.nesterov ? 1 : 0,
    }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, velocity: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    evaluate: ({ parameter, gradient, velocity, learningRate, size, momentum, weightDecay, nesterov }) => {
      for (let i = 0; i < size; i++) {
        const g = gradient[i] + weightDecay * parameter[i];
        velocity[i] = momentum * velocity[i] + g;
        parameter[i] -= learningRate[0] * (nesterov ? g + momentum * velocity[i] : velocity[i]);
      }
    },
  }),
  defineOp({
    name: 'adagrad',
    synopsis: 's ← s + g²; p ← p − η·g / (√s + ε), Duchi et al. 2011',
    operands: { parameter: 'inout', gradient: 'in', squares: 'inout', learningRate: 'in' },
    scalars: { size: 'size', epsilon: 'float', weightDecay: 'float' },
    attributes: { ...EPSILON, ...WEIGHT_DECAY },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({
      size: size(inputs),
      epsilon: attributes.epsilon,
      weightDecay: attributes.weightDecay,
    }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, squares: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    evaluate: ({ parameter, gradient, squares, learningRate, size, epsilon, weightDecay }) => {
      for (let i = 0; i < size; i++) {
        const g = gradient[i] + weightDecay * parameter[i];
        squares[i] += g * g;
        parameter[i] -= (learningRate[0] * g) / (Math.sqrt(squares[i]) + epsilon);
      }
    },
  }),
  defineOp({
    name: 'rmsprop',
    synopsis: 's ← ρ·s + (1 − ρ)·g²; p ← p − η·g / (√s + ε), Tieleman & Hinton 2012',
    operands: { parameter: 'inout', gradient: 'in', squares: 'inout', learningRate: 'in' },
    scalars: { size: 'size', decay: 'float', epsilon: 'float', weightDecay: 'float' },
    attributes: { decay: { kind: 'number' }, ...EPSILON, ...WEIGHT_DECAY },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({
      size: size(inputs),
      decay: attributes.decay,
      epsilon: attributes.epsilon,
      weightDecay: attributes.weightDecay,
    }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, squares: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    evaluate: ({ parameter, gradient, squares, learningRate, size, decay, epsilon, weightDecay }) => {
      for (let i = 0; i < size; i++) {
        const g = gradient[i] + weightDecay * parameter[i];
        squares[i] = decay * squares[i] + (1 - decay) * g * g;
        parameter[i] -= (learningRate[0] * g) / (Math.sqrt(squares[i]) + epsilon);
      }
    },
  }),
  defineOp({
    name: 'adam',
    synopsis:
      'm ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← p − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε), Kingma & Ba 2015; decoupled: weight decay on p, Loshchilov & Hutter 2019',
    operands: { parameter: 'inout', gradient: 'in', mean: 'inout', variance: 'inout', learningRate: 'in', step: 'in' },
    scalars: { size: 'size', beta1: 'float', beta2: 'float', epsilon: 'float', weightDecay: 'float', decoupled: 'integer' },
    attributes: {
      beta1: { kind: 'number' },
      beta2: { kind: 'number' },
      ...EPSILON,
      ...WEIGHT_DECAY,
      decoupled: { kind: 'flag', default: false },
    },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({
      size: size(inputs),
      beta1: attributes.beta1,
      beta2: attributes.beta2,
      epsilon: attributes.epsilon,
      weightDecay: attributes.weightDecay,
      decoupled: attributes.decoupled ? 1 : 0,
    }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, mean: s.size, variance: s.size, learningRate: 1, step: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    evaluate: ({ parameter, gradient, mean, variance, learningRate, step, size, beta1, beta2, epsilon, weightDecay, decoupled }) => {
      const [t] = step;
      const rate = learningRate[0] / (1 - integerPower(beta1, t));
      const correction = Math.sqrt(1 - integerPower(beta2, t));
      const shrink = decoupled ? 1 - learningRate[0] * weightDecay : 1;
      const decay = decoupled ? 0 : weightDecay;
      for (let i = 0; i < size; i++) {
        const g = gradient[i] + decay * parameter[i];
        mean[i] = beta1 * mean[i] + (1 - beta1) * g;
        variance[i] = beta2 * variance[i] + (1 - beta2) * g * g;
        parameter[i] = parameter[i] * shrink - (rate * mean[i]) / (Math.sqrt(variance[i]) / correction + epsilon);
      }
    },
  }),
];
