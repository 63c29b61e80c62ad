/** A run that is resumed from a checkpoint, by a new network, equals the run that was not interrupted, bit for bit. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adam,
  batchNorm,
  type Callback,
  checkpoint,
  cosineDecay,
  type DataSet,
  dense,
  dropout,
  type EpochReport,
  type FitOptions,
  FormatError,
  type NetworkOptions,
  reduceOnPlateau,
  sgd,
} from 'chainrule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOn, FASTEST, spreadTensor } from '../support/networks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ROWS = 8 * 3 * 4 - 2;
const data: DataSet = { x: spreadTensor([ROWS, 3]), y: Array.from({ length: ROWS }, (_, i) => (i * 7) % 3) };
const validation: DataSet = { x: spreadTensor([30, 3], 5), y: Array.from({ length: 30 }, (_, i) => i % 3) };
const EPOCHS = 7;

const create = (more: Partial<NetworkOptions> = {}) =>
  createOn(FASTEST, {
    input: [3],
    layers: [dense(6, { activation: 'tanh' }), dropout(0.3), batchNorm(), dense(3)],
    loss: 'softmaxCrossEntropy',
    seed: 11,
    reproducible: true,
    ...more,
  } as NetworkOptions);

const base: FitOptions = { epochs: EPOCHS, batchSize: 4, accumulate: 3, validation };
const settings: Record<string, FitOptions> = {
  'adam, averages of the weights, a cosine of steps, early stopping by accuracy': {
    ...base,
    optimizer: adam({ learningRate: 0.05 }),
    ema: 0.9,
    schedule: cosineDecay({ period: 20, per: 'step' }),
    earlyStopping: { patience: 9, monitor: 'accuracy' },
  },
  'momentum, a rate that falls on plateaus, early stopping that stops': {
    ...base,
    optimizer: sgd({ learningRate: 0.5, momentum: 0.9 }),
    schedule: reduceOnPlateau({ patience: 0, threshold: 0.5, factor: 0.5 }),
    earlyStopping: { patience: 1, monitor: 'accuracy' },
  },
};

const numbered = (path = folder) => readdirSync(path).filter((name) => name.startsWith('checkpoint-'));
/** The step of a checkpoint's name. */
const stepOf = (name: string) => Number(/-step-(\d+)/.exec(name)?.[1]);

/** Steps of some milliseconds, so that checkpoints of many are written. */
const slowly: Callback = { stepsPerSecond: 'all', step: () => new Promise((done) => setTimeout(done, 5)) };

/** A run with all its checkpoints. */
async function written(fit: FitOptions, unit: 'steps' | 'epochs'): Promise<void> {
  using network = await create();
  const callbacks = [slowly, checkpoint({ folder, every: { [unit]: 1 }, keep: 99 })];
  await network.fit(data, { ...fit, callbacks });
}

const withoutSeconds = ({ seconds: _, ...report }: EpochReport) => report;

describe.each(Object.entries(settings))('a run with %s', (_, fit) => {
  it.each(['steps', 'epochs'] as const)('goes on from a checkpoint of every one of its %s', async (unit) => {
    using whole = await create();
    const expected = await whole.fit(data, fit);
    await written(fit, unit);
    const names = numbered();
    expect(names.some((name) => stepOf(name) % 8 > 0)).toBe(unit === 'steps');
    for (const [i, name] of names.entries()) {
      // The beginning, the end and some between.
      if (i % 3 > 0 && i < names.length - 2) continue;
      const one = join(folder, `only-${i}`);
      mkdirSync(one);
      copyFileSync(join(folder, name), join(one, name));
      using resumed = await create();
      const { epochs, bestEpoch } = await resumed.fit(data, { ...fit, resume: one });
      expect(resumed.toBytes(), name).toEqual(whole.toBytes());
      expect(epochs.map(withoutSeconds), name).toEqual(expected.epochs.slice(expected.epochs.length - epochs.length).map(withoutSeconds));
      if (i < names.length - 1) expect(bestEpoch, name).toBe(expected.bestEpoch);
    }
  });
});

