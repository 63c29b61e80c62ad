/** What stands in a folder of checkpoints while a run goes on, and what becomes of the run where nothing can be written there. */
import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  type Callback,
  type CheckpointOptions,
  checkpoint,
  DataError,
  type DataSet,
  dense,
  type FitOptions,
  type GraphValue,
  Network,
  OptionError,
  sgd,
} from 'chainrule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryName } from '../../src/node/temporaries.ts';
import { createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const data: DataSet = { x: spreadTensor([32, 3]), y: spreadTensor([32, 2], 4) };
const fit: FitOptions = { epochs: 6, batchSize: 8, optimizer: sgd({ learningRate: 0.1 }) };
const create = () => createOn(FASTEST, { input: [3], layers: [dense(4, { activation: 'tanh' }), dense(2)], loss: 'meanSquaredError' });

/** Resolves once the file of an epoch is there. */
async function untilWritten(epoch: number): Promise<void> {
  while (!numbered().some((name) => name.endsWith(`-step-${4 * epoch}.safetensors`))) await sleep(2);
}

/** Waits at the end of each epoch for the file that was due before. */
const slowly = (every = 1): Callback => ({ epoch: ({ epoch }) => untilWritten(every * Math.floor((epoch - 1) / every)) });
const numbered = () => readdirSync(folder).filter((name) => name.startsWith('checkpoint-'));

async function run(options: Partial<CheckpointOptions> = {}, more: FitOptions = {}): Promise<Network> {
  const network = await create();
  await network.fit(data, {
    ...fit,
    ...more,
    callbacks: [...(more.callbacks ?? [slowly(options.every?.epochs)]), checkpoint({ folder, ...options })],
  });
  return network;
}

describe('a folder of checkpoints', () => {
  it('has the newest three files by default, of which the last is the network at the end', async () => {
    using network = await run();
    expect(numbered()).toEqual([
      'checkpoint-000006-step-20.safetensors',
      'checkpoint-000007-step-24.safetensors',
      'checkpoint-000008-step-24.safetensors',
    ]);
    using loaded = await Network.load(join(folder, numbered()[2]));
    expect(weightsOf(loaded)).toEqual(weightsOf(network));
    expect(loaded.progress).toEqual({ epoch: 6, batch: 0, step: 24 });
  });

  it('has as many as `keep` says, of every second epoch, and may be named by a URL', async () => {
    using _ = await run({ keep: 2, every: { epochs: 2 }, folder: pathToFileURL(folder) });
    expect(numbered()).toEqual(['checkpoint-000004-step-24.safetensors', 'checkpoint-000005-step-24.safetensors']);
  });

  it('has one every so many seconds', async () => {
    const waiting: Callback = { stepsPerSecond: 'all', step: () => new Promise((done) => setTimeout(done, 15)) };
    using _ = await run({ keep: 99, every: { seconds: 0.1 } }, { callbacks: [waiting] });
    expect(numbered().length).toBeGreaterThanOrEqual(3);
  });

  it('counts on after those of an earlier run', async () => {
    writeFileSync(join(folder, 'checkpoint-000041-step-9000.safetensors'), 'another');
    using _ = await run({ keep: 1 });
    expect(numbered()).toEqual(['checkpoint-000049-step-24.safetensors']);
  });

  it.each<[string, true | string]>([
    ['the validation loss', true],
    ['another value', 'validationAccuracy'],
  ])('has the best epoch by %s, in a file of its name', async (_, best) => {
    const labels: DataSet = { x: data.x, y: Array.from({ length: 32 }, (_, i) => i % 2) };
    using network = await createOn(FASTEST, { input: [3], layers: [dense(2)], loss: 'softmaxCrossEntropy' });
    const states: Record<string, number[]>[] = [];
    const watching: Callback = { epoch: () => void states.push(weightsOf(network)) };
    // A rate that rises makes the last epochs worse.
    const settings: FitOptions = {
      ...fit,
      optimizer: sgd({ learningRate: 0.5 }),
      schedule: ({ step }) => 1 + 2 * step,
      validation: labels,
    };
    const { epochs } = await network.fit(labels, {
      ...settings,
      callbacks: [watching, checkpoint({ folder, best, every: { seconds: 1000 } })],
    });
    const values = epochs.map(
      ({ validationLoss, validationAccuracy }) => (best === true ? -(validationLoss as number) : validationAccuracy) as number,
    );
    const found = values.indexOf(Math.max(...values));
    expect(found).toBeLessThan(values.length - 1);
    using loaded = await Network.load(join(folder, 'best.safetensors'));
    expect(weightsOf(loaded)).toEqual(states[found]);
    expect(numbered().map((name) => name.slice(18))).toEqual(['step-0.safetensors', 'step-24.safetensors']);
  });

  it('keeps the best epoch of the whole run where that is resumed', async () => {
    const labels: DataSet = { x: data.x, y: Array.from({ length: 32 }, (_, i) => i % 2) };
    const make = () => createOn(FASTEST, { input: [3], layers: [dense(2)], loss: 'softmaxCrossEntropy' });
    const settings: FitOptions = {
      ...fit,
      optimizer: sgd({ learningRate: 0.5 }),
      schedule: ({ step }) => 1 + 2 * step,
      validation: labels,
    };
    const own = checkpoint({ folder, best: true });
    using whole = await make();
    await whole.fit(labels, { ...settings, callbacks: [slowly(), own] });
    const { progress } = await Network.load(join(folder, 'best.safetensors'));
    rmSync(folder, { recursive: true });
    const controller = new AbortController();
    const onEpoch = ({ epoch }: { epoch: number }) => void (epoch === progress.epoch + 1 && controller.abort());
    using first = await make();
    await first.fit(labels, { ...settings, onEpoch, signal: controller.signal, callbacks: [slowly(), own] });
    using second = await make();
    await second.fit(labels, { ...settings, resume: folder, callbacks: [slowly(), checkpoint({ folder, best: true })] });
    expect((await Network.load(join(folder, 'best.safetensors'))).progress).toEqual(progress);
    expect(weightsOf(second)).toEqual(weightsOf(whole));
  });

  it('loses the unfinished files of processes that are gone', async () => {
    const left = temporaryName();
    writeFileSync(join(folder, left), 'half');
    utimesSync(join(folder, left), 1, 1);
    using _ = await run();
    expect(readdirSync(folder)).toEqual(numbered());
  });
});

describe('where nothing can be written', () => {
  /** After so many epochs, a file stands in place of the folder; after one more the folder is back. */
  function broken(after: number, until = Number.POSITIVE_INFINITY): Callback {
    return {
      async epoch({ epoch }) {
        if (epoch <= after) await untilWritten(epoch - 1);
        // What was tried since has failed by then.
        else await sleep(50);
        if (epoch === after) {
          renameSync(folder, `${folder}-moved`);
          writeFileSync(folder, '');
        } else if (epoch === until) {
          rmSync(folder);
          renameSync(`${folder}-moved`, folder);
        }
      },
    };
  }
  afterEach(() => rmSync(`${folder}-moved`, { recursive: true, force: true }));

  it('from the beginning, the fit ends before its first step', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    using network = await create();
    const before = weightsOf(network);
    const call = network.fit(data, { ...fit, callbacks: [checkpoint({ folder: join(path, 'inner') })] });
    await expect(call).rejects.toThrow(DataError);
    await expect(call).rejects.toThrow(/^checkpoint\.folder: expected a folder to write to at .*file\/inner, got: /);
    expect(weightsOf(network)).toEqual(before);
    expect(network.progress.step).toBe(0);
  });

  it('later, the fit ends with the weights of its step, and its checkpoints are whole', async () => {
    using network = await create();
    const callbacks = [broken(3), checkpoint({ folder })];
    await expect(network.fit(data, { ...fit, callbacks })).rejects.toThrow(
      /^expected to write \d+ bytes to .*checkpoint|expected a folder of checkpoints/,
    );
    expect(network.progress.step).toBeGreaterThanOrEqual(12);
    expect(network.progress.step).toBeLessThan(24);
    using resumed = await create();
    const { losses } = await resumed.fit(data, { ...fit, resume: `${folder}-moved` });
    expect(losses).toHaveLength(16);
    using whole = await run({ folder: join(`${folder}-moved`, 'whole') }, { callbacks: [] });
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
  });

  it('the fit goes on as it was asked to, says so, and writes again when it can', async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    using network = await run({ onError: 'continue', onWarning }, { callbacks: [broken(2, 4)] });
    expect(network.progress.step).toBe(24);
    expect(warnings.length).toBeGreaterThanOrEqual(1);
    for (const warning of warnings) expect(warning).toMatch(/^checkpoint: .*; the fit goes on$/);
    expect(numbered().at(-1)).toMatch(/-step-24\.safetensors$/);
  });

  it('as a warning of the process, where no function is given', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    using _ = await run({ onError: 'continue' }, { callbacks: [broken(5)] });
    expect(emit.mock.calls.map((call) => call.slice(1))).toContainEqual(['ChainruleWarning']);
    emit.mockRestore();
  });

  it('a network whose layer a file cannot hold is refused before its first step', async () => {
    using network = await createOn(FASTEST, { input: [3], layers: [(x: GraphValue) => x, dense(2)], loss: 'meanSquaredError' } as never);
    const call = network.fit(data, { ...fit, callbacks: [checkpoint({ folder, onError: 'continue' })] });
    await expect(call).rejects.toThrow(OptionError);
    expect(network.progress.step).toBe(0);
  });
});

