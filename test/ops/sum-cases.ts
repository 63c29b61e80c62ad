/** Long sums of every op that has one, against float64: equal terms above all, whose roundings all fall on the same side. */
import { createHash } from 'node:crypto';
import type { Elements, LocalBackend } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { elementsOf } from '../../src/ops/spec.ts';
import '../../src/ops/table.ts';
import { all, assemble } from '../native/programs.ts';

type Place = (i: number) => number;

interface SumCase {
  readonly name: string;
  readonly op: string;
  readonly scalars: Readonly<Record<string, number>>;
  /** What an operand holds: one number, or one for each place; zeros where nothing is said. */
  readonly fill: Readonly<Record<string, number | Place>>;
  /** The outputs that are compared, each relative to its largest magnitude. */
  readonly outputs: readonly string[];
  /** Terms of one sum. */
  readonly terms: number;
}

export interface SumError {
  readonly name: string;
  readonly error: number;
  readonly bound: number;
}

/** Allowed for each doubling of the number of terms. */
const PER_DOUBLING = 2e-7;

/** Between 0.05 and 0.15, without pattern. */
const VARIED = Float32Array.from({ length: 65521 }, (_, i) => 0.1 + 0.05 * Math.sin(12.9898 * i));
const varied: Place = (i) => VARIED[i % VARIED.length];

const SQUARE = { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };

