/** A stack of layers is a network of names but for how its data is given and what is told: the same bits, and messages in its own words. */
import { adam, DataError, dense, type LossOption, Network, ShapeError, type TensorLike } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 600;
const x = spreadTensor([ROWS, 4]);
const values = spreadTensor([ROWS, 3], 2);
const classes = Int32Array.from({ length: ROWS }, (_, i) => (i * i) % 3);

interface Case {
  readonly loss: LossOption;
  readonly y: TensorLike;
  /** Of the weights, in the loss. */
  readonly l2?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  classes: { loss: 'softmaxCrossEntropy', y: classes },
  'classes of which some are ignored': {
    loss: { type: 'softmaxCrossEntropy', ignore: 9 },
    y: classes.map((index, i) => (i % 4 ? index : 9)),
  },
  values: { loss: 'meanSquaredError', y: values },
  labels: { loss: 'sigmoidCrossEntropy', y: { shape: [ROWS, 3], data: Float32Array.from({ length: 3 * ROWS }, (_, i) => i % 2) } },
  'values with a penalty': { loss: 'meanSquaredError', y: values, l2: 0.01 },
};

async function bothOf({ loss, l2 }: Pick<Case, 'loss' | 'l2'>, backend = FASTEST) {
  const layers = () => [dense(5, { activation: 'tanh', ...(l2 !== undefined && { l2 }) }), dense(3)] as const;
  const options = { seed: 5, threads: 1, backend };
  const stack = await onBackend(backend, () => Network.create({ ...options, input: [4], layers: layers(), loss }));
  const [first, second] = layers();
  const named = await onBackend(backend, () =>
    Network.create({ ...options, inputs: { from: [4] }, build: ({ from }) => ({ to: second(first(from)) }), losses: { to: loss } }),
  );
  return { stack, named };
}

describe.each(BACKEND_NAMES)('a stack on %s', (backend) => {
  it.each(Object.entries(CASES))('trains, is evaluated and predicts like the same network of names: %s', async (_, { loss, y, l2 }) => {
    const { stack, named } = await bothOf({ loss, l2 }, backend);
    const settings = { epochs: 2, batchSize: 50, optimizer: adam({ learningRate: 0.01 }) };
    const data = { x, y };
    const given = { x: { from: x }, y: { to: y } };
    const fitted = await stack.fit(data, { ...settings, validation: data });
    const fittedNamed = await named.fit(given, { ...settings, validation: given });
    expect(weightsOf(stack)).toEqual(weightsOf(named as never));
    expect(stack.predict(x)).toEqual(named.predict({ from: x }).to);
    const { outputs, ...whole } = await named.evaluate(given);
    expect(await stack.evaluate(data)).toEqual(whole);
    expect(outputs?.to.accuracy).toBe(whole.accuracy);
    if (l2 === undefined) expect(outputs?.to.loss).toBeCloseTo(whole.loss, 12);
    else expect(outputs?.to.loss).toBeLessThan(whole.loss);
    const last = fitted.epochs[1];
    expect(last).not.toHaveProperty('validationOutputs');
    expect(fittedNamed.epochs[1]).toMatchObject({ validationLoss: last.validationLoss, validationOutputs: { to: outputs?.to } });
    expect(last.validationLoss).toBe(whole.loss);
    stack.dispose();
    named.dispose();
  });
});

/** What each call says of data that does not fit, where it stands alone and where it has a name. */
const short = spreadTensor([ROWS, 3]);
const nan = { shape: [ROWS, 4], data: x.data.map((value, i) => (i === 6 ? Number.NaN : value)) };
const WRONG: readonly [string, unknown, unknown, new (message: string) => Error, string, string][] = [
  ['a shape of x', short, classes, ShapeError, '.x: expected shape [rows, 4]', '.x.from: expected shape [rows, 4]'],
  ['a number of x', nan, classes, DataError, '.x: expected finite numbers', '.x.from: expected finite numbers'],
  ['a class', x, classes.map(() => 3), DataError, '.y: expected class indices from 0 to 2', '.y.to: expected class indices from 0 to 2'],
  ['rows of y', x, classes.slice(1), DataError, '.y: expected one target for each of 600', '.y.to: expected one target for each of 600'],
];

describe('messages say where data stands', () => {
  const calls = {
    fit: (network: Network, data: never) => network.fit(data),
    'fit.validation': (network: Network, validation: never, good: never) => network.fit(good, { validation }),
    evaluate: (network: Network, data: never) => network.evaluate(data),
    diagnose: (network: Network, data: never) => network.diagnose(data),
    gradients: async (network: Network, data: never) => network.gradients(data),
    checkGradients: (network: Network, data: never) => network.checkGradients(data),
  };

  it.each(WRONG)('%s', async (_, wrongX, wrongY, kind, alone, byName) => {
    const { stack, named } = await bothOf({ loss: 'softmaxCrossEntropy' });
    const good = { x, y: classes } as never;
    const goodNamed = { x: { from: x }, y: { to: classes } } as never;
    for (const [name, call] of Object.entries(calls)) {
      const refusal = await call(stack, { x: wrongX, y: wrongY } as never, good).catch((error) => error);
      expect(refusal).toBeInstanceOf(kind);
      expect(refusal.message).toContain(name + alone);
      const refusalNamed = await call(named as never, { x: { from: wrongX }, y: { to: wrongY } } as never, goodNamed).catch(
        (error) => error,
      );
      expect(refusalNamed).toBeInstanceOf(kind);
      expect(refusalNamed.message).toContain(name + byName);
    }
    stack.dispose();
    named.dispose();
  });
});
