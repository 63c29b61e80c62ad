/**
 * Moving averages of the weights over the steps of a fit. The session trains the weights as its parameters, and has their averages as state. The
 * network has it the other way round: the averages are its parameters, and the weights that training goes on with are state of kind `TRAINED`.
 */
import { add, multiply, step, subtract } from '../graph/functions.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import { stateName, stateNamed } from '../graph/source.ts';

/** In the session a parameter's average, in the network and its file the parameter as it is trained. */
const TRAINED = 'trained';
/** The number of steps that the averages are of. */
const AVERAGED = 'averaged';

/** The kinds of state that no optimiser may have. */
export const AVERAGE_KINDS: readonly string[] = [TRAINED, AVERAGED];

/** The state of a parameter's average, by its name. */
export const averageState = (parameter: string) => stateName(TRAINED, parameter);

/** The parameter whose average a state is; undefined for other states. */
export function averagedParameter(state: string): string | undefined {
  const { kind, parameter } = stateNamed(state);
  return kind === TRAINED ? parameter : undefined;
}

/** Whether a state is there for averages alone. */
export const isOfAverages = (state: string) => AVERAGE_KINDS.includes(stateNamed(state).kind);

/**
 * Adds the averages of parameters as they are behind their updates: a ← a + (1 − decay)·(p − a), where the first is p itself (as PyTorch's AveragedModel
 * and Keras' use_ema have it).
 */
export function addAverages(graph: Graph, parameters: ReadonlyMap<string, GraphValue>, decay: number): void {
  const count = graph.optimizerState(AVERAGED, undefined, []);
  graph.apply('accumulate', [count, graph.constant(1)], { weight: 1 });
  const share = subtract(1, multiply(step(subtract(count, 1)), decay));
  for (const [name, parameter] of parameters) {
    const average = graph.optimizerState(TRAINED, name, parameter.shape);
    // Weights that stay as they are equal their average to the bit.
    graph.apply('assign', [average, add(average, multiply(subtract(parameter, average), share))]);
  }
}
