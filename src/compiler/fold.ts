/**
 * Folds scales and shifts of a layer's result by parameters into the layer's weight and bias: a batch normalisation after a layer then
 * costs a prediction nothing (Jacob et al. 2018, section 3.2):
 *
 *   (x·W + b) · s + t  →  x · (W·s) + (b·s + t)
 *
 * with one s and one t for each unit or channel. The same holds for convolutions and transposed ones, and for several scales and shifts in
 * a row. Only the scale may read the layer's result, which is not computed any more. Activations change places with a reshape before them,
 * so that `fuse.ts` finds them behind the products of layers that end in one (conv1d). Folded weights lie in memory beside the others, so
 * large ones are not folded.
 */
import { GraphExpressions } from '../graph/expressions.ts';
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { rewrite, useCounts } from '../graph/rewrite.ts';
import { count, sameShape } from '../ops/shape.ts';
import type { Shape } from '../ops/spec.ts';
import { FixedValues } from './fixed-values.ts';
import { MOST_PREPARED_ELEMENTS } from './prepare.ts';

/** A fixed number for each place along one axis of a value. */
interface Along {
  readonly axis: number;
  /** [size of the axis]. */
  readonly values: GraphValue;
}

/** The limit for all folded weights together: half of that for prepared values. */
const MOST_FOLDED_ELEMENTS = MOST_PREPARED_ELEMENTS / 2;

/** For a graph that writes no parameter. The results differ by rounding alone. */
export function foldScales(old: Graph): Graph {
  const uses = useCounts(old);
  const folding = new Folding();
  return rewrite(old, (operation, inputs, graph) => {
    const folded = folding.apply(operation, inputs as readonly GraphValue[], graph);
    const outputs = folded ? [folded] : graph.copy(operation, inputs);
    operation.outputs.forEach((output, i) => {
      if ((uses.get(output) ?? 0) > 1) folding.shared.add(outputs[i]);
    });
    return outputs;
  });
}

class Folding {
  /** Values that more than one operation of the new graph will read. */
  readonly shared = new Set<GraphValue>();
  readonly #fixed = new FixedValues();
  #left = MOST_FOLDED_ELEMENTS;

  apply({ op, attributes, outputs }: Operation, inputs: readonly GraphValue[], graph: Graph): GraphValue | undefined {
    const m = new GraphExpressions(graph);
    if (op.activation?.over === 'element') {
      const inner = this.#reshaped(inputs[0]);
      return inner && m.reshape(m.apply(op.name, [inner], attributes), inputs[0].shape);
    }
    if (op.name !== 'multiply' && op.name !== 'add') return undefined;
    const [value, operand] = this.#operands(inputs, outputs[0].shape) ?? [];
    if (!value || !operand) return undefined;
    return op.name === 'multiply' ? this.#scale(m, value, alongAxis(m, operand, value.shape)) : this.#shift(m, value, operand);
  }

  /** The operand that depends on inputs and has the shape of the result, then the fixed one. */
  #operands([x, y]: readonly GraphValue[], result: Shape): readonly [GraphValue, GraphValue] | undefined {
    for (const [value, operand] of [
      [x, y],
      [y, x],
    ] as const) {
      if (this.#fixed.has(operand) && !this.#fixed.has(value) && sameShape(value.shape, result)) return [value, operand];
    }
    return undefined;
  }

