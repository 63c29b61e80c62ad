/** Model files: exact both ways, training resumes from them to the bit, and no bytes whatever do harm. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  activation,
  adam,
  DataError,
  defineLayer,
  dense,
  dropout,
  type FitOptions,
  FormatError,
  flatten,
  type LayerMaker,
  type LoadOptions,
  Network,
  OPTIMIZER_TYPES,
  type Optimizer,
  OptionError,
  optimizerFromConfig,
  reshape,
  sgd,
} from 'chainrule';
import { describe, expect, it, vi } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { RandomStream } from '../../src/random/philox.ts';
import { bytesAllocated } from '../support/allocations.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';
import { decodeModel } from '../support/whole-files.ts';

const ROWS = 22;
const data = { x: spreadTensor([ROWS, 4]), y: Array.from({ length: ROWS }, (_, i) => i % 3) };
const load = (bytes: Uint8Array, backend = FASTEST, options: LoadOptions = {}) =>
  onBackend(backend, () => Network.fromBytes(bytes, { ...options, backend }));

const create = (backend = FASTEST) =>
  createOn(backend, {
    input: [4],
    layers: [
      dense(6, { activation: 'tanh', l2: 1e-3 }),
      dropout(0.3),
      reshape([2, 3]),
      flatten(),
      activation('leakyRelu', { alpha: 0.2 }),
      dense(3),
    ],
    loss: 'softmaxCrossEntropy',
    seed: 41,
  });

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const optimizers: readonly (readonly [string, Optimizer])[] = [
    ...OPTIMIZER_TYPES.map((type) => [type, optimizerFromConfig({ type, learningRate: 0.01 })] as const),
    ['momentum', sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true })],
    ['adam with the largest mean squared gradient', adam({ amsgrad: true })],
  ];

  it.each(optimizers)('training goes on from a file to the bit: %s, dropout, shuffling, a smaller last batch', async (_, optimizer) => {
    const options: FitOptions = { optimizer, batchSize: 4, shuffle: true };
    using whole = await create(backend);
    const { losses } = await whole.fit(data, { ...options, epochs: 4 });
    using first = await create(backend);
    const before = await first.fit(data, { ...options, epochs: 2 });
    using second = await load(first.toBytes(), backend);
    const after = await second.fit(data, { ...options, epochs: 2 });
    expect([...before.losses, ...after.losses]).toEqual([...losses]);
    expect(weightsOf(second)).toEqual(weightsOf(whole));
    expect(second.toBytes()).toEqual(whole.toBytes());
  });

  it('a file read back is the same file, and predicts the same', async () => {
    using network = await create(backend);
    await network.fit(data, { epochs: 3 });
    const bytes = network.toBytes();
    using read = await load(bytes, backend);
    expect(read.toBytes()).toEqual(bytes);
    expect(read.predict(data.x)).toEqual(network.predict(data.x));
    expect(await read.evaluate(data)).toEqual(await network.evaluate(data));
    expect(read.summary()).toBe(network.summary());
    expect(weightsOf(read)).toEqual(weightsOf(network));
  });

  it('weights set before the first fit are saved and read back', async () => {
    using network = await create(backend);
    using read = await load(network.toBytes(), backend);
    expect(weightsOf(read)).toEqual(weightsOf(network));
    expect([...(await read.fit(data)).losses]).toEqual([...(await network.fit(data)).losses]);
  });
});

it('a file from one backend is read on every other', async () => {
  for (const from of BACKEND_NAMES) {
    using network = await create(from);
    await network.fit(data, { epochs: 2 });
    const expected = network.predict(data.x).data;
    for (const to of BACKEND_NAMES) {
      using read = await load(network.toBytes(), to);
      const { data: actual } = read.predict(data.x);
      for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 5);
    }
  }
});

describe('on disk', () => {
  it('save and load, nothing else left in the folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chainrule-'));
    try {
      using network = await create();
      const path = join(folder, 'model.safetensors');
      await network.save(path);
      await network.fit(data);
      await network.save(path);
      vi.stubEnv('CHAINRULE_BACKEND', FASTEST); // load asks for it only after it has read the file.
      using read = await Network.load(path);
      expect(read.toBytes()).toEqual(network.toBytes());
      expect(await readdir(folder)).toEqual(['model.safetensors']);
      await expect(Network.load(join(folder, 'none'))).rejects.toThrow(DataError);
      await expect(network.save(join(folder, 'no', 'folder'))).rejects.toThrow();
    } finally {
      await rm(folder, { recursive: true });
      vi.unstubAllEnvs();
    }
  });

  it('refuses a network with a function of the user, by its place', async () => {
    using network = await createOn(FASTEST, { input: [4], layers: [dense(3), (x) => x], loss: 'meanSquaredError' });
    expect(() => network.toBytes()).toThrow(OptionError);
    expect(() => network.toBytes()).toThrow('got a function as layer 1');
    expect(network.predict([[1, 2, 3, 4]]).shape).toEqual([1, 3]);
  });
});

/** Reads bytes that may be anything; says whether they were a model. Anything but FormatError is let through. */
async function isRead(bytes: Uint8Array): Promise<boolean> {
  try {
    (await load(bytes)).dispose();
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

async function smallFile(): Promise<Uint8Array> {
  using network = await createOn(FASTEST, {
    input: [2],
    layers: [dense(2, { activation: 'relu' }), dense(2)],
    loss: 'softmaxCrossEntropy',
  });
  await network.fit(
    {
      x: [
        [0, 1],
        [1, 0],
      ],
      y: [0, 1],
    },
    { optimizer: adam() },
  );
  return network.toBytes();
}

describe('bytes that are no model', () => {
  it('truncated at every byte', async () => {
    const bytes = await smallFile();
    for (let length = 0; length < bytes.length; length++) expect(await isRead(bytes.slice(0, length)), `${length} bytes`).toBe(false);
    expect(await isRead(bytes)).toBe(true);
    expect(await isRead(new Uint8Array([...bytes, 0]))).toBe(false);
  });

  it('10 000 mutations: FormatError or a network, and memory stays', async () => {
    const bytes = await smallFile();
    const random = new RandomStream(1, 5);
    const before = process.memoryUsage();
    let read = 0;
    for (let i = 0; i < 10_000; i++) if (await isRead(mutate(bytes, random))) read++;
    const after = process.memoryUsage();
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan(9900);
    expect(after.rss - before.rss).toBeLessThan(400 * 2 ** 20);
  }, 60_000);
});

/** One to four changes: a byte, a bit, a piece doubled or cut out, a number swapped for a hostile one. */
function mutate(original: Uint8Array, random: RandomStream): Uint8Array {
  let bytes = original.slice();
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(bytes.length);
    const kind = random.integer(5);
    if (kind === 0) bytes[at] = random.integer(256);
    else if (kind === 1) bytes[at] ^= 1 << random.integer(8);
    else if (kind === 2) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + random.integer(8))]);
    else if (kind === 3) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - random.integer(8)))]);
    else swapNumber(bytes, random);
  }
  return bytes;
}

