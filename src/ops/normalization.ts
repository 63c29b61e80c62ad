/**
 * Normalisation: over the batch, channel by channel (Ioffe & Szegedy 2015), and over the elements of each row (layer normalisation, Ba
 * et al. 2016; root mean square, Zhang & Sennrich 2019). Variances are Σ(x − mean)² / n, taken in a second walk over the elements; a
 * channel's is the mean of those of its runs, one a sample, and the variance of their means.
 */
import { ShapeError } from '../errors.ts';
import { CACHE_LINE } from './division.ts';
import { count, formatShape } from './shape.ts';
import { type AttributesOf, type Dim, defineOp, type Expressions, type ReferenceOf, type Shape, type Value } from './spec.ts';

/** x seen as [outer, channels, inner]: statistics of a channel run over outer and inner. */
const CHANNELS = { outer: 'size', channels: 'size', inner: 'size', epsilon: 'float' } as const;

type Channels = { [K in keyof typeof CHANNELS]: number };

/** Added to variances. */
const EPSILON = { epsilon: { kind: 'nonNegative' } } as const;
const CENTRED = { centred: { kind: 'flag', default: false } } as const;

const lowerChannels = (x: Shape, { epsilon }: AttributesOf<typeof EPSILON>) => ({
  outer: x[0],
  channels: x[1],
  inner: count(x.slice(2)),
  epsilon,
});

/** Elements of a run from which on threads take samples: what each of them does twice then, adding up the runs of all, is little. */
const LEAST_RUN = 32;

/** Channels whose elements fill whole lines are shared one by one. */
const byChannels = <O extends string>({ inner }: Channels, scattered: readonly O[]) =>
  ({ over: 'channels', scattered, granule: inner < CACHE_LINE ? CACHE_LINE : 1 }) as const;

/**
 * Threads take samples, as they do in the layers before and after, so that what one of them wrote the same one reads. They meet once, when
 * all have told what the runs of a channel come to. Short runs are divided by channels.
 */
function divideBatch<O extends string>(s: Channels, scattered: readonly O[], ofFirst: readonly O[]) {
  const alone = byChannels(s, scattered);
  return s.inner < LEAST_RUN ? alone : ({ over: 'outer', granule: 1, meetings: 1, ofFirst, alone } as const);
}

/** Two numbers of each run, some of each channel. Runs of one element need none. */
const runScratch = (ofChannel: number) => (s: Channels) => (s.inner === 1 ? 0 : (2 * s.outer + ofChannel) * s.channels);

const whole = ({ outer, channels, inner }: Channels) => outer * channels * inner;

/** Elements of a channel. */
const perChannel = (x: Shape): Dim => count(x.filter((_, axis) => axis !== 1));

function channelsOf(op: string, x: Shape, ...perChannelShapes: readonly Shape[]): Dim {
  if (x.length < 2 || x[1] < 1) throw new ShapeError(`${op}: expected an input of [batch, channels, …], got ${formatShape(x)}`);
  for (const shape of perChannelShapes) {
    if (shape.length !== 1 || shape[0] !== x[1])
      throw new ShapeError(`${op}: expected one value for each of ${x[1]} channels, got ${formatShape(shape)}`);
  }
  return x[1];
}

/** Calls visit(i) for every element of a channel. */
function eachOfChannel({ outer, channels, inner }: Channels, channel: number, visit: (i: number) => void): void {
  for (let o = 0; o < outer; o++) {
    const start = (o * channels + channel) * inner;
    for (let i = start; i < start + inner; i++) visit(i);
  }
}

/** One value a channel, in a shape that broadcasts over x. */
const alongChannels = (m: Expressions, value: Value, x: Value) => m.reshape(value, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);

const channelAxes = (x: Value) => x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));

const channelMean = (m: Expressions, x: Value) => m.scale(m.sum(x, channelAxes(x)), 1, perChannel(x.shape));

const reciprocalDeviation = (m: Expressions, variance: Value, epsilon: number) => m.divide(1, m.sqrt(m.add(variance, epsilon)));

/** x seen as rows of `columns` neighbours: statistics of a row run over its columns. */
const ROWS = { rows: 'size', columns: 'size' } as const;

const lowerRows = (x: Shape) => ({ rows: count(x.slice(0, -1)), columns: x[x.length - 1] });
const matrix = (s: { rows: number; columns: number }) => s.rows * s.columns;

function rowsOf(op: string, x: Shape, ...perColumn: readonly (Shape | undefined)[]): Shape {
  const columns = x[x.length - 1];
  if (x.length < 2 || columns < 1) throw new ShapeError(`${op}: expected an input of [batch, …, features], got ${formatShape(x)}`);
  for (const shape of perColumn) {
    if (shape && (shape.length !== 1 || shape[0] !== columns))
      throw new ShapeError(`${op}: expected one value for each of ${columns} features, got ${formatShape(shape)}`);
  }
  return x.slice(0, -1);
}

