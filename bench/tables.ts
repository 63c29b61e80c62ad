/** Tables to read, written once: rows of 40 numbers and ten categories, with gaps but in the first column, as CSV and as Parquet. */
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { RandomStream } from '../src/random/philox.ts';

export const NUMERIC = Array.from({ length: 40 }, (_, i) => `n${i}`);
export const CATEGORIES = Array.from({ length: 10 }, (_, i) => `c${i}`);
/** Different texts of a column: enough that no cache of the processor has them all. */
const POOL = 8192;
/** One field of fifty is a gap. */
const GAP = 50;

/**
 * `file`.csv and `file`.parquet, where they are not there yet.
 *
 * @param digits Of numbers; 'all' for as many as a float64 has.
 * @param hasGaps Whether fields are missing.
 */
export async function writeTables(file: string, rows: number, digits: string, hasGaps = true): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(`${file}.csv`)) await writeCsv(`${file}.csv`, rows, digits, hasGaps);
  if (existsSync(`${file}.parquet`)) return;
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT * FROM '${file}.csv') TO '${file}.parquet'`);
}

async function writeCsv(path: string, rows: number, digits: string, hasGaps: boolean): Promise<void> {
  const random = new RandomStream(1, 0);
  const columns = [...NUMERIC, ...CATEGORIES];
  const pools = columns.map((_, column) =>
    Array.from({ length: POOL }, () => {
      const isGap = random.integer(GAP) === 0;
      if (hasGaps && isGap && column > 0) return '';
      if (column >= NUMERIC.length) return `category ${column}-${random.integer(20)}`;
      const number = random.uniform() * 200 - 100;
      return column % 4 === 0 ? String(Math.round(number)) : digits === 'all' ? String(number) : number.toPrecision(Number(digits));
    }),
  );
  const out = createWriteStream(path);
  out.write(`${columns.join()}\n`);
  const step = 4096;
  for (let at = 0; at < rows; at += step) {
    const lines: string[] = [];
    for (let row = at; row < Math.min(rows, at + step); row++) {
      const start = random.word();
      lines.push(pools.map((pool, column) => pool[(start + Math.imul(column, 0x9e3779b1)) >>> 19]).join());
    }
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
