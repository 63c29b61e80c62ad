/**
 * The scalar functions of the element-wise ops, and their derivatives. A derivative is written once over `Algebra`: with numbers it is the
 * reference, with graph values it is the gradient rule.
 */
import type { ActivationFacts, Algebra, Trait } from './spec.ts';

type Arithmetic = <T>(m: Algebra<T>, v: { x: T; y: T; alpha: number }) => T | number;

export interface UnaryFunction {
  readonly name: string;
  value(x: number, alpha: number): number;
  /** f′, from the input x or from the output y = f(x), whichever `saves` names. */
  readonly derivative: Arithmetic;
  /** The value that the backward pass keeps of the forward pass. */
  readonly saves: 'x' | 'y' | 'nothing';
  /** Default of the function's one parameter; absent where it has none. */
  readonly alpha?: number;
  readonly tolerance?: number;
  readonly gives?: readonly Trait[];
  /** True where only the compiler makes operations of it. */
  readonly compiled?: boolean;
}

export interface ActivationFunction extends UnaryFunction {
  readonly activation: ActivationFacts;
}

export const SELU_ALPHA = 1.6732632423543772;
export const SELU_SCALE = 1.0507009873554805;
const TWO_OVER_SQRT_PI = 1.1283791670955126;
const SQRT_HALF = Math.SQRT1_2;
export const SQRT_TWO_OVER_PI = 0.7978845608028654;
const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
export const GELU_CUBIC = 0.044715;
/**
 * From these magnitudes on gelu, geluTanh and silu are 0 or x, in double precision too. A larger factor would only become an infinity that
 * meets a 0.
 */
export const GELU_SATURATION = 64;
export const SILU_SATURATION = 1024;

/** Facts of relu and its kin, which pass about half of their inputs, and of the others. */
const HE: ActivationFacts = { over: 'element', initializer: 'heNormal' };
const GLOROT: ActivationFacts = { over: 'element', initializer: 'glorotUniform' };

/**
 * The functions layers use, in the order of their ids in programs (identity must stay first). Each has a fused gradient op and may
 * ride in a matmul's epilogue.
 */