/** One value a row, in a shape that broadcasts over x. */
const alongRows = (m: Expressions, value: Value) => m.reshape(value, [...value.shape, 1]);

const rowMean = (m: Expressions, x: Value) => m.scale(m.sum(x, [-1], true), 1, x.shape[x.shape.length - 1]);

/** (x − mean) · scale. */
const standardized = (m: Expressions, x: Value, mean: Value, scale: Value) =>
  m.multiply(m.subtract(x, alongRows(m, mean)), alongRows(m, scale));

/** The cost of an element that is read three times, in elements of plain arithmetic. */
const THRICE = 3;

export const NORMALIZATION = [
  defineOp({
    /** out = (x − mean) · weight / √(variance + epsilon) + bias, with the statistics of each channel over the batch. */
    name: 'batchNorm',
    operands: { x: 'in', weight: 'in', bias: 'in', out: 'out', mean: 'out', variance: 'out' },
    scalars: CHANNELS,
    attributes: EPSILON,
    shapes: ([x, weight, bias]) => {
      const channels = channelsOf('batchNorm', x, weight, bias);
      return [x, [channels], [channels]];
    },
    lower: ([x], _, attributes) => lowerChannels(x, attributes),
    extents: (s) => ({ x: whole(s), weight: s.channels, bias: s.channels, out: whole(s), mean: s.channels, variance: s.channels }),
    divide: (s) => divideBatch(s, ['x', 'out'], ['mean', 'variance']),
    ranges: ['outer', 'channels'],
    scratch: runScratch(2),
    work: (s) => THRICE * whole(s),
    gradient: (m, { inputs: [x, weight], outputs: [, mean, variance], attributes }, [delta, ofMean, ofVariance]) => {
      const handed = delta ? m.applyAll('batchNormGradient', [delta, x, mean, variance, weight], attributes) : [];
      let [ofX] = handed;
      const receive = (more: Value) => {
        ofX = ofX ? m.add(ofX, more) : m.broadcast(more, x.shape);
      };
      const size = perChannel(x.shape);
      if (ofMean) receive(alongChannels(m, m.scale(ofMean, 1, size), x));
      if (ofVariance) receive(m.multiply(alongChannels(m, m.scale(ofVariance, 2, size), x), m.subtract(x, alongChannels(m, mean, x))));
      return [ofX, handed[1], handed[2]];
    },
    expand: (m, { inputs: [x, weight, bias], attributes }) => {
      const mean = channelMean(m, x);
      const centred = m.subtract(x, alongChannels(m, mean, x));
      const variance = channelMean(m, m.square(centred));
      const scale = m.multiply(weight, reciprocalDeviation(m, variance, attributes.epsilon));
      return [m.add(m.multiply(centred, alongChannels(m, scale, x)), alongChannels(m, bias, x)), mean, variance];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ of batchNorm’s inputs: ofX = (δ − mean δ − x̂ · mean(δ⊙x̂)) · weight / deviation, ofWeight = Σ δ⊙x̂, ofBias = Σ δ. */
    name: 'batchNormGradient',
    operands: {
      delta: 'in',
      x: 'in',
      mean: 'in',
      variance: 'in',
      weight: 'in',
      ofX: 'out',
      ofWeight: 'out',
      ofBias: 'out',
    },
    scalars: CHANNELS,
    attributes: EPSILON,
    shapes: ([delta, x, mean, variance, weight]) => {
      const channels = channelsOf('batchNormGradient', x, mean, variance, weight);
      if (count(delta) !== count(x)) throw new ShapeError(`batchNormGradient: expected δ of ${formatShape(x)}, got ${formatShape(delta)}`);
      return [x, [channels], [channels]];
    },
    lower: ([, x], _, attributes) => lowerChannels(x, attributes),
    extents: (s) => ({
      delta: whole(s),
      x: whole(s),
      mean: s.channels,
      variance: s.channels,
      weight: s.channels,
      ofX: whole(s),
      ofWeight: s.channels,
      ofBias: s.channels,
    }),
    divide: (s) => divideBatch(s, ['delta', 'x', 'ofX'], ['ofWeight', 'ofBias']),
    ranges: ['outer', 'channels'],
    scratch: runScratch(4),
    work: (s) => THRICE * whole(s),
    expand: (m, { inputs: [delta, x, mean, variance, weight], attributes }) => {
      const along = (value: Value) => alongChannels(m, value, x);
      const scale = reciprocalDeviation(m, variance, attributes.epsilon);
      const hat = m.multiply(m.subtract(x, along(mean)), along(scale));
      const product = m.multiply(delta, hat);
      const rest = m.add(along(channelMean(m, delta)), m.multiply(hat, along(channelMean(m, product))));
      const ofX = m.multiply(m.subtract(delta, rest), along(m.multiply(weight, scale)));
      return [ofX, m.sum(product, channelAxes(x)), m.sum(delta, channelAxes(x))];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** out = (x − mean) · scale · weight + bias row by row, scale = 1 / √(mean of (x − mean)² + epsilon); mean is 0 unless centred. */
    name: 'normalize',
    operands: { x: 'in', weight: 'in?', bias: 'in?', out: 'out', mean: 'out', scale: 'out' },
    scalars: { ...ROWS, centred: 'integer', epsilon: 'float' },
    attributes: { ...EPSILON, ...CENTRED },
    shapes: ([x, weight, bias]) => {
      const rows = rowsOf('normalize', x, weight, bias);
      return [x, rows, rows];
    },
    lower: ([x], _, { centred, epsilon }) => ({ ...lowerRows(x), centred: centred ? 1 : 0, epsilon }),
    extents: (s) => ({ x: matrix(s), weight: s.columns, bias: s.columns, out: matrix(s), mean: s.rows, scale: s.rows }),
    divide: () => ({ over: 'rows' }),
    work: (s) => THRICE * matrix(s),
    gradient: (m, { inputs: [x, weight, bias], outputs: [, mean, scale], attributes }, [delta, ofMean, ofScale]) => {
      const { centred } = attributes;
      let ofX = delta && m.apply('normalizeGradient', [delta, x, mean, scale, weight], { centred });
      const receive = (more: Value) => {
        ofX = ofX ? m.add(ofX, more) : m.broadcast(more, x.shape);
      };
      const columns = x.shape[x.shape.length - 1];
      if (ofMean && centred) receive(alongRows(m, m.scale(ofMean, 1, columns)));
      if (ofScale) {
        const slope = m.scale(m.multiply(ofScale, m.multiply(scale, scale)), -1, columns);
        receive(m.multiply(alongRows(m, slope), standardized(m, x, mean, scale)));
      }
      if (!delta || !(weight || bias)) return [ofX, undefined, undefined];
      const [ofWeight, ofBias] = m.applyAll('normalizeParameterGradient', [delta, x, mean, scale]);
      return [ofX, weight && ofWeight, bias && ofBias];
    },
    expand: (m, { inputs: [x, weight, bias], attributes }) => {
      const rows = x.shape.slice(0, -1);
      const mean = attributes.centred ? m.reshape(rowMean(m, x), rows) : m.fill(0, rows);
      const variance = m.reshape(rowMean(m, m.square(m.subtract(x, alongRows(m, mean)))), rows);
      const scale = reciprocalDeviation(m, variance, attributes.epsilon);
      const hat = standardized(m, x, mean, scale);
      const weighted = weight ? m.multiply(hat, weight) : hat;
      return [bias ? m.add(weighted, bias) : weighted, mean, scale];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ of normalize’s x: (γ − mean γ − x̂ · mean(γ⊙x̂)) · scale for γ = δ · weight; without the mean of γ unless centred. */
    name: 'normalizeGradient',
    operands: { delta: 'in', x: 'in', mean: 'in', scale: 'in', weight: 'in?', out: 'out' },
    scalars: { ...ROWS, centred: 'integer' },
    attributes: CENTRED,
    shapes: ([, x, , , weight]) => {
      rowsOf('normalizeGradient', x, weight);
      return [x];
    },
    lower: ([, x], _, { centred }) => ({ ...lowerRows(x), centred: centred ? 1 : 0 }),
    extents: (s) => ({ delta: matrix(s), x: matrix(s), mean: s.rows, scale: s.rows, weight: s.columns, out: matrix(s) }),
    divide: () => ({ over: 'rows' }),
    work: (s) => THRICE * matrix(s),
    inPlace: ['delta', 'x'],
    expand: (m, { inputs: [delta, x, mean, scale, weight], attributes }) => {
      const hat = standardized(m, x, mean, scale);
      const weighted = weight ? m.multiply(delta, weight) : delta;
      const along = m.multiply(hat, rowMean(m, m.multiply(weighted, hat)));
      const rest = attributes.centred ? m.add(rowMean(m, weighted), along) : along;
      return [m.multiply(m.subtract(weighted, rest), alongRows(m, scale))];
    },
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ of normalize’s weight, Σ δ⊙x̂ over the rows, and of its bias, Σ δ. */
    name: 'normalizeParameterGradient',
    operands: { delta: 'in', x: 'in', mean: 'in', scale: 'in', ofWeight: 'out', ofBias: 'out' },
    scalars: ROWS,
    shapes: ([, x]) => {
      rowsOf('normalizeParameterGradient', x);
      const columns = x[x.length - 1];
      return [[columns], [columns]];
    },
    lower: ([, x]) => lowerRows(x),
    extents: (s) => ({ delta: matrix(s), x: matrix(s), mean: s.rows, scale: s.rows, ofWeight: s.columns, ofBias: s.columns }),
    divide: () => ({ over: 'columns', scattered: ['delta', 'x'] }),
    ranges: ['columns'],
    expand: (m, { inputs: [delta, x, mean, scale] }) => {
      const axes = x.shape.slice(0, -1).map((_, axis) => axis);
      return [m.sum(m.multiply(delta, standardized(m, x, mean, scale)), axes), m.sum(delta, axes)];
    },
    tolerance: 1e-4,
  }),
];

export const NORMALIZATION_REFERENCE: ReferenceOf<(typeof NORMALIZATION)[number]> = {
  batchNorm: ({ x, weight, bias, out, mean, variance, ...s }) => {
    const size = s.outer * s.inner;
    for (let c = 0; c < s.channels; c++) {
      let sum = 0;
      eachOfChannel(s, c, (i) => {
        sum += x[i];
      });
      const average = sum / size;
      let squares = 0;
      eachOfChannel(s, c, (i) => {
        squares += (x[i] - average) ** 2;
      });
      const scale = weight[c] / Math.sqrt(squares / size + s.epsilon);
      eachOfChannel(s, c, (i) => {
        out[i] = (x[i] - average) * scale + bias[c];
      });
      mean[c] = average;
      variance[c] = squares / size;
    }
  },
  batchNormGradient: ({ delta, x, mean, variance, weight, ofX, ofWeight, ofBias, ...s }) => {
    const size = s.outer * s.inner;
    for (let c = 0; c < s.channels; c++) {
      const scale = 1 / Math.sqrt(variance[c] + s.epsilon);
      const hat = (i: number) => (x[i] - mean[c]) * scale;
      let sum = 0;
      let dot = 0;
      eachOfChannel(s, c, (i) => {
        sum += delta[i];
        dot += delta[i] * hat(i);
      });
      eachOfChannel(s, c, (i) => {
        ofX[i] = (delta[i] - sum / size - (hat(i) * dot) / size) * weight[c] * scale;
      });
      ofWeight[c] = dot;
      ofBias[c] = sum;
    }
  },
  normalize: (s) => {
    const weight: Float64Array | undefined = s.weight;
    const bias: Float64Array | undefined = s.bias;
    for (let r = 0; r < s.rows; r++) {
      const row = s.x.subarray(r * s.columns, (r + 1) * s.columns);
      const rough = s.centred ? row.reduce((sum, value) => sum + value, 0) / s.columns : 0;
      // The deviations tell the rounding error of the mean: equal elements then lie on it.
      const mean = s.centred ? rough + row.reduce((sum, value) => sum + (value - rough), 0) / s.columns : 0;
      const squares = row.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const scale = 1 / Math.sqrt(squares / s.columns + s.epsilon);
      row.forEach((value, j) => {
        s.out[r * s.columns + j] = (value - mean) * scale * (weight?.[j] ?? 1) + (bias?.[j] ?? 0);
      });
      s.mean[r] = mean;
      s.scale[r] = scale;
    }
  },
  normalizeGradient: (s) => {
    const weight: Float64Array | undefined = s.weight;
    for (let r = 0; r < s.rows; r++) {
      const hat = Array.from({ length: s.columns }, (_, j) => (s.x[r * s.columns + j] - s.mean[r]) * s.scale[r]);
      const weighted = hat.map((_, j) => s.delta[r * s.columns + j] * (weight?.[j] ?? 1));
      const average = s.centred ? weighted.reduce((sum, value) => sum + value, 0) / s.columns : 0;
      const along = weighted.reduce((sum, value, j) => sum + value * hat[j], 0) / s.columns;
      for (let j = 0; j < s.columns; j++) s.out[r * s.columns + j] = (weighted[j] - average - hat[j] * along) * s.scale[r];
    }
  },
  normalizeParameterGradient: ({ delta, x, mean, scale, ofWeight, ofBias, rows, columns }) => {
    ofWeight.fill(0, 0, columns);
    ofBias.fill(0, 0, columns);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const i = r * columns + j;
        ofWeight[j] += delta[i] * (x[i] - mean[r]) * scale[r];
        ofBias[j] += delta[i];
      }
    }
  },
};
