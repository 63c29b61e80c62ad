/** Optimisers of a user's own: fits with them, their state in files, their reports. */
import {
  adam,
  add,
  defineLayer,
  defineOptimizer,
  dense,
  divide,
  type FitOptions,
  type GraphValue,
  multiply,
  Network,
  type NetworkOptions,
  type Optimizer,
  power,
  sgd,
  sqrt,
  square,
  stepDecay,
  subtract,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 22;
const data = { x: spreadTensor([ROWS, 3]), y: spreadTensor([ROWS, 2], 5) };
const options: Omit<NetworkOptions, 'backend'> = {
  input: [3],
  layers: [dense(4, { activation: 'tanh' }), dense(2)],
  loss: 'meanSquaredError',
  seed: 3,
};

interface Momentum {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** sgd with momentum, in graph functions. */
const ownMomentum = ({ learningRate, momentum = 0.9, weightDecay = 0 }: Momentum) =>
  defineOptimizer({ type: 'ownMomentum', learningRate, momentum, weightDecay }, (scope, parameter, gradient, rate) => {
    const g = add(gradient, multiply(parameter, scope.weightDecay));
    const velocity = add(multiply(scope.state('velocity'), scope.options.momentum), g);
    scope.assign(scope.state('velocity'), velocity);
    return subtract(parameter, multiply(velocity, rate));
  });

/** Adam in graph functions. */
const ownAdam = (learningRate = 0.01) =>
  defineOptimizer({ type: 'ownAdam', learningRate }, (scope, parameter, gradient, rate) => {
    const mean = add(multiply(scope.state('mean'), 0.9), multiply(gradient, 0.1));
    const variance = add(multiply(scope.state('variance'), 0.999), multiply(square(gradient), 0.001));
    scope.assign(scope.state('mean'), mean);
    scope.assign(scope.state('variance'), variance);
    const unbiased = (x: GraphValue, beta: number) => divide(x, subtract(1, power(beta, scope.step)));
    return subtract(parameter, multiply(rate, divide(unbiased(mean, 0.9), add(sqrt(unbiased(variance, 0.999)), 1e-8))));
  });

/** A layer whose weight stays within −0.3 … 0.3. */
const bounded = defineLayer({ type: 'bounded' }, (scope, x: GraphValue) => {
  const weight = scope.parameter('weight', [2], 'ones');
  scope.constrain(weight, (w) => multiply(w, 0.5));
  return multiply(x, weight);
});

const FITS: Readonly<Record<string, readonly [FitOptions, Partial<NetworkOptions>?]>> = {
  'mini-batches, the last one smaller': [{ batchSize: 8 }],
  'a schedule': [{ batchSize: 8, schedule: stepDecay({ period: 1, factor: 0.5 }) }],
  'gradients clipped by their norm': [{ clip: { norm: 0.1 } }],
  'gradients clipped one by one': [{ clip: { value: 0.01 } }],
  'several mini-batches a step': [{ batchSize: 4, accumulate: 3 }],
  'groups of other rates and weight decays': [
    {
      groups: [
        { parameters: '0', learningRate: 0.5, weightDecay: 0.1 },
        { parameters: '*.bias', weightDecay: 0 },
      ],
    },
  ],
  'a constraint': [{}, { layers: [...(options.layers as never[]), bounded] as never }],
};

describe.each(BACKEND_NAMES)('an optimiser in graph functions on %s', (backend) => {
  async function trained(optimizer: Optimizer, fit: FitOptions = {}, more: Partial<NetworkOptions> = {}, freeze?: string) {
    using network = await createOn(backend, { ...options, ...more } as NetworkOptions);
    if (freeze) network.freeze(freeze);
    await network.fit(data, { epochs: 4, ...fit, optimizer });
    return Object.values(weightsOf(network)).flat();
  }

  it.each(Object.entries(FITS))('does what the built-in one does with %s', async (_, [fit, more]) => {
    const settings = { learningRate: 0.1, momentum: 0.8, weightDecay: 0.02 };
    expectClose(await trained(ownMomentum(settings), fit, more), await trained(sgd(settings), fit, more), 1e-5, 'weights');
  });

  it('does what the built-in one does with frozen parameters, and counts steps', async () => {
    const expected = await trained(adam({ learningRate: 0.01 }), { batchSize: 5 }, {}, '0.weight');
    expectClose(await trained(ownAdam(), { batchSize: 5 }, {}, '0.weight'), expected, 1e-5, 'weights');
  });

  it('is copied with another option, which its update reads', async () => {
    const copy = { ...ownMomentum({ learningRate: 0.1 }), momentum: 0.5 };
    expect(await trained(copy)).toEqual(await trained(ownMomentum({ learningRate: 0.1, momentum: 0.5 })));
  });

  it('saved after any step and loaded goes on to the bit, its states included', async () => {
    const fit: FitOptions = { epochs: 2, batchSize: 8, optimizer: counting() };
    using whole = await createOn(backend, { ...options, reproducible: true } as NetworkOptions);
    await whole.fit(data, fit);
    for (let stop = 1; stop < 6; stop++) {
      using network = await createOn(backend, { ...options, reproducible: true } as NetworkOptions);
      const controller = new AbortController();
      await network.fit(data, { ...fit, signal: controller.signal, onStep: ({ step }) => void (step === stop && controller.abort()) });
      using loaded = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend, reproducible: true }));
      await loaded.fit(data, { ...fit, epochs: 2 - loaded.progress.epoch });
      expect(loaded.toBytes(), `stopped after step ${stop}`).toEqual(whole.toBytes());
    }
  });
});

