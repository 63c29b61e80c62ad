/**
 * How fast tables are read, and in how much memory: rows of 50 columns, ten of them categories, with gaps. Each reader runs in a process alone.
 *
 *   npm run bench:readers -- --rows 5000000 --folder FOLDER
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type HasSource, SOURCE } from '../src/datasets/source.ts';
import { csv, parquet, sql } from '../src/entries/data-node.ts';
import { CATEGORIES, NUMERIC, writeTables } from './tables.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: 'tables' },
    digits: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const rows = Number(values.rows);
const file = join(values.folder, `${rows}-${values.digits}`);

const READERS: Readonly<Record<string, () => AsyncIterable<{ readonly rows: number }>>> = {
  csv: () => read(csv(`${file}.csv`, { target: 'n0' })),
  'csv, 39 numbers as a vector': () => read(csv(`${file}.csv`, { target: 'n0', columns: NUMERIC.slice(1), vector: true })),
  'sql on CSV': () => read(sql(`SELECT * FROM '${file}.csv'`, { target: 'n0' })),
  parquet: () => read(parquet(`${file}.parquet`, { target: 'n0' })),
  'parquet, 39 numbers as a vector': () => read(parquet(`${file}.parquet`, { target: 'n0', columns: NUMERIC.slice(1), vector: true })),
  'csv-parse alone, strings of all fields': csvParse,
};

if (values.only === undefined) await all();
else console.log(JSON.stringify(await measured(READERS[values.only]())));

async function all(): Promise<void> {
  await writeTables(file, rows, values.digits);
  console.log(
    `${rows} rows of ${NUMERIC.length} numbers and ${CATEGORIES.length} categories, CSV of ${megabytes(`${file}.csv`)} MB, Parquet of ${megabytes(`${file}.parquet`)} MB`,
  );
  for (const only of Object.keys(READERS)) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), '--only', only],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    const { seconds, busy, read, peak } = JSON.parse(stdout) as Measured;
    console.log(
      `${only}: ${Math.round(read / seconds)} rows/s, peak of ${Math.round(peak / 1024)} MB, ${seconds.toFixed(1)} s (${busy.toFixed(1)} s of the processor) for ${read} rows`,
    );
  }
}

function megabytes(path: string): number {
  return Math.round(statSync(path).size / 1e6);
}

interface Measured {
  readonly seconds: number;
  readonly read: number;
  /** Of the processor, on all threads. */
  readonly busy: number;
  /** In kB. */
  readonly peak: number;
}

/** The first pass. */
function read(dataset: HasSource): AsyncIterable<{ readonly rows: number }> {
  return dataset[SOURCE].read({ seed: 0, epoch: 0, skip: 0 });
}

/** What csv-parse takes for records that nobody keeps. */
async function* csvParse(): AsyncGenerator<{ readonly rows: number }> {
  const { parse } = await import('csv-parse');
  let count = -1;
  const parser = parse({ on_record: () => void count++ });
  createReadStream(`${file}.csv`).pipe(parser).resume();
  await once(parser, 'end');
  yield { rows: count };
}

async function measured(chunks: AsyncIterable<{ readonly rows: number }>): Promise<Measured> {
  const before = process.cpuUsage();
  const start = performance.now();
  let rows = 0;
  for await (const chunk of chunks) rows += chunk.rows;
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, busy: (user + system) / 1e6, read: rows, peak: process.resourceUsage().maxRSS };
}
