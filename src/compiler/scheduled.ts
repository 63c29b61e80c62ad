/** An operation in the order in which it will run, as the planner and the encoder see it. */
import type { GraphValue, Operation } from '../graph/graph.ts';

export interface Scheduled extends Pick<Operation, 'op' | 'inputs' | 'origin' | 'lower'> {
  /** Where one is a source (a state, a parameter), the operation writes it anew. */
  readonly outputs: readonly GraphValue[];
  /** The inputs whose memory an output may take over, element for element. */
  inPlace(output: GraphValue): readonly GraphValue[];
}

/** A single operation. */
export function scheduled(operation: Operation): Scheduled {
  const { op, inputs, outputs, origin } = operation;
  const names = op.view ? ['x'] : outputs.length === 1 ? (op.inPlace ?? []) : [];
  const readElsewhere = new Set(inputs.filter((_, i) => !names.includes(op.inputs[i])));
  const taken = names.flatMap((name) => inputs[op.inputs.indexOf(name)] ?? []).filter((input) => !readElsewhere.has(input));
  return { op, inputs, outputs, origin, lower: () => operation.lower(), inPlace: () => taken };
}