describe('a run', () => {
  const fit: FitOptions = { ...base, epochs: 3 };

  /** A run that is stopped in its second epoch, and its files. */
  async function stopped(more: FitOptions = {}): Promise<string[]> {
    using network = await create();
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => void (step === 12 && controller.abort());
    const { aborted } = await network.fit(data, {
      ...{ ...fit, ...more, onStep, signal: controller.signal },
      callbacks: [checkpoint({ folder, every: { epochs: 1 } })],
    });
    expect(aborted).toBe(true);
    return numbered();
  }

  async function bytesOfWhole(): Promise<Uint8Array> {
    using whole = await create();
    await whole.fit(data, fit);
    return whole.toBytes();
  }

  /** What the fit that resumes the run leaves, and the warnings that the process was given. */
  async function resumed(more: FitOptions = {}, network = create()) {
    using own = await network;
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      const history = await own.fit(data, { ...fit, resume: folder, ...more });
      return { bytes: own.toBytes(), history, warnings: emit.mock.calls.map(([message]) => String(message)) };
    } finally {
      emit.mockRestore();
    }
  }

  it('that is aborted leaves a checkpoint of its last step', async () => {
    expect((await stopped()).map(stepOf)).toContain(12);
    const { bytes, history } = await resumed();
    expect(history.losses).toHaveLength(3 * 8 - 12);
    expect(bytes).toEqual(await bytesOfWhole());
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 20)],
    ['empty', () => Buffer.alloc(0)],
    ['changed in one bit of a weight', (bytes) => Buffer.from(bytes).fill(bytes[bytes.length - 3] ^ 1, bytes.length - 3, bytes.length - 2)],
    ['changed in its header', (bytes) => Buffer.from(bytes.toString('latin1').replace('"run"', '"rum"'), 'latin1')],
  ])('whose newest checkpoint is %s goes on from the one before, and says so', async (_, spoil) => {
    const names = await stopped();
    const newest = join(folder, names.at(-1) as string);
    writeFileSync(newest, spoil(readFileSync(newest)));
    const { bytes, history, warnings } = await resumed();
    expect(history.losses).toHaveLength(3 * 8 - stepOf(names.at(-2) as string));
    expect(bytes).toEqual(await bytesOfWhole());
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`expected a whole checkpoint at ${newest}, got: `);
    expect(warnings[0]).toContain(`went back to ${join(folder, names.at(-2) as string)}`);
    expect(readdirSync(folder)).toContain(`${names.at(-1)}.damaged`);
  });

  it('none of whose checkpoints is whole does not begin anew', async () => {
    const names = await stopped();
    for (const name of names) writeFileSync(join(folder, name), 'damaged');
    await expect(resumed()).rejects.toThrow(FormatError);
    expect(numbered()).toEqual(names);
  });

  it('begins where its folder has no checkpoint, or is not there', async () => {
    const whole = await bytesOfWhole();
    expect((await resumed()).bytes).toEqual(whole);
    expect((await resumed({ resume: join(folder, 'none') })).bytes).toEqual(whole);
  });

  it.each<[string, FitOptions, RegExp]>([
    ['batchSize', { batchSize: 8 }, /^fit\.resume: expected batchSize 4 as in the run that the checkpoint is of, got 8;/],
    ['optimizer', { optimizer: sgd({ learningRate: 0.1 }) }, /expected optimizer \{"type":"adam"/],
    ['shuffle', { shuffle: false }, /expected shuffle true .*got false/],
  ])('is not gone on with by another %s, and the network stays as it is', async (_, more, message) => {
    await stopped();
    using network = await create();
    const before = network.toBytes();
    await expect(network.fit(data, { ...fit, ...more, resume: folder })).rejects.toThrow(message);
    expect(network.toBytes()).toEqual(before);
  });

  it.each<[string, Partial<NetworkOptions>]>([
    ['seed', { seed: 12 }],
    ['layers', { layers: [dense(6), dense(3)] }],
  ])('is not gone on with by a network of other %s', async (name, more) => {
    await stopped();
    await expect(resumed({}, create(more))).rejects.toThrow(new RegExp(`expected the network that .* is of, got one with other ${name}$`));
  });

  it('that has ended is not trained on, unless for more epochs', async () => {
    using network = await create();
    await network.fit(data, { ...fit, callbacks: [checkpoint({ folder })] });
    const ended = await resumed();
    expect([ended.history.losses.length, ended.history.aborted]).toEqual([0, false]);
    expect(ended.bytes).toEqual(network.toBytes());
    await network.fit(data, { ...fit, epochs: 1 });
    expect((await resumed({ epochs: 4 })).bytes).toEqual(network.toBytes());
  });

  it('that begins anew by `restart` goes on where it was', async () => {
    using network = await create();
    await network.fit(data, fit);
    const bytes = network.toBytes();
    await stopped({ restart: true });
    const { bytes: after } = await resumed({ restart: true });
    expect(after).toEqual(bytes);
  });
});
