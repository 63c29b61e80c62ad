/** A fit keeps what it has reached in the network's own memory: whole or not at all, without more memory from epoch to epoch. */
import { adam, batchNorm, dense, exp, type FitControl, Network, type StepReport, sgd } from 'chainrule';
import { describe, expect, it, vi } from 'vitest';
import { atOnce } from '../../src/backends/at-once.ts';
import type { Elements, PlaceValues, Session, SharedElements } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { finish } from '../../src/event-loop/slices.ts';
import { Graph } from '../../src/graph/graph.ts';
import { ParameterMemory } from '../../src/model/parameter-memory.ts';
import type { FitMemory, ParameterPlaces, Snapshot } from '../../src/model/weights.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Slot } from '../../src/program/format.ts';
import type { KeptState } from '../../src/training/fallback.ts';
import { LastGood } from '../../src/training/last-good.ts';
import { BACKENDS } from '../support/backends.ts';
import { BACKEND_NAMES, createOn, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

/** Longer than one of the pieces in which values are looked at, and no multiple of it. */
const LENGTH = 150_001;
const MEBIBYTE = 2 ** 20;

describe.each(BACKENDS)('of a session on $name', (backend) => {
  const sizes = { a: LENGTH, b: 3 };

  function open() {
    const graph = new Graph();
    for (const [name, size] of Object.entries(sizes)) {
      graph.outputs.set(name, exp(graph.parameter(name, [size])));
      graph.optimizerState('velocity', name, [size]);
    }
    graph.carry('hidden', [BATCH, 2]);
    return backend.open(compile(graph, { maximumRows: 3 }), 0);
  }

  /** Parameters of two arrays by name. */
  class Parameters implements ParameterPlaces {
    readonly #views = new Map<SharedElements, Map<string, Elements>>();
    current = this.#make(1);

    #make(value: number): ParameterMemory {
      const memory = new ParameterMemory({ length: 0, view: () => backend.allocate(0), dispose: () => undefined });
      this.#views.set(memory.elements, arrays('', value));
      return memory;
    }

    reserve(): ParameterMemory {
      return this.#make(0);
    }

    views(memory = this.current.elements): Map<string, Elements> {
      return this.#views.get(memory) as Map<string, Elements>;
    }

    beforeChange(): void {}

    move(memory: ParameterMemory): void {
      this.current.release();
      this.current = memory;
    }
  }

  const memoryWith = (state = arrays('velocity/', 2), ...begun: Elements[]): FitMemory => ({
    ...{ weights: new Parameters(), state, begun: new Set(begun), progress: after(4) },
    carried: new Map([['hidden', backend.allocate(6)]]),
  });

  const after = (step: number) => ({ epoch: 0, batch: step, step });
  const arrays = (prefix: string, value: number) =>
    new Map(Object.entries(sizes).map(([name, size]) => [prefix + name, backend.allocate(size).fill(value)]));

  it('a new session is not given what its places begin with, any other one is', () => {
    const session = open();
    const now = atOnce(session, 'a test', 'there is none');
    const state = arrays('velocity/', 2);
    const good = new LastGood(session, backend, memoryWith(state, state.get('velocity/a') as Elements));
    const values = () =>
      ['a', 'b'].flatMap((name) =>
        [session.program.parameters.get(name), session.program.state.get(`velocity/${name}`)].map((slot) => now.read(slot as Slot, 1)[0]),
      );
    finish(good.beginning(true));
    expect(values()).toEqual([1, 0, 1, 2]);
    finish(good.beginning(false));
    expect(values()).toEqual([1, 2, 1, 2]);
  });

  it.each([
    ['a parameter', 'parameters', 'a', LENGTH - 1, Number.POSITIVE_INFINITY],
    ['a parameter in a later piece', 'parameters', 'a', 70_000, Number.NaN],
    ['the last state', 'state', 'velocity/b', 2, Number.NEGATIVE_INFINITY],
  ] as const)('it takes nothing where %s is not finite, and everything where all is', async (_, kind, name, index, value) => {
    const session = open();
    const now = atOnce(session, 'a test', 'there is none');
    const good = new LastGood(session, backend, memoryWith());
    const slots = session.program;
    const slot = slots[kind].get(name) as Slot;
    for (const one of [...slots.parameters.values(), ...slots.state.values()]) session.write(one, backend.allocate(one.shape[0]).fill(3));
    session.write(slot, [value], index);
    const all = () => [...good.parameters.values(), ...good.state.values()].map((values) => [...new Set(values)]);
    expect([await good.take(after(9)), good.progress.step, all()]).toEqual([false, 4, [[1], [1], [2], [2]]]);
    session.write(slot, [3], index);
    expect([await good.take(after(9)), good.progress.step, all()]).toEqual([true, 9, [[3], [3], [3], [3]]]);
    const carried = slots.carried.get('hidden') as Slot;
    session.write(carried, [1, 2, 3, 4, 5, 6]);
    expect(await good.take(after(10))).toBe(true);
    session.write(slot, [5], index);
    session.write(carried, [7, 7, 7, 7, 7, 7]);
    good.restore();
    expect([...now.read(slot, 1, index)]).toEqual([3]);
    expect([...now.read(carried)], 'what layers carry').toEqual([1, 2, 3, 4, 5, 6]);
    session.write(carried, [Number.NaN]);
    expect(await good.take(after(11))).toBe(false);
    session.dispose();
  });

  /** Writes a value to all places. */
  const fill = (session: Session, value: number) => {
    const { parameters, state } = session.program;
    for (const slot of [...parameters.values(), ...state.values()]) session.write(slot, new Float32Array(slot.shape[0]).fill(value));
  };
  const seen = ({ parameters, state }: Snapshot) => [
    ...new Set([...parameters.values(), ...state.values()].flatMap((one) => [...new Set(one)])),
  ];

  it('a state that is kept stays as it is, whatever the network becomes; memory that is let go is used again', async () => {
    const session = open();
    const memory = memoryWith(arrays('velocity/', 1));
    const reserve = vi.spyOn(memory.weights, 'reserve');
    const good = new LastGood(session, backend, memory);
    const start = good.keep(true);
    const others: KeptState[] = [];
    for (let i = 2; i < 8; i++) {
      fill(session, i);
      expect(await good.take(after(i), true)).toBe(true);
      expect([seen(start), seen(good), others.map(seen)], String(i)).toEqual([[1], [i], others.map(({ progress }) => [progress.step])]);
      others.pop()?.free();
      if (i % 2 === 0) others.push(good.keep(true));
    }
    fill(session, Number.NaN);
    const last = good.keep(true);
    expect([await good.take(after(9), true), seen(good)]).toEqual([false, [7]]);
    good.become(start);
    expect([seen(good), seen(last), seen(start)]).toEqual([[1], [7], [1]]);
    expect(reserve.mock.calls.length, 'besides the start: the network’s, one that is kept, one that is free').toBeLessThanOrEqual(3);
    session.dispose();
  });

  it('values that are copied while the event loop turns are the network’s only once all are there', async () => {
    const session = open();
    const memory = memoryWith(arrays('velocity/', 1));
    const good = new LastGood(session, backend, memory);
    const during: number[][] = [];
    const copyFinite = async (places: readonly PlaceValues[]) => {
      for (const [, values] of places) {
        values.fill(5);
        await Promise.resolve();
        during.push(seen(good));
      }
      return true;
    };
    Object.assign(session, { ownThreads: { giveWay() {}, copyFinite } });
    expect(await good.take(after(5), true)).toBe(true);
    expect([during, seen(good), good.progress.step]).toEqual([Array(5).fill([1]), [5], 5]);
    const { weights } = memory;
    const reserve = vi.spyOn(weights, 'reserve');
    const failure = new Error('lost');
    Object.assign(session, { ownThreads: { giveWay() {}, copyFinite: () => Promise.reject(failure) } });
    for (let i = 0; i < 4; i++) await expect(good.take(after(6), true)).rejects.toBe(failure);
    expect(reserve.mock.calls.length, 'memory for the next state, which failing keeps').toBeLessThanOrEqual(1);
    expect([seen(good), good.progress.step]).toEqual([[5], 5]);
    session.dispose();
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it('epochs need no memory of their own', async () => {
    const rows = 4;
    const input = 1000;
    using network = await createOn(backend, { input: [input], layers: [dense(500), dense(2)], loss: 'halfSquaredError' });
    const sizes: number[] = [];
    const losses: number[] = [];
    await network.fit(
      { x: spreadTensor([rows, input]), y: spreadTensor([rows, 2]) },
      {
        epochs: 12,
        optimizer: adam({ learningRate: 1e-5 }),
        earlyStopping: { monitor: 'loss', patience: 12 },
        onEpoch: ({ loss }) => {
          losses.push(loss);
          sizes.push(process.memoryUsage().arrayBuffers);
        },
      },
    );
    expect(losses, 'each epoch is the best so far').toEqual(losses.toSorted((a, b) => b - a));
    expect(Math.max(...sizes.slice(2)) - sizes[1]).toBeLessThan(MEBIBYTE);
  });

  it('an abort while a large state is being published waits for it, and the network has the last step’s', async () => {
    const create = () => createOn(backend, { input: [700], layers: [dense(400), dense(2)], loss: 'halfSquaredError', seed: 3 });
    const data = { x: spreadTensor([4, 700]), y: spreadTensor([4, 2]) };
    const optimizer = sgd({ learningRate: 1e-4 });
    using network = await create();
    const stop = new AbortController();
    const step = ({ step: number }: StepReport, control: FitControl) => {
      const publishing = control.publish();
      if (number === 3) stop.abort();
      return publishing;
    };
    const { aborted, losses } = await network.fit(data, {
      ...{ epochs: 9, optimizer, signal: stop.signal },
      callbacks: [{ stepsPerSecond: 'all', step }],
    });
    expect([aborted, losses.length]).toEqual([true, 3]);
    using whole = await create();
    await whole.fit(data, { epochs: 3, optimizer });
    expect(weightsOf(network)).toEqual(weightsOf(whole));
  });

  it('predictions and files in the middle of a fit are of one state', async () => {
    const create = () => createOn(backend, { input: [5], layers: [dense(4), batchNorm(), dense(2)], loss: 'halfSquaredError' });
    const data = { x: spreadTensor([12, 5]), y: spreadTensor([12, 2], 3) };
    const options = { batchSize: 5, optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }) };
    using network = await create();
    const during: [Elements, Uint8Array][] = [];
    await network.fit(data, { ...options, epochs: 4, onEpoch: () => void during.push([network.predict(data.x).data, network.toBytes()]) });
    for (const [predicted, bytes] of during) {
      using again = await onBackend(backend, () => Network.fromBytes(bytes, { backend }));
      expect(again.predict(data.x).data).toEqual(predicted);
    }
    using resumed = await onBackend(backend, () => Network.fromBytes(during[1][1], { backend }));
    await resumed.fit(data, { ...options, epochs: 2 });
    expect(weightsOf(resumed)).toEqual(weightsOf(network));
  });
});

it('state that a file has in float32 is kept in float64 where the backend computes in that', async () => {
  const data = { x: spreadTensor([6, 5]), y: spreadTensor([6, 2], 3) };
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.9 });
  const narrow = BACKEND_NAMES.find((name) => name !== 'reference') as (typeof BACKEND_NAMES)[number];
  using origin = await createOn(narrow, { input: [5], layers: [dense(2)], loss: 'halfSquaredError' });
  await origin.fit(data, { optimizer });
  const train = async (...fits: number[]) => {
    using network = await onBackend('reference', () => Network.fromBytes(origin.toBytes(), { backend: 'reference' }));
    for (const epochs of fits) await network.fit(data, { optimizer, epochs });
    return weightsOf(network);
  };
  expect(await train(1, 1, 1)).toEqual(await train(3));
});
