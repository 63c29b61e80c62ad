/**
 * Convolutions of images [samples, channels, height, width] by weights [filters, channels / groups, height, width]: the product itself, δ
 * of the image and the gradient of the weight. The gradient of each is made of the other two.
 */
import { ShapeError } from '../errors.ts';
import { derivativeAt } from './elementwise.ts';
import { ACTIVATIONS } from './functions.ts';
import { imageOf, LARGEST_SPAN, WINDOW_ATTRIBUTES, windowCounts, windowsOf } from './images.ts';
import { applyEpilogue, applyEpilogueGradient, EPILOGUE, epilogueScalars, lowerEpilogue } from './matmul.ts';
import { formatShape } from './shape.ts';
import { type AttributesOf, defineOp, type Expressions, type ReferenceOf, type Shape, type Value } from './spec.ts';

/**
 * out[n, f, y, x] = Σ over (c, i, j) of image[n, c, y·strideY + i·dilationY − padTop, x·strideX + j·dilationX − padLeft] · weight[f, c, i, j],
 * zeros outside of the image. `height` and `width` are the image's; filters and channels fall into `groups` that do not mix.
 */
const CONVOLUTION = {
  samples: 'size',
  channels: 'integer',
  height: 'integer',
  width: 'integer',
  filters: 'size',
  groups: 'integer',
  kernelHeight: 'integer',
  kernelWidth: 'integer',
  outHeight: 'integer',
  outWidth: 'integer',
  strideY: 'integer',
  strideX: 'integer',
  padTop: 'integer',
  padLeft: 'integer',
  dilationY: 'integer',
  dilationX: 'integer',
} as const;
const CONVOLUTION_SIZES = { name: 'ConvolutionSizes', scalars: CONVOLUTION };

const WINDOWS = {
  ...WINDOW_ATTRIBUTES,
  dilation: { kind: 'pair', default: [1, 1] },
  groups: { kind: 'positive', default: 1 },
} as const;

/** Height and width of the image that δ is of. */
const SIZE = { size: { kind: 'pair' } } as const;
/** Height and width of the weight that the gradient is of. */
const KERNEL = { kernel: { kind: 'pair' } } as const;

type Attributes = AttributesOf<typeof WINDOWS>;

type Convolution = { [K in keyof typeof CONVOLUTION]: number };
type Buffers = Readonly<Record<'image' | 'weight' | 'out', Float64Array>>;

/** Shapes of one convolution: its image, its weight and its result. */
interface Shapes {
  readonly image: Shape;
  readonly weight: Shape;
  readonly out: Shape;
}

function weightOf(op: string, weight: Shape): [number, number] {
  if (weight.length !== 4 || weight.some((size) => size < 1)) {
    throw new ShapeError(`${op}: expected a weight of [filters, channels / groups, height, width], got ${formatShape(weight)}`);
  }
  return [weight[2], weight[3]];
}

function resultShape(op: string, image: Shape, weight: Shape, attributes: Attributes): Shape {
  const { samples, channels, height, width } = imageOf(op, image);
  const kernel = weightOf(op, weight);
  const { groups } = attributes;
  const [filters, perGroup] = weight;
  if (channels !== perGroup * groups || filters % groups !== 0) {
    throw new ShapeError(
      `${op}: expected channels and filters in ${groups} groups, got an image of ${formatShape(image)} and a weight of ${formatShape(weight)}`,
    );
  }
  return [samples, filters, ...windowCounts(op, [height, width], windowsOf(attributes, kernel))];
}

function expectResult(op: string, delta: Shape, expected: Shape): void {
  if (delta.join() !== expected.join()) throw new ShapeError(`${op}: expected a δ of ${formatShape(expected)}, got ${formatShape(delta)}`);
}

function imageShape(op: string, delta: Shape, weight: Shape, attributes: Attributes & AttributesOf<typeof SIZE>): Shape {
  const image = [imageOf(op, delta).samples, weight[1] * attributes.groups, ...attributes.size];
  expectResult(op, delta, resultShape(op, image, weight, attributes));
  return image;
}

function weightShape(op: string, image: Shape, delta: Shape, attributes: Attributes & AttributesOf<typeof KERNEL>): Shape {
  const weight = [imageOf(op, delta).channels, imageOf(op, image).channels / attributes.groups, ...attributes.kernel];
  expectResult(op, delta, resultShape(op, image, weight, attributes));
  return weight;
}

