/** The element-wise ops: one op for each scalar function, and a fused gradient for those that layers and losses use. */
import { ShapeError } from '../errors.ts';
import {
  ACTIVATIONS,
  type ActivationFunction,
  BINARY_FUNCTIONS,
  type BinaryFunction,
  erf,
  MATHEMATICS,
  sigmoid,
  softplus,
  type UnaryFunction,
} from './functions.ts';
import { broadcastShapes, broadcastStrides, collapse, count, formatShape, sameShape } from './shape.ts';
import {
  type Algebra,
  type Application,
  type AttributesOf,
  defineOp,
  type ElementExpressions,
  type Expressions,
  type Op,
  type OpSpec,
  type Shape,
  type Value,
} from './spec.ts';

/** How often a level moves on. Kernels read the first element even of an empty level. */
const turns = (size: number) => Math.max(0, size - 1);

/** The loop nest that a broadcasting kernel runs has at most this many levels. */
export const BROADCAST_LEVELS = 3;

/** The algebra of plain numbers, in which reference derivatives are evaluated. */
export const NUMBERS: Algebra<number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, b) => a ** b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  negate: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  step: (x) => (x > 0 ? 1 : 0),
  erf,
  sigmoid,
  tanh: Math.tanh,
  softplus,
  clamp: (x, limit) => (x > limit ? limit : Math.max(x, -limit)),
};

/** The function's parameter; functions without one ignore it. */
const alphaOf = ({ alpha = 0 }: { readonly alpha?: number }) => ({ alpha: { kind: 'number', default: alpha } }) as const;

type Parameter = AttributesOf<ReturnType<typeof alphaOf>>;

/** f′ of a function at one element, from what the function saves. */
export function derivativeAt(f: UnaryFunction, saved: number, alpha: number): number {
  return f.derivative(NUMBERS, { x: saved, y: saved, alpha });
}

/** The fused gradient's name: `sigmoidGradient` and so on. */
export const gradientName = (name: string) => `${name}Gradient`;

/** The name of ∂f/∂x of two arguments, as an element function. */
export const partialName = (name: string) => `${name}Partial`;

/** The function's parameter as an element function takes it: after the elements, if the function has one. */
const parameterOf = <T>(m: ElementExpressions<T>, f: { readonly alpha?: number }, { alpha }: Parameter): readonly T[] =>
  f.alpha === undefined ? [] : [m.number(alpha)];

/** x and y; the one that the derivative does not read is replaced by the other. */
const saved = (f: UnaryFunction, application: Application<Parameter>): Value =>
  f.saves === 'y' ? application.outputs[0] : application.inputs[0];

/** δ ⊙ f′, spelled out in simpler ops. */
function spellOut(m: Expressions, f: UnaryFunction, delta: Value, at: Value, alpha: number): Value {
  return m.multiply(delta, f.derivative<Value>(m, { x: at, y: at, alpha }));
}

/** δ of x, from δ of f(x). */
function deltaThrough(
  m: Expressions,
  f: UnaryFunction & Partial<ActivationFunction>,
  delta: Value,
  application: Application<Parameter>,
): Value {
  const at = saved(f, application);
  const { alpha } = application.attributes;
  return f.activation ? m.apply(gradientName(f.name), [delta, at], { alpha }) : spellOut(m, f, delta, at, alpha);
}

