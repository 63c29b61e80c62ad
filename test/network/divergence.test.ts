/** Training that meets NaN or infinity: which step, where, and that the network goes back to the best state that it had. */
import {
  adagrad,
  adam,
  adamw,
  type DataSet,
  DivergedError,
  dense,
  exp,
  type FitOptions,
  type Network,
  type Optimizer,
  rmsprop,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, weightsOf } from '../support/networks.ts';

async function diverge(network: Network, data: DataSet, options: FitOptions): Promise<DivergedError> {
  const error = await network.fit(data, options).catch((thrown: unknown) => thrown);
  expect(error, String(error)).toBeInstanceOf(DivergedError);
  return error as DivergedError;
}

const values = (network: Network) => Object.values(weightsOf(network)).flat();

/** float64 overflows later than float32. */
const overflowing = (backend: string) => (backend === 'reference' ? 1e160 : 1e20);

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  /** One weight w, loss mean (w·x − y)²: at this learning rate each step multiplies w by about −(2η − 1). */
  const line = () => createOn(backend, { input: [1], layers: [dense(1, { initializer: [[1]], bias: false })], loss: 'meanSquaredError' });
  const point: DataSet = { x: [[1]], y: [0] };

  it('a loss that overflows: its step, the losses before it are exact, the weights those of before the fit', async () => {
    const rate = 1e6;
    using network = await line();
    const losses: number[] = [];
    const error = await diverge(network, point, {
      epochs: 1000,
      optimizer: sgd({ learningRate: rate }),
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(error.step).toBe(losses.length + 1);
    expect(error.lastFiniteLoss).toBe(losses.at(-1));
    expect(error.lastFiniteLoss).toBeGreaterThan(1);
    expect(error.layer).toBe('the loss');
    expect(error.message).toContain(`training diverged at step ${error.step}: the loss computed NaN or infinity`);
    expect(error.message).toContain('learningRate');
    expect([error.keptStep, values(network)]).toEqual([0, [1]]);
  });

  it('names the layer whose forward pass overflows first', async () => {
    using network = await createOn(backend, {
      input: [1],
      layers: [dense(2, { initializer: [[1], [1]] }), (x) => exp(x), dense(1)],
      loss: 'meanSquaredError',
    });
    const error = await diverge(
      network,
      { x: [[1], [800]], y: [0, 0] },
      { batchSize: 1, shuffle: false, optimizer: sgd({ learningRate: 1e-9 }) },
    );
    expect([error.step, error.layer]).toEqual([2, 'layer 1 (custom)']);
    expect(Number.isFinite(error.lastFiniteLoss)).toBe(true);
  });

  it('a divergence in the very first step has no finite loss and leaves the weights as they were', async () => {
    using network = await line();
    const error = await diverge(network, { x: [[overflowing(backend)]], y: [0] }, {});
    expect([error.step, error.lastFiniteLoss]).toEqual([1, Number.NaN]);
    expect(error.message).toContain('(no loss before was finite)');
    expect(values(network)).toEqual([1]);
  });

  /** A relu that is dead hides an infinite weight from the loss: −∞ gives 0. Two steps later it is NaN, which nothing hides. */
  const hidden = () =>
    createOn(backend, {
      input: [1],
      layers: [dense(1, { initializer: [[1]], bias: false, activation: 'relu' })],
      loss: 'meanSquaredError',
    });
  const spoiling = sgd({ learningRate: backend === 'reference' ? 1e308 : 1e38 });

  it.each([1, 2, 1235, 2999, 3000])('a weight that becomes infinite in step %i of 3000 while the losses stay finite', async (bad) => {
    const rows = 3000;
    const y = new Float64Array(rows).fill(1);
    y[bad - 1] = -20;
    const data: DataSet = { x: { shape: [rows, 1], data: new Float64Array(rows).fill(1) }, y };
    const losses: number[] = [];
    using network = await hidden();
    const error = await diverge(network, data, {
      batchSize: 1,
      shuffle: false,
      optimizer: spoiling,
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(losses.length).toBe(Math.min(rows, bad + 1));
    expect(losses.every(Number.isFinite)).toBe(true);
    expect([error.step, error.layer, error.value]).toEqual([bad, 'the update', '0.weight']);
    expect(values(network)).toEqual([1]);
  });

  it('optimiser state that overflows is a divergence, before it can stand in a file', async () => {
    const nearly = backend === 'reference' ? 1.2e154 : 1.3e19; // Its square is finite, that of the gradient 2·nearly is not.
    using network = await line();
    const error = await diverge(
      network,
      { x: [[1], [1]], y: [1, nearly] },
      { batchSize: 1, shuffle: false, optimizer: adam({ beta2: 0 }) },
    );
    expect([error.step, error.layer, error.value]).toEqual([2, 'the update', 'the mean squared gradient of 0.weight']);
    expect(network.toBytes().length).toBeGreaterThan(0);
  });

  const squaresTooLarge = backend === 'reference' ? 1e160 : 1e25;
  const twiceTooLarge = backend === 'reference' ? 1.2e308 : 2.5e38;
  it.each<[string, Optimizer, number, string]>([
    ['adam', adam(), squaresTooLarge, 'the mean squared gradient of 0.weight'],
    ['adamw', adamw(), squaresTooLarge, 'the mean squared gradient of 0.weight'],
    ['rmsprop', rmsprop(), squaresTooLarge, 'the squared gradients of 0.weight'],
    ['adagrad', adagrad(), squaresTooLarge, 'the squared gradients of 0.weight'],
    ['momentum', sgd({ learningRate: 0, momentum: 0.99 }), twiceTooLarge, 'the velocity of 0.weight'],
  ])('says what a gradient spoils in the state of %s', async (_, optimizer, gradient, value) => {
    // The prediction is 0 and the loss 1; the gradient is the input.
    const layers = [dense(1, { initializer: 'zeros', bias: false })];
    using network = await createOn(backend, { input: [1], layers, loss: 'meanAbsoluteError' });
    const error = await diverge(network, { x: [[gradient]], y: [-1] }, { optimizer, epochs: 2 });
    expect([error.layer, error.value]).toEqual(['the update', value]);
    expect(error.message).toContain(`the update computed NaN or infinity in ${value} (last finite loss`);
  });

  it('afterwards the network trains, predicts and is saved', async () => {
    using network = await line();
    await diverge(network, point, { epochs: 1000, optimizer: sgd({ learningRate: 1e6 }) });
    network.setParameters(new Map([['0.weight', [[2]]]]));
    const { losses } = await network.fit(point, { epochs: 200, optimizer: adam({ learningRate: 0.05 }) });
    expect(losses[199]).toBeLessThan(1e-2);
    expect(network.predict([[1]]).data[0]).toBeLessThan(0.2);
    expect(network.toBytes().length).toBeGreaterThan(0);
  });

  it('a callback that throws in a chunk that later diverges keeps its own error, and the weights of its step', async () => {
    using network = await line();
    using same = await line();
    const optimizer = sgd({ learningRate: 1e6 });
    const onStep = ({ step }: { step: number }) => {
      if (step === 2) throw new Error('from the callback');
    };
    await expect(network.fit(point, { epochs: 1000, optimizer, onStep })).rejects.toThrow('from the callback');
    await same.fit(point, { epochs: 2, optimizer });
    expect(weightsOf(network)).toEqual(weightsOf(same));
  });
});
