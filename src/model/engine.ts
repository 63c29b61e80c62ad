/** A network with its backend. */
import type { Backend, Precision } from '../backends/backend.ts';
import type { ProductForm } from '../compiler/round-products.ts';
import type { NetworkModel } from './network-model.ts';
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
}

/** With parameters of zero. Throws BackendError where memory is short. */
export function engineOf(model: NetworkModel, backend: Backend, seed: number, precision: Precision = 'float32'): Engine {
  const shapes = new Map([...model.traced.parameters].map(([name, { shape }]) => [name, shape]));
  const products = precision === 'bfloat16' ? 'rounded' : 'float32';
  return { model, backend, seed, weights: new Weights(shapes, model.layout, backend), products };
}
