/**
 * What an op has to do at the least: the multiply-adds of its products, its other operations on elements, and the bytes that go in and out. A
 * function's operations are those of its definition (src/codegen/functions/), which the kernels are generated from.
 */
import { VECTOR_FUNCTIONS } from '../src/codegen/functions/index.ts';
import type { Expression } from '../src/codegen/functions/parse.ts';
import { decodeSteps } from '../src/ops/element-steps.ts';
import { resolve } from '../src/ops/shape.ts';
import { isResult, type OpSpec } from '../src/ops/spec.ts';
import { scalarsOf } from '../test/ops/case-program.ts';
import type { OpCase } from '../test/ops/op-case.ts';

export interface Effort {
  /** Multiply-adds, which one instruction does at once where the instruction set has one. */
  readonly multiplyAdds: number;
  /** Operations of an instruction each. */
  readonly operations: number;
  readonly bytes: number;
}

type Sizes = Readonly<Record<string, number>>;

/** A division or a root occupies its unit as long as so many multiplications. */
const DIVISION = 8;

/** Half as many doubles as floats lie in a vector. */
const DOUBLES = 2;

/** The operations of a function of vectors on one element. */
export function operationsOf(name: string): number {
  if (name === 'power') return DOUBLES * operationsOf('powerOfDouble');
  const found = VECTOR_FUNCTIONS.find((f) => f.name === name);
  if (!found) return 1;
  const count = (one: Expression): number => {
    if (found.typeOf(one) === 'constant') return 0;
    if (one.kind === 'negative') return 1 + count(one.of);
    if (one.kind === 'choice') return 1 + count(one.test) + count(one.yes) + count(one.no);
    if (one.kind === 'binary') return (one.operator === '/' ? DIVISION : 1) + count(one.left) + count(one.right);
    return one.kind === 'call' ? called(one.name, one.of.length) + one.of.reduce((sum, operand) => sum + count(operand), 0) : 0;
  };
  return found.steps.reduce((sum, step) => sum + count(step.value), count(found.result));
}

function called(name: string, operands: number): number {
  if (name === 'polynomial') return 2 * (operands - 2);
  if (name === 'squareRoot') return DIVISION;
  if (name === 'bitsOf' || name === 'fromBits') return 0;
  return operationsOf(name);
}

const EXP = operationsOf('exp');
const LOG = operationsOf('log');
const SIGMOID = operationsOf('sigmoid');
const TANH = operationsOf('tanh');
/** Ten rounds of Philox give four words: two wide products and six plain operations each. */
const RANDOM_WORD = 25;
/** In double precision: half of a logarithm and a root, a sine or a cosine. */
const NORMAL = DOUBLES * (20 + DIVISION / 2 + 13);

const product = (s: Sizes) => s.batches * s.m * s.n * s.k;
const taps = (s: Sizes) => s.samples * s.filters * s.outHeight * s.outWidth * (s.channels / s.groups) * s.kernelHeight * s.kernelWidth;
const cell = (gates: number, products: number) => (s: Sizes) => products * gates * s.rows * s.steps * s.units * s.units;
/** Scores beyond a causal op's diagonal are none. */
const scores = (s: Sizes) => (s.batches * s.heads * s.queries * s.keys) / (s.causal ? 2 : 1);
const windows = (s: Sizes) => s.planes * s.outHeight * s.outWidth * s.kernelHeight * s.kernelWidth;
const states = (s: Sizes) => s.rows * s.steps * (2 * s.length + 1);

/** By the op's name. */
const MULTIPLY_ADDS: Readonly<Record<string, (s: Sizes) => number>> = {
  ...{ matmul: product, affine: product, affineSlope: product, deltaMatmul: product, matmulMultiply: product },
  ...{ conv2d: taps, conv2dInput: taps, conv2dWeight: taps, conv2dAffine: taps, conv2dDelta: taps },
  ...{ rnn: cell(1, 1), rnnGradient: cell(1, 1), lstm: cell(4, 1), lstmGradient: cell(4, 1), gru: cell(3, 1), gruGradient: cell(3, 1) },
  quantizedAffine: (s) => s.m * s.n * s.k,
  attention: (s) => 2 * s.features * scores(s),
  attentionGradient: (s) => 5 * s.features * scores(s),
};

const matrix = (operations: number) => (s: Sizes) => operations * s.rows * s.columns;
const channels = (operations: number) => (s: Sizes) => operations * s.outer * s.channels * s.inner;
const sized = (operations: number) => (s: Sizes) => operations * s.size;
const cells = (operations: number) => (s: Sizes) => operations * s.rows * s.steps * s.units;

