/** Model files where there is no file system: fetched from a URL, and never written without a word. By the portable entry with the reference backend. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DataError, dense, FormatError, Network, OptionError } from '../../src/entries/reference.ts';

const network = await Network.create({ input: [2], layers: [dense(3)], loss: 'softmaxCrossEntropy' });
const model = network.toBytes();

/** Without a word of its length. */
function sendPieces(response: ServerResponse): void {
  for (let start = 0; start < model.length; start += 100) response.write(model.subarray(start, start + 100));
  response.end();
}

let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/model') response.end(model);
    else if (request.url === '/pieces') sendPieces(response);
    else if (request.url === '/zipped') response.setHeader('content-encoding', 'gzip').end(gzipSync(model));
    else if (request.url === '/endless') response.writeHead(200, { 'content-length': 2 ** 53 - 1 }).end(model);
    else if (request.url === '/empty') response.end();
    else if (request.url === '/cut') response.end(model.subarray(0, 40));
    else if (request.url === '/page') response.setHeader('content-type', 'text/html; charset=utf-8').end('<!doctype html>');
    else if (request.url === '/broken') response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it.each(['text', 'a URL'])('loads from %s', async (form) => {
  const url = `${origin}/model`;
  using read = await Network.load(form === 'text' ? url : new URL(url));
  expect(read.toBytes()).toEqual(model);
});

it.each(['pieces', 'zipped'])('loads what comes %s', async (way) => {
  using read = await Network.load(`${origin}/${way}`);
  expect(read.toBytes()).toEqual(model);
});

it.each<[string, string, new (message: string) => Error, string]>([
  ['no file', '/none', DataError, '/none, got status 404 Not Found'],
  ['a page', '/page', DataError, '/page, got a page (text/html)'],
  ['a connection that ends early', '/broken', DataError, '/broken, got: '],
  ['half a file', '/cut', FormatError, 'safetensors: expected'],
  ['nothing', '/empty', FormatError, 'safetensors: expected at least 8 bytes, got 0'],
  ['a length beyond all memory', '/endless', DataError, '/endless, got: '],
])('%s', async (_, path, refused, part) => {
  const error = await Network.load(origin + path).catch((thrown: unknown) => thrown);
  expect(error, String(error)).toBeInstanceOf(refused);
  expect((error as Error).message).toContain(part);
});

it('a load from no server, and from no URL, is refused by name', async () => {
  await expect(Network.load('http://127.0.0.1:1/model')).rejects.toThrow(/expected a file to fetch at http:\/\/127.0.0.1:1\/model, got: /);
  await expect(Network.load('model.safetensors')).rejects.toThrow(DataError);
  for (const location of [undefined, null, 7, {}, '']) await expect(Network.load(location as never)).rejects.toThrow(OptionError);
});

it('a load in a runtime without fetch is refused', async () => {
  vi.stubGlobal('fetch', undefined);
  try {
    await expect(Network.load('model')).rejects.toThrow(OptionError);
    await expect(Network.load('model')).rejects.toThrow('Network.fromBytes()');
  } finally {
    vi.unstubAllGlobals();
  }
});

it('save without a file system says how to use toBytes', async () => {
  await expect(network.save('model')).rejects.toThrow(OptionError);
  await expect(network.save('model')).rejects.toThrow(/toBytes\(\) gives the bytes .*new Blob\(\[network\.toBytes\(\)\]\)/);
});
