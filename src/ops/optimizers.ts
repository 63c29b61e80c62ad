/** One optimiser step over a run of parameters, in place. Formulas and defaults are PyTorch's. */
import { arenaElements } from './bfloat16.ts';
import { ROUNDING_WORK, STREAM, withRounding } from './rounded-states.ts';
import { count } from './shape.ts';
import { type AttributesOf, defineOp, type ReferenceOf, type Shape } from './spec.ts';

const size = (inputs: readonly Shape[]) => count(inputs[0]);

/** Added to the gradient, times the parameter. */
export const WEIGHT_DECAY = { weightDecay: { kind: 'number', default: 0 } } as const;
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

export const MOMENTUM_ATTRIBUTES = {
  momentum: { kind: 'number' },
  ...WEIGHT_DECAY,
  nesterov: { kind: 'flag', default: false },
} as const;

export const momentumNumbers = ({ momentum, weightDecay, nesterov }: AttributesOf<typeof MOMENTUM_ATTRIBUTES>) => ({
  ...{ momentum, weightDecay, nesterov: nesterov ? 1 : 0 },
});

interface MomentumFrame {
  readonly learningRate: Float64Array;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: number;
}

/** The update of element `at` by its gradient. */
export function momentumStep({ learningRate, momentum, weightDecay, nesterov }: MomentumFrame) {
  return ({ parameter, velocity }: Readonly<Record<'parameter' | 'velocity', Float64Array>>, at: number, gradient: number): void => {
    const g = gradient + weightDecay * parameter[at];
    velocity[at] = momentum * velocity[at] + g;
    parameter[at] -= learningRate[0] * (nesterov ? g + momentum * velocity[at] : velocity[at]);
  };
}

export const ADAM_ATTRIBUTES = {
  beta1: { kind: 'number' },
  beta2: { kind: 'number' },
  ...EPSILON,
  ...WEIGHT_DECAY,
  decoupled: { kind: 'flag', default: false },
} as const;

export const adamNumbers = ({ beta1, beta2, epsilon, weightDecay, decoupled }: AttributesOf<typeof ADAM_ATTRIBUTES>) => ({
  ...{ beta1, beta2, epsilon, weightDecay, decoupled: decoupled ? 1 : 0 },
});

interface AdamFrame {
  readonly learningRate: Float64Array;
  readonly step: Float64Array;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly decoupled: number;
}

/** The update of element `at` by its gradient. */
export function adamStep({ learningRate, step, beta1, beta2, epsilon, weightDecay, decoupled }: AdamFrame) {
  const [t] = step;
  const rate = learningRate[0] / (1 - integerPower(beta1, t));
  const correction = Math.sqrt(1 - integerPower(beta2, t));
  const shrink = decoupled ? 1 - learningRate[0] * weightDecay : 1;
  const decay = decoupled ? 0 : weightDecay;
  type Elements = Readonly<Record<'parameter' | 'mean' | 'variance', Float64Array>>;
  return ({ parameter, mean, variance }: Elements, at: number, gradient: number): void => {
    const g = gradient + decay * parameter[at];
    mean[at] = beta1 * mean[at] + (1 - beta1) * g;
    variance[at] = beta2 * variance[at] + (1 - beta2) * g * g;
    parameter[at] = parameter[at] * shrink - (rate * mean[at]) / (Math.sqrt(variance[at]) / correction + epsilon);
  };
}

const packedSize = (size: number) => arenaElements('bfloat16', size);

/** What updates with states of bfloat16 share. */
const ROUNDED = {
  context: true,
  divide: () => ({ over: 'size' }) as const,
  ranges: ['size'],
  work: ({ size }: { readonly size: number }) => (5 + ROUNDING_WORK) * size,
} as const;

