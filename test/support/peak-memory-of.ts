/**
 * Prints what `peaksOf` asks for: PARAMETERS made FILE, of a network that is made, trained and saved; PARAMETERS loaded FILE, of one that is
 * loaded; PARAMETERS given FILE, of one that is made of bytes which are there already; PARAMETERS fetched FILE, of one that is
 * fetched. Linux tells a process the most memory that it has held.
 */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dense, Network, sgd } from '../../src/index.node.ts';
import { sourceOf } from '../../src/platform/byte-source.ts';
import { extendPlatform } from '../../src/platform/platform.ts';
import { fetchBytes } from '../../src/platform/web-files.ts';

const LAYERS = 4;
const [parameters, stages, file] = process.argv.slice(2);
const width = Math.round(Math.sqrt(Number(parameters) / LAYERS));
const bytes = LAYERS * width * (width + 1) * Float32Array.BYTES_PER_ELEMENT;
const row = () => new Float32Array(width).fill(0.1);

const peak = () => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const networkOf = (size: number) =>
  Network.create({
    input: [size],
    layers: Array.from({ length: LAYERS }, () => dense(size, { activation: 'relu' })),
    loss: 'meanSquaredError',
  });

const tiny = await networkOf(4);
await tiny.fit({ x: [[1, 2, 3, 4]], y: [[1, 2, 3, 4]] }, { epochs: 1 });
tiny.predict([[1, 2, 3, 4]]);
(await Network.fromBytes(tiny.toBytes())).dispose();
tiny.dispose();
const given = stages === 'given' ? readFileSync(file) : undefined;
const before = peak();
const beyond = () => (peak() - before) / bytes;

async function made() {
  const network = await networkOf(width);
  const create = beyond();
  network.predict([row()]);
  const predict = beyond();
  await network.fit({ x: [row()], y: [row()] }, { epochs: 1, optimizer: sgd({ learningRate: 1e-3 }) });
  const train = beyond();
  await network.fit({ x: [row()], y: [row()] }, { epochs: 5, optimizer: sgd({ learningRate: 1e-3 }), onEpoch: () => undefined });
  const watched = beyond();
  await network.save(file);
  return { create, predict, train, watched };
}

async function loaded() {
  const network = given ? await Network.fromBytes(given) : await Network.load(stages === 'fetched' ? await servedAt() : file);
  const load = beyond();
  for (let i = 0; i < 3; i++) network.predict([row()]);
  return { load, again: beyond() };
}

/** Where the file can be fetched: as in a page, and not from the disk. */
async function servedAt(): Promise<string> {
  extendPlatform({ openBytes: async (location) => sourceOf(await fetchBytes(location)) });
  const server = createServer((_, response) => {
    response.setHeader('content-length', statSync(file).size);
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

console.log(JSON.stringify(await (stages === 'made' ? made() : loaded())));
