/** Which values of a graph depend on its parameters alone. */
import type { GraphValue, Operation } from '../graph/graph.ts';

/**
 * The values that stay the same until parameters are written, for any inputs and any number of rows: parameters, constants and numbers
 * computed from them. Not indices: they are made where they are used. But words of a quantised weight are kept. Only for graphs that write no parameter.
 */
export class FixedValues {
  readonly #operations = new Map<Operation, boolean>();

  has({ source, operation }: GraphValue): boolean {
    if (!operation) return source?.kind === 'parameter' || source?.kind === 'constant';
    const known = this.#operations.get(operation) ?? this.#isFixed(operation);
    this.#operations.set(operation, known);
    return known;
  }

  #isFixed(operation: Operation): boolean {
    const { op, inputs } = operation;
    const isKept = op.name === 'quantizeWeight' || operation.outputs.every(({ elements }) => elements === 'number');
    return isKept && !op.context && inputs.every((input) => !input || this.has(input)) && !dependsOnRows(operation);
  }
}

/** Whether an op depends on the number of rows: its result has a batch, or is a mean over one. */
function dependsOnRows(operation: Operation): boolean {
  const scalars = operation.lower();
  return Object.entries(operation.op.scalars).some(([name, kind]) => kind === 'size' && scalars[name] < 0);
}
