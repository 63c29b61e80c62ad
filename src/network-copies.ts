/** Networks made of a network: what is behind a clone, and behind a quantised one. */
import { prepareSamples } from './data/samples.ts';
import { slices } from './event-loop/slices.ts';
import { calibrate } from './inference/quantize.ts';
import { engineOf } from './model/engine.ts';
import { quantizationOf } from './model/quantization.ts';
import { copyTraining } from './model/training-state.ts';
import { type CoreSettings, NetworkCore } from './network-core.ts';

/** What is behind a network that is the same as this one now. */
export function cloned({ engine, choice, door, settings, offers }: NetworkCore): Promise<NetworkCore> {
  const { model, seed, quantization } = engine;
  const core = new NetworkCore({ model, isNamed: door.isNamed }, choice, { ...settings, seed, quantization }, offers);
  return core.begin(({ weights }) => {
    weights.copy(engine.weights);
    weights.changed(engine.weights.training && copyTraining(engine.weights.training));
  });
}

/** What is behind a network of the same weights that multiplies bytes, calibrated on rows. */
export async function quantized(
  { engine, choice, door, settings: { maximumBatch }, offers }: NetworkCore,
  x: unknown,
): Promise<NetworkCore> {
  const { model, seed, weights, products } = engine;
  const settings: CoreSettings = { seed, maximumBatch, precision: products === 'float32' ? 'float32' : 'bfloat16' };
  const samples = slices.run(prepareSamples(door.samples('quantize', x), engine, 'copied'));
  // The weights of now: a fit may be running.
  const copy = engineOf(model, choice.backend, settings);
  copy.weights.copy(weights);
  try {
    const quantization = quantizationOf(await calibrate(copy, await samples));
    const core = new NetworkCore({ model, isNamed: door.isNamed }, choice, { ...settings, quantization }, offers);
    return await core.begin((own) => own.weights.copy(copy.weights));
  } finally {
    copy.weights.dispose();
  }
}
