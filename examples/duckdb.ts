/**
 * What a database knows, learnt without loading it: DuckDB runs the query in every epoch, and its result comes in chunks. Here two tables of a DuckDB file
 * are joined; Parquet and CSV files, JSON and other databases are read by the same function. Needs `npm install @duckdb/node-api`.
 *
 *   node --import tsx examples/duckdb.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { adam, dense, Network } from 'chainrule';
import { oneHot, prepare, sql, standardize } from 'chainrule/data';

/** Flats and their streets. A flat's rent is by its area, its floor and the noise of the street. */
async function makeDatabase(path: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE streets AS SELECT range AS street, ['quiet', 'busy', 'loud'][1 + range % 3] AS noise FROM range(30)`);
  await connection.run(`CREATE TABLE flats AS SELECT range AS flat, 25 + (range * 37) % 90 AS area, (range * 11) % 6 AS floor, (range * 7) % 30 AS street
    FROM range(${rows})`);
  await connection.run(`ALTER TABLE flats ADD COLUMN rent DOUBLE`);
  await connection.run(`UPDATE flats SET rent = 200 + 11 * area + 25 * floor - 90 * (street % 3) + (flat * 17) % 40`);
  connection.closeSync();
  instance.closeSync();
}

export async function main({ rows = 20_000, epochs = 4 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-duckdb-'));
  const database = join(folder, 'flats.duckdb');
  try {
    await makeDatabase(database, rows);
    const query = (where: string) =>
      sql(`SELECT area, floor, noise, rent FROM flats JOIN streets USING (street) WHERE ${where} ORDER BY flat`, {
        database,
        target: 'rent',
      });
    const [train, test] = [query('flat % 10 <> 0'), query('flat % 10 = 0')];

    const preparation = await prepare(train, { x: { area: standardize(), floor: standardize(), noise: oneHot() }, y: standardize() });
    using network = await Network.create({
      input: preparation,
      layers: [dense(16, { activation: 'tanh' }), dense(1)],
      loss: 'meanSquaredError',
      seed: 1,
    });
    await network.fit(train, {
      ...{ epochs, batchSize: 64, optimizer: adam({ learningRate: 0.01 }), validation: test },
      onEpoch: ({ epoch, loss, validationLoss = 0 }) =>
        console.log(`epoch ${epoch}  loss ${loss.toFixed(4)}  validation ${validationLoss.toFixed(4)}`),
    });
    const flat = { area: 60, floor: 2, noise: 'busy' };
    const rent = network.predict([flat]).data[0];
    console.log(`${JSON.stringify(flat)}: ${rent.toFixed(0)}, by the rule ${200 + 11 * 60 + 25 * 2 - 90 + 20}`);
    return { rent, loss: (await network.evaluate(test)).loss };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
