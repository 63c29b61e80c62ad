/** Optimiser state as numbers of bfloat16: half the memory, and half of what an update reads and writes of it. */
import type { GraphValue } from '../graph/graph.ts';
import { oneOf, withDefault } from '../options/table.ts';
import type { OptimizerScope } from './optimizer.ts';

/** The numbers that states are kept as. */
export type StateNumbers = 'float32' | 'bfloat16';

export interface StateOption {
  /**
   * What the state is kept as in training. With 'bfloat16' it takes half the memory, and large networks, whose updates wait for memory, train
   * faster. Weights and arithmetic stay float32. A state is rounded at random, right in the mean, by the network's seed, so that training
   * gives the same bits on every backend with any number of threads (docs/precision.md). Default 'float32'.
   */
  readonly state?: StateNumbers;
}

export const stateNumbers = () => withDefault(oneOf(['float32', 'bfloat16']), 'float32');

/** A state of an update, and the op's suffix and attributes: a stream of random numbers for each parameter. */
export interface KeptState {
  state(kind: string): GraphValue;
  readonly suffix: string;
  readonly attributes: { readonly stream?: number };
}

/** How the states of a parameter are kept. */
export function keptAs(scope: OptimizerScope<{ readonly state: StateNumbers }>): KeptState {
  if (scope.options.state === 'float32') return { state: (kind) => scope.state(kind), suffix: '', attributes: {} };
  return { state: (kind) => scope.bfloat16State(kind), suffix: 'Bfloat16', attributes: { stream: streamOf(scope.name) } };
}

/** FNV-1a of a parameter's name, 31 bits: the same whatever else is trained. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}
