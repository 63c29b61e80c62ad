/** `Expressions` over a graph: gradient rules, layers and losses build with them. Numbers become constants. */
import { OptionError } from '../errors.ts';
import { BROADCAST_LEVELS, broadcastLevels } from '../ops/elementwise.ts';
import { broadcastShapes, count, resolveAxis, sameShape } from '../ops/shape.ts';
import type { Attributes, Dim, Expressions, OpSpec, Shape } from '../ops/spec.ts';
import { describe } from '../options.ts';
import { type Graph, GraphValue } from './graph.ts';

type Operand = GraphValue | number;

export class GraphExpressions implements Expressions {
  constructor(readonly graph: Graph) {}

  add = (a: Operand, b: Operand) => (a === 0 ? this.#value('add', b) : b === 0 ? this.#value('add', a) : this.#binary('add', a, b));
  subtract = (a: Operand, b: Operand) => (b === 0 ? this.#value('subtract', a) : this.#binary('subtract', a, b));
  multiply = (a: Operand, b: Operand) =>
    typeof a === 'number'
      ? this.scale(this.#value('multiply', b), a)
      : typeof b === 'number'
        ? this.scale(this.#value('multiply', a), b)
        : this.#binary('multiply', a, b);
  divide = (a: Operand, b: Operand) => this.#binary('divide', a, b);
  power = (a: Operand, b: Operand) => this.#binary('power', a, b);
  maximum = (a: Operand, b: Operand) => this.#binary('maximum', a, b);
  minimum = (a: Operand, b: Operand) => this.#binary('minimum', a, b);
  negate = (x: GraphValue) => this.apply('negate', [x]);
  exp = (x: GraphValue) => this.apply('exp', [x]);
  log = (x: GraphValue) => this.apply('log', [x]);
  sqrt = (x: GraphValue) => this.apply('sqrt', [x]);
  square = (x: GraphValue) => this.apply('square', [x]);
  abs = (x: GraphValue) => this.apply('abs', [x]);
  sign = (x: GraphValue) => this.apply('sign', [x]);
  step = (x: GraphValue) => this.apply('step', [x]);
  erf = (x: GraphValue) => this.apply('erf', [x]);
  sigmoid = (x: GraphValue) => this.apply('sigmoid', [x]);
  tanh = (x: GraphValue) => this.apply('tanh', [x]);
  softplus = (x: GraphValue) => this.apply('softplus', [x]);
  clamp = (x: GraphValue, limit: number) => this.apply('clamp', [x], { alpha: limit });

  apply(op: OpSpec | string, inputs: readonly (GraphValue | undefined)[], attributes?: Attributes): GraphValue {
    return this.graph.apply(op, inputs, attributes)[0];
  }

  applyAll(op: OpSpec | string, inputs: readonly (GraphValue | undefined)[], attributes?: Attributes): GraphValue[] {
    return [...this.graph.apply(op, inputs, attributes)];
  }

  fill(value: number, shape: Shape): GraphValue {
    return this.apply('fill', [], { value, shape });
  }

  scale(x: GraphValue, factor: number, elements: Dim = 1): GraphValue {
    return factor === 1 && elements === 1 ? x : this.apply('scale', [x], { factor, count: elements });
  }

  /** The axes are summed in runs of neighbours, the last run first. */
  sum(x: GraphValue, axes: readonly number[], keepDimensions = false): GraphValue {
    const sorted = [...new Set(axes.map((axis) => resolveAxis(axis, x.shape.length, 'sum')))].sort((a, b) => a - b);
    let result = x;
    for (let end = sorted.length; end > 0; ) {
      let start = end - 1;
      while (start > 0 && sorted[start - 1] === sorted[start] - 1) start--;
      result = this.apply('sum', [result], { axis: sorted[start], axes: end - start });
      end = start;
    }
    return keepDimensions
      ? this.reshape(
          result,
          x.shape.map((size, axis) => (sorted.includes(axis) ? 1 : size)),
        )
      : result;
  }

  sumTo(x: GraphValue, shape: Shape): GraphValue {
    if (sameShape(x.shape, shape)) return x;
    const missing = x.shape.length - shape.length;
    const axes = x.shape.flatMap((size, axis) => (axis < missing || (shape[axis - missing] === 1 && size !== 1) ? [axis] : []));
    return this.reshape(this.sum(x, axes), shape);
  }

  broadcast(x: GraphValue, shape: Shape): GraphValue {
    return sameShape(x.shape, shape) ? x : this.apply('broadcast', [x], { shape });
  }

  reshape(x: GraphValue, shape: Shape): GraphValue {
    return sameShape(x.shape, shape) ? x : this.apply('reshape', [x], { shape });
  }

  permute(x: GraphValue, order: readonly number[]): GraphValue {
    return this.apply('permute', [x], { order });
  }

  slice(x: GraphValue, axis: number, start: number, end: number): GraphValue {
    return this.apply('slice', [x], { axis, start, end });
  }

  insert(base: GraphValue, x: GraphValue, axis: number, start: number): GraphValue {
    return this.apply('insert', [base, x], { axis, start });
  }

  matmul(a: GraphValue, b: GraphValue, { transposeA = false, transposeB = false } = {}): GraphValue {
    return this.apply('matmul', [a, b], { transposeA, transposeB });
  }

  /** Throws OptionError for a value that is neither a graph value nor a number. */
  #value(op: string, x: Operand): GraphValue {
    if (typeof x === 'number') return this.graph.constant(x);
    if (x instanceof GraphValue) return x;
    throw new OptionError(`${op}: expected graph values or numbers, got ${describe(x)}`);
  }

  /** Operands that broadcast in more runs of axes than a kernel nests are repeated in memory first. */
  #binary(op: string, a: Operand, b: Operand): GraphValue {
    const x = this.#value(op, a);
    const y = this.#value(op, b);
    const shape = broadcastShapes(x.shape, y.shape, op);
    if (broadcastLevels(x.shape, y.shape, shape).length <= BROADCAST_LEVELS) return this.apply(op, [x, y]);
    return this.apply(op, [this.broadcast(x, shape), this.broadcast(y, shape)]);
  }
}

/** The number of elements in a tensor over the axes given; all of them by default. */
export function elementsOver(x: GraphValue, axes?: readonly number[]): Dim {
  return count(axes ? axes.map((axis) => x.shape[resolveAxis(axis, x.shape.length, 'mean')]) : x.shape);
}