function unary(f: UnaryFunction & Partial<ActivationFunction>) {
  return defineOp({
    name: f.name,
    compiled: f.compiled,
    kernel: 'unary',
    function: f.name,
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size', alpha: 'float' },
    attributes: alphaOf(f),
    shapes: ([x]) => [x],
    lower: (_, [out], { alpha }) => ({ size: count(out), alpha }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['x'],
    elementwise: (m, { x }, attributes) => m.apply(f.name, x, ...parameterOf(m, f, attributes)),
    gives: f.gives,
    activation: f.activation,
    // What the compiler makes comes after the gradients.
    gradient: f.compiled ? undefined : (m, application, [delta]) => [delta && deltaThrough(m, f, delta, application)],
    tolerance: f.tolerance,
  });
}

function unaryGradient(f: UnaryFunction) {
  return defineOp({
    name: gradientName(f.name),
    kernel: 'unaryGradient',
    function: f.name,
    operands: { delta: 'in', saved: 'in', out: 'out' },
    scalars: { size: 'size', alpha: 'float' },
    attributes: alphaOf(f),
    shapes: ([delta]) => [delta],
    lower: (_, [out], { alpha }) => ({ size: count(out), alpha }),
    extents: ({ size }) => ({ delta: size, saved: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['delta', 'saved'],
    elementwise: (m, { delta, saved }, attributes) => m.apply(gradientName(f.name), delta, saved, ...parameterOf(m, f, attributes)),
    expand: (m, { inputs: [delta, at], attributes }) => [spellOut(m, f, delta, at, attributes.alpha)],
    tolerance: f.tolerance,
  });
}

/** Steps of both operands of a broadcasting op; more levels than a kernel has are refused (the graph then repeats an operand in memory). */
export function broadcastLevels(x: Shape, y: Shape, out: Shape) {
  const xSteps = broadcastStrides(x, out);
  const ySteps = broadcastStrides(y, out);
  return collapse(out.map((size, axis) => ({ size, steps: [xSteps[axis], ySteps[axis]] })));
}

function binary(f: BinaryFunction) {
  const partial = (m: Expressions, k: 0 | 1, { inputs: [x, y], outputs: [out], attributes }: Application<Parameter>): Value | number =>
    f.partials[k]<Value>(m, { x, y, out, alpha: attributes.alpha });
  return defineOp({
    name: f.name,
    kernel: 'binary',
    function: f.name,
    operands: { x: 'in', y: 'in', out: 'out' },
    scalars: {
      outer: 'size',
      middle: 'size',
      inner: 'size',
      xOuter: 'size',
      xMiddle: 'size',
      xInner: 'size',
      yOuter: 'size',
      yMiddle: 'size',
      yInner: 'size',
      alpha: 'float',
    },
    attributes: alphaOf(f),
    shapes: ([x, y]) => [broadcastShapes(x, y, f.name)],
    lower: ([x, y], [out], attributes) => {
      const levels = broadcastLevels(x, y, out);
      if (levels.length > BROADCAST_LEVELS) {
        throw new ShapeError(
          `${f.name}: expected shapes that broadcast in at most ${BROADCAST_LEVELS} runs of axes, got ${formatShape(x)} and ${formatShape(y)}`,
        );
      }
      while (levels.length < BROADCAST_LEVELS) levels.unshift({ size: 1, steps: [0, 0] });
      const [a, b, c] = levels;
      return {
        outer: a.size,
        middle: b.size,
        inner: c.size,
        xOuter: a.steps[0],
        xMiddle: b.steps[0],
        xInner: c.steps[0],
        yOuter: a.steps[1],
        yMiddle: b.steps[1],
        yInner: c.steps[1],
        alpha: attributes.alpha,
      };
    },
    extents: (s) => ({
      x: 1 + turns(s.outer) * s.xOuter + turns(s.middle) * s.xMiddle + turns(s.inner) * s.xInner,
      y: 1 + turns(s.outer) * s.yOuter + turns(s.middle) * s.yMiddle + turns(s.inner) * s.yInner,
      out: s.outer * s.middle * s.inner,
    }),
    divide: ({ outer, middle }) => ({ over: outer > 1 ? 'outer' : middle > 1 ? 'middle' : 'inner' }),
    inPlace: ['x', 'y'],
    elementwise: (m, { x, y }, attributes) => m.apply(f.name, x, y, ...parameterOf(m, f, attributes)),
    gradient: (m, application, [delta]) => {
      const [x, y] = application.inputs;
      if (!delta) return [undefined, undefined];
      const { alpha } = application.attributes;
      const dx =
        f.fusedGradient && sameShape(x.shape, y.shape)
          ? m.apply(gradientName(f.name), [delta, x, y], { alpha })
          : m.multiply(delta, partial(m, 0, application));
      return [m.sumTo(dx, x.shape), m.sumTo(m.multiply(delta, partial(m, 1, application)), y.shape)];
    },
    tolerance: f.tolerance,
  });
}

function binaryGradient(f: BinaryFunction) {
  return defineOp({
    name: gradientName(f.name),
    kernel: 'binaryGradient',
    function: f.name,
    operands: { delta: 'in', x: 'in', y: 'in', out: 'out' },
    scalars: { size: 'size', deltaStep: 'integer', alpha: 'float' },
    attributes: alphaOf(f),
    shapes: ([delta, x]) => {
      if (count(delta) !== 1 && !sameShape(delta, x)) {
        throw new ShapeError(`${gradientName(f.name)}: expected δ of shape ${formatShape(x)} or one number, got ${formatShape(delta)}`);
      }
      return [x];
    },
    lower: ([delta], [out], attributes) => ({
      size: count(out),
      deltaStep: count(delta) === 1 ? 0 : 1,
      alpha: attributes.alpha,
    }),
    extents: ({ size, deltaStep }) => ({ delta: 1 + turns(size) * deltaStep, x: size, y: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['delta', 'x', 'y'],
    elementwise: (m, { delta, x, y }, attributes) =>
      m.apply('multiply', delta, m.apply(partialName(f.name), x, y, ...parameterOf(m, f, attributes))),
    expand: (m, { inputs: [delta, x, y], attributes }) => [
      m.multiply(delta, f.partials[0]<Value>(m, { x, y, out: x, alpha: attributes.alpha })),
    ],
    tolerance: f.tolerance,
  });
}

const activations = ACTIVATIONS.filter((f) => f.name !== 'identity');

export const ELEMENTWISE: readonly OpSpec[] = [
  ...activations.map(unary),
  ...activations.map(unaryGradient),
  ...MATHEMATICS.map(unary),
  ...BINARY_FUNCTIONS.map(binary),
  ...BINARY_FUNCTIONS.filter((f) => f.fusedGradient).map(binaryGradient),
];

type Definition<T extends (f: never) => Op<string, unknown>> = (frame: NonNullable<ReturnType<T>['frame']>) => void;

const unaryReference =
  (f: UnaryFunction): Definition<typeof unary> =>
  ({ x, out, size, alpha }) => {
    for (let i = 0; i < size; i++) out[i] = f.value(x[i], alpha);
  };

const unaryGradientReference =
  (f: UnaryFunction): Definition<typeof unaryGradient> =>
  ({ delta, saved, out, size, alpha }) => {
    for (let i = 0; i < size; i++) out[i] = delta[i] * derivativeAt(f, saved[i], alpha);
  };

const binaryReference =
  (f: BinaryFunction): Definition<typeof binary> =>
  (s) => {
    let i = 0;
    for (let a = 0; a < s.outer; a++) {
      for (let b = 0; b < s.middle; b++) {
        const x = a * s.xOuter + b * s.xMiddle;
        const y = a * s.yOuter + b * s.yMiddle;
        for (let c = 0; c < s.inner; c++) s.out[i++] = f.value(s.x[x + c * s.xInner], s.y[y + c * s.yInner], s.alpha);
      }
    }
  };

const binaryGradientReference =
  (f: BinaryFunction): Definition<typeof binaryGradient> =>
  ({ delta, x, y, out, size, deltaStep, alpha }) => {
    for (let i = 0; i < size; i++) {
      out[i] = delta[i * deltaStep] * (f.partials[0](NUMBERS, { x: x[i], y: y[i], out: Number.NaN, alpha }) as number);
    }
  };

/** The legal definitions of these ops, by name. */
export const elementwiseReference = () =>
  Object.fromEntries([
    ...[...activations, ...MATHEMATICS].map((f) => [f.name, unaryReference(f)] as const),
    ...activations.map((f) => [gradientName(f.name), unaryGradientReference(f)] as const),
    ...BINARY_FUNCTIONS.map((f) => [f.name, binaryReference(f)] as const),
    ...BINARY_FUNCTIONS.filter((f) => f.fusedGradient).map((f) => [gradientName(f.name), binaryGradientReference(f)] as const),
  ]);
