/** One large case of every op, of a size that networks have: measured by `npm run bench:ops`, and compared to the bit in test/long. */
import { COMPARISON } from '../../src/ops/classification.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { casesOf } from './families.ts';
import { MIXED } from './families-fused.ts';
import { fillOf as recurrentFill, shapeOf as recurrentShape } from './families-recurrent.ts';
import { make, POSITIVE, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

type Typical = (op: OpSpec) => OpCase;

/** A batch of activations, and a weight. */
const ROWS = 128;
const UNITS = 512;
const ACTIVATIONS: Shape = [ROWS, UNITS];
const WEIGHT: Shape = [UNITS, UNITS];

const of =
  (inputs: readonly (Shape | undefined)[], attributes: Attributes = {}, fills: readonly Fill[] = [TAME]): Typical =>
  (op) =>
    make(op, inputs, { attributes, fills });

/** The first case of an op, of one element, enlarged. */
const enlarged =
  (size: Shape): Typical =>
  (op) => {
    const [first] = casesOf(op);
    const { shape } = first.attributes;
    const attributes = { ...first.attributes, ...(Array.isArray(shape) && { shape: size }) };
    return { ...first, inputs: first.inputs.map((one) => (one?.length === 1 ? size : one)), attributes };
  };

const gathered: Typical = (op) => {
  const [first] = casesOf(op);
  const rows = 4096;
  const width = op.name === 'beginStep' ? 1 : 784;
  const columns = [1, width].map((one) => ({ data: new Float32Array(rows * one).fill(0.5), width: one }));
  const attributes = { column: 1, sample: [width], indices: false };
  return { ...first, attributes, rows: ROWS, maximumRows: ROWS, data: { columns, rows, batchSize: ROWS, shuffle: true } };
};

const CLASSES: Fill = { classes: UNITS };
const PROBABILITY: Fill = { low: 0.02, high: 0.98 };

const IMAGES: Shape = [16, 32, 28, 28];
const FILTERS: Shape = [64, 32, 3, 3];
const FILTERED: Shape = [16, 64, 28, 28];
const SAME = { stride: [1, 1], padding: [1, 1, 1, 1] };
const RELU = { activation: 'relu' };

const PLANES: Shape = [8, 64, 56, 56];
const POOLED: Shape = [8, 64, 28, 28];
const POOL = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] };

const CHANNELS: Shape = [FILTERED[1]];
const COLUMN: Shape = [ROWS];
const PARAMETER: Shape = [UNITS];

const TABLE: Shape = [10_000, 64];
const INDICES: Shape = [256, 16];
const RATE: Fill = { low: 0.01, high: 0.1 };
const INDEX: Fill = { classes: TABLE[0] };

const TOKENS: Shape = [8, 128, 256];
const SCORES: Shape = [8, 4, 128];
const HEADS = { heads: 4, scale: 1 / 8 };

/** Weights with which what a step forgets stays forgotten: with larger ones rounding errors grow from step to step. */
const STABLE: Fill = { low: -0.08, high: 0.08 };

const cell =
  (gates: number): Typical =>
  (op) => {
    const inputs = op.inputs.map((name) => (name === 'mask' ? undefined : recurrentShape(name, gates, op.name, [64, 28, 128])));
    return make(op, inputs, { fills: op.inputs.map((name) => (name === 'weight' ? STABLE : recurrentFill(name))) });
  };

const LOGS: Shape = [16, 200, 30];
const LABELS: Shape = [16, 40];
const LOG: Fill = { low: -8, high: 0 };

