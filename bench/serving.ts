/**
 * Requests of one row of W8 to a node:http server in this process, from connections of another process that keep alive.
 *
 *   npm run bench:serving -- [--backend native|wasm] [--threads N] [--connections C] [--rate R] [--seconds S] [--rounds N] [--json] [--folder DIR]
 *
 * First as many as go through: one by one (`predict`, and `predictAsync` with `maximumBatch: 1`), in batches, and without any prediction. Then R
 * requests a second (default 200), alone and while W5 trains in this process on one thread fewer than there are cores: the delay of the
 * event loop, and the time of a prediction from its call to its answer. Medians of the rounds, sides in turn. A body is 784 numbers as bytes, or
 * JSON with `--json`. The load needs a core for itself: on two cores, the second part shares them among three threads.
 */
import { fork } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Network } from 'chainrule';
import { imageFolder } from './images.ts';
import { median, round } from './report.ts';
import type { Load, LoadReport } from './serving/load.ts';
import { INFERENCE, TRAINING } from './workloads.ts';

const FEATURES = 784;
/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 1;
/** Seconds of load before each measurement. */
const WARM_UP = 0.7;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string', default: '1' },
    connections: { type: 'string', default: '64' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    folder: { type: 'string' },
  },
});
const backend = values.backend as 'native' | 'wasm';
const [threads, connections, rate, seconds, rounds] = [values.threads, values.connections, values.rate, values.seconds, values.rounds].map(
  Number,
);

function requestBody(): Uint8Array {
  const row = Float32Array.from({ length: FEATURES }, (_, i) => ((i * 7919) % 256) / 255);
  return values.json ? Buffer.from(JSON.stringify(Array.from(row))) : new Uint8Array(row.buffer);
}

/** Answers a row. */
type Answer = (row: Float32Array) => ArrayLike<number> | Promise<ArrayLike<number>>;

function bodyOf(request: IncomingMessage): Promise<Float32Array> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('end', () => {
      const body = Buffer.concat(chunks);
      resolve(values.json ? Float32Array.from(JSON.parse(body.toString())) : new Float32Array(new Uint8Array(body).buffer));
    });
  });
}

async function serve(answer: Answer): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body = JSON.stringify(Array.from(await answer(await bodyOf(request))));
    response.setHeader('Content-Length', body.length);
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

/** Runs load from another process. */
function underLoad(server: Server, load: Omit<Load, 'port' | 'body' | 'warmUp'>): Promise<LoadReport> {
  const child = fork(fileURLToPath(new URL('serving/load.ts', import.meta.url)), { serialization: 'advanced' });
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as LoadReport));
    // What it has sent comes before this, and perhaps after its exit.
    child.once('disconnect', () => reject(new Error('the load ended without a report')));
    child.send({ ...load, port, body: requestBody(), warmUp: WARM_UP } satisfies Load);
  });
}

async function withServer<T>(answer: Answer, use: (server: Server) => Promise<T>): Promise<T> {
  const server = await serve(answer);
  try {
    return await use(server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const create = (maximumBatch: number) => {
  const { input, layers, loss } = INFERENCE[0].of;
  return Network.create({ input, layers: layers(), loss, backend, threads, maximumBatch, seed: 1 });
};
const tensorOf = (data: Float32Array) => ({ shape: [1, FEATURES], data });

/** Figures of rounds by side, printed as medians. */
class Figures {
  readonly #noted = new Map<string, number[][]>();

  note(side: string, figures: readonly number[]): void {
    this.#noted.set(side, [...(this.#noted.get(side) ?? []), [...figures]]);
  }

  print(columns: readonly string[]): void {
    console.log(`\n${''.padEnd(34)}${columns.map((column) => column.padStart(22)).join('')}`);
    for (const [side, all] of this.#noted) {
      const medians = columns.map((_, i) => median(all.map((figures) => figures[i])));
      console.log(`${side.padEnd(34)}${medians.map((value) => String(round(value)).padStart(22)).join('')}`);
    }
  }
}

async function throughput(): Promise<void> {
  using alone = await create(1);
  using batched = await create(64);
  const sides: readonly [string, Answer, Network | undefined][] = [
    ['no prediction', () => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], undefined],
    ['predict', (row) => alone.predict(tensorOf(row)).data, alone],
    ['predictAsync, one by one', async (row) => (await alone.predictAsync(tensorOf(row))).data, alone],
    ['predictAsync, in batches', async (row) => (await batched.predictAsync(tensorOf(row))).data, batched],
  ];
  const figures = new Figures();
  for (let i = 0; i < rounds; i++)
    for (const [side, answer, network] of sides) {
      const before = network?.statistics().predictions;
      const { requests, seconds: took, p50, p99 } = await withServer(answer, (server) => underLoad(server, { connections, seconds }));
      const after = network?.statistics().predictions;
      const rows = after && before ? (after.rows - before.rows) / (after.batches - before.batches) : 0;
      const computing = after && before ? (1e6 * (after.seconds - before.seconds)) / (after.rows - before.rows) : 0;
      figures.note(side, [requests / took, p50, p99, rows, computing]);
    }
  figures.print(['requests a second', 'ms, median', 'ms, p99', 'rows a batch', 'µs a row']);
}

/** Starts W5; gives the function that ends it, and tells how many steps it took. */
async function train(): Promise<() => Promise<number>> {
  const workload = TRAINING.find(({ id }) => id === 'W5');
  if (!workload) throw new Error('expected workload W5');
  const { input, layers, loss, batch: batchSize, optimizer } = workload;
  const most = backend === 'native' ? Math.max(1, availableParallelism() - 1) : 1;
  const network = await Network.create({ input, layers: layers(), loss, backend, threads: most, seed: 1 });
  const stop = new AbortController();
  const fit = network.fit(await workload.data(imageFolder(values.folder)), { epochs: 1e6, batchSize, optimizer, signal: stop.signal });
  return async () => {
    stop.abort();
    const { losses } = await fit;
    network.dispose();
    return losses.length;
  };
}

async function besideTraining(): Promise<void> {
  using network = await create(64);
  const figures = new Figures();
  for (let i = 0; i < rounds; i++)
    for (const trains of [false, true]) {
      const end = trains ? await train() : async () => 0;
      // The fit compiles and copies its data first.
      await new Promise((resolve) => setTimeout(resolve, trains ? 1500 : 100));
      const times: number[] = [];
      const answer: Answer = async (row) => {
        const began = performance.now();
        const { data } = await network.predictAsync(tensorOf(row));
        times.push(performance.now() - began);
        return data;
      };
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
      const began = performance.now();
      const report = await withServer(answer, (server) => {
        delay.enable();
        return underLoad(server, { connections: 8, seconds, rate });
      });
      delay.disable();
      const took = (performance.now() - began) / 1000;
      const steps = await end();
      times.sort((a, b) => a - b);
      const p99 = times[Math.floor(0.99 * times.length)];
      figures.note(trains ? 'W5 trains' : 'nothing trains', [delay.percentile(99) / 1e6 - RESOLUTION, p99, report.p99, steps / took]);
    }
  figures.print(['event loop, ms p99', 'prediction, ms p99', 'request, ms p99', 'steps a second']);
}

console.log(`W8 on ${backend}, ${threads} thread(s), ${connections} connections, bodies of ${values.json ? 'JSON' : 'bytes'}`);
await throughput();
console.log(`\n${rate} requests a second beside W5`);
await besideTraining();
