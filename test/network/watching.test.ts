/** Who watches a fit: what callbacks are told, in which order, and what they may do to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Callback,
  type DataSet,
  DivergedError,
  dense,
  diagnosing,
  type FitControl,
  type FitEnd,
  type FitOptions,
  Network,
  type NetworkOptions,
  OptionError,
  sgd,
  validation,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const data: DataSet = { x: spreadTensor([40, 4]), y: Array.from({ length: 40 }, (_, i) => i % 3) };
const options: Omit<NetworkOptions, 'backend'> = {
  input: [4],
  layers: [dense(8, { activation: 'relu' }), dense(3)],
  loss: 'softmaxCrossEntropy',
};
const create = (backend = FASTEST) => createOn(backend, options as NetworkOptions);
/** Five steps an epoch. */
const BATCH = { batchSize: 8 } as const;

/** A callback that notes what it is told. */
function listener(told: string[], name: string, more: Partial<Callback> = {}): Callback {
  return {
    stepsPerSecond: 'all',
    begin: () => void told.push(`${name} begin`),
    step: ({ step, epoch }) => void told.push(`${name} step ${step} of epoch ${epoch}`),
    epoch: ({ epoch }) => void told.push(`${name} epoch ${epoch}`),
    published: ({ epoch, batch, step }) => void told.push(`${name} published ${epoch} ${batch} ${step}`),
    end: ({ progress }) => void told.push(`${name} end ${progress.step}`),
    ...more,
  };
}

describe('callbacks are told', () => {
  it('of the beginning, every step, the weights that the network gets, every epoch and the end, in the order of the list', async () => {
    using network = await create();
    const told: string[] = [];
    await network.fit(data, { epochs: 2, batchSize: 20, callbacks: [listener(told, 'a'), listener(told, 'b')] });
    const both = (text: string) => ['a', 'b'].map((name) => `${name} ${text}`);
    expect(told).toEqual(
      [
        ...['begin', 'step 1 of epoch 1', 'step 2 of epoch 1', 'published 1 0 2', 'epoch 1'],
        ...['step 3 of epoch 2', 'step 4 of epoch 2', 'published 2 0 4', 'epoch 2', 'end 4'],
      ].flatMap(both),
    );
  });

  it('of options before the callbacks given, of onStep and onEpoch after them', async () => {
    using network = await create();
    const told: string[] = [];
    await network.fit(data, {
      batchSize: 40,
      earlyStopping: {},
      onStep: () => told.push('onStep'),
      onEpoch: () => told.push('onEpoch'),
      callbacks: [{ stepsPerSecond: 'all', step: () => told.push('step'), epoch: () => told.push('epoch') }],
    });
    expect(told).toEqual(['step', 'onStep', 'epoch', 'onEpoch']);
  });

  it('plain data, which a fit that continues counts on', async () => {
    using network = await create();
    const events: unknown[] = [];
    const note = (event: unknown) => void events.push(event);
    const callback: Callback = { stepsPerSecond: 'all', begin: note, step: note, epoch: note, published: note, end: note };
    await network.fit(data, { batchSize: 40, callbacks: [callback] });
    await network.fit(data, { batchSize: 40, callbacks: [callback], clip: { norm: 1 }, schedule: () => 0.5 });
    expect(JSON.parse(JSON.stringify(events))).toMatchObject([
      {
        settings: { epochs: 1, batchSize: 40, schedule: { type: 'constant' } },
        data: { rows: 40 },
        progress: { epoch: 0, batch: 0, step: 0 },
      },
      { step: 1, epoch: 1 },
      { epoch: 1, batch: 0, step: 1 },
      { epoch: 1 },
      { progress: { epoch: 1, batch: 0, step: 1 }, aborted: false, stoppedEarly: false },
      { settings: { clip: { norm: 1 }, schedule: 'function' }, progress: { epoch: 1, step: 1 }, model: { parameters: 67 } },
      { step: 2, epoch: 2 },
      { epoch: 2, batch: 0, step: 2 },
      { epoch: 2, learningRate: 0.5 },
      { progress: { step: 2 } },
    ]);
  });

  it('of steps no more often than they ask for', async () => {
    using network = await create();
    const steps: number[] = [];
    const began = performance.now();
    await network.fit(data, {
      ...BATCH,
      epochs: 1e9,
      callbacks: [
        {
          stepsPerSecond: 20,
          step({ step }, control) {
            steps.push(step);
            if (performance.now() - began > 400) control.stop();
          },
        },
      ],
    });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.length).toBeLessThanOrEqual(10);
    expect(steps.at(-1)).toBe(network.progress.step);
  });

  it.each<[string, FitOptions, Partial<FitEnd>]>([
    ['an abort', { epochs: 9 }, { aborted: true, stoppedEarly: false }],
    ['an error of another callback', { epochs: 9, onEpoch: () => Promise.reject(new Error('no')) }, { error: 'no' }],
    [
      'a divergence',
      { epochs: 9, optimizer: sgd({ learningRate: 1e30 }) },
      { error: expect.stringContaining('diverged') as unknown as string },
    ],
  ])('of the end that comes by %s', async (what, fit, expected) => {
    using network = await create();
    const controller = new AbortController();
    const ends: FitEnd[] = [];
    const step = () => what === 'an abort' && controller.abort();
    const callbacks: Callback[] = [{ stepsPerSecond: 'all', step, end: (event) => void ends.push(event) }];
    const outcome = await network.fit(data, { ...BATCH, ...fit, callbacks, signal: controller.signal }).catch((error: unknown) => error);
    expect(ends).toMatchObject([expected]);
    if (what === 'a divergence') expect(outcome).toBeInstanceOf(DivergedError);
  });
});

