/** What callbacks of a fit can do to it: stop it at their step, fail, now or later, or never come to an end. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  add,
  customOp,
  type DataSet,
  defineLayer,
  dense,
  dropout,
  type FitOptions,
  FormatError,
  type GraphValue,
  Network,
  OptionError,
  sgd,
} from 'chainrule';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 20;
const BATCH = 8;
const STEPS_PER_EPOCH = 3;
const x = spreadTensor([ROWS, 4]);
const y = spreadTensor([ROWS, 2], 5);
const data: DataSet = { x, y };
const create = (backend = FASTEST) =>
  createOn(backend, { input: [4], layers: [dense(5, { activation: 'tanh' }), dense(2)], loss: 'meanSquaredError' });
const options: FitOptions = { batchSize: BATCH, shuffle: false, optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }) };
/** Far more than are trained before a test stops them. */
const MANY = 1e5;

/** Of the network after so many steps of `options`, and no more: its last epoch has no more data. */
async function weightsAfter(backend: (typeof BACKEND_NAMES)[number], steps: number): Promise<Record<string, number[]>> {
  using network = await create(backend);
  const epochs = Math.floor(steps / STEPS_PER_EPOCH);
  const rows = BATCH * (steps % STEPS_PER_EPOCH);
  if (epochs > 0) await network.fit(data, { ...options, epochs });
  const first = (tensor: typeof x, width: number) => ({ shape: [rows, width], data: tensor.data.slice(0, rows * width) });
  if (rows > 0) await network.fit({ x: first(x, 4), y: first(y, 2) }, options);
  return weightsOf(network);
}

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(async () => {
  await nextTurn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

describe.each(BACKEND_NAMES)('at step k on %s', (backend) => {
  const STEPS = [1, 2, 3, 100, 135, 301];

  it.each(STEPS)('%i, an abort in onStep ends the fit at that step', async (k) => {
    using network = await create(backend);
    const controller = new AbortController();
    const steps: number[] = [];
    const { losses, epochs, aborted } = await network.fit(data, {
      ...options,
      epochs: MANY,
      signal: controller.signal,
      onStep: ({ step }) => {
        steps.push(step);
        if (step === k) controller.abort();
      },
    });
    expect([steps.at(-1), steps.length, losses.length, epochs.length, aborted]).toEqual([k, k, k, Math.floor(k / STEPS_PER_EPOCH), true]);
    expect(weightsOf(network)).toEqual(await weightsAfter(backend, k));
  });

  it.each<[string, (k: number) => NonNullable<FitOptions['onStep']>]>([
    [
      'that throws',
      (k) =>
        ({ step }) =>
          fail(step === k),
    ],
    [
      'that rejects',
      (k) =>
        async ({ step }) =>
          fail(step === k),
    ],
    [
      'that rejects later',
      (k) =>
        ({ step }) =>
          step === k && nextTurn().then(() => fail(true)),
    ],
  ])('an onStep %s ends it with its own error, and the weights of that step', async (_, onStep) => {
    for (const k of STEPS) {
      using network = await create(backend);
      const reported: number[] = [];
      const call = onStep(k);
      const watched: FitOptions['onStep'] = (report) => {
        reported.push(report.step);
        return call(report);
      };
      await expect(network.fit(data, { ...options, epochs: MANY, onStep: watched })).rejects.toThrow('from the callback');
      expect(reported.length, 'steps reported').toBe(k);
      expect(weightsOf(network), `weights of step ${k}`).toEqual(await weightsAfter(backend, k));
    }
  });

  it('an abort in onStep ends the fit at that step where epochs are watched and gradients accumulate', async () => {
    using network = await create(backend);
    using same = await create(backend);
    const controller = new AbortController();
    const accumulating = { ...options, batchSize: 2, accumulate: 4 };
    const { losses } = await network.fit(data, {
      ...accumulating,
      epochs: MANY,
      signal: controller.signal,
      onStep: ({ step }) => step === 9 && controller.abort(),
      onEpoch: () => undefined,
    });
    await same.fit(data, { ...accumulating, epochs: 3 });
    expect(losses.length).toBe(9);
    expect(weightsOf(network)).toEqual(weightsOf(same));
  });
});

function fail(when: boolean): void {
  if (when) throw new Error('from the callback');
}

describe('a promise', () => {
  it('of onStep is awaited before the next one is called', async () => {
    using network = await create();
    const events: string[] = [];
    await network.fit(data, {
      ...options,
      epochs: 2,
      onStep: async ({ step }) => {
        events.push(`${step} begins`);
        await nextTurn();
        events.push(`${step} ends`);
      },
    });
    expect(events).toEqual([1, 2, 3, 4, 5, 6].flatMap((step) => [`${step} begins`, `${step} ends`]));
  });

  it.each(['onStep', 'onEpoch'] as const)('of %s that never settles does not outlive an abort', async (name) => {
    using network = await create();
    const controller = new AbortController();
    const never = () => {
      setTimeout(() => controller.abort(), 10);
      return new Promise<void>(() => {});
    };
    const { losses, aborted } = await network.fit(data, { ...options, epochs: MANY, signal: controller.signal, [name]: never });
    const steps = name === 'onStep' ? 1 : STEPS_PER_EPOCH;
    expect([losses.length, aborted]).toEqual([steps, true]);
    expect(weightsOf(network)).toEqual(await weightsAfter(FASTEST, steps));
  });

  it.each(['onStep', 'onEpoch'] as const)('of %s that rejects after the abort is ignored', async (name) => {
    using network = await create();
    const controller = new AbortController();
    const late = async () => {
      controller.abort();
      await sleep(5);
      throw new Error('late');
    };
    expect((await network.fit(data, { ...options, epochs: MANY, signal: controller.signal, [name]: late })).aborted).toBe(true);
    await sleep(10);
  });

  it.each(['onStep', 'onEpoch'] as const)('of %s that aborts and has failed already counts as failed', async (name) => {
    using network = await create();
    const controller = new AbortController();
    const failing = async () => {
      controller.abort();
      throw new Error('from the callback');
    };
    await expect(network.fit(data, { ...options, epochs: MANY, signal: controller.signal, [name]: failing })).rejects.toThrow(
      'from the callback',
    );
  });

  it('leaves no listener behind at the signal', async () => {
    using network = await create();
    const { signal } = new AbortController();
    let listening = 0;
    const count = (method: 'addEventListener' | 'removeEventListener', by: number) => {
      const original = signal[method].bind(signal) as (...given: unknown[]) => void;
      signal[method] = (...given: unknown[]) => {
        listening += by;
        original(...given);
      };
    };
    count('addEventListener', 1);
    count('removeEventListener', -1);
    await network.fit(data, { ...options, epochs: 4, signal, onStep: () => nextTurn(), onEpoch: () => nextTurn() });
    expect(listening).toBe(0);
  });
});

describe('where a result is needed at once, an async function is refused by name', () => {
  const rejected = async (): Promise<never> => {
    throw new Error('nobody waits for this');
  };
  const asValue = rejected as unknown as (x: GraphValue) => GraphValue;
  it.each<[string, RegExp, () => Promise<unknown>]>([
    ['a layer', /layer 1: expected a result at once, got a promise/, () => createWith([dense(3), asValue])],
    [
      'a layer of the user’s own',
      /layer 0: expected a result at once/,
      () => createWith([defineLayer({ type: 'own' }, rejected as never)]),
    ],
    [
      'a build function',
      /^build: expected a result at once/,
      () => Network.create({ inputs: { x: [4] }, build: rejected as never, losses: {} }),
    ],
    [
      'an initializer',
      /initializer: expected a result at once/,
      () =>
        createWith([defineLayer({ type: 'own' }, (scope, value: GraphValue) => add(value, scope.parameter('b', [1], rejected as never)))]),
    ],
    [
      'a maker',
      /the maker of gateway: expected a result at once/,
      async () => {
        const layers = [dropout(0.3), dense(2)];
        using network = await createOn(FASTEST, { input: [4], layers, loss: 'meanSquaredError' });
        const bytes = new TextDecoder('latin1').decode(network.toBytes()).replace(String.raw`\"dropout\"`, String.raw`\"gateway\"`);
        await Network.fromBytes(
          Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
          { layers: { gateway: rejected as never } },
        );
      },
    ],
    [
      'a schedule',
      /^schedule: expected a result at once/,
      async () => {
        using network = await create();
        await network.fit(data, { ...options, schedule: rejected as never });
      },
    ],
    [
      'the evaluation of a custom op',
      /slow: expected a result at once/,
      async () => {
        const slow = customOp({ name: 'slow', inputs: 1, evaluate: rejected as never });
        using network = await createOn('reference', { input: [4], layers: [slow, dense(2)], loss: 'meanSquaredError' });
        network.predict(x);
      },
    ],
  ])('%s', async (_, message, call) => {
    const error = await onBackend(FASTEST, call).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(message);
    expect(error).toBeInstanceOf(message.source.includes('maker') ? FormatError : OptionError);
  });

  const createWith = (layers: Parameters<typeof createOn>[1]['layers']) =>
    createOn(FASTEST, { input: [4], layers, loss: 'meanSquaredError' });
});
