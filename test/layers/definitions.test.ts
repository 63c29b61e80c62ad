/** Each layer's definition: what a config calls it and the arguments that its function takes from there. */
import { layerFromConfig, OptionError } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '../../src/layers/index.ts';

/** The least that a config of each type says. */
const CONFIGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dense: { units: 2 },
  conv1d: { filters: 2, kernel: 3 },
  conv2d: { filters: 2, kernel: [3, 1] },
  convTranspose2d: { filters: 2, kernel: 3 },
  maxPool2d: { pool: 2 },
  averagePool2d: { pool: [1, 2] },
  globalAveragePool2d: {},
  zeroPad2d: { padding: [1, 0, 2, 3] },
  upsample2d: { factor: 2 },
  activation: { activation: 'relu' },
  dropout: { rate: 0.5 },
  spatialDropout: { rate: 0.5 },
  batchNorm: {},
  layerNorm: {},
  rmsNorm: {},
  groupNorm: { groups: 2 },
  embedding: { count: 3, size: 2 },
  positionalEncoding: {},
  multiHeadAttention: { heads: 2 },
  flatten: {},
  reshape: { shape: [2, 3] },
  rnn: { units: 2 },
  lstm: { units: 2 },
  gru: { units: 2 },
  bidirectional: { layer: { type: 'gru', units: 2 } },
};

it('every layer has one definition, in the order that messages list them in', () =>
  expect(LAYERS.map(({ type }) => type)).toEqual(Object.keys(CONFIGS)));

describe.each(Object.entries(CONFIGS))('a config of %s', (type, options) => {
  const config = { type, ...options };

  it('makes the layer, whose config it is', () => expect(layerFromConfig(config).config).toEqual(config));

  it('is refused with an option that the layer does not have', () => {
    expect(() => layerFromConfig({ ...config, spare: 1 })).toThrow(OptionError);
    expect(() => layerFromConfig({ ...config, spare: 1 })).toThrow(`${type}: unknown option 'spare'`);
  });

  it.each(Object.keys(options))('is refused without its %s', (name) => {
    const { [name]: _, ...rest } = options;
    expect(() => layerFromConfig({ type, ...rest })).toThrow(OptionError);
  });
});