describe.each(BACKEND_NAMES)('what callbacks may do on %s:', (backend) => {
  it('stop ends the fit at the step told of, as a fit of so many', async () => {
    using network = await create(backend);
    const stop: Callback = { stepsPerSecond: 'all', step: ({ step }, control) => step === 7 && control.stop() };
    const history = await network.fit(data, { ...BATCH, epochs: 9, callbacks: [stop] });
    expect([history.losses.length, history.aborted, history.stoppedEarly]).toEqual([7, false, true]);
    expect(network.progress).toEqual({ epoch: 1, batch: 2, step: 7 });
    using whole = await create(backend);
    const { losses } = await whole.fit(data, { ...BATCH, epochs: 2 });
    expect([...history.losses]).toEqual([...losses.subarray(0, 7)]);
    await network.fit(data, BATCH);
    expect(weightsOf(network)).toEqual(weightsOf(whole));
  });

  it('publish gives the network the weights of the step told of, and training goes on as it would have', async () => {
    using network = await create(backend);
    const seen: unknown[] = [];
    const publish: Callback = {
      stepsPerSecond: 'all',
      async step({ step }, control) {
        if (step !== 3 && step !== 8) return;
        await control.publish();
        expect(network.progress).toEqual(control.progress);
        seen.push(weightsOf(network), new Map(control.weights()).get('0.weight')?.data.slice());
      },
    };
    await network.fit(data, { ...BATCH, epochs: 2, callbacks: [publish] });
    using whole = await create(backend);
    const steps: unknown[] = [];
    for (const stop of [3, 8]) {
      const controller = new AbortController();
      await whole.fit(data, {
        ...BATCH,
        epochs: 2,
        signal: controller.signal,
        onStep: ({ step }) => void (step === stop && controller.abort()),
      });
      steps.push(weightsOf(whole), whole.parameters().get('0.weight')?.data);
    }
    expect(seen).toEqual(steps);
    await whole.fit(data, BATCH);
    expect(weightsOf(network)).toEqual(weightsOf(whole));
  });

  it('save writes a file from which a fit goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chainrule-watching-'));
    try {
      using network = await create(backend);
      const path = join(folder, 'model.safetensors');
      const save: Callback = { epoch: ({ epoch }, control) => (epoch === 2 ? control.save(path) : undefined) };
      await network.fit(data, { ...BATCH, epochs: 3, callbacks: [save] });
      using loaded = await onBackend(backend, () => Network.load(path, { backend }));
      expect(loaded.progress).toEqual({ epoch: 2, batch: 0, step: 10 });
      await loaded.fit(data, BATCH);
      expect(weightsOf(loaded)).toEqual(weightsOf(network));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('scaleLearningRates holds from the next epoch on, whenever it is called', async () => {
    using network = await create(backend);
    const rates: number[][] = [];
    const optimizer = sgd({ learningRate: 0.5 });
    const halve: Callback = {
      stepsPerSecond: 'all',
      step: ({ step }, control) => step === 7 && control.scaleLearningRates(0.5),
      epoch: ({ epoch, learningRate }, control) => {
        rates.push([learningRate, ...control.learningRates]);
        if (epoch === 3) control.scaleLearningRates(0.01, 0.1);
      },
    };
    await network.fit(data, { ...BATCH, optimizer, epochs: 4, groups: [{ parameters: '*.bias', learningRate: 0.04 }], callbacks: [halve] });
    expect(rates).toEqual([
      [0.5, 0.5, 0.04],
      [0.5, 0.5, 0.04],
      [0.25, 0.25, 0.02],
      [0.1, 0.1, 0.04],
    ]);
  });

  it('restore, at the end, makes the network a state of an earlier epoch', async () => {
    using network = await create(backend);
    let kept: ReturnType<FitControl['snapshot']> | undefined;
    const back: Callback = {
      epoch: ({ epoch }, control) => {
        if (epoch === 2) kept = control.snapshot();
      },
      end: (_, control) => kept && control.restore(kept),
    };
    await network.fit(data, { ...BATCH, epochs: 4, callbacks: [back] });
    using whole = await create(backend);
    await whole.fit(data, { ...BATCH, epochs: 2 });
    expect([network.progress, weightsOf(network)]).toEqual([whole.progress, weightsOf(whole)]);
  });
});

