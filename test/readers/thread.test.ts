/** Files that another thread reads: the same rows, errors and ends as in this thread, and no thread left. */
import { setTimeout as milliseconds } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset } from '../../src/datasets/dataset.ts';
import { FIRST, type HasSource, SOURCE, type Source } from '../../src/datasets/source.ts';
import { csv, jsonLines, parquet, sql } from '../../src/entries/data-node.ts';
import { BackendError, DataError, OptionError } from '../../src/errors.ts';
import { dense, Network, sgd } from '../../src/index.node.ts';
import { ValueCoder, ValueDecoder } from '../../src/readers/thread/coded-values.ts';
import { ReaderHost } from '../../src/readers/thread/host.ts';
import { PARCELS_AHEAD } from '../../src/readers/thread/messages.ts';
import { bringReadingWorker } from '../support/reading-worker.ts';
import { rows, testFolder } from './reading.ts';

const write = testFolder();
let undo = () => {};
beforeAll(async () => {
  undo = await bringReadingWorker();
  process.on('worker', note);
});
afterAll(async () => {
  await allEnded();
  process.off('worker', note);
  undo();
});

const JOBS = ['clerk', 'nurse', '', 'cook'];
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `${i % 7 === 0 ? '' : i / 8},${JOBS[i % 4]},name ${i},${(i * 37) % 101}`);
const table = (count: number) => `age,job,name,pay\n${lines(count).join('\n')}\n`;

/** Workers that have begun and not ended. */
const alive = new Set<Worker>();
const note = (worker: Worker) => {
  alive.add(worker);
  worker.on('exit', () => alive.delete(worker));
};

/** Waits until those have ended that wait for another pass. */
async function allEnded(): Promise<void> {
  for (let i = 0; i < 300 && alive.size > 0; i++) await milliseconds(10);
  expect(alive.size).toBe(0);
}

describe('rows', () => {
  // Text of many kinds, of few and with gaps, numbers with gaps, several parcels.
  const cases: readonly [string, (worker: boolean, path: string) => HasSource, string][] = [
    ['csv', (worker, path) => csv(path, { worker, target: 'pay' }), table(6000)],
    ['csv as a vector', (worker, path) => csv(path, { worker, target: 'pay', columns: ['age'], vector: true }), table(6000)],
    [
      'jsonLines',
      (worker, path) => jsonLines(path, { worker }),
      `${Array.from({ length: 3000 }, (_, i) => JSON.stringify({ x: { a: [i, 1], b: i % 3 ? 'b' : null }, y: i, z: { deep: [i] } })).join('\n')}\n`,
    ],
  ];
  it.each(cases)('are the same: %s', async (name, reader, content) => {
    const path = write(`${name}.table`, content);
    for (const skip of [0, 2500])
      expect(isDeepStrictEqual(await rows(reader(true, path), skip), await rows(reader(false, path), skip))).toBe(true);
  });

  it('are the same: DuckDB', async () => {
    const path = write('duck.csv', table(5000));
    const query = `SELECT * FROM '${path}'`;
    expect(isDeepStrictEqual(await rows(sql(query, { worker: true, target: 'pay' })), await rows(sql(query, { target: 'pay' })))).toBe(
      true,
    );
    await expect(rows(parquet(path, { worker: true }))).rejects.toThrow(DataError);
  });

  it('of passes one after the other, and of two at once', async () => {
    const path = write('passes.csv', table(3000));
    const dataset = csv(path, { worker: true });
    const expected = await rows(csv(path, { worker: false }));
    expect(await rows(dataset)).toEqual(expected);
    expect(await Promise.all([rows(dataset), rows(dataset, 10)])).toEqual([expected, expected.slice(10)]);
  });

  it('train to the same bits, in memory that is used again from chunk to chunk and from window to window', async () => {
    const lines = Array.from({ length: 9000 }, (_, i) => `${(i * 0.37) % 1},${(i % 5) / 5},${(i * 0.11) % 1}`);
    const path = write('train.csv', `a,b,y\n${lines.join('\n')}\n`);
    const read = (worker: boolean) => csv(path, { worker, target: 'y', vector: true });
    const kept = await read(false).toArray();
    const trained = async (data: HasSource) => {
      const network = await Network.create({
        input: [2],
        layers: [dense(3, { activation: 'tanh' }), dense(1)],
        loss: 'meanSquaredError',
        seed: 1,
      });
      const options = { epochs: 3, batchSize: 32, windowRows: 1536, optimizer: sgd({ learningRate: 0.1 }) };
      const { losses } = await network.fit(data as never, options);
      network.dispose();
      return losses;
    };
    const losses = await trained(Dataset.from(() => kept, { steady: true }));
    expect(losses.length).toBe(3 * Math.ceil(9000 / 32));
    expect(await trained(read(false))).toEqual(losses);
    expect(await trained(read(true))).toEqual(losses);
  });
});

