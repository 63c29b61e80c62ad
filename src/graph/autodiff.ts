/** Reverse-mode differentiation: from ∂L/∂L = 1, each operation hands its δ to its inputs by its op's gradient rule. */
import { GradientError, ShapeError } from '../errors.ts';
import { count, formatShape } from '../ops/shape.ts';
import type { Application, Value } from '../ops/spec.ts';
import { formatOrigin } from '../origin.ts';
import { GraphExpressions } from './expressions.ts';
import type { Graph, GraphValue, Operation } from './graph.ts';

/**
 * δ of each value in `withRespectTo`: the derivative of `loss`, a single number, added to the graph as ordinary operations. A value used
 * several times receives the sum of its δ's. A value that the loss does not depend on gets zeros.
 *
 * @throws ShapeError for a loss of several numbers; GradientError where a δ meets an op without a gradient rule. The backward ops of
 *   recurrent layers have none: their gradients cannot be differentiated again.
 */
export function differentiateGraph(loss: GraphValue, withRespectTo: readonly GraphValue[]): GraphValue[] {
  if (count(loss.shape) !== 1) throw new ShapeError(`expected a loss that is one number, got shape ${formatShape(loss.shape)}`);
  const backward = new BackwardPass(loss.graph, withRespectTo);
  backward.receive(loss, backward.expressions.reshape(loss.graph.constant(1), loss.shape));
  backward.run();
  return withRespectTo.map((value) => backward.deltaOf(value) ?? backward.expressions.fill(0, value.shape));
}

class BackwardPass {
  readonly expressions: GraphExpressions;
  readonly #deltas = new Map<GraphValue, GraphValue>();
  /** Operations with a δ that they have not handed on yet, by ascending id. */
  readonly #pending: Operation[] = [];
  /** The operations seen so far that depend on a requested value. */
  readonly #depends: Set<GraphValue>;
  #seen = 0;

  constructor(graph: Graph, withRespectTo: readonly GraphValue[]) {
    this.expressions = new GraphExpressions(graph);
    this.#depends = new Set(withRespectTo);
  }

  deltaOf(value: GraphValue): GraphValue | undefined {
    return this.#deltas.get(value);
  }

  /** Adds a δ to the value's sum so far, and queues its operation if a requested value lies behind it. */
  receive(value: GraphValue, delta: GraphValue): void {
    this.#follow();
    if (!this.#depends.has(value)) return;
    const before = this.#deltas.get(value);
    this.#deltas.set(value, before ? this.expressions.add(before, delta) : delta);
    // No requested value lies behind a mini-batch whose δ was requested.
    if (value.operation?.inputs.some((input) => input && this.#depends.has(input))) this.#enqueue(value.operation);
  }

  /** The latest operation first: all readers of its outputs have handed their δ's on by then. */
  run(): void {
    for (let operation = this.#pending.pop(); operation; operation = this.#pending.pop()) this.#handOn(operation);
  }

  #handOn(operation: Operation): void {
    const deltas = operation.outputs.map((output) => this.#deltas.get(output));
    const application = operation as unknown as Application;
    const { graph } = this.expressions;
    graph.from({ ...operation.origin, backward: true }, () => {
      if (operation.op.gradient) {
        const handed = operation.op.gradient(this.expressions, application, deltas) as readonly (GraphValue | undefined)[];
        operation.inputs.forEach((input, i) => {
          const delta = handed[i];
          if (input && delta) this.receive(input, delta);
        });
      } else if (operation.op.expand) {
        const expanded = operation.op.expand(this.expressions, application) as readonly Value[] as readonly GraphValue[];
        expanded.forEach((value, i) => {
          const delta = deltas[i];
          if (delta) this.receive(value, delta);
        });
      } else {
        const where = formatOrigin(operation.origin);
        throw new GradientError(
          `${where && `${where}: `}expected ops with a gradient rule on the way back, got ${operation.op.name}, which has none`,
        );
      }
    });
  }

  #enqueue(operation: Operation): void {
    if (this.#pending.includes(operation)) return;
    let place = this.#pending.length;
    while (place > 0 && this.#pending[place - 1].id > operation.id) place--;
    this.#pending.splice(place, 0, operation);
  }

  /** Visits the operations added since, in their order. Not recursive: a graph may be deeper than the stack. */
  #follow(): void {
    const { operations } = this.expressions.graph;
    for (; this.#seen < operations.length; this.#seen++) {
      const { inputs, outputs } = operations[this.#seen];
      if (inputs.some((input) => input && this.#depends.has(input))) for (const output of outputs) this.#depends.add(output);
    }
  }
}