function lowerConvolution({ image, weight, out }: Shapes, attributes: Attributes): Convolution {
  const { stride, dilation, padding } = windowsOf(attributes, [weight[2], weight[3]]);
  return {
    samples: image[0],
    channels: image[1],
    height: image[2],
    width: image[3],
    filters: weight[0],
    groups: attributes.groups,
    kernelHeight: weight[2],
    kernelWidth: weight[3],
    outHeight: out[2],
    outWidth: out[3],
    strideY: stride[0],
    strideX: stride[1],
    padTop: padding[0],
    padLeft: padding[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
  };
}

const imageSize = (s: Convolution) => s.samples * s.channels * s.height * s.width;
const outSize = (s: Convolution) => s.samples * s.filters * s.outHeight * s.outWidth;
const tapsOf = (s: Convolution) => (s.channels / s.groups) * s.kernelHeight * s.kernelWidth;
const weightSize = (s: Convolution) => s.filters * tapsOf(s);

function validConvolution(s: Convolution): boolean {
  const { channels, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth } = s;
  const counted = [channels, s.height, s.width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth];
  const spans = [
    outHeight * s.strideY + kernelHeight * s.dilationY + s.padTop + s.height,
    outWidth * s.strideX + kernelWidth * s.dilationX + s.padLeft + s.width,
  ];
  return (
    [...counted, s.strideY, s.strideX, s.dilationY, s.dilationX].every((size) => size >= 1) &&
    channels % groups === 0 &&
    filters % groups === 0 &&
    spans.every((span) => span <= LARGEST_SPAN)
  );
}

/** Multiply-adds that take as long as one element of plain arithmetic. */
const MULTIPLY_ADDS = 4;
const convolutionWork = (s: Convolution) => (outSize(s) * tapsOf(s)) / MULTIPLY_ADDS + imageSize(s) + outSize(s);

/**
 * The gradient of a weight is summed over samples in parts, whose sums are added by pairs: so threads take whole samples, copy only
 * those, and give the same bits however many they are. Parts are a power of two, MOST_PARTS at most; fewer where samples are few, where
 * their sums would take more than SUMS floats besides the first's, or where a part would add up fewer than LEAST_POSITIONS products, for
 * which its sums are not worth their way through memory.
 */
export const WEIGHT_PARTS = { MOST_PARTS: 8, SUMS: 1 << 18, LEAST_POSITIONS: 512 } as const;

function weightParts(s: Convolution): number {
  const { MOST_PARTS, SUMS, LEAST_POSITIONS } = WEIGHT_PARTS;
  const fits = (parts: number) =>
    parts <= s.samples && (parts - 1) * weightSize(s) <= SUMS && parts * LEAST_POSITIONS <= s.samples * s.outHeight * s.outWidth;
  let parts = MOST_PARTS;
  while (parts > 1 && !fits(parts)) parts /= 2;
  return parts;
}

/** Sums of all parts but the first, and of each part's filters over how many parts their sums run. */
function weightScratch(s: Convolution): number {
  const parts = weightParts(s);
  return parts === 1 ? 0 : (parts - 1) * weightSize(s) + parts * s.filters;
}

/** Few samples are one part: then threads take filters. Else a thread writes sums of any filters to `out` before they meet. */
const divideWeight = (s: Convolution) =>
  weightParts(s) === 1
    ? ({ over: 'filters', scattered: ['delta'] } as const)
    : ({ over: 'filters', meetings: 1, granule: 1, scattered: ['delta', 'out'] } as const);

/** By samples; where these are few, by the planes of the result too. */
const divideResult = () => ({ over: 'samples', within: 'filters' }) as const;
const divideImage = () => ({ over: 'samples', within: 'channels' }) as const;

/** Calls body(image, weight, out) for the indices of every product, those of one element of `out` in the order (c, i, j). */
function forEachProduct(s: Convolution, body: (image: number, weight: number, out: number) => void): void {
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  for (let n = 0; n < s.samples; n++) {
    for (let f = 0; f < s.filters; f++) {
      const firstChannel = Math.floor(f / filters) * channels;
      for (let y = 0; y < s.outHeight; y++) {
        for (let x = 0; x < s.outWidth; x++) {
          const out = ((n * s.filters + f) * s.outHeight + y) * s.outWidth + x;
          for (let c = 0; c < channels; c++) {
            for (let i = 0; i < s.kernelHeight; i++) {
              const row = y * s.strideY + i * s.dilationY - s.padTop;
              if (row < 0 || row >= s.height) continue;
              for (let j = 0; j < s.kernelWidth; j++) {
                const column = x * s.strideX + j * s.dilationX - s.padLeft;
                if (column < 0 || column >= s.width) continue;
                const image = ((n * s.channels + firstChannel + c) * s.height + row) * s.width + column;
                body(image, ((f * channels + c) * s.kernelHeight + i) * s.kernelWidth + j, out);
              }
            }
          }
        }
      }
    }
  }
}

function evaluateResult(s: Convolution & Buffers): void {
  s.out.fill(0, 0, outSize(s));
  forEachProduct(s, (image, weight, out) => {
    s.out[out] += s.image[image] * s.weight[weight];
  });
}

function evaluateImage(s: Convolution, delta: Float64Array, weights: Float64Array, out: Float64Array): void {
  out.fill(0, 0, imageSize(s));
  forEachProduct(s, (image, weight, at) => {
    out[image] += delta[at] * weights[weight];
  });
}

const convolve = (m: Expressions, image: Value, weight: Value, attributes: Attributes) =>
  m.apply('conv2d', [image, weight], windowAttributes(attributes));

const toImage = (m: Expressions, delta: Value, weight: Value, attributes: Attributes, image: Shape) =>
  m.apply('conv2dInput', [delta, weight], { ...windowAttributes(attributes), size: [image[2], image[3]] });

const toWeight = (m: Expressions, image: Value, delta: Value, attributes: Attributes, weight: Shape) =>
  m.apply('conv2dWeight', [image, delta], { ...windowAttributes(attributes), kernel: [weight[2], weight[3]] });

/** The part of their definitions that all three ops share. */
const windowAttributes = ({ stride, padding, dilation, groups }: Attributes) => ({ stride, padding, dilation, groups });

const resultShapes = ([image, weight]: readonly Shape[], [out]: readonly Shape[]): Shapes => ({ image, weight, out });
const imageShapes = ([out, weight]: readonly Shape[], [image]: readonly Shape[]): Shapes => ({ image, weight, out });

export const CONVOLUTIONS = [
  defineOp({
    /** out = image ∗ weight, the windows of the image times the filters. */
    name: 'conv2d',
    operands: { image: 'in', weight: 'in', out: 'out' },
    scalars: CONVOLUTION,
    sizes: CONVOLUTION_SIZES,
    attributes: WINDOWS,
    shapes: ([image, weight], attributes) => [resultShape('conv2d', image, weight, attributes)],
    lower: (inputs, outputs, attributes) => lowerConvolution(resultShapes(inputs, outputs), attributes),
    valid: validConvolution,
    extents: (s) => ({ image: imageSize(s), weight: weightSize(s), out: outSize(s) }),
    divide: divideResult,
    ranges: ['filters'],
    gives: ['weightedSums', 'image'],
    factors: ['image', 'weight'],
    fuses: true,
    shortens: true,
    work: convolutionWork,
    gradient: (m, { inputs: [image, weight], attributes }, [delta]) => [
      delta && toImage(m, delta, weight, attributes, image.shape),
      delta && toWeight(m, image, delta, attributes, weight.shape),
    ],
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ of the image that conv2d read; by itself a transposed convolution. */
    name: 'conv2dInput',
    operands: { delta: 'in', weight: 'in', out: 'out' },
    scalars: CONVOLUTION,
    sizes: CONVOLUTION_SIZES,
    attributes: { ...WINDOWS, ...SIZE },
    shapes: ([delta, weight], attributes) => [imageShape('conv2dInput', delta, weight, attributes)],
    lower: (inputs, outputs, attributes) => lowerConvolution(imageShapes(inputs, outputs), attributes),
    valid: validConvolution,
    extents: (s) => ({ delta: outSize(s), weight: weightSize(s), out: imageSize(s) }),
    divide: divideImage,
    ranges: ['channels'],
    gives: ['weightedSums', 'image'],
    factors: ['delta', 'weight'],
    fuses: true,
    shortens: true,
    work: convolutionWork,
    gradient: (m, { inputs: [delta, weight], attributes }, [image]) => [
      image && convolve(m, image, weight, attributes),
      image && toWeight(m, image, delta, attributes, weight.shape),
    ],
    tolerance: 1e-4,
  }),
  defineOp({
    /** the gradient of conv2d's weight: each filter's δ times the windows it saw. */
    name: 'conv2dWeight',
    operands: { image: 'in', delta: 'in', out: 'out' },
    scalars: CONVOLUTION,
    sizes: CONVOLUTION_SIZES,
    attributes: { ...WINDOWS, ...KERNEL },
    shapes: ([image, delta], attributes) => [weightShape('conv2dWeight', image, delta, attributes)],
    lower: ([image, delta], [weight], attributes) => lowerConvolution({ image, weight, out: delta }, attributes),
    valid: validConvolution,
    extents: (s) => ({ image: imageSize(s), delta: outSize(s), out: weightSize(s) }),
    divide: divideWeight,
    ranges: ['filters'],
    scratch: weightScratch,
    factors: ['image', 'delta'],
    fuses: true,
    work: convolutionWork,
    gradient: (m, { inputs: [image, delta], attributes }, [weight]) => [
      weight && toImage(m, delta, weight, attributes, image.shape),
      weight && convolve(m, image, weight, attributes),
    ],
    tolerance: 1e-4,
  }),
  defineOp({
    /** out = f(image ∗ weight + bias): a convolutional layer in one instruction; bias, a number for each filter, may be absent. */
    name: 'conv2dAffine',
    operands: { image: 'in', weight: 'in', bias: 'in?', out: 'out' },
    scalars: { ...CONVOLUTION, ...epilogueScalars },
    sizes: CONVOLUTION_SIZES,
    attributes: { ...WINDOWS, ...EPILOGUE },
    shapes: ([image, weight], attributes) => [resultShape('conv2dAffine', image, weight, attributes)],
    lower: (inputs, outputs, attributes) => ({
      ...lowerConvolution(resultShapes(inputs, outputs), attributes),
      ...lowerEpilogue(attributes),
    }),
    valid: validConvolution,
    extents: (s) => ({ image: imageSize(s), weight: weightSize(s), bias: s.filters, out: outSize(s) }),
    divide: divideResult,
    ranges: ['filters'],
    factors: ['image', 'weight'],
    fuses: true,
    work: convolutionWork,
    expand: (m, { inputs: [image, weight, bias], attributes }) => {
      const sum = convolve(m, image, weight, attributes);
      const z = bias ? m.add(sum, m.reshape(bias, [weight.shape[0], 1, 1])) : sum;
      return [applyEpilogue(m, z, attributes)];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** out = conv2dInput ⊙ f′(saved): δ of the layer below, through that layer's activation. */
    name: 'conv2dDelta',
    operands: { delta: 'in', weight: 'in', saved: 'in', out: 'out' },
    scalars: { ...CONVOLUTION, ...epilogueScalars },
    sizes: CONVOLUTION_SIZES,
    attributes: { ...WINDOWS, ...EPILOGUE, ...SIZE },
    shapes: ([delta, weight], attributes) => [imageShape('conv2dDelta', delta, weight, attributes)],
    lower: (inputs, outputs, attributes) => ({
      ...lowerConvolution(imageShapes(inputs, outputs), attributes),
      ...lowerEpilogue(attributes),
    }),
    valid: validConvolution,
    extents: (s) => ({ delta: outSize(s), weight: weightSize(s), saved: imageSize(s), out: imageSize(s) }),
    divide: divideImage,
    ranges: ['channels'],
    factors: ['delta', 'weight'],
    fuses: true,
    work: convolutionWork,
    expand: (m, { inputs: [delta, weight, saved], attributes }) => [
      applyEpilogueGradient(m, toImage(m, delta, weight, attributes, saved.shape), saved, attributes),
    ],
    tolerance: 1e-4,
  }),
];

export const CONVOLUTIONS_REFERENCE: ReferenceOf<(typeof CONVOLUTIONS)[number]> = {
  conv2d: evaluateResult,
  conv2dInput: ({ delta, weight, out, ...s }) => evaluateImage(s, delta, weight, out),
  conv2dWeight: ({ image, delta, out, ...s }) => {
    out.fill(0, 0, weightSize(s));
    forEachProduct(s, (at, weight, from) => {
      out[weight] += image[at] * delta[from];
    });
  },
  conv2dAffine: (s) => {
    evaluateResult(s);
    const f = ACTIVATIONS[s.activation];
    const bias: Float64Array | undefined = s.bias;
    const positions = s.outHeight * s.outWidth;
    for (let i = 0; i < outSize(s); i++) {
      const filter = Math.floor(i / positions) % s.filters;
      s.out[i] = f.value(bias ? s.out[i] + bias[filter] : s.out[i], s.alpha);
    }
  },
  conv2dDelta: ({ delta, weight, saved, out, ...s }) => {
    evaluateImage(s, delta, weight, out);
    const f = ACTIVATIONS[s.activation];
    for (let i = 0; i < imageSize(s); i++) out[i] *= derivativeAt(f, saved[i], s.alpha);
  },
};