const ACTIVATION_TABLE = [
  // x
  { name: 'identity', activation: GLOROT, saves: 'nothing', value: (x) => x, derivative: () => 1 },
  // 1 / (1 + e⁻ˣ)
  {
    name: 'sigmoid',
    activation: { ...GLOROT, saturates: true },
    gives: ['probabilities'],
    saves: 'y',
    value: sigmoid,
    derivative: (m, { y }) => m.multiply(y, m.subtract(1, y)),
  },
  // tanh x
  {
    name: 'tanh',
    activation: { ...GLOROT, saturates: true },
    saves: 'y',
    value: Math.tanh,
    derivative: (m, { y }) => m.subtract(1, m.square(y)),
  },
  // max(0, x)
  {
    name: 'relu',
    activation: { ...HE, dies: true },
    saves: 'y',
    value: (x) => Math.max(x, 0),
    derivative: (m, { y }) => m.step(y),
  },
  // x > 0 ? x : α·x
  {
    name: 'leakyRelu',
    activation: HE,
    saves: 'x',
    alpha: 0.01,
    value: (x, alpha) => (x > 0 ? x : alpha * x),
    derivative: (m, { x, alpha }) => m.add(alpha, m.multiply(1 - alpha, m.step(x))),
  },
  // x > 0 ? x : α·(eˣ − 1)
  {
    name: 'elu',
    activation: HE,
    saves: 'x',
    alpha: 1,
    value: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)),
    derivative: (m, { x, alpha }) => exponentialUnit(m, x, 1, alpha),
  },
  // λ·(x > 0 ? x : α·(eˣ − 1)), Klambauer et al. 2017
  {
    name: 'selu',
    activation: { ...HE, initializer: 'lecunNormal' },
    saves: 'x',
    value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    derivative: (m, { x }) => exponentialUnit(m, x, SELU_SCALE, SELU_SCALE * SELU_ALPHA),
  },
  // x·Φ(x), Hendrycks & Gimpel 2016
  {
    name: 'gelu',
    activation: HE,
    saves: 'x',
    value: (x) => 0.5 * Math.max(x, -GELU_SATURATION) * (1 + erf(x * SQRT_HALF)),
    derivative: (m, { x }) =>
      m.add(
        m.multiply(0.5, m.add(1, m.erf(m.multiply(x, SQRT_HALF)))),
        m.multiply(m.multiply(m.clamp(x, GELU_SATURATION), INVERSE_SQRT_TWO_PI), m.exp(m.multiply(-0.5, m.square(x)))),
      ),
  },
  // the tanh approximation of gelu
  {
    name: 'geluTanh',
    activation: HE,
    saves: 'x',
    value: (x) => 0.5 * Math.max(x, -GELU_SATURATION) * (1 + Math.tanh(SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x))),
    derivative: (m, v) => {
      const x = m.clamp(v.x, GELU_SATURATION);
      const square = m.square(x);
      const t = m.tanh(m.multiply(m.multiply(x, SQRT_TWO_OVER_PI), m.add(1, m.multiply(GELU_CUBIC, square))));
      const inner = m.multiply(SQRT_TWO_OVER_PI, m.add(1, m.multiply(3 * GELU_CUBIC, square)));
      return m.multiply(0.5, m.add(m.add(1, t), m.multiply(x, m.multiply(m.subtract(1, m.square(t)), inner))));
    },
  },
  // x·sigmoid(x)
  {
    name: 'silu',
    activation: HE,
    saves: 'x',
    value: (x) => Math.max(x, -SILU_SATURATION) * sigmoid(x),
    derivative: (m, { x }) => {
      const s = m.sigmoid(x);
      return m.multiply(s, m.add(1, m.multiply(m.clamp(x, SILU_SATURATION), m.subtract(1, s))));
    },
  },
  // ln(1 + eˣ)
  { name: 'softplus', activation: GLOROT, saves: 'x', value: softplus, derivative: (m, { x }) => m.sigmoid(x) },
  // min(max(x + 3, 0), 6) / 6
  {
    name: 'hardSigmoid',
    activation: { ...GLOROT, saturates: true },
    gives: ['probabilities'],
    saves: 'y',
    value: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
    derivative: (m, { y }) => m.divide(m.multiply(m.step(y), m.step(m.subtract(1, y))), 6),
  },
  // x·hardSigmoid(x)
  {
    name: 'hardSwish',
    activation: { ...HE, dies: true },
    saves: 'x',
    value: (x) => Math.max(x, -3) * (Math.min(Math.max(x + 3, 0), 6) / 6),
    derivative: (m, { x }) => {
      const above = m.step(m.subtract(x, 3));
      const inside = m.subtract(m.step(m.add(x, 3)), above);
      return m.add(above, m.multiply(inside, m.divide(m.add(m.multiply(2, m.clamp(x, 3)), 3), 6)));
    },
  },
] as const satisfies readonly ActivationFunction[];

export const ACTIVATIONS: readonly ActivationFunction[] = ACTIVATION_TABLE;

/** The activations of an element, by name. */
export type ElementActivation = (typeof ACTIVATION_TABLE)[number]['name'];

/** The other functions of one argument. */
export const MATHEMATICS: readonly UnaryFunction[] = [
  // −x
  { name: 'negate', saves: 'nothing', value: (x) => -x, derivative: () => -1 },
  // eˣ
  { name: 'exp', saves: 'y', value: Math.exp, derivative: (_, { y }) => y },
  // ln x
  { name: 'log', saves: 'x', value: Math.log, derivative: (m, { x }) => m.divide(1, x) },
  // √x
  { name: 'sqrt', saves: 'y', value: Math.sqrt, derivative: (m, { y }) => m.divide(0.5, y) },
  // x²
  { name: 'square', saves: 'x', value: (x) => x * x, derivative: (m, { x }) => m.multiply(2, x) },
  // |x|
  { name: 'abs', saves: 'x', value: Math.abs, derivative: (m, { x }) => m.sign(x) },
  // −1, 0 or 1
  { name: 'sign', saves: 'nothing', value: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0), derivative: () => 0 },
  // x > 0 ? 1 : 0
  { name: 'step', saves: 'nothing', value: (x) => (x > 0 ? 1 : 0), derivative: () => 0 },
  // 2/√π ∫₀ˣ e^(−t²) dt
  {
    name: 'erf',
    saves: 'x',
    value: erf,
    derivative: (m, { x }) => m.multiply(TWO_OVER_SQRT_PI, m.exp(m.negate(m.square(x)))),
  },
  // min(max(x, −α), α)
  {
    name: 'clamp',
    saves: 'x',
    alpha: 1,
    value: (x, alpha) => (x > alpha ? alpha : Math.max(x, -alpha)),
    derivative: (m, { x, alpha }) => m.step(m.subtract(alpha, m.abs(x))),
  },
  // the bfloat16 nearest to x, of two the one whose last bit is 0
  {
    name: 'roundBfloat16',
    saves: 'nothing',
    value: toBfloat16,
    derivative: () => 0,
    compiled: true,
  },
];

