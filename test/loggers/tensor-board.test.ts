/** tensorBoard: files of events, read back by a reader that has nothing in common with what writes them. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { add, type Callback, DataError, dense, multiply, Network, OptionError, sgd, tensorBoard } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { finish } from '../../src/event-loop/slices.ts';
import { crc32c } from '../../src/loggers/crc32c.ts';
import { histogramOf } from '../../src/loggers/histogram.ts';
import { createNetwork, data, fitWith, inFolder, slowly } from './logging.ts';
import { doubles, eventsOf, float, integer, type Message, messages, text } from './read-events.ts';

const path = inFolder();

/** The events of all files, in the order in which TensorBoard reads them. */
const allEvents = () =>
  readdirSync(path('run'))
    .sort()
    .flatMap((name) => eventsOf(join(path('run'), name)));

const stepOf = (event: Message) => integer(event, 2);

/** The values of summaries, with their steps. */
const valuesOf = (events: readonly Message[]) =>
  events.flatMap((event) =>
    messages(event, 5).flatMap((summary) =>
      messages(summary, 1).map((value) => ({ step: stepOf(event), tag: text(value, 1) as string, value })),
    ),
  );

const scalarsOf = (events: readonly Message[], tag: string) =>
  valuesOf(events).flatMap((one) => (one.tag === tag ? [[one.step, float(one.value, 2)]] : []));

/** The message of the HParams page under a tag. */
const hparams = (events: readonly Message[], tag: string) =>
  valuesOf(events)
    .filter((one) => one.tag === tag)
    .map(({ value }) => {
      const [plugin] = messages(messages(value, 9)[0], 1);
      expect(text(plugin, 1)).toBe('hparams');
      return messages(plugin, 2)[0];
    });