it.each<[unknown, RegExp]>([
  [{}, /^checkpoint\.folder: expected a path or a URL, got undefined/],
  [{ folder: 'x', keep: 0 }, /^checkpoint\.keep: /],
  [{ folder: 'x', every: {} }, /^checkpoint\.every: expected one of \{ steps \}, \{ seconds \} and \{ epochs \}, got /],
  [{ folder: 'x', every: { steps: 1, epochs: 1 } }, /^checkpoint\.every: expected one of /],
  [{ folder: 'x', every: { steps: 0.5 } }, /^checkpoint\.every\.steps: /],
  [{ folder: 'x', best: false }, /^checkpoint\.best: /],
  [{ folder: 'x', onError: 'ignore' }, /^checkpoint\.onError: /],
  [{ folder: 'x', onWarning: 1 }, /^checkpoint\.onWarning: /],
  [{ folder: 'x', path: 'y' }, /^checkpoint: .*path/],
])('checkpoint(%j) is refused', (options, message) => {
  const call = () => checkpoint(options as CheckpointOptions);
  expect(call).toThrow(OptionError);
  expect(call).toThrow(message);
});

it('a trainer is refused', async () => {
  using network = await create();
  const call = network.trainer({ optimizer: sgd({ learningRate: 0.1 }), callbacks: [checkpoint({ folder, every: { steps: 1 } })] });
  await expect(call).rejects.toThrow(/^checkpoint: expected a fit, got a trainer/);
});