/** By the op's name, or else by its kernel's. */
const TYPICAL: Readonly<Record<string, Typical>> = {
  beginStep: gathered,
  gather: gathered,
  record: of([COLUMN], { at: 0 }),
  dropout: of([ACTIVATIONS], { rate: 0.3, stream: 1 }),
  fill: of([], { shape: ACTIVATIONS, value: 0.75 }),
  scale: of([ACTIVATIONS], { factor: -0.3, count: 7 }),
  reshape: of([ACTIVATIONS], { shape: [ROWS * UNITS] }),
  permute: of([ACTIVATIONS], { order: [1, 0] }),
  broadcast: of([PARAMETER], { shape: ACTIVATIONS }),
  slice: of([[ROWS, 2 * UNITS]], { axis: 1, start: 0, end: UNITS }),
  insert: of([[ROWS, 2 * UNITS], ACTIVATIONS], { axis: 1, start: UNITS }),
  assign: of([WEIGHT, WEIGHT]),
  accumulate: of([WEIGHT, WEIGHT], { weight: 1 }),
  matmul: of([WEIGHT, WEIGHT]),
  affine: of([ACTIVATIONS, WEIGHT, PARAMETER], { ...RELU, transposeB: true }),
  affineSlope: of([ACTIVATIONS, WEIGHT, PARAMETER], { activation: 'gelu', alpha: 0, transposeB: true }),
  matmulMultiply: of([ACTIVATIONS, WEIGHT, ACTIVATIONS]),
  deltaMatmul: of([ACTIVATIONS, WEIGHT, ACTIVATIONS], RELU),
  conv2d: of([IMAGES, FILTERS], SAME),
  conv2dInput: of([FILTERED, FILTERS], { ...SAME, size: [28, 28] }),
  conv2dWeight: of([IMAGES, FILTERED], { ...SAME, kernel: [3, 3] }),
  conv2dAffine: of([IMAGES, FILTERS, CHANNELS], { ...SAME, ...RELU }),
  conv2dDelta: of([FILTERED, FILTERS, IMAGES], { ...SAME, ...RELU, size: [28, 28] }),
  maxPool2d: of([PLANES], POOL),
  maxPool2dGradient: of([POOLED, PLANES], POOL),
  maxPool2dPick: of([PLANES, PLANES], POOL),
  maxPool2dDelta: of([POOLED, PLANES, PLANES], { ...POOL, ...RELU }),
  averagePool2d: of([PLANES], POOL),
  averagePool2dGradient: of([POOLED], { ...POOL, size: [56, 56] }),
  unary: enlarged(ACTIVATIONS),
  unaryGradient: enlarged(ACTIVATIONS),
  binary: enlarged(ACTIVATIONS),
  binaryGradient: enlarged(ACTIVATIONS),
  elementwise: of(Array(4).fill(ACTIVATIONS), { ...MIXED, shape: ACTIVATIONS, count: 1 }, [TAME, TAME, POSITIVE, TAME]),
  sum: of([ACTIVATIONS], { axis: 0, axes: 1 }),
  norm: of([WEIGHT]),
  softmax: of([ACTIVATIONS]),
  softmaxGradient: of([ACTIVATIONS, ACTIVATIONS], {}, [TAME, PROBABILITY]),
  logSoftmax: of([ACTIVATIONS]),
  logSoftmaxGradient: of([ACTIVATIONS, ACTIVATIONS], {}, [TAME, { low: -3, high: -0.1 }]),
  toIndex: enlarged(ACTIVATIONS),
  toNumber: enlarged(ACTIVATIONS),
  clampIndex: enlarged(ACTIVATIONS),
  pick: of([ACTIVATIONS, COLUMN], {}, [TAME, CLASSES]),
  scatter: of([COLUMN, COLUMN], { columns: UNITS }, [TAME, CLASSES]),
  softmaxCrossEntropy: of([ACTIVATIONS, COLUMN], { sparse: true }, [TAME, CLASSES]),
  softmaxCrossEntropyGradient: of([COLUMN, ACTIVATIONS, COLUMN], { sparse: true }, [TAME, PROBABILITY, CLASSES]),
  correct: of([ACTIVATIONS, COLUMN], { comparison: COMPARISON.index }, [TAME, CLASSES]),
  argmax: of([ACTIVATIONS]),
  rank: of([ACTIVATIONS, COLUMN], {}, [TAME, CLASSES]),
  histogram: of([ACTIVATIONS, ACTIVATIONS], { bins: 20 }, [PROBABILITY, TAME]),
  ctc: of([LOGS, LABELS, undefined], {}, [LOG, { classes: 30 }]),
  ctcGradient: of([[16], LOGS, LABELS, undefined], {}, [TAME, LOG, { classes: 30 }]),
  rnn: cell(1),
  rnnGradient: cell(1),
  lstm: cell(4),
  lstmGradient: cell(4),
  gru: cell(3),
  gruGradient: cell(3),
  previousStates: cell(1),
  sequenceMask: of([COLUMN], { steps: UNITS }, [{ classes: UNITS }]),
  batchNorm: of([FILTERED, CHANNELS, CHANNELS], { epsilon: 1e-5 }),
  batchNormGradient: of([FILTERED, FILTERED, CHANNELS, CHANNELS, CHANNELS], { epsilon: 1e-5 }, [TAME, TAME, TAME, POSITIVE, TAME]),
  normalize: of([ACTIVATIONS, PARAMETER, PARAMETER], { centred: true, epsilon: 1e-5 }),
  normalizeGradient: of([ACTIVATIONS, ACTIVATIONS, COLUMN, COLUMN, PARAMETER], { centred: true, epsilon: 1e-5 }),
  normalizeParameterGradient: of([ACTIVATIONS, ACTIVATIONS, COLUMN, COLUMN]),
  embed: of([TABLE, INDICES], {}, [TAME, INDEX]),
  embedGradient: of([[...INDICES, 64], INDICES], { count: TABLE[0] }, [TAME, INDEX]),
  embedSgd: of([TABLE, [...INDICES, 64], INDICES, []], {}, [TAME, TAME, INDEX, RATE]),
  embedMomentum: of([TABLE, [...INDICES, 64], INDICES, TABLE, []], { momentum: 0.9 }, [TAME, TAME, INDEX, TAME, RATE]),
  embedAdam: of([TABLE, [...INDICES, 64], INDICES, TABLE, TABLE, [], []], { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, [
    ...[TAME, TAME, INDEX, TAME, POSITIVE, RATE],
    { values: [7] },
  ]),
  embedMomentumBfloat16: of([TABLE, [...INDICES, 64], INDICES, TABLE, [], []], { momentum: 0.9 }, [
    ...[TAME, TAME, INDEX, TAME, RATE],
    { values: [7] },
  ]),
  embedAdamBfloat16: of([TABLE, [...INDICES, 64], INDICES, TABLE, TABLE, [], []], { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, [
    ...[TAME, TAME, INDEX, TAME, POSITIVE, RATE],
    { values: [7] },
  ]),
  attention: of([TOKENS, TOKENS, TOKENS, undefined], HEADS),
  attentionGradient: of([TOKENS, undefined, TOKENS, TOKENS, TOKENS, undefined, TOKENS, SCORES], HEADS, [
    ...Array<Fill>(7).fill(TAME),
    { low: 4, high: 8 },
  ]),
  drawUniform: enlarged(WEIGHT),
  drawNormal: enlarged(WEIGHT),
  quantizeWeight: of([WEIGHT], { transposed: true, zero: 100, step: 0.01 }),
  quantizedAffine: of(
    [ACTIVATIONS, [UNITS / 16, UNITS / 4, 16], PARAMETER, PARAMETER, PARAMETER],
    { ...RELU, columns: UNITS, zero: 128, inverse: 63 },
    [TAME, { classes: 2 ** 30 }, { classes: 1000 }, { low: 0, high: 1e-4 }, TAME],
  ),
};

const update = enlarged(WEIGHT);

/** The op at a typical size. Throws for an op that has none. */
export function typicalOf(op: OpSpec): OpCase {
  const isUpdate = Object.values(op.operands).includes('inout');
  const typical = TYPICAL[op.name] ?? TYPICAL[op.kernel] ?? (isUpdate ? update : undefined);
  if (!typical) throw new Error(`${op.name}: expected a typical size in test/ops/typical.ts, got none`);
  return typical(op);
}