describe('errors', () => {
  it('keep class and line', async () => {
    const path = write('bad.csv', `${table(2000)}1,clerk,x,y\n`);
    const failing = rows(csv(path, { worker: true, target: 'pay', types: { pay: 'number' } }));
    await expect(failing).rejects.toThrow(DataError);
    await expect(failing).rejects.toThrow(`${path}, line 2002: expected a number in column "pay", got "y"`);
    await expect(rows(csv(path, { worker: true, target: 'none' }))).rejects.toThrow(OptionError);
    await expect(rows(csv(`${path}.none`, { worker: true }))).rejects.toThrow(`expected a file to read at ${path}.none`);
  });

  it('of what no other thread can read', () => {
    expect(() => csv(['a,b\n1,2\n'], { worker: true })).toThrow(OptionError);
    expect(() => jsonLines(() => [], { worker: true })).toThrow('jsonLines.worker: expected a path');
  });
});

describe('ends', () => {
  it('early, with no thread left', async () => {
    const path = write('early.csv', table(10_000));
    await allEnded();
    for await (const _ of csv(path, { worker: true })) break;
    expect(alive.size).toBe(0);
  });

  it('with the reason of an abort, at once, with no thread left', async () => {
    const path = write('abort.csv', table(10_000));
    const controller = new AbortController();
    const reading = { seed: 0, epoch: 0, skip: 0, signal: controller.signal };
    const chunks = csv(path, { worker: true })[SOURCE].read(reading)[Symbol.asyncIterator]();
    await chunks.next();
    expect(alive.size).toBe(1);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(chunks.next()).rejects.toBe(reason);
    await allEnded();
  });

  it('where a worker is ended, with a typed error', async () => {
    const path = write('ended.csv', table(100_000));
    await allEnded();
    const chunks = csv(path, { worker: true })[SOURCE].read(FIRST)[Symbol.asyncIterator]();
    await chunks.next();
    await Promise.all([...alive].map((worker) => worker.terminate()));
    const rest = async () => {
      while (!(await chunks.next()).done);
    };
    await expect(rest()).rejects.toThrow(BackendError);
  });

  it('in this thread too, of a stream that gives no more', async () => {
    const controller = new AbortController();
    const endless = async function* () {
      yield 'a\n1\n';
      await new Promise(() => undefined);
    };
    const failing = csv(endless).count({ signal: controller.signal });
    await milliseconds(5);
    controller.abort(new Error('enough'));
    await expect(failing).rejects.toThrow('enough');
  });

  it('holds parcels back until they are asked for', async () => {
    const told: string[] = [];
    const source: Source = {
      rows: undefined,
      isSteady: true,
      async *read() {
        for (let i = 0; i < 100; i++) yield { rows: 2 ** 17, columns: [{ path: ['x'], shape: [], data: new Float64Array(2 ** 17) }] };
      },
    };
    const host = new ReaderHost(source, { tell: ({ type }) => told.push(type), close: () => told.push('closed') });
    const count = async () => {
      await milliseconds(5);
      return told.length;
    };
    host.hear({ type: 'read', ...FIRST });
    expect(await count()).toBe(PARCELS_AHEAD);
    host.hear({ type: 'more', spare: [] });
    expect(await count()).toBe(PARCELS_AHEAD + 1);
    host.hear({ type: 'stop' });
    await count();
    expect(told.at(-1)).toBe('closed');
  });
});

describe('values on their way', () => {
  const there = (columns: readonly (readonly unknown[])[]) => {
    const [coder, decoder] = [new ValueCoder(), new ValueDecoder()];
    return columns.map((values) => {
      const sent = structuredClone(coder.encode({ path: ['x'], values }));
      return { values: ('codes' in sent ? decoder.decode(sent) : sent).values, isCoded: 'codes' in sent };
    });
  };

  it('come up again, or are new, in any turn', () => {
    const few = Array.from({ length: 100 }, (_, i) => (i % 9 === 0 ? null : `job ${i % 5}`));
    const many = Array.from({ length: 100 }, (_, i) => `name ${i}`);
    const columns = [few, many, few, few.slice(0, 10), many, [[1, 2], { a: 1 }], few];
    expect(there(columns)).toEqual(columns.map((values, i) => ({ values, isCoded: ![1, 4, 5].includes(i) })));
  });

  it('are more than there are codes', () => {
    const columns = Array.from({ length: 140 }, (_, k) => Array.from({ length: 1000 }, (_, i) => `v${i % 2 ? 0 : 1000 * k + i}`));
    expect(there(columns).map(({ values }) => values)).toEqual(columns);
  });
});