export const UPDATES = [
  defineOp({
    /** g ← gradient + weightDecay·p; p ← p − η·g. */
    name: 'sgd',
    operands: { parameter: 'inout', gradient: 'in', learningRate: 'in' },
    scalars: { size: 'size', weightDecay: 'float' },
    attributes: WEIGHT_DECAY,
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), weightDecay: attributes.weightDecay }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
  }),
  defineOp({
    /** v ← μ·v + g; p ← p − η·(nesterov ? g + μ·v : v). */
    name: 'momentum',
    operands: { parameter: 'inout', gradient: 'in', velocity: 'inout', learningRate: 'in' },
    scalars: { size: 'size', momentum: 'float', weightDecay: 'float', nesterov: 'integer' },
    attributes: MOMENTUM_ATTRIBUTES,
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), ...momentumNumbers(attributes) }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, velocity: s.size, learningRate: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
  }),
  defineOp({
    /** s ← s + g²; p ← p − η·g / (√s + ε), Duchi et al. 2011. */
    name: 'adagrad',
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
  }),
  defineOp({
    /** s ← ρ·s + (1 − ρ)·g²; p ← p − η·g / (√s + ε), Tieleman & Hinton 2012. */
    name: 'rmsprop',
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
  }),
  defineOp({
    /**
     * m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← p − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε), Kingma & Ba 2015; decoupled: weight decay
     * on p, Loshchilov & Hutter 2019.
     */
    name: 'adam',
    operands: { parameter: 'inout', gradient: 'in', mean: 'inout', variance: 'inout', learningRate: 'in', step: 'in' },
    scalars: { size: 'size', beta1: 'float', beta2: 'float', epsilon: 'float', weightDecay: 'float', decoupled: 'integer' },
    attributes: ADAM_ATTRIBUTES,
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), ...adamNumbers(attributes) }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, mean: s.size, variance: s.size, learningRate: 1, step: 1 }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
  }),
  defineOp({
    /** momentum, with the velocity as bfloat16. */
    name: 'momentumBfloat16',
    ...ROUNDED,
    bfloat16: ['velocity'],
    operands: { parameter: 'inout', gradient: 'in', velocity: 'inout', learningRate: 'in', step: 'in' },
    scalars: { size: 'size', momentum: 'float', weightDecay: 'float', nesterov: 'integer', stream: 'integer' },
    attributes: { ...MOMENTUM_ATTRIBUTES, ...STREAM },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), ...momentumNumbers(attributes), stream: attributes.stream }),
    extents: (s) => ({ parameter: s.size, gradient: s.size, velocity: packedSize(s.size), learningRate: 1, step: 1 }),
  }),
  defineOp({
    /** adam, with the means of g and g² as bfloat16. */
    name: 'adamBfloat16',
    ...ROUNDED,
    bfloat16: ['mean', 'variance'],
    operands: { parameter: 'inout', gradient: 'in', mean: 'inout', variance: 'inout', learningRate: 'in', step: 'in' },
    scalars: {
      ...{ size: 'size', beta1: 'float', beta2: 'float', epsilon: 'float', weightDecay: 'float', decoupled: 'integer' },
      stream: 'integer',
    },
    attributes: { ...ADAM_ATTRIBUTES, ...STREAM },
    shapes: () => [],
    lower: (inputs, _, attributes) => ({ size: size(inputs), ...adamNumbers(attributes), stream: attributes.stream }),
    extents: (s) => ({
      ...{ parameter: s.size, gradient: s.size, mean: packedSize(s.size), variance: packedSize(s.size), learningRate: 1, step: 1 },
    }),
  }),
];

export const UPDATES_REFERENCE: ReferenceOf<(typeof UPDATES)[number]> = {
  sgd: ({ parameter, gradient, learningRate, size, weightDecay }) => {
    for (let i = 0; i < size; i++) parameter[i] -= learningRate[0] * (gradient[i] + weightDecay * parameter[i]);
  },
  momentum: ({ parameter, gradient, velocity, size, ...numbers }) => {
    const step = momentumStep(numbers);
    for (let i = 0; i < size; i++) step({ parameter, velocity }, i, gradient[i]);
  },
  adagrad: ({ parameter, gradient, squares, learningRate, size, epsilon, weightDecay }) => {
    for (let i = 0; i < size; i++) {
      const g = gradient[i] + weightDecay * parameter[i];
      squares[i] += g * g;
      parameter[i] -= (learningRate[0] * g) / (Math.sqrt(squares[i]) + epsilon);
    }
  },
  rmsprop: ({ parameter, gradient, squares, learningRate, size, decay, epsilon, weightDecay }) => {
    for (let i = 0; i < size; i++) {
      const g = gradient[i] + weightDecay * parameter[i];
      squares[i] = decay * squares[i] + (1 - decay) * g * g;
      parameter[i] -= (learningRate[0] * g) / (Math.sqrt(squares[i]) + epsilon);
    }
  },
  adam: ({ parameter, gradient, mean, variance, size, ...numbers }) => {
    const update = adamStep(numbers);
    for (let i = 0; i < size; i++) update({ parameter, mean, variance }, i, gradient[i]);
  },
  momentumBfloat16: ({ parameter, gradient, velocity: words, size, ...numbers }) => {
    const step = momentumStep(numbers);
    withRounding([words], size, numbers, ([velocity]) => {
      for (let i = 0; i < size; i++) step({ parameter, velocity }, i, gradient[i]);
    });
  },
  adamBfloat16: ({ parameter, gradient, mean: meanWords, variance: varianceWords, size, ...numbers }) => {
    const update = adamStep(numbers);
    withRounding([meanWords, varianceWords], size, numbers, ([mean, variance]) => {
      for (let i = 0; i < size; i++) update({ parameter, mean, variance }, i, gradient[i]);
    });
  },
};
