/**
 * How fast a small network (batch 256) trains on tables that are read while it trains, and in how much memory: an epoch of each in a process alone.
 *
 *   npm run build:ts && npm run bench:reader-fits -- --rows 5000000 --folder FOLDER
 *
 * Numbers: 39 as a vector, against the same rows in memory. Raw rows: 39 numbers with gaps and ten categories, prepared on the way.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isNumeric } from '../src/datasets/chunk.ts';
import { FIRST, type HasSource, SOURCE } from '../src/datasets/source.ts';
import { csv, impute, oneHot, parquet, prepare, standardize, type TableDataset } from '../src/entries/data-node.ts';
import { dense, Network, sgd } from '../src/index.node.ts';
import { setReadingScript } from '../src/readers/thread/off-thread.ts';
import { CATEGORIES, NUMERIC, writeTables } from './tables.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    folder: { type: 'string', default: 'tables' },
    digits: { type: 'string', default: '5' },
    only: { type: 'string' },
    epochs: { type: 'string', default: '1' },
  },
});
const rows = Number(values.rows);
const raw = join(values.folder, `${rows}-${values.digits}`);
const whole = `${raw}-whole`;
/** Rows that a preparation learns of. */
const LEARNT = 200_000;

setReadingScript(new URL('../dist/bundled/reading-worker.js', import.meta.url));

const VECTOR = { target: 'n0', columns: NUMERIC.slice(1), vector: true } as const;
const RAW = { target: 'n0' } as const;

/** Gives the seconds of an epoch, the last one. */
const FITS: Readonly<Record<string, () => Promise<number>>> = {
  'numbers in memory': async () => fitNumbers(await inMemory()),
  'numbers of csv, read by a worker': () => fitNumbers(csv(`${whole}.csv`, { ...VECTOR, worker: true })),
  'numbers of csv, read by the same thread': () => fitNumbers(csv(`${whole}.csv`, { ...VECTOR, worker: false })),
  'numbers of parquet': () => fitNumbers(parquet(`${whole}.parquet`, VECTOR)),
  'raw rows of csv, read by a worker': () => fitRows(csv(`${raw}.csv`, { ...RAW, worker: true })),
  'raw rows of csv, read by the same thread': () => fitRows(csv(`${raw}.csv`, { ...RAW, worker: false })),
  'raw rows of parquet': () => fitRows(parquet(`${raw}.parquet`, RAW)),
};

async function all(): Promise<void> {
  await writeTables(raw, rows, values.digits);
  await writeTables(whole, rows, values.digits, false);
  for (const only of Object.keys(FITS)) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), '--only', only];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const { seconds, peak } = JSON.parse(stdout) as { readonly seconds: number; readonly peak: number };
    console.log(`${only}: ${Math.round(rows / seconds)} rows/s, peak of ${Math.round(peak / 1024)} MB, ${seconds.toFixed(2)} s`);
  }
}

const layers = () => [dense(64, { activation: 'relu' }), dense(32, { activation: 'relu' }), dense(1)];
const OPTIONS = { epochs: Number(values.epochs), batchSize: 256, optimizer: sgd({ learningRate: 1e-4 }) };

async function fitNumbers(data: HasSource | { readonly x: Float32Array; readonly y: Float32Array }): Promise<number> {
  const network = await Network.create({ input: [VECTOR.columns.length], layers: layers(), loss: 'meanSquaredError', seed: 1 });
  const width = VECTOR.columns.length;
  const given = 'x' in data ? { x: { shape: [rows, width], data: data.x }, y: { shape: [rows, 1], data: data.y } } : data;
  return timed(() => network.fit(given as never, OPTIONS));
}

async function fitRows(data: TableDataset): Promise<number> {
  const numbers = NUMERIC.slice(1).map((name) => [name, [impute('mean'), standardize()]] as const);
  const categories = CATEGORIES.map((name) => [name, [impute('mostFrequent'), oneHot()]] as const);
  const preparation = await prepare(data.take(LEARNT), { x: Object.fromEntries([...numbers, ...categories]) as never });
  const network = await Network.create({ input: preparation, layers: layers(), loss: 'meanSquaredError', seed: 1 } as never);
  return timed(() => network.fit(data as never, OPTIONS));
}

async function timed(fit: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await fit();
  return (performance.now() - start) / 1000 / OPTIONS.epochs;
}

async function inMemory() {
  const width = VECTOR.columns.length;
  const data = { x: new Float32Array(rows * width), y: new Float32Array(rows) };
  let at = 0;
  for await (const chunk of csv(`${whole}.csv`, VECTOR)[SOURCE].read(FIRST)) {
    const [x, y] = chunk.columns.filter(isNumeric);
    data.x.set(x.data, at * width);
    data.y.set(y.data, at);
    at += chunk.rows;
  }
  return data;
}

if (values.only === undefined) await all();
else {
  const seconds = await FITS[values.only]();
  console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS }));
}
