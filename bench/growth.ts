/**
 * Time per step against a network's width, depth, batch, time and image size, as an SVG: a step out of proportion to its operations shows as a
 * bend, and as an exponent above 1.
 *
 *   npm run bench:growth -- [OUT.svg] [--curve width,batch,…] [--backend native|wasm] [--threads N] [--seconds S]
 *
 * Exponents are slopes of straight lines through the logarithms, by least squares: of time against size, and of time against operations. The
 * latter is 1 where time is proportional to operations, less where something else takes most of the time, and given for the larger half of the sizes too.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { conv2d, dense, type GraphValue, globalAveragePool2d, type Layer, lstm, mean, multiHeadAttention, sgd } from 'chainrule';
import { drawnClasses, drawnValues } from './drawn.ts';
import { exponent, type Plot, type Point, plots } from './plot.ts';
import { type BenchSettings, round } from './report.ts';
import { measureTraining } from './training.ts';
import { lstmFlop, type TrainingWorkload } from './workloads.ts';

const CLASSES = 10;
const BATCH = 32;
/** Mini-batches in the data. */
const BATCHES = 4;

interface Shape {
  readonly input: readonly number[];
  readonly layers: () => Layer[];
  readonly batch: number;
  readonly flop: number;
}

interface Curve {
  readonly name: string;
  readonly description: string;
  readonly sizes: readonly number[];
  readonly at: (size: number) => Shape;
}

const powers = (from: number, to: number) => Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);

/** `depth` layers of `width`, and one of 10. The first has no δ to hand on. */
function perceptron(width: number, depth: number, batch: number): Shape {
  const wide = Array.from({ length: depth }, () => width);
  return {
    input: [width],
    layers: () => [...wide.map((units) => dense(units, { activation: 'relu' })), dense(CLASSES)],
    batch,
    flop: 2 * batch * ((3 * depth - 1) * width * width + 3 * width * CLASSES),
  };
}

/** Two convolutions of 3 × 3. */
function images(side: number): Shape {
  const multiplyAdds = side * side * (2 * 3 * 9 * 16 + 3 * 16 * 9 * 32) + 3 * 32 * CLASSES;
  return {
    input: [3, side, side],
    layers: () => [
      conv2d(16, 3, { padding: 'same', activation: 'relu' }),
      conv2d(32, 3, { padding: 'same', activation: 'relu' }),
      globalAveragePool2d(),
      dense(CLASSES),
    ],
    batch: 8,
    flop: 2 * 8 * multiplyAdds,
  };
}

function recurrence(steps: number): Shape {
  return {
    input: [steps, 32],
    layers: () => [lstm(64), dense(CLASSES)],
    batch: BATCH,
    flop: lstmFlop(steps, 32, 64, CLASSES, BATCH),
  };
}

/** Four projections, and every step with every other; three of the projections have no δ to hand on. */
function attention(steps: number): Shape {
  const [features, batch] = [64, 4];
  const multiplyAdds = steps * (9 * features * features + 6 * steps * features) + 3 * features * CLASSES;
  return {
    input: [steps, features],
    layers: () => [multiHeadAttention(4), (x: GraphValue) => mean(x, [1]), dense(CLASSES)],
    batch,
    flop: 2 * batch * multiplyAdds,
  };
}

const CURVES: readonly Curve[] = [
  { name: 'width', description: 'width-width-10, batch 128', sizes: powers(64, 4096), at: (width) => perceptron(width, 1, 128) },
  { name: 'batch', description: '512-512-10', sizes: powers(1, 1024), at: (batch) => perceptron(512, 1, batch) },
  { name: 'depth', description: 'layers of 256, batch 64', sizes: powers(1, 64), at: (depth) => perceptron(256, depth, 64) },
  { name: 'time', description: `LSTM of 64 on steps of 32, batch ${BATCH}`, sizes: powers(8, 1024), at: recurrence },
  { name: 'attention', description: 'attention of 64 features, 4 heads, batch 4', sizes: powers(32, 2048), at: attention },
  { name: 'image', description: 'convolutions 3×3 of 16 and 32, batch 8', sizes: powers(8, 256), at: images },
];

function workload(name: string, { input, layers, batch, flop }: Shape): TrainingWorkload {
  const rows = BATCHES * batch;
  return {
    id: name,
    description: name,
    input,
    layers,
    loss: 'softmaxCrossEntropy',
    optimizer: sgd({ learningRate: 1e-3 }),
    batch,
    shuffle: false,
    flop,
    data: async () => ({ x: drawnValues([rows, ...input]), y: drawnClasses(rows, CLASSES) }),
  };
}

async function measure({ name, description, sizes, at }: Curve, settings: BenchSettings): Promise<Plot> {
  const points: Point[] = [];
  for (const size of sizes) {
    const shape = at(size);
    const { usPerStep, gflops = 0 } = await measureTraining(workload(name, shape), settings);
    points.push({ size, us: usPerStep, flop: shape.flop, gflops });
    console.log(JSON.stringify({ curve: name, size, usPerStep, gflops }));
  }
  return { name, description, points };
}

/** The exponents of a curve as a row of a Markdown table. */
function exponents({ name, description, points }: Plot): string {
  const larger = points.slice(Math.floor(points.length / 2));
  const bySize = exponent(points, ({ size }) => size);
  const byFlop = [points, larger].map((some) => exponent(some, ({ flop }) => flop));
  return `| ${name} | ${description} | ${points[0].size} to ${points[points.length - 1].size} | ${[bySize, ...byFlop].map((slope) => round(slope, 2)).join(' | ')} |`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    curve: { type: 'string' },
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string' },
    seconds: { type: 'string', default: '0.5' },
  },
});
const settings: BenchSettings = {
  backend: values.backend as BenchSettings['backend'],
  threads: values.threads === undefined ? undefined : Number(values.threads),
  seconds: Number(values.seconds),
  folder: undefined,
};
const wanted = values.curve?.split(',') ?? CURVES.map(({ name }) => name);
const unknown = wanted.filter((name) => !CURVES.some((curve) => curve.name === name));
if (unknown.length > 0) throw new Error(`expected curves of ${CURVES.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}`);

const measured: Plot[] = [];
for (const curve of CURVES) if (wanted.includes(curve.name)) measured.push(await measure(curve, settings));
console.log('| curve | network | sizes | time by size | time by operations | the same, larger half |\n|---|---|---|---|---|---|');
for (const plot of measured) console.log(exponents(plot));
if (positionals.length > 0) writeFileSync(positionals[0], plots(measured));
