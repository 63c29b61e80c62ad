/** Model files are read a piece at a time: whatever the order, the types and the sizes of their tensors, and from whatever they are read. */
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adam, dense, encodeSafetensors, FormatError, Network, type Tensor } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeModel, type ModelFile } from '../../src/formats/model.ts';
import { BACKEND_NAMES, createOn, onBackend } from '../support/networks.ts';
import { decodeModel } from '../support/whole-files.ts';

let path: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-reading-'));
  path = join(folder, 'model');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** 2 million numbers in a tensor: more than a piece, and than what is read of a file at once. */
const LARGE = [1100, 1900] as const;
const large = (backend: (typeof BACKEND_NAMES)[number]) =>
  createOn(backend, { input: [LARGE[1]], layers: [dense(LARGE[0]), dense(1)], loss: 'meanSquaredError' });

/** A network with an optimiser's state. */
async function trained(backend: (typeof BACKEND_NAMES)[number]): Promise<Uint8Array> {
  using network = await createOn(backend, { input: [5], layers: [dense(7), dense(2)], loss: 'meanSquaredError' });
  await network.fit({ x: [[1, 2, 3, 4, 5]], y: [[1, 2]] }, { epochs: 3, optimizer: adam() });
  return network.toBytes();
}

const WAYS = ['a file', 'bytes'] as const;
const read = (way: (typeof WAYS)[number], bytes: Uint8Array, backend: (typeof BACKEND_NAMES)[number]) => {
  if (way === 'bytes') return onBackend(backend, () => Network.fromBytes(bytes, { backend }));
  writeFileSync(path, bytes);
  return Network.load(path, { backend });
};

const changed = (bytes: Uint8Array, change: (tensors: [string, Tensor][]) => Iterable<readonly [string, Tensor]>) => {
  const file = decodeModel(bytes);
  return encodeModel({ ...file, tensors: new Map(change([...file.tensors])) } as ModelFile);
};

describe.each(BACKEND_NAMES.flatMap((backend) => WAYS.map((way) => [way, backend] as const)))('from %s, on %s', (way, backend) => {
  it('large tensors are read in pieces', async () => {
    using network = await large(backend);
    const bytes = network.toBytes();
    using loaded = await read(way, bytes, backend);
    expect(Buffer.compare(loaded.toBytes(), bytes)).toBe(0);
  });

  it('tensors in another order than the layers are read', async () => {
    const bytes = await trained(backend);
    using loaded = await read(
      way,
      changed(bytes, (tensors) => tensors.reverse()),
      backend,
    );
    expect(decodeModel(loaded.toBytes())).toEqual(decodeModel(bytes));
  });

  it('float32 and float64 are converted', async () => {
    const bytes = await trained(backend);
    const other = (data: Tensor['data']) => (data instanceof Float32Array ? Float64Array.from(data) : Float32Array.from(data));
    const converted = changed(bytes, (tensors) => tensors.map(([name, { shape, data }]) => [name, { shape, data: other(data) }]));
    using loaded = await read(way, converted, backend);
    const values = (of: Uint8Array) => [...decodeModel(of).tensors].map(([name, { data }]) => [name, [...data].map(Math.fround)]);
    expect(values(loaded.toBytes())).toEqual(values(bytes));
    await loaded.fit({ x: [[1, 2, 3, 4, 5]], y: [[1, 2]] }, { epochs: 1, optimizer: adam() });
    expect(loaded.toBytes().length).toBe(bytes.length);
  });

  it.each<[string, (data: Float64Array) => void, RegExp]>([
    ['the last number is none', (data) => data.fill(Number.NaN, -1), /^model: expected finite values.* in tensor 0.weight, got NaN$/],
    ['a number in the midst is infinite', (data) => data.fill(-1 / 0, 9, 10), /in tensor 0.weight, got -Infinity$/],
  ])('%s: refused', async (_, spoil, message) => {
    const spoilt = changed(await trained(backend), (tensors) =>
      tensors.map(([name, { shape, data }]) => {
        const values = Float64Array.from(data);
        if (name === '0.weight') spoil(values);
        return [name, { shape, data: values }];
      }),
    );
    const error = await read(way, spoilt, backend).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });

  if (backend !== 'reference')
    it("state beyond the backend's numbers is refused", async () => {
      const spoilt = changed(await trained(backend), (tensors) =>
        tensors.map(([name, { shape, data }]) => [
          name,
          name.startsWith('optimizer') ? { shape, data: new Float64Array(data.length).fill(1e200) } : { shape, data },
        ]),
      );
      await expect(read(way, spoilt, backend)).rejects.toThrow(
        /^model: expected finite values within the range of float32 in tensor optimizer/,
      );
    });

  it('a file that ends too early is refused', async () => {
    const bytes = await trained(backend);
    for (const length of [0, 7, 8, 100, bytes.length - 1])
      await expect(read(way, bytes.slice(0, length), backend), `${length} bytes`).rejects.toThrow(FormatError);
  });
});

it('a file longer than its header says is refused before it is read', async () => {
  const bytes = await trained('reference');
  writeFileSync(path, bytes);
  truncateSync(path, 64 * 2 ** 30);
  const before = process.memoryUsage().rss;
  const error = await Network.load(path, { backend: 'reference' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).message).toMatch(/^safetensors: expected \d+ bytes of data, as its header says, got 6871\d+$/);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
});

it('an integer that no number holds is named by its place in the tensor', async () => {
  using network = await createOn('reference', { input: [200], layers: [dense(1000, { bias: false })], loss: 'meanSquaredError' });
  const integers = new BigInt64Array(200_000);
  integers[150_000] = 2n ** 60n;
  const bytes = withIntegers(network.toBytes(), '0.weight', integers);
  const error = await onBackend('reference', () => Network.fromBytes(bytes)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).message).toMatch(/"0.weight": expected integers from −2⁵³ to 2⁵³.*got 1152921504606846976 as element 150000$/);
});

/** A model file with a tensor of float64 declared to be one of integers, and these in its place. */
function withIntegers(model: Uint8Array, name: string, integers: BigInt64Array): Uint8Array {
  const { tensors, config } = decodeModel(model);
  const { shape } = tensors.get(name) as Tensor;
  const metadata = { chainrule: JSON.stringify({ ...config, version: 1 }) };
  const bytes = encodeSafetensors(new Map([[name, { shape, data: new Float64Array(integers.buffer) }]]), metadata);
  bytes[Buffer.from(bytes.buffer).indexOf('"F64"') + 1] = 'I'.charCodeAt(0);
  return bytes;
}

if (existsSync('/proc/self/fd'))
  it.each(BACKEND_NAMES.filter((name) => name !== 'reference'))(
    'a file that is refused at its end leaves nothing behind, on %s',
    async (backend) => {
      using network = await large(backend);
      writeFileSync(
        path,
        changed(network.toBytes(), (tensors) =>
          tensors.map(([name, { shape, data }]) => [name, { shape, data: name === '1.bias' ? Float32Array.of(Number.NaN) : data }]),
        ),
      );
      const files = () => readdirSync('/proc/self/fd').length;
      const attempt = () => expect(Network.load(path, { backend })).rejects.toThrow(FormatError);
      for (let i = 0; i < 3; i++) await attempt();
      const before = { files: files(), bytes: process.memoryUsage().rss };
      for (let i = 0; i < 40; i++) await attempt();
      expect(files(), 'of WASM some threads may have ended').toBeLessThan(before.files + 20);
      expect(process.memoryUsage().rss - before.bytes, '40 networks of 8 MB would be 335 MB').toBeLessThan(160e6);
    },
  );
