/** A network with its backend. */
import type { Backend, Precision } from '../backends/backend.ts';
import type { ProductForm } from '../compiler/round-products.ts';
import type { NetworkModel } from './network-model.ts';
import type { Quantization } from './quantization.ts';
import { Weights } from './weights.ts';

/** All that training, running and inspecting a network needs. */
export interface Engine {
  readonly model: NetworkModel;
  readonly backend: Backend;
  /** Decides everything random. */
  readonly seed: number;
  readonly weights: Weights;
  /** How its programs multiply on the backend. */
  readonly products: ProductForm;
  /** The layers whose products are of bytes; such a network only predicts. Undefined: none. */
  readonly quantization?: Quantization;
}

/** What an engine has besides its network and its backend. */
export interface EngineSettings {
  readonly seed: number;
  readonly precision?: Precision;
  readonly quantization?: Quantization;
}

/** With parameters of zero. Throws BackendError where memory is short. */
export function engineOf(model: NetworkModel, backend: Backend, { seed, precision = 'float32', quantization }: EngineSettings): Engine {
  const shapes = new Map([...model.traced.parameters].map(([name, { shape }]) => [name, shape]));
  const products = precision !== 'bfloat16' ? 'float32' : backend.multipliesBfloat16 ? 'bfloat16' : 'rounded';
  const weights = new Weights(shapes, model.layout, backend);
  return { model, backend, seed, weights, products, ...(quantization && { quantization }) };
}