describe('tensorBoard writes', () => {
  it('the scalars of steps and epochs, at their steps', async () => {
    const losses: number[] = [];
    const { epochs } = await fitWith(
      [
        tensorBoard(path('run'), { stepsPerSecond: 'all' }),
        { stepsPerSecond: 'all', step: ({ loss }) => void losses.push(loss) },
        slowly(3),
      ],
      { optimizer: sgd({ learningRate: 0.25 }), validation: data, diagnostics: true },
    );
    const events = allEvents();
    const [file] = readdirSync(path('run'));
    expect(file).toMatch(/^events\.out\.tfevents\.\d{10}\./);
    expect(text(events[0], 3)).toBe('brain.Event:2');
    expect(Math.abs(doubles(events[0], 1)[0] - Date.now() / 1000)).toBeLessThan(100);
    const ofSteps = losses.map((_, i) => i + 1);
    expect(scalarsOf(events, 'step/loss')).toEqual(losses.map((loss, i) => [i + 1, Math.fround(loss)]));
    expect(scalarsOf(events, 'step/learningRate')).toEqual(ofSteps.map((step) => [step, 0.25]));
    for (const tag of ['step/milliseconds', 'step/samplesPerSecond', 'process/memoryBytes']) {
      expect(scalarsOf(events, tag).map(([step]) => step)).toEqual(ofSteps);
      expect(Math.min(...scalarsOf(events, tag).map(([, value]) => value))).toBeGreaterThan(0);
    }
    expect(scalarsOf(events, 'process/eventLoopDelayP99').length).toBeGreaterThan(0);
    for (const name of ['loss', 'accuracy', 'validationLoss', 'validationAccuracy'] as const)
      expect(scalarsOf(events, `epoch/${name}`)).toEqual(epochs.map((report, i) => [5 * (i + 1), Math.fround(report[name] as number)]));
    expect(scalarsOf(events, 'epoch/gradientNorm').map(([step]) => step)).toEqual([5, 10, 15]);
  });

  it('histograms of the parameters after epochs, not more often than asked, after the first and the last', async () => {
    using network = await createNetwork();
    const weights: Float32Array[] = [];
    const note: Callback = { epoch: (_, fit) => void weights.push(Float32Array.from(fit.weights().get('0.weight')?.data ?? [])) };
    await network.fit(data, { epochs: 3, batchSize: 8, callbacks: [tensorBoard(path('run'), { histogramSeconds: 0 }), note] });
    const found = valuesOf(allEvents()).filter(({ value }) => value.has(5));
    expect(found.map(({ step, tag }) => `${step} ${tag}`)).toEqual(
      [5, 10, 15].flatMap((step) => ['0.weight', '0.bias', '1.weight', '1.bias'].map((name) => `${step} ${name}`)),
    );
    for (const [i, { value }] of found.filter(({ tag }) => tag === '0.weight').entries()) {
      const [histogram] = messages(value, 5);
      const one = [...weights[i]];
      const sum = (of: (x: number) => number) => one.reduce((total, x) => total + of(x), 0);
      expect([1, 2, 3].map((field) => doubles(histogram, field)[0])).toEqual([Math.min(...one), Math.max(...one), one.length]);
      expect(doubles(histogram, 4)[0]).toBeCloseTo(
        sum((x) => x),
        10,
      );
      expect(doubles(histogram, 5)[0]).toBeCloseTo(
        sum((x) => x * x),
        10,
      );
      const [limits, counts] = [doubles(histogram, 6), doubles(histogram, 7)];
      expect([limits.length, counts.length]).toEqual([30, 30]);
      expect(counts.reduce((total, count) => total + count)).toBe(one.length);
      // The values up to a limit; those at a limit may count in the next bucket.
      for (const [bucket, limit] of limits.entries()) {
        const upTo = counts.slice(0, bucket + 1).reduce((total, count) => total + count);
        expect(upTo).toBeGreaterThanOrEqual(one.filter((x) => x < limit - 1e-6).length);
        expect(upTo).toBeLessThanOrEqual(one.filter((x) => x <= limit + 1e-6).length);
      }
    }
  });

  it('histograms of the first epoch and the last alone, where all is over sooner', async () => {
    await fitWith([tensorBoard(path('run'), { histogramSeconds: 1000 })], { epochs: 4 });
    const steps = valuesOf(allEvents()).flatMap(({ step, tag }) => (tag === '0.weight' ? [step] : []));
    expect(steps).toEqual([5, 20]);
  });

  it.each([
    ['one value', [3, 3, 3], [3], [3]],
    ['some that are not finite', [1, Number.NaN, Number.POSITIVE_INFINITY, 31], undefined, [1, ...Array(28).fill(0), 1]],
    ['none', [Number.NaN], [0], [0]],
  ])('a histogram of %s', (_, values, limits, counts) => {
    const histogram = finish(histogramOf(values));
    expect(histogram.counts).toEqual(counts);
    if (limits) expect(histogram.limits).toEqual(limits);
    expect(histogram.limits.at(-1)).toBe(histogram.maximum);
  });

  it('the graph of the layers, by way of ops between them', async () => {
    using network = await Network.create({
      inputs: { left: [4], right: [2] },
      build({ left, right }) {
        const a = dense(3)(left);
        const b = dense(3)(right);
        return { y: dense(1)(multiply(add(a, b), a)) };
      },
      losses: { y: 'meanSquaredError' },
    });
    const x = { left: [[1, 2, 3, 4]], right: [[1, 2]] };
    await network.fit({ x, y: { y: [[1]] } }, { callbacks: [tensorBoard(path('run'))] });
    const [graph] = allEvents().flatMap((event) => messages(event, 4));
    const nodes = messages(graph, 1).map((node) => ({
      name: text(node, 1),
      op: text(node, 2),
      inputs: (node.get(3) ?? []).map((name) => Buffer.from(name as Uint8Array).toString()),
      shape: messages(node, 5).flatMap((attribute) =>
        text(attribute, 1) === '_output_shapes'
          ? messages(messages(messages(attribute, 2)[0], 1)[0], 7).flatMap((shape) => messages(shape, 2).map((axis) => integer(axis, 1)))
          : [],
      ),
    }));
    expect(nodes).toEqual([
      { name: 'left', op: 'input', inputs: [], shape: [] },
      { name: 'right', op: 'input', inputs: [], shape: [] },
      { name: '0', op: 'dense', inputs: ['left'], shape: [-1, 3] },
      { name: '1', op: 'dense', inputs: ['right'], shape: [-1, 3] },
      { name: '2', op: 'dense', inputs: ['0', '1'], shape: [-1, 1] },
    ]);
  });

  it('hyper-parameters, and whether the run succeeded', async () => {
    await fitWith([tensorBoard(path('run'))], { optimizer: sgd({ learningRate: 0.25 }), clip: { norm: 2 } });
    const events = allEvents();
    const [start] = messages(hparams(events, '_hparams_/session_start_info')[0], 3);
    const found = new Map(
      messages(start, 1).map((entry) => {
        const [value] = messages(entry, 2);
        return [text(entry, 1), value.has(2) ? doubles(value, 2)[0] : value.has(3) ? text(value, 3) : integer(value, 4) === 1];
      }),
    );
    expect(Object.fromEntries(found)).toMatchObject({
      ...{ 'optimizer.type': 'sgd', 'optimizer.learningRate': 0.25, 'clip.norm': 2, batchSize: 8, epochs: 3, rows: 40, seed: 1 },
      ...{ shuffle: true, parameters: 67 },
    });
    const [end] = messages(hparams(events, '_hparams_/session_end_info')[0], 4);
    expect(integer(end, 1)).toBe(1);
  });

  it('ten steps a second at most', async () => {
    using network = await createNetwork();
    const began = performance.now();
    await network.fit(data, { epochs: 50, batchSize: 1, callbacks: [tensorBoard(path('run'))] });
    expect(scalarsOf(allEvents(), 'step/loss').length).toBeLessThanOrEqual(1 + (performance.now() - began) / 100);
  });
});