export const SUM_CASES: readonly SumCase[] = [
  ...[2 ** 4, 2 ** 8, 2 ** 12, 2 ** 16, 2 ** 20, 2 ** 24].flatMap((reduced): SumCase[] => [
    {
      ...{ name: `sum of ${reduced} × 0.1`, op: 'sum', scalars: { outer: 1, reduced, inner: 1 } },
      ...{ fill: { x: 0.1 }, outputs: ['out'], terms: reduced },
    },
  ]),
  {
    ...{ name: 'sum of squared errors of 0.1 over 1024 × 3072', op: 'sum', scalars: { outer: 1, reduced: 1024 * 3072, inner: 1 } },
    ...{ fill: { x: Math.fround(0.1) ** 2 }, outputs: ['out'], terms: 1024 * 3072 },
  },
  {
    ...{ name: 'sum along memory of varied terms', op: 'sum', scalars: { outer: 3, reduced: 2 ** 20 + 77, inner: 1 } },
    ...{ fill: { x: varied }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'δ of a bias over 10⁶ rows', op: 'sum', scalars: { outer: 1, reduced: 1e6, inner: 3 } },
    ...{ fill: { x: 0.1 }, outputs: ['out'], terms: 1e6 },
  },
  {
    ...{ name: 'sum down 2²¹ rows', op: 'sum', scalars: { outer: 1, reduced: 2 ** 21, inner: 2 } },
    ...{ fill: { x: 0.1 }, outputs: ['out'], terms: 2 ** 21 },
  },
  {
    ...{ name: 'sum down the rows of a strip of columns', op: 'sum', scalars: { outer: 2, reduced: 40001, inner: 83 } },
    ...{ fill: { x: varied }, outputs: ['out'], terms: 40001 },
  },
  {
    ...{ name: 'global mean of 32 planes of 224 × 224', op: 'sum', scalars: { outer: 32, reduced: 224 * 224, inner: 1 } },
    ...{ fill: { x: varied }, outputs: ['out'], terms: 224 * 224 },
  },
  {
    ...{ name: 'batchNorm over 32 × 224 × 224', op: 'batchNorm', scalars: { outer: 32, channels: 1, inner: 224 * 224, epsilon: 1e-5 } },
    ...{ fill: { x: varied, weight: 1, bias: 0 }, outputs: ['mean', 'variance', 'out'], terms: 32 * 224 * 224 },
  },
  {
    ...{ name: 'batchNorm over 2²⁰ rows', op: 'batchNorm', scalars: { outer: 2 ** 20, channels: 3, inner: 1, epsilon: 1e-5 } },
    ...{ fill: { x: varied, weight: 1, bias: 0 }, outputs: ['mean', 'variance', 'out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'batchNorm over 2¹² planes of 7 × 7', op: 'batchNorm', scalars: { outer: 4096, channels: 2, inner: 49, epsilon: 1e-5 } },
    ...{ fill: { x: varied, weight: 1, bias: 0 }, outputs: ['mean', 'variance', 'out'], terms: 4096 * 49 },
  },
  ...[
    { outer: 32, channels: 1, inner: 224 * 224 },
    { outer: 2 ** 20, channels: 2, inner: 1 },
  ].map(
    (sizes): SumCase => ({
      ...{ name: `batchNormGradient over ${sizes.outer} × ${sizes.inner}`, op: 'batchNormGradient', scalars: { ...sizes, epsilon: 1e-5 } },
      fill: { delta: 0.1, x: varied, mean: 0, variance: 0.01, weight: 1 },
      ...{ outputs: ['ofWeight', 'ofBias'], terms: sizes.outer * sizes.inner },
    }),
  ),
  ...[0, 1].flatMap((centred): SumCase[] => [
    {
      ...{
        name: `normalize of 2²⁰ features, centred ${centred}`,
        op: 'normalize',
        scalars: { rows: 2, columns: 2 ** 20, centred, epsilon: 1e-5 },
      },
      ...{ fill: { x: varied, weight: 1, bias: 0 }, outputs: ['mean', 'scale', 'out'], terms: 2 ** 20 },
    },
    {
      ...{ name: `normalizeGradient of 2¹⁸ features, centred ${centred}`, op: 'normalizeGradient' },
      ...{ scalars: { rows: 1, columns: 2 ** 18, centred }, outputs: ['out'], terms: 2 ** 18 },
      fill: { delta: (i) => varied(7 * i + 3) ** 2, x: varied, mean: 0.1, scale: 28, weight: 1 },
    },
  ]),
  {
    ...{
      name: 'δ of a normalisation’s weight and bias over 10⁶ rows',
      op: 'normalizeParameterGradient',
      scalars: { rows: 1e6, columns: 2 },
    },
    ...{ fill: { delta: 0.1, x: varied, mean: 0, scale: 10 }, outputs: ['ofWeight', 'ofBias'], terms: 1e6 },
  },
  {
    ...{ name: 'softmax of 2²¹ equal logits', op: 'softmax', scalars: { rows: 1, columns: 2 ** 21 } },
    ...{ fill: { x: -0.3 }, outputs: ['out'], terms: 2 ** 21 },
  },
  {
    ...{ name: 'softmax of 2²⁰ varied logits', op: 'softmax', scalars: { rows: 1, columns: 2 ** 20 } },
    ...{ fill: { x: varied }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'softmaxGradient', op: 'softmaxGradient', scalars: { rows: 1, columns: 2 ** 20 } },
    ...{ fill: { delta: varied, y: 0.1 }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'logSoftmax', op: 'logSoftmax', scalars: { rows: 1, columns: 2 ** 20 } },
    ...{ fill: { x: varied }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'logSoftmaxGradient', op: 'logSoftmaxGradient', scalars: { rows: 1, columns: 2 ** 20 } },
    ...{ fill: { delta: 0.1, y: -1 }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'softmaxCrossEntropy of a class', op: 'softmaxCrossEntropy', scalars: { rows: 2, columns: 2 ** 20, sparse: 1 } },
    ...{ fill: { logits: varied, target: 5 }, outputs: ['losses', 'probabilities'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'softmaxCrossEntropy of probabilities', op: 'softmaxCrossEntropy', scalars: { rows: 1, columns: 2 ** 20, sparse: 0 } },
    ...{ fill: { logits: varied, target: 2e-6 }, outputs: ['losses'], terms: 2 ** 20 },
  },
  {
    ...{
      name: 'softmaxCrossEntropyGradient of probabilities',
      op: 'softmaxCrossEntropyGradient',
      scalars: { rows: 1, columns: 2 ** 20, sparse: 0, deltaStep: 0 },
    },
    ...{ fill: { delta: 1, probabilities: varied, target: 0.1 }, outputs: ['out'], terms: 2 ** 20 },
  },
  {
    ...{ name: 'attention over 2¹⁶ keys', op: 'attention', outputs: ['logSums'], terms: 2 ** 16 },
    scalars: { batches: 1, heads: 1, queries: 1, keys: 2 ** 16, features: 4, causal: 0, scale: 0.5 },
    fill: { q: varied, k: varied, v: varied, mask: 1 },
  },
  ...[1, 5].map(
    (outWidth): SumCase => ({
      ...{ name: `averagePool2d of 1000 × 1000, ${outWidth} windows`, op: 'averagePool2d', outputs: ['out'], terms: 1e6 },
      scalars: { ...SQUARE, planes: 1, height: 1000, width: 999 + outWidth, outHeight: 1, outWidth, kernelHeight: 1000, kernelWidth: 1000 },
      fill: { x: 0.1 },
    }),
  ),
  {
    ...{ name: 'maxPool2dGradient of 64 × 64', op: 'maxPool2dGradient', outputs: ['out'], terms: 4096 },
    scalars: { ...SQUARE, planes: 1, height: 127, width: 127, outHeight: 64, outWidth: 64, kernelHeight: 64, kernelWidth: 64 },
    fill: { delta: 0.1, x: (i) => (i === 63 * 127 + 63 ? 1 : varied(i)) },
  },
  ...[1, 3, 16, 1e6].map(
    (count): SumCase => ({
      ...{ name: `embedGradient of 2²⁰ indices of ${count}`, op: 'embedGradient', outputs: ['out'], terms: 2 ** 20 },
      scalars: { rows: 2 ** 20, count, columns: count > 16 ? 1 : 5 },
      fill: { delta: 0.1, index: (i) => (i * i * 7 + (i >> 9)) % count },
    }),
  ),
  {
    ...{ name: 'embedSgd of 2²⁰ indices of 3', op: 'embedSgd', outputs: ['table'], terms: 2 ** 20 },
    scalars: { rows: 2 ** 20, count: 3, columns: 2, weightDecay: 0, summed: 1 },
    fill: { table: 0, delta: 0.1, learningRate: 0.5, index: (i) => i % 3 },
  },
  {
    ...{ name: 'averagePool2dGradient of 64 × 64', op: 'averagePool2dGradient', outputs: ['out'], terms: 4096 },
    scalars: { ...SQUARE, planes: 1, height: 127, width: 127, outHeight: 64, outWidth: 64, kernelHeight: 64, kernelWidth: 64 },
    fill: { delta: 0.1 },
  },
];

/** Every operand begins on a cache line. */
const LINE = 16;

/** The compared outputs of a case. */
function outputsOf({ op, scalars, fill, outputs }: SumCase, backend: LocalBackend): Elements[] {
  const extents = opNamed(op).extents(scalars);
  const at: Record<string, number> = {};
  let size = 0;
  for (const [operand, extent] of Object.entries(extents)) {
    at[operand] = size;
    size += Math.ceil(extent / LINE) * LINE;
  }
  const session = backend.openArena(assemble([{ op, at, scalars }], size), 1);
  for (const [operand, value] of Object.entries(fill)) {
    const values = filled(extents[operand], value);
    session.write(at[operand], elementsOf(opNamed(op), operand, scalars) === 'index' ? Int32Array.from(values) : values);
  }
  session.run(all(session.program));
  const values = outputs.map((name) => session.read(at[name], extents[name]));
  session.dispose();
  return values;
}

function filled(size: number, value: number | Place): Float32Array {
  const values = new Float32Array(size);
  if (typeof value === 'number') return values.fill(value);
  for (let i = 0; i < size; i++) values[i] = value(i);
  return values;
}

/** Relative to the largest magnitude. */
function relativeError(actual: Elements, expected: Elements): number {
  let largest = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const off = Math.abs(actual[i] - expected[i]);
    error = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(error, off);
  }
  return error === 0 ? 0 : error / largest;
}

/** The compared outputs of every case. */
export function runSums(backend: LocalBackend): Elements[][] {
  return SUM_CASES.map((test) => outputsOf(test, backend));
}

/** What tells the bits of runs from others'. */
export function digests(runs: readonly (readonly Elements[])[]): string[] {
  return runs.map((outputs, i) => {
    const hash = createHash('sha1');
    for (const { buffer, byteOffset, byteLength } of outputs) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    return `${SUM_CASES[i].name}: ${hash.digest('hex')}`;
  });
}

/** The errors of every case and output, against the reference. */
export function sumErrors(runs: readonly (readonly Elements[])[]): SumError[] {
  return SUM_CASES.flatMap((test, i) => {
    const expected = outputsOf(test, referenceBackend);
    return test.outputs.map((output, o) => ({
      name: `${test.name}: ${output}`,
      error: relativeError(runs[i][o], expected[o]),
      bound: PER_DOUBLING * Math.log2(test.terms),
    }));
  });
}

/** The errors that are too large, as a reader wants them. */
export function excessive(errors: readonly SumError[]): string[] {
  return errors
    .filter(({ error, bound }) => !(error <= bound))
    .map(({ name, error, bound }) => `${name} is off by ${error}, more than ${bound}`);
}
