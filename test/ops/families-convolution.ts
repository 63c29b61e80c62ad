/** Cases of the convolutions and of pooling. */
import { wholeAttributes } from '../../src/ops/attributes.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { batched, make } from './make-case.ts';
import type { OpCase } from './op-case.ts';

interface Geometry {
  readonly samples: number;
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly attributes: Attributes;
}

const geometry = (
  samples: number,
  channels: number,
  size: readonly [number, number],
  filters: number,
  kernel: readonly [number, number],
  attributes: Attributes = {},
): Geometry => ({ samples, channels, size, filters, kernel, attributes });

/** Around the widths of vectors and tiles, with everything that moves a window, and blocks of k that are more than one. */
const GEOMETRIES: readonly Geometry[] = [
  geometry(1, 1, [1, 1], 1, [1, 1]),
  geometry(1, 1, [3, 3], 1, [2, 2]),
  geometry(2, 1, [4, 3], 2, [3, 2], { padding: [1, 1, 1, 0] }),
  geometry(1, 2, [3, 4], 2, [2, 2], { stride: [2, 1] }),
  geometry(1, 2, [4, 4], 2, [2, 2], { groups: 2 }),
  geometry(1, 1, [5, 5], 1, [2, 2], { dilation: [2, 3] }),
  geometry(BATCH, 1, [3, 3], 2, [2, 2], { padding: [1, 0, 0, 1] }),
  geometry(2, 3, [9, 7], 4, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(1, 4, [12, 12], 6, [5, 5], { stride: [2, 2], padding: [2, 2, 2, 2], groups: 2 }),
  geometry(1, 2, [11, 10], 5, [3, 2], { stride: [3, 2], padding: [2, 0, 1, 3], dilation: [2, 2] }),
  geometry(3, 4, [6, 6], 4, [3, 3], { padding: [1, 1, 1, 1], groups: 4 }),
  geometry(2, 17, [7, 7], 33, [1, 1]),
  geometry(BATCH, 3, [10, 14], 13, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(BATCH, 6, [5, 9], 9, [2, 3], { stride: [1, 2], groups: 3, padding: [0, 1, 1, 1] }),
  geometry(1, 63, [5, 5], 65, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(1, 2, [26, 27], 3, [5, 5], { padding: [2, 2, 2, 2] }),
  geometry(2, 2, [1, 600], 3, [1, 7], { padding: [0, 3, 0, 3] }),
  geometry(1, 1, [40, 700], 2, [3, 3], { stride: [2, 1], padding: [1, 1, 1, 1] }),
  geometry(1, 600, [2, 2], 3, [1, 1]),
  // Windows of one element: whole panels, groups, blocks of whole rows, more weights than are taken at a time.
  geometry(BATCH, 18, [10, 16], 30, [1, 1], { groups: 2 }),
  geometry(1, 3, [25, 24], 14, [1, 1]),
  geometry(1, 513, [1, 3], 450, [1, 1]),
  // Windows and channels as Winograd's minimal filtering takes them: parts of tiles, groups, more channels than are taken at a time, several
  // bands, and rows too long for any.
  geometry(BATCH, 16, [4, 7], 17, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(2, 34, [5, 8], 40, [3, 3], { padding: [0, 2, 1, 0], groups: 2 }),
  geometry(1, 70, [4, 5], 66, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(1, 16, [5, 100], 16, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(1, 16, [2, 140], 16, [3, 3], { padding: [1, 1, 1, 1] }),
  // The same with wide rows: bands that end within a sample, groups, more channels than are taken at a time, rows without padding after them.
  geometry(3, 17, [7, 31], 16, [3, 3], { padding: [1, 1, 1, 1] }),
  geometry(2, 34, [5, 35], 36, [3, 3], { padding: [0, 1, 1, 1], groups: 2 }),
  geometry(1, 66, [3, 34], 70, [3, 3], { padding: [1, 1, 1, 0] }),
  // Depthwise: more planes than lanes, rows that fill vectors and rows that do not, windows that are not square, strides.
  geometry(2, 19, [6, 16], 19, [3, 3], { padding: [1, 1, 1, 1], groups: 19 }),
  geometry(1, 3, [50, 48], 3, [3, 3], { padding: [1, 1, 1, 2], dilation: [1, 2], groups: 3 }),
  geometry(BATCH, 17, [5, 4], 17, [3, 3], { padding: [1, 1, 1, 1], groups: 17 }),
  geometry(2, 18, [9, 8], 18, [3, 5], { stride: [2, 2], padding: [1, 2, 1, 2], groups: 18 }),
  geometry(1, 2, [7, 9], 2, [4, 3], { stride: [3, 2], padding: [2, 0, 1, 1], dilation: [2, 2], groups: 2 }),
  // Strides whose δ of the image falls into phases: some without a tap, more blocks of k than one, too many phases.
  geometry(2, 5, [13, 12], 60, [3, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  geometry(1, 2, [14, 11], 3, [2, 2], { stride: [4, 3] }),
  geometry(1, 2, [19, 19], 2, [3, 3], { stride: [9, 9] }),
  // Narrow rows of whole windows, side by side without a gap.
  geometry(3, 10, [7, 5], 20, [5, 5], { padding: [2, 2, 2, 2] }),
  geometry(1, 2, [8, 70], 2, [2, 2], { padding: [0, 0, 70000, 3], stride: [60000, 2], dilation: [1500, 65] }),
];

/** So many samples and positions that gradients of the weight are summed in parts: 2, 8, 4 and 2, by each of the ways. */
const PARTED: readonly Geometry[] = [
  geometry(3, 2, [21, 20], 5, [3, 3]),
  geometry(9, 2, [22, 23], 4, [3, 3], { padding: [1, 1, 1, 1], groups: 2 }),
  geometry(6, 8, [20, 20], 12, [1, 1]),
  geometry(5, 20, [16, 16], 20, [3, 3], { padding: [1, 1, 1, 1], groups: 20 }),
  geometry(4, 16, [20, 18], 18, [3, 3], { padding: [1, 1, 1, 1] }),
];

const imageShape = ({ samples, channels, size }: Geometry): Shape => [samples, channels, ...size];
const weightShape = ({ channels, filters, kernel, attributes }: Geometry): Shape => [
  filters,
  channels / Number(attributes.groups ?? 1),
  ...kernel,
];
const CONVOLUTION = opNamed('conv2d');
const resultShape = (g: Geometry): Shape =>
  CONVOLUTION.shapes([imageShape(g), weightShape(g)], wholeAttributes(CONVOLUTION, g.attributes))[0];

/** The last geometry's windows reach too far for a copy of the image, but its reference is quick all the same. */
function cases(
  op: OpSpec,
  inputs: (g: Geometry) => readonly (Shape | undefined)[],
  attributes: (g: Geometry, i: number) => Attributes,
  geometries = GEOMETRIES,
) {
  return geometries.flatMap((g, i): OpCase[] => {
    const rest = { attributes: { ...g.attributes, ...attributes(g, i) } };
    return g.samples < 0 ? batched(op, inputs(g), rest) : [make(op, inputs(g), rest)];
  });
}

const EPILOGUES: readonly Attributes[] = [
  { activation: 'identity' },
  ...OPS.filter((op) => op.kernel === 'unaryGradient').map((op) => ({ activation: op.name.slice(0, -'Gradient'.length), alpha: 0.25 })),
];
const epilogue = (i: number) => EPILOGUES[i % EPILOGUES.length];

const conv2d = (op: OpSpec) =>
  cases(
    op,
    (g) => [imageShape(g), weightShape(g)],
    () => ({}),
  );

const conv2dInput = (op: OpSpec) =>
  cases(
    op,
    (g) => [resultShape(g), weightShape(g)],
    ({ size }) => ({ size }),
  );

const conv2dWeight = (op: OpSpec) =>
  cases(
    op,
    (g) => [imageShape(g), resultShape(g)],
    ({ kernel }) => ({ kernel }),
    [...GEOMETRIES, ...PARTED],
  );

const conv2dAffine = (op: OpSpec) => [
  ...cases(
    op,
    (g) => [imageShape(g), weightShape(g), [g.filters]],
    (_, i) => epilogue(i),
  ),
  ...cases(
    op,
    (g) => [imageShape(g), weightShape(g), undefined],
    (_, i) => epilogue(i + 5),
  ),
];

const conv2dDelta = (op: OpSpec) =>
  cases(
    op,
    (g) => [resultShape(g), weightShape(g), imageShape(g)],
    ({ size }, i) => ({ size, ...epilogue(i) }),
  );

const pool = (
  samples: number,
  channels: number,
  size: readonly [number, number],
  kernel: readonly [number, number],
  rest: Attributes = {},
) => geometry(samples, channels, size, channels, kernel, { kernel, ...rest });

const halving = { stride: [2, 2] } as const;

/** Windows of one row or column, unequal paddings, strides beyond the window, rows below a vector, and windows of many elements. */
const RAGGED_POOLS: readonly Geometry[] = [
  pool(1, 2, [3, 37], [1, 5], { stride: [1, 2], padding: [0, 3, 0, 1] }),
  pool(1, 1, [19, 3], [4, 1], { stride: [2, 1], padding: [3, 0, 0, 0] }),
  pool(2, 1, [13, 23], [3, 4], { stride: [2, 2], padding: [0, 1, 2, 3] }),
  pool(1, 1, [21, 41], [1, 1], { stride: [2, 2] }),
  pool(1, 2, [11, 45], [2, 3], { stride: [5, 7], padding: [1, 2, 0, 0] }),
  pool(1, 1, [40, 33], [3, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  pool(1, 1, [12, 38], [5, 5], { padding: [2, 2, 2, 2] }),
  pool(1, 1, [9, 26], [6, 9], { stride: [1, 2], padding: [5, 8, 3, 4] }),
  pool(1, 1, [30, 27], [13, 13], { stride: [4, 5], padding: [6, 6, 6, 6] }),
  pool(1, 3, [7, 7], [7, 7]),
];

const POOLS: readonly Geometry[] = [
  pool(1, 1, [2, 2], [2, 2], halving),
  pool(1, 1, [4, 4], [2, 2], halving),
  pool(1, 2, [3, 5], [2, 2], halving),
  pool(2, 1, [4, 4], [2, 2]),
  pool(1, 1, [5, 5], [3, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  pool(1, 2, [4, 3], [3, 2], { stride: [1, 2] }),
  pool(2, 3, [8, 8], [2, 2], halving),
  pool(2, 3, [7, 9], [3, 3], { stride: [2, 2] }),
  pool(1, 2, [7, 7], [3, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  pool(BATCH, 3, [14, 14], [2, 2], halving),
  pool(BATCH, 1, [6, 31], [2, 2], halving),
  pool(1, 2, [5, 34], [2, 2], halving),
  pool(1, 1, [3, 67], [2, 2], halving),
  pool(BATCH, 2, [5, 8], [2, 3], { stride: [3, 2], padding: [1, 1, 0, 2] }),
  pool(1, 2, [6, 11], [3, 3], { padding: [1, 1, 1, 1] }),
  pool(BATCH, 1, [7, 29], [4, 3], { stride: [2, 3], padding: [3, 2, 1, 1] }),
  pool(1, 1, [5, 20], [2, 2], { stride: [3, 3] }),
  pool(1, 2, [2, 2], [5, 5], { stride: [3, 3], padding: [2, 2, 2, 2] }),
  ...RAGGED_POOLS,
];

/** Small whole numbers: several elements of a window are equal, and only the first of them counts. */
const TIES = { fills: [{ low: -2, high: 2 }, { values: [0, 2, 2, 1, 2, 0, 0, 1, 1, 2, 0] }] };

/** Whole windows of −∞ and of equal infinities, NaN beside them, and zeros of both signs. */
const UNORDERED = {
  values: [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity, Number.NaN, 1, Infinity, Infinity, Number.NaN, 0, -0, -0, -Infinity, -1],
};
const EXTREMES = { fills: [{ low: -2, high: 2 }, UNORDERED] };

function pools(
  op: OpSpec,
  inputs: (g: Geometry) => readonly Shape[],
  attributes: (g: Geometry, i: number) => Attributes = () => ({}),
  rest: Partial<OpCase> = {},
) {
  return POOLS.flatMap((g, i): OpCase[] => {
    const all = { ...rest, attributes: { ...g.attributes, ...attributes(g, i) } };
    return g.samples < 0 ? batched(op, inputs(g), all) : [make(op, inputs(g), all)];
  });
}

const maxPool2d = (op: OpSpec) => [
  ...pools(op, (g) => [imageShape(g)]),
  ...pools(op, (g) => [imageShape(g)], undefined, { fills: [{ values: [1, 2, 2, 0, 3, 3, -1] }] }),
  ...pools(op, (g) => [imageShape(g)], undefined, { fills: [UNORDERED] }),
];
const maxPool2dGradient = (op: OpSpec) => [
  ...pools(op, (g) => [resultShape(g), imageShape(g)]),
  ...pools(op, (g) => [resultShape(g), imageShape(g)], undefined, EXTREMES),
  ...pools(op, (g) => [resultShape(g), imageShape(g)], undefined, TIES),
];
const maxPool2dPick = (op: OpSpec) => [
  ...pools(op, (g) => [imageShape(g), imageShape(g)]),
  ...pools(op, (g) => [imageShape(g), imageShape(g)], undefined, TIES),
  ...pools(op, (g) => [imageShape(g), imageShape(g)], undefined, EXTREMES),
];
const maxPool2dDelta = (op: OpSpec) =>
  pools(
    op,
    (g) => [resultShape(g), imageShape(g), imageShape(g)],
    (_, i) => epilogue(i),
  );
const averagePool2d = (op: OpSpec) => pools(op, (g) => [imageShape(g)]);
const averagePool2dGradient = (op: OpSpec) =>
  pools(
    op,
    (g) => [resultShape(g)],
    ({ size }) => ({ size }),
  );

export const convolutionCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = {
  conv2d,
  conv2dInput,
  conv2dWeight,
  conv2dAffine,
  conv2dDelta,
  maxPool2d,
  maxPool2dGradient,
  maxPool2dPick,
  maxPool2dDelta,
  averagePool2d,
  averagePool2dGradient,
};