type Partial = <T>(m: Algebra<T>, v: { x: T; y: T; out: T; alpha: number }) => T | number;

export interface BinaryFunction {
  readonly name: string;
  value(x: number, y: number, alpha: number): number;
  /** ∂f/∂x and ∂f/∂y. */
  readonly partials: readonly [Partial, Partial];
  readonly alpha?: number;
  /** True for arithmetic of an instruction or few: kernels then have a loop for each way in which its operands are read. */
  readonly isArithmetic?: boolean;
  /** True where f(x, y) is f(y, x). */
  readonly isCommutative?: boolean;
  /** True for an element of a loss: δ of x is one fused op. */
  readonly fusedGradient?: boolean;
  readonly tolerance?: number;
}

/** Smallest logarithm that binaryCrossEntropy takes, as in PyTorch: a saturated probability costs 100, not infinity. */
export const LOG_FLOOR = -100;
export const PROBABILITY_FLOOR = 1e-12;
/** The smallest float32 with all of its digits. */
export const SMALLEST_NORMAL = 1.1754943508222875e-38;

export const BINARY_FUNCTIONS: readonly BinaryFunction[] = [
  // x + y
  { name: 'add', isArithmetic: true, isCommutative: true, value: (x, y) => x + y, partials: [() => 1, () => 1] },
  // x − y
  { name: 'subtract', isArithmetic: true, value: (x, y) => x - y, partials: [() => 1, () => -1] },
  // x · y
  {
    name: 'multiply',
    isArithmetic: true,
    isCommutative: true,
    value: (x, y) => x * y,
    partials: [(_, { y }) => y, (_, { x }) => x],
  },
  // x / y
  {
    name: 'divide',
    isArithmetic: true,
    value: (x, y) => x / y,
    partials: [(m, { y }) => m.divide(1, y), (m, { y, out }) => m.negate(m.divide(out, y))],
  },
  // xʸ
  {
    name: 'power',
    value: (x, y) => x ** y,
    partials: [
      // Where y is 0 the power is constant, at x = 0 too: x⁰ instead of x⁻¹.
      (m, { x, y }) => m.multiply(y, m.power(x, m.multiply(m.subtract(y, 1), m.abs(m.sign(y))))),
      // Where x is 0, ln 1 instead of ln 0.
      (m, { x, out }) => m.multiply(out, m.log(m.add(x, m.subtract(1, m.abs(m.sign(x)))))),
    ],
    tolerance: 1e-4,
  },
  // the larger of x and y; where they are equal each takes half of δ
  {
    name: 'maximum',
    isArithmetic: true,
    value: (x, y) => Math.max(x, y),
    partials: [(m, { x, y }) => firstIsLarger(m, x, y), (m, { x, y }) => firstIsLarger(m, y, x)],
  },
  // the smaller of x and y; where they are equal each takes half of δ
  {
    name: 'minimum',
    isArithmetic: true,
    value: (x, y) => Math.min(x, y),
    partials: [(m, { x, y }) => firstIsLarger(m, y, x), (m, { x, y }) => firstIsLarger(m, x, y)],
  },
  // ½(x − y)²
  {
    name: 'squaredError',
    isArithmetic: true,
    value: (x, y) => 0.5 * (x - y) * (x - y),
    partials: [(m, { x, y }) => m.subtract(x, y), (m, { x, y }) => m.subtract(y, x)],
    fusedGradient: true,
  },
  // |x − y|
  {
    name: 'absoluteError',
    isArithmetic: true,
    value: (x, y) => Math.abs(x - y),
    partials: [(m, { x, y }) => m.sign(m.subtract(x, y)), (m, { x, y }) => m.sign(m.subtract(y, x))],
    fusedGradient: true,
  },
  // ½d² where |d| ≤ α, else α·(|d| − ½α); d = x − y
  {
    name: 'huberError',
    alpha: 1,
    value: (x, y, alpha) => (Math.abs(x - y) <= alpha ? 0.5 * (x - y) * (x - y) : alpha * (Math.abs(x - y) - 0.5 * alpha)),
    partials: [(m, { x, y, alpha }) => m.clamp(m.subtract(x, y), alpha), (m, { x, y, alpha }) => m.clamp(m.subtract(y, x), alpha)],
    fusedGradient: true,
  },
  // cross-entropy of sigmoid(x) against y, from the logit: max(x, 0) − x·y + ln(1 + e^−|x|)
  {
    name: 'logisticError',
    value: (x, y) => Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x))),
    partials: [(m, { x, y }) => m.subtract(m.sigmoid(x), y), (m, { x }) => m.negate(x)],
    fusedGradient: true,
  },
  // cross-entropy of the probability x against y, logarithms not below −100
  {
    name: 'bernoulliError',
    value: (x, y) => -(y * Math.max(Math.log(x), LOG_FLOOR) + (1 - y) * Math.max(Math.log(1 - x), LOG_FLOOR)),
    partials: [
      (m, { x, y }) => m.divide(m.subtract(x, y), m.maximum(m.multiply(x, m.subtract(1, x)), PROBABILITY_FLOOR)),
      (m, { x }) => m.subtract(m.maximum(m.log(m.subtract(1, x)), LOG_FLOOR), m.maximum(m.log(x), LOG_FLOOR)),
    ],
    fusedGradient: true,
  },
  // y·(ln y − x) for a log-probability x; 0 where y is 0
  {
    name: 'relativeEntropy',
    value: (x, y) => (y > 0 ? y * (Math.log(y) - x) : 0),
    partials: [
      (m, { y }) => m.negate(m.maximum(y, 0)),
      (m, { x, y }) => m.multiply(m.step(y), m.subtract(m.add(m.log(m.maximum(y, SMALLEST_NORMAL)), 1), x)),
    ],
    fusedGradient: true,
  },
];

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