/** By the op's name: of what is neither a product nor one function of elements. Where nothing is said: one for each element written. */
const OPERATIONS: Readonly<Record<string, (s: Sizes) => number>> = {
  softmax: matrix(EXP + 4),
  softmaxGradient: matrix(4),
  logSoftmax: matrix(EXP + 4),
  logSoftmaxGradient: matrix(EXP + 3),
  softmaxCrossEntropy: matrix(EXP + 5),
  ...{ argmax: matrix(2), rank: matrix(2), correct: matrix(2), histogram: matrix(5) },
  ctc: (s) => (EXP + LOG + 6) * states(s),
  ctcGradient: (s) => (3 * EXP + 2 * LOG + 12) * states(s),
  ...{ rnn: cells(TANH + 2), rnnGradient: cells(4), gru: cells(2 * SIGMOID + TANH + 8), gruGradient: cells(24) },
  ...{ lstm: cells(3 * SIGMOID + 2 * TANH + 8), lstmGradient: cells(TANH + 30) },
  attention: (s) => (EXP + 5) * scores(s),
  attentionGradient: (s) => (EXP + 6) * scores(s),
  ...{ maxPool2d: windows, maxPool2dGradient: windows, maxPool2dPick: windows, maxPool2dDelta: windows },
  ...{ averagePool2d: windows, averagePool2dGradient: windows },
  ...{ batchNorm: channels(6), batchNormGradient: channels(10) },
  ...{ normalize: matrix(7), normalizeGradient: matrix(11), normalizeParameterGradient: matrix(4) },
  sum: (s) => s.outer * s.reduced * s.inner,
  norm: sized(2),
  ...{ dropout: sized(RANDOM_WORD + 2), drawUniform: sized(RANDOM_WORD + 3), drawNormal: sized(RANDOM_WORD + NORMAL) },
  ...{
    sgd: sized(4),
    momentum: sized(6),
    adagrad: sized(7 + 2 * DIVISION),
    rmsprop: sized(9 + 2 * DIVISION),
    adam: sized(13 + 2 * DIVISION),
  },
};

/** The function that a family's kernel is instantiated with, as the way back takes it. */
function ofElements(op: OpSpec): number | undefined {
  if (op.function === undefined) return undefined;
  if (op.kernel === 'unaryGradient') return 1 + operationsOf(`${op.function}Derivative`);
  return op.kernel === 'binaryGradient' ? 1 + operationsOf(`${op.function}Partial`) : operationsOf(op.function);
}

const ofRows = (s: Sizes) => s.rows * s.columns;

/** The elements that an operand has touched, where not all of it is: rows that indices name, the mini-batch of the data. */
const TOUCHED: Readonly<Record<string, Readonly<Record<string, (s: Sizes) => number>>>> = {
  pick: { x: (s) => s.rows },
  embed: { table: ofRows },
  embedSgd: { table: ofRows },
  embedMomentum: { table: ofRows, velocity: ofRows },
  embedAdam: { table: ofRows, mean: ofRows, variance: ofRows },
};

export function effortOf(test: OpCase): Effort {
  const { op, rows } = test;
  const scalars = Object.entries(scalarsOf(test)).map(([name, value]) => [
    name,
    op.scalars[name] === 'size' ? resolve(value, rows) : value,
  ]);
  const s: Sizes = Object.fromEntries(scalars);
  const extents = op.extents(s);
  const present = Object.keys(op.operands).filter((name) => isResult(op.operands[name]) || test.inputs[op.inputs.indexOf(name)]);
  const touched = (name: string) => TOUCHED[op.name]?.[name]?.(s) ?? extents[name];
  const passes = (name: string) => (op.operands[name] === 'inout' ? 2 : 1);
  const read = test.data ? extents.out : 0;
  const written = op.outputs.reduce((sum, name) => sum + extents[name], 0);
  return {
    multiplyAdds: MULTIPLY_ADDS[op.name]?.(s) ?? 0,
    operations: ofSteps(test) ?? OPERATIONS[op.name]?.(s) ?? (ofElements(op) ?? (MULTIPLY_ADDS[op.name] ? 0 : 1)) * written,
    bytes: 4 * present.reduce((sum, name) => sum + passes(name) * touched(name), read),
  };
}

/** Of a run of element-wise operations: those of its steps, each over the whole domain. */
function ofSteps({ op, attributes }: OpCase): number | undefined {
  if (!op.readsInstruction) return undefined;
  const size = (attributes.shape as readonly number[]).reduce((product, one) => product * one, 1);
  const steps = decodeSteps(attributes.steps as readonly number[]);
  return steps.reduce((sum, step) => sum + operationsOf(step.function.name), 0) * size;
}
