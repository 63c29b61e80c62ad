/**
 * A server that trains and answers in one process: POST /train takes rows and begins a fit in the background, POST /predict answers with the weights
 * of the last second, GET /status tells how far training is. Training runs off the event loop, predictions that come together are one batch.
 *
 *   node --import tsx examples/server.ts [PORT]
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { adam, ChainruleError, dense, digits, Network } from 'chainrule';

const create = () =>
  Network.create({ input: [64], layers: [dense(64, { activation: 'relu' }), dense(10)], loss: 'softmaxCrossEntropy', seed: 1 });

async function jsonOf(request: IncomingMessage): Promise<never> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as never;
}

/** A handler of requests for one network. `stop` ends the fit under way. */
export function service(network: Awaited<ReturnType<typeof create>>) {
  const stop = new AbortController();
  let fitting: Promise<unknown> | undefined;
  const routes: { readonly [path: string]: ((body: never) => unknown) | undefined } = {
    'POST /train'({ x, y, epochs }: { x: number[][]; y: number[]; epochs: number }) {
      if (fitting) return { error: 'a fit is running' };
      const options = { epochs, batchSize: 32, optimizer: adam({ learningRate: 3e-3 }), signal: stop.signal };
      fitting = network
        .fit({ x, y }, options)
        .catch((error) => console.error(error))
        .finally(() => {
          fitting = undefined;
        });
      return { started: true };
    },
    async 'POST /predict'({ x }: { x: number[][] }) {
      const { shape, data } = await network.predictAsync(x, { probabilities: true });
      return { shape, probabilities: Array.from(data) };
    },
    'GET /status': () => ({ isTraining: fitting !== undefined, progress: network.progress, ...network.statistics() }),
  };
  const server = createServer(async (request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    try {
      const answer = route ? await route(request.method === 'POST' ? await jsonOf(request) : (undefined as never)) : { error: 'not found' };
      response.writeHead(route ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      // What is wrong with the rows is the caller's to know; anything else is not.
      const isTheirs = error instanceof ChainruleError || error instanceof SyntaxError;
      if (!isTheirs) console.error(error);
      const message = isTheirs ? (error as Error).message : 'the request failed';
      response.writeHead(isTheirs ? 400 : 500, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: message }));
    }
  });
  return {
    server,
    async stop() {
      stop.abort();
      await fitting;
    },
  };
}

const listening = (server: Server, port: number) =>
  new Promise<number>((resolve) => server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

/** Trains by requests, asks meanwhile and afterwards, and ends. */
export async function main({ epochs = 20 } = {}) {
  using network = await create();
  const { server, stop } = service(network);
  const url = `http://127.0.0.1:${await listening(server, 0)}`;
  const post = async (path: string, body: unknown) => (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).json();
  const status = async () => (await fetch(`${url}/status`)).json();
  try {
    const { train, test } = digits({ test: 0.2, seed: 1 });
    const rowsOf = ({ shape: [rows, width], data }: typeof train.x) =>
      Array.from({ length: rows }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width)));
    await post('/train', { x: rowsOf(train.x), y: Array.from(train.y), epochs });
    let answeredMeanwhile = 0;
    while ((await status()).isTraining) {
      await post('/predict', { x: rowsOf(test.x).slice(0, 1) });
      answeredMeanwhile++;
    }
    const { shape, probabilities } = await post('/predict', { x: rowsOf(test.x) });
    const right = Array.from(test.y).filter((label, i) => {
      const row: number[] = probabilities.slice(i * shape[1], (i + 1) * shape[1]);
      return row.indexOf(Math.max(...row)) === label;
    }).length;
    const accuracy = right / test.y.length;
    const refused = await post('/predict', { x: [[1, 2, 3]] });
    console.log(
      `${answeredMeanwhile} predictions while it trained, test accuracy ${(100 * accuracy).toFixed(1)} %; a wrong row: ${refused.error}`,
    );
    return { accuracy, answeredMeanwhile, refused: refused.error as string };
  } finally {
    await stop();
    server.closeAllConnections();
    server.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === undefined) await main();
  else {
    const port = await listening(service(await create()).server, Number(process.argv[2]));
    console.log(`listening on http://127.0.0.1:${port}: POST /train { x, y, epochs }, POST /predict { x }, GET /status`);
  }
}
