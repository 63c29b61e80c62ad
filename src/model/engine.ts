/** A network with its backend. */
import type { Backend } from '../backends/backend.ts';
import type { NetworkModel } from './network-model.ts';
import type { QuantizedLayer } from './quantization.ts';
import { Weights } from './weights.ts';

/** All that training, running and inspecting a network needs. */
export interface Engine {
  readonly model: NetworkModel;
  readonly backend: Backend;
  /** Decides everything random. */
  readonly seed: number;
  readonly weights: Weights;
  /** The layers whose products are of bytes; such a network only predicts. Undefined: none. */
  readonly quantization?: readonly QuantizedLayer[];
}

/** With parameters of zero. Throws BackendError where memory is short. */
export function engineOf(model: NetworkModel, backend: Backend, seed: number, quantization?: readonly QuantizedLayer[]): Engine {
  const shapes = new Map([...model.traced.parameters].map(([name, { shape }]) => [name, shape]));
  return { model, backend, seed, weights: new Weights(shapes, model.layout, backend), ...(quantization && { quantization }) };
}
