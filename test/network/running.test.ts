/** A fit while it runs: callbacks, cancelling, the event loop, several at once, and what else may be asked of the network. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  adam,
  type DataSet,
  dense,
  type EpochReport,
  type FitOptions,
  type Network,
  StateError,
  type StepReport,
  sgd,
  xor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 20;
const data: DataSet = { x: spreadTensor([ROWS, 4]), y: Array.from({ length: ROWS }, (_, i) => i % 3) };
const create = (backend = FASTEST) =>
  createOn(backend, { input: [4], layers: [dense(8, { activation: 'relu' }), dense(3)], loss: 'softmaxCrossEntropy' });

/** Large enough that a step takes milliseconds. */
const WIDE = { rows: 512, width: 512 };
const wideData: DataSet = { x: spreadTensor([WIDE.rows, WIDE.width]), y: Array.from({ length: WIDE.rows }, (_, i) => i % 10) };
const createWide = (backend = FASTEST) =>
  createOn(backend, {
    input: [WIDE.width],
    layers: [dense(512, { activation: 'relu' }), dense(512, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
  });
const FOREVER = 1e9;
/** More than are trained in twenty turns; where the loop has none, the fit ends here, and its test fails. */
const STEPS_AT_MOST = 1e6;

/** Counts the turns of the event loop while `body` runs. */
async function countTurns(body: (count: () => number) => Promise<unknown>, onTurn?: (turns: number) => void): Promise<void> {
  let turns = 0;
  const turn = () => {
    turns++;
    onTurn?.(turns);
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  try {
    await body(() => turns);
  } finally {
    clearImmediate(next);
  }
}

describe.each(BACKEND_NAMES)('callbacks on %s', (backend) => {
  it('come in order, with the reports that the history holds', async () => {
    using network = await create(backend);
    const events: string[] = [];
    const steps: StepReport[] = [];
    const epochs: EpochReport[] = [];
    const history = await network.fit(data, {
      epochs: 3,
      batchSize: 8,
      validation: data,
      onStep: (report) => {
        events.push('step');
        steps.push(report);
      },
      onEpoch: async (report) => {
        events.push('epoch begins');
        epochs.push(report);
        await nextTurn();
        events.push('epoch ends');
      },
    });
    expect(events).toEqual(Array.from({ length: 3 }, () => ['step', 'step', 'step', 'epoch begins', 'epoch ends']).flat());
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(steps.map(({ loss }) => loss)).toEqual([...history.losses]);
    expect(history.epochs).toEqual(epochs);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const report of epochs) {
      expect(Object.keys(report)).toEqual(['epoch', 'loss', 'accuracy', 'learningRate', 'validationLoss', 'validationAccuracy', 'seconds']);
      expect(report.seconds).toBeGreaterThan(0);
    }
    expect(history.aborted).toBe(false);
  });

  it('find the weights of their epoch in the network', async () => {
    using network = await create(backend);
    const seen: unknown[] = [];
    await network.fit(data, { epochs: 3, onEpoch: () => void seen.push(weightsOf(network)) });
    expect(new Set(seen.map((weights) => JSON.stringify(weights))).size).toBe(3);
    expect(weightsOf(network)).toEqual(seen[2]);
    using again = await create(backend);
    await again.fit(data, { epochs: 2 });
    expect(weightsOf(again)).toEqual(seen[1]);
  });

  it('change no bit of the trained weights', async () => {
    using quiet = await create(backend);
    using watched = await create(backend);
    await quiet.fit(data, { epochs: 20, batchSize: 8 });
    await watched.fit(data, { epochs: 20, batchSize: 8, validation: data, onStep: () => undefined, onEpoch: () => nextTurn() });
    expect(watched.toBytes()).toEqual(quiet.toBytes());
  });

  it.each<[string, Partial<FitOptions>]>([
    ['onStep', { onStep: ({ step }) => fail(step === 7) }],
    ['onEpoch', { onEpoch: ({ epoch }) => fail(epoch === 2) }],
    ['onEpoch, later', { onEpoch: ({ epoch }) => nextTurn().then(() => fail(epoch === 2)) }],
  ])('that throw end the fit with their own error: %s', async (_, callbacks) => {
    using network = await create(backend);
    await expect(network.fit(data, { epochs: 50, batchSize: 8, ...callbacks })).rejects.toThrow('from the callback');
    const { step: steps } = network.progress;
    expect(steps).toBeGreaterThanOrEqual(6);
    using same = await create(backend);
    const controller = new AbortController();
    await same.fit(data, {
      epochs: 50,
      batchSize: 8,
      signal: controller.signal,
      onEpoch: ({ epoch }) => void (3 * epoch === steps && controller.abort()),
    });
    if (steps % 3 === 0) expect(weightsOf(network)).toEqual(weightsOf(same));
    await network.fit(data);
  });
});

function fail(when: boolean): void {
  if (when) throw new Error('from the callback');
}

describe.each(BACKEND_NAMES)('a signal on %s', (backend) => {
  it('aborted beforehand: nothing is done', async () => {
    using network = await create(backend);
    const before = network.toBytes();
    const { losses, epochs, aborted } = await network.fit(data, { signal: AbortSignal.abort() });
    expect([losses.length, epochs.length, aborted]).toEqual([0, 0, true]);
    expect(network.toBytes()).toEqual(before);
  });

  it('stops between two steps; training goes on from there', async () => {
    using network = await createWide(backend);
    const controller = new AbortController();
    const { losses, aborted } = await network.fit(wideData, {
      onStep: ({ step }) => void (step === 1 && setTimeout(() => controller.abort(), 60)),
      epochs: FOREVER,
      batchSize: backend === 'reference' ? 1 : 64,
      signal: controller.signal,
    });
    expect(aborted).toBe(true);
    expect(network.progress.step).toBe(losses.length);
  });

  it('in onEpoch stops at that epoch, exactly as a fit of that many epochs', async () => {
    const controller = new AbortController();
    using network = await create(backend);
    const history = await network.fit(data, {
      epochs: 9,
      signal: controller.signal,
      onEpoch: ({ epoch }) => void (epoch === 4 && controller.abort()),
    });
    expect([history.epochs.length, history.losses.length, history.aborted]).toEqual([4, 4, true]);
    using whole = await create(backend);
    await whole.fit(data, { epochs: 4 });
    expect(network.toBytes()).toEqual(whole.toBytes());
  });

  it('after the end changes nothing', async () => {
    const controller = new AbortController();
    using network = await create(backend);
    expect((await network.fit(data, { signal: controller.signal })).aborted).toBe(false);
    controller.abort();
    expect((await network.fit(data)).losses.length).toBe(1);
  });
});

describe('the event loop', () => {
  if (FASTEST === 'native') {
    it('turns freely while native trains a large network on a thread of its own, and progress arrives', async () => {
      using network = await createWide();
      const between: number[] = [];
      await countTurns((turns) => {
        let before = 0;
        const onStep = () => {
          between.push(turns() - before);
          before = turns();
        };
        return network.fit(wideData, { epochs: 20, batchSize: 256, onStep });
      });
      // Where the training itself kept the loop, it would turn once or twice between two calls.
      expect(between.slice(1).filter((turns) => turns > 10).length).toBeGreaterThan(1);
    });
  }

  it.each(BACKEND_NAMES)('gets its turn while %s takes many small steps', async (backend) => {
    using network = await createOn(backend, {
      input: [2],
      layers: [dense(3, { activation: 'tanh' }), dense(1)],
      loss: 'sigmoidCrossEntropy',
    });
    const controller = new AbortController();
    await countTurns(
      async () => {
        const { aborted } = await network.fit(xor(), { epochs: STEPS_AT_MOST, signal: controller.signal });
        expect(aborted).toBe(true);
      },
      (turns) => turns === 20 && controller.abort(),
    );
  });
});

describe.each(BACKEND_NAMES)('at the same time on %s', (backend) => {
  it('several networks train as each would alone', async () => {
    const options = { epochs: 40, batchSize: 4, optimizer: adam({ learningRate: 0.01 }) };
    using alone = await create(backend);
    await alone.fit(data, options);
    const networks = await Promise.all(Array.from({ length: 4 }, () => create(backend)));
    await Promise.all(networks.map((network) => network.fit(data, options)));
    for (const network of networks) {
      expect(network.toBytes()).toEqual(alone.toBytes());
      network.dispose();
    }
  });

  it('a second fit, setParameters and dispose are refused; predicting, asking and saving are not', async () => {
    using network = await createWide(backend);
    const batchSize = backend === 'reference' ? 1 : 32;
    const controller = new AbortController();
    const first = network.fit(wideData, { epochs: FOREVER, batchSize, signal: controller.signal });
    await new Promise((done) => setTimeout(done, 20));
    await expect(network.fit(wideData)).rejects.toThrow(StateError);
    await expect(network.fit(wideData)).rejects.toThrow('expected no other fit of this network to be running');
    expect(() => network.setParameters(network.parameters())).toThrow(StateError);
    expect(() => network.dispose()).toThrow('abort it by its signal first');
    const x = spreadTensor([3, WIDE.width]);
    expect(network.predict(x).data.every(Number.isFinite)).toBe(true);
    expect((await network.predictAsync(x)).shape).toEqual([3, 10]);
    const few = { x, y: [0, 1, 2] };
    expect(network.gradients(few).loss).toBeGreaterThan(0);
    expect((await network.evaluate(few)).loss).toBeGreaterThan(0);
    expect(network.toBytes().length).toBeGreaterThan(1e6);
    controller.abort();
    expect((await first).aborted).toBe(true);
    expect((await network.fit(few)).losses.length).toBe(1);
  });

  it('predictions asked for at once come each with its own rows, even where the caller reuses an array', async () => {
    using network = await create(backend);
    const row = new Float32Array(4);
    const tensor = { shape: [1, 4], data: row };
    const asked = Array.from({ length: 8 }, (_, i) => {
      row.fill(i / 8);
      return network.predictAsync(tensor);
    });
    for (const [i, answer] of (await Promise.all(asked)).entries()) {
      row.fill(i / 8);
      expect([...answer.data]).toEqual([...network.predict(tensor).data]);
    }
  });
});

describe('disposing', () => {
  it('ends all use of the network, and may be repeated', async () => {
    const network = await create();
    network.predict([[1, 2, 3, 4]]);
    network.dispose();
    network.dispose();
    const calls: readonly (() => unknown)[] = [
      () => network.predict([[1, 2, 3, 4]]),
      () => network.gradients(data),
      () => network.parameters(),
      () => network.setParameters(new Map()),
      () => network.toBytes(),
      () => network.explain(),
    ];
    for (const call of calls) expect(call).toThrow(StateError);
    const later = [
      network.fit(data),
      network.evaluate(data),
      network.predictAsync([[1, 2, 3, 4]]),
      network.checkGradients(data),
      network.save('never'),
    ];
    for (const call of later) await expect(call).rejects.toThrow('this network is disposed');
    expect(network.summary()).toContain('dense');
  });

  it('happens at the end of a block of `using`', async () => {
    let kept: Network;
    {
      using network = await create();
      kept = network;
      await network.fit(data, { optimizer: sgd({ learningRate: 0.1 }) });
    }
    expect(() => kept.parameters()).toThrow(StateError);
  });

  it('lets an evaluation that is under way end', async () => {
    const network = await create();
    const evaluation = network.evaluate(data);
    network.dispose();
    expect((await evaluation).loss).toBeGreaterThan(0);
  });

  it('refuses predictions that wait their turn', async () => {
    const network = await create();
    const waiting = network.predictAsync([[1, 2, 3, 4]]);
    network.dispose();
    await expect(waiting).rejects.toThrow(StateError);
  });

  it.each(BACKEND_NAMES)('while %s predicts off the thread ends that prediction, one way or the other', async (backend) => {
    const network = await createWide(backend);
    const prediction = network.predictAsync({
      shape: [backend === 'reference' ? 8 : 2000, WIDE.width],
      data: new Float32Array((backend === 'reference' ? 8 : 2000) * WIDE.width),
    });
    await nextTurn();
    network.dispose();
    const outcome = await prediction.catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toEqual(new StateError('this network is disposed'));
    else expect(outcome).toHaveProperty('shape');
  });
});