describe('built-in callbacks', () => {
  it('validation and diagnosing are what the options are', async () => {
    using one = await create();
    using other = await create();
    const reports = async (network: Network, fit: FitOptions) =>
      (await network.fit(data, { ...BATCH, epochs: 2, ...fit })).epochs.map(({ seconds: _, ...report }) => report);
    expect(await reports(one, { callbacks: [validation(data), diagnosing()] })).toEqual(
      await reports(other, { validation: data, diagnostics: true }),
    );
  });

  it('measure adds to the report that every callback sees, those before it too', async () => {
    using network = await create();
    const seen: unknown[] = [];
    const see: Callback = { epoch: ({ validationLoss }) => void seen.push(validationLoss) };
    const { epochs } = await network.fit(data, { callbacks: [see, { measure: () => ({ validationLoss: 7 }) }, see] });
    expect([seen, epochs[0].validationLoss]).toEqual([[7, 7], 7]);
  });
});

describe('refused, before anything is touched,', () => {
  it.each<[string, unknown, RegExp]>([
    ['what is no list', {}, /fit\.callbacks: expected a list of callbacks, got/],
    ['what is no callback', [() => undefined], /fit\.callbacks\[0\]: expected an object with some of prepare/],
    ['an object without a method', [{}], /fit\.callbacks\[0\]: expected an object with some of/],
    ['a hole in the list', Object.assign(new Array(3), [{ epoch() {} }]), /fit\.callbacks\[1\]: expected an object/],
    ['a method that is none', [{ epoch: 3 }], /fit\.callbacks\[0\]\.epoch: expected a function, got 3/],
    ['a rate of 0', [{ step() {}, stepsPerSecond: 0 }], /fit\.callbacks\[0\]\.stepsPerSecond: expected a number above 0, got 0/],
    ['a name that is none', [{ step() {}, name: 'a b' }], /fit\.callbacks\[0\]\.name: expected a name of a letter/],
    [
      'two of one name',
      [
        { step() {}, name: 'a' },
        { step() {}, name: 'a' },
      ],
      /fit\.callbacks: expected callbacks of different names, got two of 'a'/,
    ],
    [
      'what a callback refuses',
      [
        {
          prepare: () => {
            throw new OptionError('not me');
          },
        },
      ],
      /^not me$/,
    ],
  ])('%s', async (_, callbacks, message) => {
    using network = await create();
    const before = weightsOf(network);
    const refused = network.fit(data, { callbacks: callbacks as Callback[] });
    await expect(refused).rejects.toThrow(OptionError);
    await expect(refused).rejects.toThrow(message);
    expect(weightsOf(network)).toEqual(before);
  });
});

/** Bytes of objects made while `body` runs, those collected since included, by a sample of them. */
async function bytesMade(body: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: 512,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    await body();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    const total = ({ selfSize, children }: (typeof profile)['head']): number =>
      children.reduce((sum, child) => sum + total(child), selfSize);
    return total(profile.head);
  } finally {
    session.disconnect();
  }
}

describe('a fit of very many epochs of one step', () => {
  const EPOCHS = 200_000;
  const fit = { epochs: EPOCHS, batchSize: 40, optimizer: sgd({ learningRate: 1e-6 }) };

  it('makes no object for any of them where nobody watches: numbers that the engine keeps on its heap are all', async () => {
    using network = await create();
    await network.fit(data, fit);
    expect((await bytesMade(() => network.fit(data, fit))) / EPOCHS).toBeLessThan(200);
  });

  it('makes reports where somebody does', async () => {
    using network = await create();
    const watched = { ...fit, epochs: 2000, onEpoch: () => undefined };
    expect((await bytesMade(() => network.fit(data, watched))) / 2000).toBeGreaterThan(600);
  });
});
