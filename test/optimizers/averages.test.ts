/** Moving averages of weights: what a fit publishes, what it trains, and what the next fit begins with. */
import {
  adam,
  batchNorm,
  DivergedError,
  defineLayer,
  dense,
  embedding,
  type FitOptions,
  flatten,
  type GraphValue,
  lamb,
  multiply,
  type Network,
  type NetworkOptions,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';
import { decodeModel } from '../support/whole-files.ts';

const ROWS = 22;
const DECAY = 0.8;
const data = { x: spreadTensor([ROWS, 3]), y: spreadTensor([ROWS, 2], 5) };
const validation = { x: spreadTensor([9, 3], 2), y: spreadTensor([9, 2], 7) };
const options: Omit<NetworkOptions, 'backend'> = {
  input: [3],
  layers: [dense(4, { activation: 'tanh' }), dense(2)],
  loss: 'meanSquaredError',
  seed: 3,
};
/** An epoch is a step. */
const ONE_STEP: FitOptions = { batchSize: ROWS, shuffle: false, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) };

/** Training halves it after every step. */
const halved = defineLayer({ type: 'halved' }, (scope, x: GraphValue) => {
  const weight = scope.parameter('weight', [2], 'ones');
  scope.constrain(weight, (w) => multiply(w, 0.5));
  return multiply(x, weight);
});
const words = { x: { shape: [ROWS, 2], data: Float64Array.from({ length: 2 * ROWS }, (_, i) => (i * 5) % 7) }, y: data.y };

interface Case {
  readonly fit?: FitOptions;
  readonly network?: Partial<NetworkOptions>;
  readonly given?: typeof data;
  readonly freeze?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  momentum: {},
  'several mini-batches a step': { fit: { batchSize: 8, accumulate: 3 } },
  'clipped gradients, and adam': { fit: { clip: { norm: 0.1 }, optimizer: adam({ learningRate: 0.05 }) } },
  'an optimiser in graph functions': { fit: { optimizer: lamb({ learningRate: 0.05 }) } },
  'a constraint': { network: { layers: [dense(2), halved] } },
  'a frozen layer': { freeze: '0' },
  'a table that is updated row by row': {
    given: words as never,
    network: { input: [2], layers: [embedding(7, 3), flatten(), dense(2)] },
    fit: { optimizer: sgd({ learningRate: 0.1 }) },
  },
};

/** The weights that training goes on with, by the network's file. */
const trainedOf = (network: Network): Record<string, number[]> =>
  Object.fromEntries(
    [...decodeModel(network.toBytes()).tensors].flatMap(([name, { data: values }]) =>
      name.startsWith('optimizer/trained/') ? [[name.slice('optimizer/trained/'.length), Array.from(values)]] : [],
    ),
  );

const make = (backend = FASTEST, more: Partial<NetworkOptions> = {}) => createOn(backend, { ...options, ...more } as NetworkOptions);

describe.each(BACKEND_NAMES)('on %s a network has', (backend) => {
  it.each(Object.entries(CASES))(
    'the averages of the weights that are trained: %s',
    async (_, { fit, network: more, given = data, freeze }) => {
      const settings = { ...ONE_STEP, ...fit, epochs: 5 };
      using plain = await make(backend, more);
      if (freeze) plain.freeze(freeze);
      const steps: Record<string, number[]>[] = [];
      await plain.fit(given, { ...settings, onEpoch: () => void steps.push(weightsOf(plain)) });
      using averaged = await make(backend, more);
      if (freeze) averaged.freeze(freeze);
      await averaged.fit(given, { ...settings, ema: DECAY });
      const trained = trainedOf(averaged);
      for (const [name, values] of Object.entries(weightsOf(averaged))) {
        const isFrozen = name.startsWith(`${freeze}.`);
        const expected = steps.reduce((average, { [name]: w }) => average.map((a, i) => DECAY * a + (1 - DECAY) * w[i]), steps[0][name]);
        expectClose(values, isFrozen ? steps[0][name] : expected, backend === 'reference' ? 1e-12 : 1e-6, name);
        expect(trained[name], name).toEqual(isFrozen ? undefined : steps.at(-1)?.[name]);
      }
    },
  );
});