describe('a fit that tensorBoard watches', () => {
  const at7 = (then: () => void): Callback => ({ stepsPerSecond: 'all', step: ({ step }) => step === 7 && then() });

  it('leaves whole files when it is aborted, or throws', async () => {
    const controller = new AbortController();
    const callback = tensorBoard(path('run'), { stepsPerSecond: 'all', histogramSeconds: 0 });
    await fitWith([callback, at7(() => controller.abort())], { signal: controller.signal });
    expect(scalarsOf(allEvents(), 'step/loss')).toHaveLength(7);
    const failing = at7(() => {
      throw new RangeError('seven');
    });
    await expect(fitWith([callback, failing])).rejects.toThrow('seven');
    expect(readdirSync(path('run'))).toHaveLength(2);
    expect(scalarsOf(allEvents(), 'step/loss')).toHaveLength(14);
    expect(hparams(allEvents(), '_hparams_/session_end_info').map((info) => integer(messages(info, 4)[0], 1))).toEqual([1, 2]);
  });

  it('adds a file where it continues, which voids no earlier step; one that begins anew voids all', async () => {
    using network = await createNetwork();
    const callbacks = [tensorBoard(path('run'))];
    for (const epochs of [2, 1]) await network.fit(data, { batchSize: 8, epochs, callbacks });
    await fitWith(callbacks, { epochs: 1 });
    expect(readdirSync(path('run'))).toHaveLength(3);
    const starts = allEvents().flatMap((event) => (messages(event, 7).some((log) => integer(log, 1) === 1) ? [stepOf(event)] : []));
    expect(starts).toEqual([0, 11, 0]);
    expect(allEvents().filter((event) => event.has(4))).toHaveLength(2);
    expect(scalarsOf(allEvents(), 'epoch/loss').map(([step]) => step)).toEqual([5, 10, 15, 5]);
  });

  it('does not begin where the folder cannot be written to', async () => {
    writeFileSync(path('file'), '');
    for (const folder of ['file', 'file/run']) {
      await expect(fitWith([tensorBoard(path(folder))])).rejects.toThrow(DataError);
      await expect(fitWith([tensorBoard(path(folder))])).rejects.toThrow(/^tensorBoard: expected a folder to write to at .*file/);
    }
  });

  it('makes the folder, and leaves nothing else in it', async () => {
    mkdirSync(path('run'));
    await fitWith([tensorBoard(path('run/of/today'))], { epochs: 1 });
    expect(readdirSync(path('run'))).toEqual(['of']);
    expect(readdirSync(path('run/of/today'))).toEqual([expect.stringContaining('tfevents')]);
    expect(existsSync(path('file'))).toBe(false);
  });
});

describe('tensorBoard', () => {
  it('refuses what is no folder or no option', () => {
    expect(() => tensorBoard(undefined as never)).toThrow(OptionError);
    expect(() => tensorBoard('run', { histogramSeconds: -1 })).toThrow('tensorBoard.histogramSeconds: expected a number');
    expect(() => tensorBoard('run', { stepsPerSecond: 0 })).toThrow(OptionError);
    expect(() => tensorBoard('run', { graph: true } as never)).toThrow("tensorBoard: unknown option 'graph'");
  });

  it.each([
    ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720)', Buffer.alloc(32), 0x8a9136aa],
    ['32 times 255 (RFC 3720)', Buffer.alloc(32, 255), 0x62a8ab43],
  ])('has the CRC-32C of %s', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });
});
