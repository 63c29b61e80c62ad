/** The largest and the mean of each window of an image, channel by channel. */
import { ShapeError } from '../errors.ts';
import { derivativeAt } from './elementwise.ts';
import { ACTIVATIONS } from './functions.ts';
import { imageOf, LARGEST_SPAN, WINDOW_ATTRIBUTES, windowCounts, windowsOf } from './images.ts';
import { applyEpilogueGradient, EPILOGUE, epilogueScalars, lowerEpilogue } from './matmul.ts';
import { formatShape, multiplySizes } from './shape.ts';
import { type AttributesOf, defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** Windows over `planes` of height × width, a plane for each channel of each sample. */
const POOL = {
  planes: 'size',
  height: 'integer',
  width: 'integer',
  outHeight: 'integer',
  outWidth: 'integer',
  kernelHeight: 'integer',
  kernelWidth: 'integer',
  strideY: 'integer',
  strideX: 'integer',
  padTop: 'integer',
  padLeft: 'integer',
} as const;
const POOL_SIZES = { name: 'PoolSizes', scalars: POOL };

const WINDOWS = { kernel: { kind: 'pair' }, ...WINDOW_ATTRIBUTES } as const;

type Attributes = AttributesOf<typeof WINDOWS>;

type Pool = { [K in keyof typeof POOL]: number };

function pooledShape(op: string, x: Shape, attributes: Attributes): Shape {
  const { samples, channels, height, width } = imageOf(op, x);
  const windows = windowsOf(attributes, attributes.kernel);
  const [top, left, bottom, right] = windows.padding;
  const [windowHeight, windowWidth] = windows.kernel;
  if (top >= windowHeight || bottom >= windowHeight || left >= windowWidth || right >= windowWidth) {
    throw new ShapeError(
      `${op}: expected padding smaller than the window, got ${windows.padding.join(', ')} for ${windows.kernel.join('×')}`,
    );
  }
  return [samples, channels, ...windowCounts(op, [height, width], windows)];
}

function lowerPool(x: Shape, pooled: Shape, attributes: Attributes): Pool {
  const { kernel, stride, padding } = windowsOf(attributes, attributes.kernel);
  return {
    planes: multiplySizes(x[0], x[1]),
    height: x[2],
    width: x[3],
    outHeight: pooled[2],
    outWidth: pooled[3],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    padTop: padding[0],
    padLeft: padding[1],
  };
}

/** Every window holds an element of the image. */
function validPool(s: Pool): boolean {
  const { height, width, outHeight, outWidth, kernelHeight, kernelWidth } = s;
  return (
    [height, width, outHeight, outWidth, kernelHeight, kernelWidth, s.strideY, s.strideX].every((size) => size >= 1) &&
    s.padTop < kernelHeight &&
    s.padLeft < kernelWidth &&
    (outHeight - 1) * s.strideY - s.padTop < height &&
    (outWidth - 1) * s.strideX - s.padLeft < width &&
    outHeight * s.strideY + kernelHeight <= LARGEST_SPAN &&
    outWidth * s.strideX + kernelWidth <= LARGEST_SPAN
  );
}

const imageSize = (s: Pool) => s.planes * s.height * s.width;
const pooledSize = (s: Pool) => s.planes * s.outHeight * s.outWidth;
const byPlanes = () => ({ over: 'planes' }) as const;

/** Most lanes of a vector, and rows that are split ahead: native/kernels/pooling_windows.h, where the other sizes are as well. */
const LANES_AT_MOST = 16;
const ROWS_AHEAD = 8;

/** The most windows to the left of an element's last one that have it too. */
const windowsBefore = (s: Pool) => Math.floor((s.kernelWidth - 1) / s.strideX);
const splitPitch = (s: Pool) => Math.min(s.strideX, s.kernelWidth) * (s.outWidth + windowsBefore(s)) + LANES_AT_MOST;
const resultPitch = (s: Pool) => s.outWidth + LANES_AT_MOST;
const keptRows = (s: Pool) => Math.min(s.kernelHeight, s.height) + ROWS_AHEAD;

/** Scratch floats for the windows of a plane, with zeros beside each row of them. */
const windowsScratch = (s: Pool) => s.outHeight * (s.outWidth + 2 * windowsBefore(s) + LANES_AT_MOST);
/** For split rows, and of the windows the largest elements in each row, their places and δ. */
const maximaScratch = (s: Pool) =>
  ROWS_AHEAD * splitPitch(s) + LANES_AT_MOST + (1 + 2 * keptRows(s)) * resultPitch(s) + 2 * windowsScratch(s);
/** For split rows. */
const meansScratch = (s: Pool) => keptRows(s) * splitPitch(s);

const poolWork = (s: Pool) => imageSize(s) + pooledSize(s) * s.kernelHeight * s.kernelWidth;

/** Calls body(window, x) for each element of each window that lies in the image, row by row. */
function forEachElement(s: Pool, body: (window: number, x: number) => void): void {
  for (let plane = 0; plane < s.planes; plane++) {
    for (let y = 0; y < s.outHeight; y++) {
      for (let x = 0; x < s.outWidth; x++) {
        const window = (plane * s.outHeight + y) * s.outWidth + x;
        for (let i = 0; i < s.kernelHeight; i++) {
          const row = y * s.strideY + i - s.padTop;
          if (row < 0 || row >= s.height) continue;
          for (let j = 0; j < s.kernelWidth; j++) {
            const column = x * s.strideX + j - s.padLeft;
            if (column >= 0 && column < s.width) body(window, (plane * s.height + row) * s.width + column);
          }
        }
      }
    }
  }
}

/** Where in x each window has its first maximum; the last NaN, where it has one. */
function maxima(s: Pool, x: Float64Array): Int32Array {
  const places = new Int32Array(pooledSize(s)).fill(-1);
  forEachElement(s, (window, i) => {
    if (places[window] < 0 || x[i] > x[places[window]] || Number.isNaN(x[i])) places[window] = i;
  });
  return places;
}

function evaluateGradient(s: Pool, delta: Float64Array, x: Float64Array, out: Float64Array): void {
  out.fill(0, 0, imageSize(s));
  maxima(s, x).forEach((place, window) => {
    out[place] += delta[window];
  });
}

/** δ of pooling has the pooled shape. */
function imageShape(op: string, delta: Shape, x: Shape, attributes: Attributes): Shape {
  const expected = pooledShape(op, x, attributes);
  if (delta.join() !== expected.join()) throw new ShapeError(`${op}: expected a δ of ${formatShape(expected)}, got ${formatShape(delta)}`);
  return x;
}

export const POOLING = [
  defineOp({
    /** the largest element of each window; NaN where it has one. */
    name: 'maxPool2d',
    operands: { x: 'in', out: 'out' },
    scalars: POOL,
    sizes: POOL_SIZES,
    attributes: WINDOWS,
    shapes: ([x], attributes) => [pooledShape('maxPool2d', x, attributes)],
    lower: ([x], [out], attributes) => lowerPool(x, out, attributes),
    valid: validPool,
    extents: (s) => ({ x: imageSize(s), out: pooledSize(s) }),
    divide: byPlanes,
    gives: ['image'],
    work: poolWork,
    scratch: maximaScratch,
    gradient: (m, { inputs: [x], attributes }, [delta]) => [delta && m.apply('maxPool2dGradient', [delta, x], attributes)],
  }),
  defineOp({
    /** δ of maxPool2d: each window's to its first maximum. */
    name: 'maxPool2dGradient',
    operands: { delta: 'in', x: 'in', out: 'out' },
    scalars: POOL,
    sizes: POOL_SIZES,
    attributes: WINDOWS,
    shapes: ([delta, x], attributes) => [imageShape('maxPool2dGradient', delta, x, attributes)],
    lower: ([delta, x], _, attributes) => lowerPool(x, delta, attributes),
    valid: validPool,
    extents: (s) => ({ delta: pooledSize(s), x: imageSize(s), out: imageSize(s) }),
    divide: byPlanes,
    work: poolWork,
    scratch: maximaScratch,
    gradient: (m, { inputs: [, x], attributes }, [delta]) => [delta && m.apply('maxPool2dPick', [delta, x], attributes), undefined],
  }),
  defineOp({
    /** the element of values where x has its first maximum, for each window: the derivative of maxPool2d's δ. */
    name: 'maxPool2dPick',
    operands: { values: 'in', x: 'in', out: 'out' },
    scalars: POOL,
    sizes: POOL_SIZES,
    attributes: WINDOWS,
    shapes: ([values, x], attributes) => {
      if (values.join() !== x.join())
        throw new ShapeError(`maxPool2dPick: expected values of ${formatShape(x)}, got ${formatShape(values)}`);
      return [pooledShape('maxPool2dPick', x, attributes)];
    },
    lower: ([, x], [out], attributes) => lowerPool(x, out, attributes),
    valid: validPool,
    extents: (s) => ({ values: imageSize(s), x: imageSize(s), out: pooledSize(s) }),
    divide: byPlanes,
    work: poolWork,
    scratch: maximaScratch,
    gradient: (m, { inputs: [, x], attributes }, [delta]) => [delta && m.apply('maxPool2dGradient', [delta, x], attributes), undefined],
  }),
  defineOp({
    /** out = maxPool2dGradient ⊙ f′(saved): δ through the pooling and the activation below it. */
    name: 'maxPool2dDelta',
    operands: { delta: 'in', x: 'in', saved: 'in', out: 'out' },
    scalars: { ...POOL, ...epilogueScalars },
    sizes: POOL_SIZES,
    attributes: { ...WINDOWS, ...EPILOGUE },
    shapes: ([delta, x], attributes) => [imageShape('maxPool2dDelta', delta, x, attributes)],
    lower: ([delta, x], _, attributes) => ({
      ...lowerPool(x, delta, attributes),
      ...lowerEpilogue(attributes),
    }),
    valid: validPool,
    extents: (s) => ({ delta: pooledSize(s), x: imageSize(s), saved: imageSize(s), out: imageSize(s) }),
    divide: byPlanes,
    work: poolWork,
    scratch: maximaScratch,
    expand: (m, { inputs: [delta, x, saved], attributes }) => {
      const { activation, alpha, ...windows } = attributes;
      const image = m.apply('maxPool2dGradient', [delta, x], windows);
      return [applyEpilogueGradient(m, image, saved, { activation, alpha })];
    },
  }),
  defineOp({
    /** the mean of each window, zeros outside of the image counted. */
    name: 'averagePool2d',
    operands: { x: 'in', out: 'out' },
    scalars: POOL,
    sizes: POOL_SIZES,
    attributes: WINDOWS,
    shapes: ([x], attributes) => [pooledShape('averagePool2d', x, attributes)],
    lower: ([x], [out], attributes) => lowerPool(x, out, attributes),
    valid: validPool,
    extents: (s) => ({ x: imageSize(s), out: pooledSize(s) }),
    divide: byPlanes,
    gives: ['image'],
    work: poolWork,
    scratch: meansScratch,
    gradient: (m, { inputs: [x], attributes }, [delta]) => [
      delta && m.apply('averagePool2dGradient', [delta], { ...attributes, size: [x.shape[2], x.shape[3]] }),
    ],
  }),
  defineOp({
    /** δ of averagePool2d: each window's, in equal parts to its elements. */
    name: 'averagePool2dGradient',
    operands: { delta: 'in', out: 'out' },
    scalars: POOL,
    sizes: POOL_SIZES,
    attributes: { ...WINDOWS, size: { kind: 'pair' } },
    shapes: ([delta], attributes) => {
      const { samples, channels } = imageOf('averagePool2dGradient', delta);
      return [imageShape('averagePool2dGradient', delta, [samples, channels, ...attributes.size], attributes)];
    },
    lower: ([delta], [x], attributes) => lowerPool(x, delta, attributes),
    valid: validPool,
    extents: (s) => ({ delta: pooledSize(s), out: imageSize(s) }),
    divide: byPlanes,
    work: poolWork,
    scratch: windowsScratch,
    gradient: (m, { attributes: { size: _, ...windows } }, [delta]) => [delta && m.apply('averagePool2d', [delta], windows)],
  }),
];

export const POOLING_REFERENCE: ReferenceOf<(typeof POOLING)[number]> = {
  maxPool2d: ({ x, out, ...s }) => {
    maxima(s, x).forEach((place, window) => {
      out[window] = x[place];
    });
  },
  maxPool2dGradient: ({ delta, x, out, ...s }) => evaluateGradient(s, delta, x, out),
  maxPool2dPick: ({ values, x, out, ...s }) => {
    maxima(s, x).forEach((place, window) => {
      out[window] = values[place];
    });
  },
  maxPool2dDelta: ({ delta, x, saved, out, ...s }) => {
    evaluateGradient(s, delta, x, out);
    const f = ACTIVATIONS[s.activation];
    for (let i = 0; i < imageSize(s); i++) out[i] *= derivativeAt(f, saved[i], s.alpha);
  },
  averagePool2d: ({ x, out, ...s }) => {
    out.fill(0, 0, pooledSize(s));
    forEachElement(s, (window, i) => {
      out[window] += x[i] / (s.kernelHeight * s.kernelWidth);
    });
  },
  averagePool2dGradient: ({ delta, out, ...s }) => {
    out.fill(0, 0, imageSize(s));
    forEachElement(s, (window, i) => {
      out[i] += delta[window] / (s.kernelHeight * s.kernelWidth);
    });
  },
};
