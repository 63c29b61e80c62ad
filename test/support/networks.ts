/** Networks for tests, each on the backend that the test names even where CHAINRULE_BACKEND says another for the whole run. */
import { Network, type NetworkOptions, type Tensor } from 'chainrule';
import { vi } from 'vitest';
import type { BackendName } from '../../src/backends/backend.ts';
import { BACKENDS } from './backends.ts';

export const BACKEND_NAMES: readonly BackendName[] = BACKENDS.map((backend) => backend.name);

/** The fastest that this machine has: for tests of what does not depend on the backend. */
export const FASTEST: BackendName = (['native', 'wasm', 'reference'] as const).find((name) => BACKEND_NAMES.includes(name)) as BackendName;

/** Runs `body` with the override of the backend set to that one; it is read before the first await of `create` and `fromBytes`. */
export function onBackend<T>(backend: BackendName, body: () => Promise<T>): Promise<T> {
  vi.stubEnv('CHAINRULE_BACKEND', backend);
  try {
    return body();
  } finally {
    vi.unstubAllEnvs();
  }
}

export async function createOn(backend: BackendName, options: Omit<NetworkOptions, 'backend'>): Promise<Network> {
  const network = await onBackend(backend, () => Network.create({ ...options, backend }));
  if (network.backend.name !== backend) throw new Error(`expected a network on ${backend}, got ${network.backend.name}`);
  return network;
}

/** `length` numbers spread over −1 … 1 without pattern, the same every time. */
export function spread(length: number, phase = 1): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + phase)) * Math.cos(4.1414 * (i + 3 * phase)));
}

export function spreadTensor(shape: readonly number[], phase = 1): Tensor {
  return {
    shape,
    data: spread(
      shape.reduce((product, size) => product * size, 1),
      phase,
    ),
  };
}

/** All parameters as plain arrays, for comparing bit for bit. */
export function weightsOf(network: Network): Record<string, number[]> {
  return Object.fromEntries([...network.parameters()].map(([name, { data }]) => [name, Array.from(data)]));
}