  /** The operand of a reshape whose result has no other reader. */
  #reshaped(value: GraphValue): GraphValue | undefined {
    return value.operation?.op.name === 'reshape' && !this.shared.has(value) ? value.operation.inputs[0] : undefined;
  }

  /** value · factor, with the factor folded into the value's parameters; undefined where that is impossible. */
  #scale(m: GraphExpressions, value: GraphValue, factor: Along | undefined): GraphValue | undefined {
    const { operation } = value;
    if (!operation || !factor || this.shared.has(value)) return undefined;
    const inputs = operation.inputs as readonly GraphValue[];
    switch (operation.op.name) {
      case 'reshape': {
        const scaled = this.#scale(m, inputs[0], movedTo(factor, value.shape, inputs[0].shape));
        return scaled && m.reshape(scaled, value.shape);
      }
      case 'multiply': {
        const [inner, operand] = this.#operands(inputs, value.shape) ?? [];
        return inner && operand && m.multiply(inner, m.multiply(operand, spread(m, factor, value.shape.length)));
      }
      case 'add': {
        const [inner, operand] = this.#operands(inputs, value.shape) ?? [];
        const scaled = inner && this.#scale(m, inner, factor);
        return scaled && operand && m.add(scaled, m.multiply(operand, spread(m, factor, value.shape.length)));
      }
      default:
        return this.#scaleProduct(m, operation, factor);
    }
  }

  #scaleProduct(m: GraphExpressions, operation: Operation, factor: Along): GraphValue | undefined {
    const [x, weight] = operation.inputs as readonly GraphValue[];
    const units = unitsOf(operation);
    if (units?.axis !== factor.axis || !this.#fixed.has(weight) || count(weight.shape) > this.#left) return undefined;
    this.#left -= count(weight.shape);
    const scaled = m.multiply(weight, spread(m, factor, weight.shape.length, units.ofWeight));
    return m.apply(operation.op.name, [x, scaled], operation.attributes);
  }

  /** value + operand, with the operand folded into the value's bias; undefined where that gains nothing. */
  #shift(m: GraphExpressions, value: GraphValue, operand: GraphValue): GraphValue | undefined {
    const { operation } = value;
    if (!operation || this.shared.has(value)) return undefined;
    if (operation.op.name === 'add') {
      const [inner, bias] = this.#operands(operation.inputs as readonly GraphValue[], value.shape) ?? [];
      return inner && bias && m.add(inner, m.add(bias, operand));
    }
    const inner = this.#reshaped(value);
    const moved = inner && movedTo(alongAxis(m, operand, value.shape), value.shape, inner.shape);
    if (!inner || !moved) return undefined;
    const bias = spread(m, moved, inner.shape.length);
    const isProduct = inner.operation !== undefined && unitsOf(inner.operation) !== undefined;
    const shifted = this.#shift(m, inner, bias) ?? (isProduct ? m.add(inner, bias) : undefined);
    return shifted && m.reshape(shifted, value.shape);
  }
}

/** The axis of a product's units or filters in its result, and in its weight; undefined for an op that is no product. */
function unitsOf({ op, inputs, outputs, attributes }: Operation): { readonly axis: number; readonly ofWeight: number } | undefined {
  switch (op.name) {
    case 'matmul':
      return inputs[1]?.shape.length === 2 ? { axis: outputs[0].shape.length - 1, ofWeight: attributes.transposeB ? 0 : 1 } : undefined;
    case 'conv2d':
      return { axis: 1, ofWeight: 0 };
    case 'conv2dInput':
      // In groups, the channels of the result would be spread over two axes of the weight.
      return attributes.groups === 1 ? { axis: 1, ofWeight: 1 } : undefined;
    default:
      return undefined;
  }
}

/** A fixed value that varies along one axis of `shape`, over which it broadcasts; undefined where it varies along several or none. */
function alongAxis(m: GraphExpressions, fixed: GraphValue, shape: Shape): Along | undefined {
  const missing = shape.length - fixed.shape.length;
  const size = count(fixed.shape);
  const axis = size === 1 ? missing : missing + fixed.shape.indexOf(size);
  return axis >= missing && shape[axis] === size ? { axis, values: m.reshape(fixed, [size]) } : undefined;
}

/** The same numbers along the axis of a reshaped value that has the same elements in the same places. */
function movedTo(along: Along | undefined, from: Shape, to: Shape): Along | undefined {
  if (!along) return undefined;
  const before = count(from.slice(0, along.axis));
  const axis = to.findIndex((size, i) => size === from[along.axis] && count(to.slice(0, i)) === before);
  return axis < 0 ? undefined : { ...along, axis };
}

/** The numbers in a shape that broadcasts over values of that rank. */
function spread(m: GraphExpressions, { axis, values }: Along, rank: number, at = axis): GraphValue {
  return m.reshape(values, [values.shape[0], ...new Array<number>(rank - 1 - at).fill(1)]);
}