/** A digit of the header becomes another, so that shapes, offsets and options change while the JSON stays JSON. */
function swapNumber(bytes: Uint8Array, random: RandomStream): void {
  const digits = [...bytes.keys()].filter((at) => bytes[at] >= 0x30 && bytes[at] <= 0x39);
  if (digits.length) bytes[digits[random.integer(digits.length)]] = 0x30 + random.integer(10);
}

const PROGRESS = { optimizer: 'adam', epoch: 1, batch: 1, step: 4 };
const UNFINISHED = {
  ...{ rows: 5, batchSize: 2, accumulate: 1, shuffle: true, seconds: 1 },
  sums: { rows: 2, rest: 1, losses: [], weights: [] },
};

describe('hostile models', () => {
  /** For each byte of a file: configurations of very many layers take most. */
  const MOST_ALLOCATED = 12;
  const BASE = { input: [2], layers: [{ type: 'dense', units: 2 }], loss: 'meanSquaredError', seed: 0 };

  const HOSTILE: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['a billion units', { layers: [{ type: 'dense', units: 1e9 }] }, 'at most 2147483647 parameters, got 3000000000'],
    ['half a billion units', { layers: [{ type: 'dense', units: 5e8 }] }, 'shape [500000000, 2], got [2, 2]'],
    [
      'a layer beyond all bounds',
      { input: [1e9, 1e9], layers: [{ type: 'flatten' }, { type: 'dense', units: 1e9 }] },
      'at most 2147483647',
    ],
    ['units beyond integers', { layers: [{ type: 'dense', units: 1e300 }] }, 'dense(units)'],
    ['an unknown layer', { layers: [{ type: 'exec', command: 'rm' }] }, "got 'exec'"],
    ['a layer of Object', { layers: [{ type: 'constructor' }] }, "got 'constructor'"],
    ['a layer that is null', { layers: [null] }, 'got null'],
    ['a layer that is a list', { layers: [[]] }, 'layer: expected'],
    ['layers that are no list', { layers: { length: 1e9 } }, 'expected a list of layers'],
    ['no layers', { layers: [] }, 'at least one layer'],
    ['a type that is an object', { layers: [{ type: { toString: 'dense' } }] }, 'layer: expected a type'],
    ['units as text', { layers: [{ type: 'dense', units: '2' }] }, "got '2'"],
    ['an unknown option', { layers: [{ type: 'dense', units: 2, onload: 1 }] }, "'onload'"],
    ['an initialiser null', { layers: [{ type: 'dense', units: 2, biasInitializer: 7 }] }, 'biasInitializer'],
    ['an activation of Object', { layers: [{ type: 'activation', activation: 'valueOf' }] }, "got 'valueOf'"],
    ['a reshape of text', { layers: [{ type: 'reshape', shape: '2' }] }, 'reshape.shape'],
    ['a negative input', { input: [-2] }, 'model.input'],
    ['no input', { input: undefined }, 'model.input'],
    ['an unknown loss', { loss: 'hasOwnProperty' }, "got 'hasOwnProperty'"],
    ['a loss that is null', { loss: null }, 'loss'],
    ['a type of a loss that is an object', { loss: { type: { toString: 'huber' } } }, 'loss: expected'],
    ['a type of a metric that is an object', { metrics: [{ type: { toString: 'f1' } }] }, 'metrics'],
    ['a seed as text', { seed: '1' }, "model.seed: expected an integer of at least 0, got '1'"],
    ['an unknown entry', { hook: 1 }, "unknown option 'hook'"],
    ['progress of an optimiser without a name', { progress: { optimizer: './lion', epoch: 1, batch: 0, step: 1 } }, "got './lion'"],
    ['negative progress', { progress: { optimizer: 'sgd', epoch: 1, batch: 0, step: -1 } }, 'model.progress.step'],
    ['progress without a mini-batch', { progress: { optimizer: 'sgd', epoch: 1, step: 1 } }, 'model.progress.batch'],
    [
      'an unfinished epoch of no rows',
      { progress: { ...PROGRESS, unfinished: { ...UNFINISHED, rows: 0 } } },
      'model.progress.unfinished.rows',
    ],
    ['sums that are none', { progress: { ...PROGRESS, unfinished: { ...UNFINISHED, sums: 3 } } }, 'model.progress.unfinished.sums'],
    [
      'sums of what are no numbers',
      { progress: { ...PROGRESS, unfinished: { ...UNFINISHED, sums: { rows: 1, rest: 1, losses: ['a'], weights: [] } } } },
      'model.progress.unfinished.sums.losses',
    ],
    ['memories that are a list', { progress: { ...PROGRESS, memories: [] } }, 'model.progress.memories'],
    ['a memory that is a number', { progress: { ...PROGRESS, memories: { earlyStopping: 3 } } }, 'model.progress.memories.earlyStopping'],
    ['progress that is a list', { progress: [] }, 'model.progress'],
    ['layers that do not fit', { layers: [{ type: 'reshape', shape: [3] }] }, 'layer 0'],
    [
      'one layer too many',
      {
        layers: [
          { type: 'dense', units: 2 },
          { type: 'dense', units: 2 },
        ],
      },
      'expected tensor 1.weight',
    ],
  ];

  const weight = { shape: [2, 2], data: new Float32Array(4) };
  const bias = { shape: [2], data: new Float32Array(2) };
  const encode = (config: Record<string, unknown>, extra: object = {}) =>
    encodeModel({ config: { ...BASE, ...config }, tensors: new Map(Object.entries({ '0.weight': weight, '0.bias': bias, ...extra })) });

  const refused = async (bytes: Uint8Array, part: string) => {
    let error: unknown;
    const allocated = await bytesAllocated(async () => {
      error = await load(bytes).catch((thrown: unknown) => thrown);
    });
    expect(error, String(error)).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(part);
    expect(allocated, 'bytes allocated').toBeLessThan(MOST_ALLOCATED * bytes.length);
  };

  it.each(HOSTILE)('%s', (_, config, part) => refused(encode(config), part));

  it('the unchanged file that they are made from is read', async () => expect(await isRead(encode({}))).toBe(true));

  it.each([
    ['another shape', { '0.bias': { shape: [1, 2], data: new Float32Array(2) } }, '0.bias of shape [2], got [1, 2]'],
    ['a tensor of nothing', { '7.weight': bias }, "unexpected tensor '7.weight'"],
    ['state without an optimiser', { 'optimizer/mean/0.bias': bias }, "unexpected tensor 'optimizer/mean/0.bias'"],
  ])('tensors: %s', (_, extra, part) => refused(encode({}, extra), part));

  it('optimiser state of a parameter that is not there', () =>
    refused(encode({ progress: PROGRESS }, { 'optimizer/mean/1.bias': bias }), "'optimizer/mean/1.bias'"));

  it.each([
    ['memory/other/best', "'memory/other/best'"],
    ['carried/hidden', "'carried/hidden'"],
  ])('a tensor that training cannot have left: %s', (name, part) => refused(encode({ progress: PROGRESS }, { [name]: bias }), part));

  const manyLayers = (layer: object, count = 10_000) => encode({ layers: Array.from({ length: count }, () => layer) });

  it.each([
    ['with parameters', { type: 'dense', units: 2 }, 'expected tensor 1.weight'],
    ['without', { type: 'flatten' }, "unexpected tensor '0.weight'"],
  ])('ten thousand layers %s', (_, layer, part) => refused(manyLayers(layer), part));

  it('ten thousand layers are made once and traced once', async () => {
    let [made, traced] = [0, 0];
    const counted: LayerMaker = () => {
      made++;
      return defineLayer({ type: 'counted' }, (_, x) => {
        traced++;
        return x;
      });
    };
    await expect(load(manyLayers({ type: 'counted' }), FASTEST, { layers: { counted } })).rejects.toThrow("unexpected tensor '0.weight'");
    expect([made, traced]).toEqual([10_000, 10_000]);
  });

  it('samples too large for memory', () =>
    refused(
      encodeModel({
        config: { ...BASE, input: [1e9, 1e9], layers: [{ type: 'activation', activation: 'relu' }, { type: 'flatten' }] },
        tensors: new Map(),
      }),
      'layer 0: relu of [batch, 1000000000, 1000000000]: expected size to be a size of at most 2147483647',
    ));

  it('a configuration is decoded as it was encoded', () => expect(decodeModel(encode({})).config).toEqual(BASE));
});