describe('averages', () => {
  it('are what validation, callbacks and predictions see', async () => {
    using network = await make();
    const seen: Record<string, number[]>[] = [];
    const onEpoch = () => void seen.push(weightsOf(network));
    const { epochs } = await network.fit(data, { ...ONE_STEP, epochs: 3, validation, ema: { decay: DECAY }, onEpoch });
    expect(epochs.at(-1)?.validationLoss).toBe((await network.evaluate(validation)).loss);
    expect(seen.at(-1)).toEqual(weightsOf(network));
    expect(trainedOf(network)).not.toEqual(weightsOf(network));
  });

  it('stand in the report of the beginning', async () => {
    using network = await make();
    const told: unknown[] = [];
    await network.fit(data, { ema: { decay: 0.9 }, callbacks: [{ begin: ({ settings }) => void told.push(settings.ema) }] });
    await network.fit(data, { callbacks: [{ begin: ({ settings }) => void told.push('ema' in settings) }] });
    expect(told).toEqual([0.9, false]);
  });

  it('are not made of the states of layers', async () => {
    const layers = [dense(4), batchNorm(), dense(2)];
    const statistics = async (ema?: number) => {
      using network = await make(FASTEST, { layers });
      await network.fit(data, { ...ONE_STEP, epochs: 4, ...(ema && { ema }) });
      return weightsOf(network)['1.running_mean'];
    };
    expect(await statistics(DECAY)).toEqual(await statistics());
  });

  it('go on in the next fit, which trains the weights and not the averages', async () => {
    using whole = await make();
    await whole.fit(data, { ...ONE_STEP, epochs: 6, ema: DECAY });
    using parts = await make();
    for (const epochs of [1, 2, 3]) await parts.fit(data, { ...ONE_STEP, epochs, ema: DECAY });
    expect(parts.toBytes()).toEqual(whole.toBytes());
  });

  it.each<[string, FitOptions]>([
    ['without them', ONE_STEP],
    ['with another optimiser', { ...ONE_STEP, optimizer: adam(), ema: DECAY }],
    ['with a restart', { ...ONE_STEP, ema: DECAY, restart: true }],
  ])('are what the next fit begins with %s', async (_, next) => {
    const first = { ...ONE_STEP, optimizer: sgd({ learningRate: 0.1 }) };
    using network = await make();
    await network.fit(data, { ...first, epochs: 3, ema: DECAY });
    using other = await make();
    other.setParameters(network.parameters());
    const optimizer = next.optimizer?.type === 'sgd' ? first.optimizer : next.optimizer;
    for (const one of [network, other]) await one.fit(data, { ...next, optimizer, epochs: 2 });
    expect(weightsOf(network)).toEqual(weightsOf(other));
    expect(trainedOf(network)).toEqual(trainedOf(other));
    // Nothing of the first averages comes back.
    for (const one of [network, other]) await one.fit(data, { ...next, optimizer, epochs: 2, ema: DECAY });
    expect(weightsOf(network)).toEqual(weightsOf(other));
  });

  it('leave no weights behind those that are set between two fits, or frozen', async () => {
    using network = await make();
    await network.fit(data, { ...ONE_STEP, epochs: 3, ema: DECAY });
    const set = new Map([['0.weight', spreadTensor([4, 3], 9)]]);
    network.setParameters(set);
    network.freeze('1');
    const before = weightsOf(network);
    const still = sgd({ learningRate: 0, momentum: 0.9 });
    await network.fit(data, { ...ONE_STEP, optimizer: still, epochs: 2, ema: DECAY });
    expect(weightsOf(network)['0.weight']).toEqual(before['0.weight']);
    expect(trainedOf(network)['0.weight']).toEqual(before['0.weight']);
    network.unfreeze('1');
    await network.fit(data, { ...ONE_STEP, optimizer: still, ema: DECAY });
    expect(trainedOf(network)['1.weight']).toEqual(before['1.weight']);
  });

  it('are not what a diagnosis within the fit measures, but the weights that the next step is taken from', async () => {
    const weightNorms: (number | undefined)[][] = [];
    for (const ema of [undefined, DECAY]) {
      using network = await make();
      const { epochs } = await network.fit(data, { ...ONE_STEP, epochs: 3, diagnostics: true, ...(ema && { ema }) });
      weightNorms.push(epochs.map(({ diagnosis }) => diagnosis?.layers[0].parameters[0].weightNorm));
    }
    expect(weightNorms[0][2]).toBeGreaterThan(0);
    expect(weightNorms[1]).toEqual(weightNorms[0]);
  });

  it('and the network are as they were where a fit diverges', async () => {
    using network = await make();
    await network.fit(data, { ...ONE_STEP, epochs: 3, ema: DECAY });
    const before = network.toBytes();
    const fit = network.fit(data, { ...ONE_STEP, epochs: 50, optimizer: sgd({ learningRate: 1e15, momentum: 0.9 }), ema: DECAY });
    await expect(fit).rejects.toThrow(DivergedError);
    expect(weightsOf(network)).toEqual(
      Object.fromEntries(
        [...decodeModel(before).tensors]
          .filter(([name]) => !name.includes('optimizer'))
          .map(([name, { data: values }]) => [name, Array.from(values)]),
      ),
    );
  });
});
