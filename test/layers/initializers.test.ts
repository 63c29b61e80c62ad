/** How weights begin: the distributions by name, exactness, defaults, given values. */
import { type ActivationName, dense, type InitializerOption, type NetworkOptions, tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/graph/functions.ts';
import { defaultInitializer, INITIALIZER_NAMES } from '../../src/initializers.ts';
import { createOn, weightsOf } from '../support/networks.ts';

const FAN_IN = 300;
const FAN_OUT = 100;

async function weightOf(
  initializer: InitializerOption | undefined,
  options: { units?: number; inputs?: number; seed?: number; activation?: ActivationName } = {},
) {
  const { units = FAN_OUT, inputs = FAN_IN, seed = 1, activation } = options;
  const layers: NetworkOptions['layers'] = [dense(units, { initializer, activation })];
  using network = await createOn('reference', { input: [inputs], layers, loss: 'halfSquaredError', seed });
  return weightsOf(network)['0.weight'];
}

function statistics(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, deviation, largest: values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) };
}

describe('distributions', () => {
  it.each<[InitializerOption, number]>([
    ['normal', 1],
    [{ type: 'normal', deviation: 0.3 }, 0.3],
    ['lecunNormal', Math.sqrt(1 / FAN_IN)],
    ['glorotNormal', Math.sqrt(2 / (FAN_IN + FAN_OUT))],
    ['xavierNormal', Math.sqrt(2 / (FAN_IN + FAN_OUT))],
    ['heNormal', Math.sqrt(2 / FAN_IN)],
  ])('%o is normal with its deviation', async (initializer, expected) => {
    const { mean, deviation, largest } = statistics(await weightOf(initializer));
    expect(Math.abs(mean) / expected).toBeLessThan(0.03);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.02);
    expect(largest / expected).toBeGreaterThan(3.5);
  });

  it.each<[InitializerOption, number]>([
    ['uniform', 0.05],
    [{ type: 'uniform', limit: 2 }, 2],
    ['glorotUniform', Math.sqrt(6 / (FAN_IN + FAN_OUT))],
    ['xavierUniform', Math.sqrt(6 / (FAN_IN + FAN_OUT))],
    ['heUniform', Math.sqrt(6 / FAN_IN)],
  ])('%o is uniform up to its limit', async (initializer, limit) => {
    const { mean, deviation, largest } = statistics(await weightOf(initializer));
    expect(Math.abs(mean) / limit).toBeLessThan(0.03);
    expect(Math.abs(deviation / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
    expect(largest).toBeLessThan(limit);
    expect(largest).toBeGreaterThan(0.999 * limit);
  });

  it('zeros and ones', async () => {
    expect(new Set(await weightOf('zeros'))).toEqual(new Set([0]));
    expect(new Set(await weightOf('ones'))).toEqual(new Set([1]));
  });

  it.each<[InitializerOption, InitializerOption, number]>([
    ['lecunNormal', 'normal', Math.sqrt(1 / FAN_IN)],
    ['glorotNormal', 'normal', Math.sqrt(2 / (FAN_IN + FAN_OUT))],
    ['heNormal', 'normal', Math.sqrt(2 / FAN_IN)],
    ['glorotUniform', { type: 'uniform', limit: 1 }, Math.sqrt(6 / (FAN_IN + FAN_OUT))],
    ['heUniform', { type: 'uniform', limit: 1 }, Math.sqrt(6 / FAN_IN)],
  ])('%s scales the draws of %o exactly', async (initializer, standard, factor) => {
    const draws = await weightOf(standard);
    expect(await weightOf(initializer)).toEqual(draws.map((draw) => factor * draw));
  });

  it('Xavier is Glorot', async () => {
    expect(await weightOf('xavierNormal')).toEqual(await weightOf('glorotNormal'));
    expect(await weightOf('xavierUniform')).toEqual(await weightOf('glorotUniform'));
  });
});

describe('orthogonal', () => {
  it.each([
    [5, 5],
    [3, 40],
    [40, 3],
    [1, 7],
    [7, 1],
    [64, 64],
  ])('%i × %i: QᵀQ = I on the shorter side', async (units, inputs) => {
    const q = await weightOf('orthogonal', { units, inputs });
    const [count, at] =
      units <= inputs ? [units, (i: number, k: number) => q[i * inputs + k]] : [inputs, (i: number, k: number) => q[k * inputs + i]];
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let dot = 0;
        for (let k = 0; k < Math.max(units, inputs); k++) dot += at(i, k) * at(j, k);
        expect(Math.abs(dot - Number(i === j))).toBeLessThan(1e-13);
      }
    }
  });
});

describe('defaults', () => {
  it.each(ACTIVATION_NAMES)('of %s', async (activation) => {
    const expected =
      activation === 'selu'
        ? 'lecunNormal'
        : /^(relu|leakyRelu|elu|gelu|geluTanh|silu|hardSwish)$/.test(activation)
          ? 'heNormal'
          : 'glorotUniform';
    expect(defaultInitializer(activation)).toBe(expected);
    expect(await weightOf(undefined, { activation })).toEqual(await weightOf(defaultInitializer(activation), { activation }));
  });

  it('of a bias is zero', async () => {
    using network = await createOn('reference', { input: [4], layers: [dense(3, { activation: 'relu' })], loss: 'halfSquaredError' });
    expect(weightsOf(network)['0.bias']).toEqual([0, 0, 0]);
  });
});

describe('drawing', () => {
  it('differs by seed and by layer, for every name that draws', async () => {
    for (const name of INITIALIZER_NAMES.filter((one) => one !== 'zeros' && one !== 'ones')) {
      expect(await weightOf(name, { seed: 1 })).toEqual(await weightOf(name, { seed: 1 }));
      expect(await weightOf(name, { seed: 1 })).not.toEqual(await weightOf(name, { seed: 2 }));
    }
    using network = await createOn('reference', { input: [4], layers: [dense(4), dense(4)], loss: 'halfSquaredError' });
    expect(weightsOf(network)['0.weight']).not.toEqual(weightsOf(network)['1.weight']);
  });
});

describe('given values', () => {
  it.each<[string, InitializerOption]>([
    [
      'nested arrays',
      [
        [1, 2, 3],
        [4, 5, 6.5],
      ],
    ],
    ['a tensor', tensor(Float32Array.of(1, 2, 3, 4, 5, 6.5), [2, 3])],
    ['rows as typed arrays', [Float32Array.of(1, 2, 3), Float64Array.of(4, 5, 6.5)]],
  ])('%s are taken as they are', async (_, initializer) =>
    expect(await weightOf(initializer, { units: 2, inputs: 3 })).toEqual([1, 2, 3, 4, 5, 6.5]),
  );

  it('of a bias', async () => {
    using network = await createOn('reference', {
      input: [4],
      layers: [dense(3, { biasInitializer: [1, -2, 0.5] })],
      loss: 'halfSquaredError',
    });
    expect(weightsOf(network)['0.bias']).toEqual([1, -2, 0.5]);
  });

  it('are copied: training leaves the caller’s array alone', async () => {
    const values = tensor(Float64Array.of(1, 2), [1, 2]);
    using network = await createOn('reference', { input: [2], layers: [dense(1, { initializer: values })], loss: 'halfSquaredError' });
    await network.fit({ x: [[1, 1]], y: [0] });
    expect([...values.data]).toEqual([1, 2]);
    expect(weightsOf(network)['0.weight']).not.toEqual([1, 2]);
  });
});