/** Every kind of state: of the parameter, beginning at 0 and elsewhere, of all parameters together, and the step's number. */
const counting = () =>
  defineOptimizer({ type: 'counting', learningRate: 0.05 }, (scope, parameter, gradient, rate) => {
    const size = add(scope.state('size', 0.25), square(gradient));
    const product = scope.shared('product', 1, (before) => multiply(before, 0.9));
    scope.assign(scope.state('size'), size);
    scope.assign(scope.state('last'), parameter);
    const move = divide(multiply(gradient, rate), sqrt(size));
    return subtract(subtract(parameter, multiply(move, product)), multiply(scope.state('last'), divide(0.01, scope.step)));
  });

describe('an own optimiser', () => {
  it('is plain data in the report of a fit and as JSON, and stands in the file by its type', async () => {
    using network = await createOn(FASTEST, options);
    const optimizer = ownMomentum({ learningRate: 0.1 });
    const plain = { type: 'ownMomentum', learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
    const told: unknown[] = [];
    await network.fit(data, { optimizer, callbacks: [{ begin: ({ settings }) => void told.push(structuredClone(settings.optimizer)) }] });
    expect(told).toEqual([plain]);
    expect(JSON.parse(JSON.stringify(optimizer))).toEqual(plain);
    const text = new TextDecoder().decode(network.toBytes());
    expect(text).toContain('ownMomentum');
    expect(text).toContain('optimizer/velocity/1.bias');
  });

  it('takes its options from a value that begins a fit anew where the type differs', async () => {
    using network = await createOn(FASTEST, options);
    await network.fit(data, { optimizer: ownMomentum({ learningRate: 0.1 }) });
    await network.fit(data, { optimizer: ownMomentum({ learningRate: 0.01 }) });
    expect(network.progress.step).toBe(2);
    await network.fit(data, { optimizer: ownAdam() });
    expect(network.progress.step).toBe(1);
  });

  it('is explained and diagnosed as a built-in one', async () => {
    using network = await createOn(FASTEST, options);
    const updateRatios = async (optimizer: Optimizer) => {
      const { layers } = await network.diagnose(data, { optimizer });
      return layers.flatMap(({ parameters }) => parameters.map(({ updateRatio }) => updateRatio ?? 0));
    };
    expect(network.explain({ optimizer: ownMomentum({ learningRate: 0.1 }) })).toContain('velocity/0.weight');
    expectClose(
      await updateRatios(ownMomentum({ learningRate: 0.1 })),
      await updateRatios(sgd({ learningRate: 0.1, momentum: 0.9 })),
      1e-4,
      'ratios',
    );
    expectClose(await updateRatios(counting()), await updateRatios({ ...counting(), type: 'other' }), 1e-6, 'ratios');
  });

  it('is named by its state where that diverges', async () => {
    using network = await createOn('reference', options);
    const optimizer = defineOptimizer({ type: 'exploding', learningRate: 1 }, (scope, parameter) => {
      scope.assign(scope.state('size', 1e200), square(scope.state('size')));
      return parameter;
    });
    await expect(network.fit(data, { optimizer })).rejects.toThrow("the optimizer's size of 0.weight");
  });
});
