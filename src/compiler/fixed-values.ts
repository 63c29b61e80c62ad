/** Which values of a graph depend on its parameters alone. */
import type { GraphValue, Operation } from '../graph/graph.ts';

/**
 * The values that stay the same until somebody writes parameters, whatever the inputs and however many rows: parameters, constants and
 * what is computed of them, in numbers: indices are made where they are used. Only of graphs that write no parameter themselves.
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
    const isNumbers = operation.outputs.every(({ elements }) => elements === 'number');
    return isNumbers && !op.context && inputs.every((input) => !input || this.has(input)) && !dependsOnRows(operation);
  }
}

/** Whether an op is told the number of rows: for a result that has a batch, or a mean over one. */
function dependsOnRows(operation: Operation): boolean {
  const scalars = operation.lower();
  return Object.entries(operation.op.scalars).some(([name, kind]) => kind === 'size' && scalars[name] < 0);
}
