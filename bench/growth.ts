/**
 * Time per step against width and against batch, as an SVG: a step out of proportion to its FLOP shows as a bend.
 *
 *   npm run bench:growth -- OUT.svg [--backend native|wasm] [--threads N] [--seconds S]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dense, sgd } from 'chainrule';
import type { BenchSettings } from './report.ts';
import { measureTraining } from './training.ts';
import type { TrainingWorkload } from './workloads.ts';

const WIDTHS = [64, 128, 256, 512, 1024, 2048, 4096];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const FIXED_BATCH = 128;
const FIXED_WIDTH = 512;
const ROWS = 2048;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: 'string', default: 'native' }, threads: { type: 'string' }, seconds: { type: 'string', default: '0.5' } },
});
const settings: BenchSettings = {
  backend: values.backend as BenchSettings['backend'],
  threads: values.threads === undefined ? undefined : Number(values.threads),
  seconds: Number(values.seconds),
  folder: undefined,
};

/** width → width → 10, on random inputs. */
function workload(width: number, batch: number): TrainingWorkload {
  return {
    id: `${width}×${batch}`,
    description: `${width}-${width}-10`,
    input: [width],
    layers: () => [dense(width, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
    optimizer: sgd({ learningRate: 1e-3 }),
    batch,
    shuffle: false,
    flop: 2 * batch * (2 * width * width + 3 * width * 10),
    data: async () => ({
      x: { shape: [ROWS, width], data: Float32Array.from({ length: ROWS * width }, Math.random) },
      y: Int32Array.from({ length: ROWS }, () => Math.floor(10 * Math.random())),
    }),
  };
}

interface Point {
  readonly size: number;
  readonly us: number;
  readonly gflops: number;
}

async function curve(sizes: readonly number[], make: (size: number) => TrainingWorkload): Promise<Point[]> {
  const points: Point[] = [];
  for (const size of sizes) {
    const { usPerStep, gflops = 0 } = await measureTraining(make(size), settings);
    points.push({ size, us: usPerStep, gflops });
    console.log(JSON.stringify({ size, usPerStep, gflops }));
  }
  return points;
}

const PLOT = { width: 420, height: 300, margin: 50 };

/** Both axes logarithmic: proportional growth is a straight line. */
function plot(title: string, points: readonly Point[], left: number): string {
  const range = (figures: readonly number[]) => [Math.log(Math.min(...figures)), Math.log(Math.max(...figures))];
  const [x0, x1] = range(points.map(({ size }) => size));
  const [y0, y1] = range(points.map(({ us }) => us));
  const x = (size: number) => left + PLOT.margin + ((Math.log(size) - x0) / (x1 - x0)) * (PLOT.width - 2 * PLOT.margin);
  const y = (us: number) => PLOT.height - PLOT.margin - ((Math.log(us) - y0) / (y1 - y0)) * (PLOT.height - 2 * PLOT.margin);
  const marks = points.flatMap(({ size, us, gflops }) => [
    `<circle cx="${x(size).toFixed(1)}" cy="${y(us).toFixed(1)}" r="3"><title>${size}: ${us} µs, ${gflops} GFLOP/s</title></circle>`,
    `<text x="${x(size).toFixed(1)}" y="${PLOT.height - PLOT.margin + 16}" text-anchor="middle">${size}</text>`,
    `<text x="${x(size).toFixed(1)}" y="${(y(us) - 8).toFixed(1)}" text-anchor="middle">${us < 1000 ? Math.round(us) : `${(us / 1000).toFixed(1)}k`}</text>`,
  ]);
  const line = points.map(({ size, us }) => `${x(size).toFixed(1)},${y(us).toFixed(1)}`).join(' ');
  return `<g font-size="9" font-family="sans-serif"><text x="${left + PLOT.width / 2}" y="20" text-anchor="middle" font-size="12">${title}</text><polyline points="${line}" fill="none" stroke="black"/>${marks.join('')}</g>`;
}

const [out] = positionals;
if (out === undefined) throw new Error('expected the path of an SVG to write');
const byWidth = await curve(WIDTHS, (width) => workload(width, FIXED_BATCH));
const byBatch = await curve(BATCHES, (batch) => workload(FIXED_WIDTH, batch));
const plots = [
  plot(`µs per step by width, batch ${FIXED_BATCH}`, byWidth, 0),
  plot(`µs per step by batch, width ${FIXED_WIDTH}`, byBatch, PLOT.width),
];
writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * PLOT.width} ${PLOT.height}"><rect width="100%" height="100%" fill="white"/>${plots.join('')}</svg>\n`,
);
