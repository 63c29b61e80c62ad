/** What gives the event loop its turns: counted by a clock of the test's own, by which 20 ms go by whenever somebody looks at it. */
import { DataError, dense, Network, OptionError, sgd } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { finish, pieces, SLICE_MILLISECONDS, Slices, type Work } from '../../src/event-loop/slices.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend } from '../support/networks.ts';

const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));

let time = performance.now();
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 20;
    return time;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The turns of the event loop until something is settled. */
async function turnsUntil(settled: Promise<unknown>): Promise<number> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  settled.then(end, end);
  let turns = 0;
  for (; !ended; turns++) await immediate();
  return turns;
}

describe('slices', () => {
  /** A clock that goes on as the work says, and turns that are counted. */
  function counted() {
    let now = 0;
    let turns = 0;
    const slices = new Slices(
      () => now,
      async () => void turns++,
    );
    const work = function* (steps: readonly number[]): Work<string> {
      for (const step of steps) {
        now += step;
        yield;
      }
      return 'done';
    };
    return { slices, work, turns: () => turns };
  }

  it.each([
    ['one that is over at its end', [4, 4], 1],
    ['short work', [1, 1, 1], 0],
    ['three that are full', [3, 5, 3, 5, 3, 5], 3],
    ['steps that are longer', [30, 30], 2],
  ])('%s', async (_, steps, expected) => {
    const { slices, work, turns } = counted();
    expect(await slices.run(work(steps))).toBe('done');
    expect(turns()).toBe(expected);
  });

  it('share their time', async () => {
    const { slices, work, turns } = counted();
    await slices.run(work([SLICE_MILLISECONDS / 2]));
    await slices.run(work([SLICE_MILLISECONDS / 2]));
    expect(turns()).toBe(1);
  });

  it('end before what is expected to take too long', async () => {
    const { slices, work, turns } = counted();
    const expecting = function* (): Work<void> {
      yield* work([1]);
      yield SLICE_MILLISECONDS - 2;
      yield SLICE_MILLISECONDS - 1;
    };
    await slices.run(expecting());
    expect(turns()).toBe(1);
  });

  it('leave the rest of what is stopped', async () => {
    const { slices, work } = counted();
    let asked = 0;
    expect(await slices.runUnless(() => ++asked === 2, work([1, 1, 1]))).toBeUndefined();
    expect(finish(work([1, 1, 1]))).toBe('done');
    expect([...pieces(5, 2)]).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
    ]);
  });
});

const WIDTH = 64;
const wide = (backend = FASTEST) =>
  createOn(backend, { input: [WIDTH], layers: [dense(16, { activation: 'tanh' }), dense(3)], loss: 'softmaxCrossEntropy', seed: 4 });
/** So many numbers are more than one look takes. */
const ROWS = 20_000;
const data = () => ({
  x: { shape: [ROWS, WIDTH], data: Float32Array.from({ length: ROWS * WIDTH }, (_, i) => Math.sin(i)) },
  y: Float32Array.from({ length: ROWS }, (_, i) => i % 3),
});
const optimizer = sgd({ learningRate: 0.01, momentum: 0.9 });
const few = { x: { shape: [4, WIDTH], data: Float32Array.from({ length: 4 * WIDTH }, (_, i) => Math.sin(i)) }, y: [0, 1, 2, 0] };

describe.each(BACKEND_NAMES)('a model file on %s', (backend) => {
  it('is the same in slices as at once', async () => {
    using network = await wide(backend);
    await network.fit(few, { optimizer });
    const written = network.toBytesAsync();
    expect(await turnsUntil(written)).toBeGreaterThan(2);
    expect(await written).toEqual(network.toBytes());
  });

  it('has the state of the call, whatever changes in the meantime', async () => {
    using network = await wide(backend);
    await network.fit(few, { optimizer });
    const before = network.toBytes();
    const written = [network.toBytesAsync(), network.toBytesAsync()];
    network.freeze('0.bias');
    await network.fit(few, { optimizer, onEpoch: () => void written.push(network.toBytesAsync()), epochs: 2 });
    const after = network.toBytes();
    const bias = network.parameters().get('1.bias');
    const last = network.toBytesAsync();
    network.setParameters(new Map([['1.bias', { shape: [3], data: [7, 7, 7] }]]));
    const [first, second, , end] = await Promise.all(written);
    expect(first).toEqual(before);
    expect(second).toEqual(before);
    expect(end).toEqual(after);
    const read = await onBackend(backend, async () => Network.fromBytes(await last, { backend }));
    expect(read.parameters().get('1.bias')).toEqual(bias);
    read.dispose();
  });
});

describe('preparing a fit', () => {
  it('gives the event loop its turns', async () => {
    using network = await wide();
    const fit = network.fit(data(), { optimizer, batchSize: 1000 });
    expect(await turnsUntil(fit)).toBeGreaterThan(4);
    await fit;
  });

  it('ends where it is aborted, with nothing changed', async () => {
    using network = await wide();
    const before = network.toBytes();
    const controller = new AbortController();
    const fit = network.fit(data(), { optimizer, signal: controller.signal });
    await immediate();
    controller.abort();
    const { losses, epochs, aborted } = await fit;
    expect([losses.length, epochs.length, aborted]).toEqual([0, 0, true]);
    expect(network.toBytes()).toEqual(before);
    await network.fit(few, { optimizer });
    expect(network.toBytes()).not.toEqual(before);
  });

  it('keeps what is wrong from being trained on, and other fits out', async () => {
    using network = await wide();
    const before = network.toBytes();
    const wrong = data();
    wrong.x.data[ROWS * WIDTH - 1] = Number.NaN;
    const fit = network.fit(wrong, { optimizer });
    await expect(network.fit(few)).rejects.toThrow('expected no other fit of this network to be running');
    expect(() => network.setParameters(new Map())).toThrow('expected no fit to be running');
    await expect(fit).rejects.toThrow(DataError);
    await expect(network.fit(data(), { batchSize: 0 })).rejects.toThrow(OptionError);
    expect(network.toBytes()).toEqual(before);
  });

  it.each(BACKEND_NAMES)('reads class indices once: what they become later harms nothing, on %s', async (backend) => {
    using network = await wide(backend);
    const { x, y } = data();
    const rows = backend === 'reference' ? 4 : ROWS;
    const given = { x: { shape: [rows, WIDTH], data: x.data.slice(0, rows * WIDTH) }, y: y.slice(0, rows) };
    const fit = network.fit(given, { optimizer, batchSize: rows });
    for (let i = 0; i < 2; i++) await immediate();
    given.y.fill(1e9);
    expect((await fit).losses.every(Number.isFinite)).toBe(true);
  });

  it('says so where an array is taken away', async () => {
    using network = await wide();
    const { x, y } = data();
    const fit = network.fit({ x, y }, { optimizer });
    await immediate();
    structuredClone(x.data.buffer, { transfer: [x.data.buffer] });
    await expect(fit).rejects.toThrow(DataError);
  });
});

describe('predictAsync', () => {
  it('copies what it is given at once', async () => {
    using network = await wide();
    const { x } = data();
    const expected = network.predict(x);
    const predicted = network.predictAsync(x);
    x.data.fill(0);
    expect((await predicted).data.every((value, i) => value === expected.data[i])).toBe(true);
  });
});