const ONE_FLOAT = new Float32Array(1);
const ITS_BITS = new Int32Array(ONE_FLOAT.buffer);

/** By the bits of x as a float32. */
export function toBfloat16(x: number): number {
  ONE_FLOAT[0] = x;
  if (Number.isNaN(x)) return x;
  const bits = ITS_BITS[0];
  ITS_BITS[0] = (bits + 0x7fff + ((bits >> 16) & 1)) & ~0xffff;
  return ONE_FLOAT[0];
}

/** Maclaurin series below 2.5, the continued fraction of erfc (Lentz's method) from there on: full double precision. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (magnitude >= 6) return Math.sign(x);
  return Math.sign(x) * (magnitude < 2.5 ? erfSeries(magnitude) : 1 - erfcFraction(magnitude));
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return TWO_OVER_SQRT_PI * sum;
}

function erfcFraction(x: number): number {
  const terms = 60;
  let fraction = x;
  for (let n = terms; n >= 1; n--) fraction = x + n / 2 / fraction;
  return (Math.exp(-x * x) * TWO_OVER_SQRT_PI) / 2 / fraction;
}

/** 1 where a > b, 0 where a < b, ½ where they are equal. */
function firstIsLarger<T>(m: Algebra<T>, a: T, b: T): T {
  return m.multiply(0.5, m.add(1, m.sign(m.subtract(a, b))));
}

/** `scale` where x > 0, else `alpha`·eˣ; the exponent is clipped so that the branch not taken stays finite. */
function exponentialUnit<T>(m: Algebra<T>, x: T, scale: number, alpha: number): T {
  const positive = m.step(x);
  const negative = m.multiply(alpha, m.exp(m.minimum(x, 0)));
  return m.add(m.multiply(scale, positive), m.multiply(m.subtract(1, positive), negative));
}
