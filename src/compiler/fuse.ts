/**
 * Joins operations that one kernel can do in one pass:
 *   A·B + bias, then an activation           → affine; of a convolution → conv2dAffine
 *   (δ·W) ⊙ f′                               → deltaMatmul; δ of an image → conv2dDelta, of pooling → maxPool2dDelta
 *   an element-wise op on a repeated operand → the op on the operand itself, which its kernel repeats
 * An operation is swallowed only where nothing else reads its result.
 */

import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { rewrite, useCounts } from '../graph/rewrite.ts';
import { BROADCAST_LEVELS, broadcastLevels, gradientName } from '../ops/elementwise.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS } from '../ops/functions.ts';
import { count } from '../ops/shape.ts';
import { madeBy } from './simplify.ts';

type Fusion = (operation: Operation, inputs: readonly GraphValue[], graph: Graph, swallow: Swallow) => GraphValue | undefined;

/** The rewritten operation of that op behind input i, if the operation asking is its only reader. */
type Swallow = (i: number, op: string) => Operation | undefined;

const IDENTITY = { activation: 'identity', alpha: 0 };

/** add(A·B, bias of n values) → affine. */
const fuseBias: Fusion = (_, [x, y], graph, swallow) => {
  for (const [product, bias] of [
    [swallow(0, 'matmul'), y],
    [swallow(1, 'matmul'), x],
  ] as const) {
    const columns = product?.outputs[0].shape.at(-1);
    if (product && columns !== undefined && columns > 0 && bias.shape.length === 1 && bias.shape[0] === columns) {
      return graph.apply('affine', [product.inputs[0], product.inputs[1], bias], { ...product.attributes, ...IDENTITY })[0];
    }
  }
  return undefined;
};

/** add(image ∗ weight, a number for each filter) → conv2dAffine. */
const fuseFilterBias: Fusion = (_, [x, y], graph, swallow) => {
  for (const [product, bias] of [
    [swallow(0, 'conv2d'), y],
    [swallow(1, 'conv2d'), x],
  ] as const) {
    const filters = product?.inputs[1]?.shape[0];
    if (product && bias.shape.join() === [filters, 1, 1].join())
      return graph.apply('conv2dAffine', [...product.inputs, bias], { ...product.attributes, ...IDENTITY })[0];
  }
  return undefined;
};

/** The ops that take a bias and an activation, and the fused op of each. */
const WITH_ACTIVATION = [
  ['matmul', 'affine'],
  ['conv2d', 'conv2dAffine'],
] as const;

/** f(A·B) and f(affine) → affine with activation f. */
const fuseActivation: Fusion = ({ op, attributes }, _, graph, swallow) => {
  const epilogue = { activation: op.name, alpha: attributes.alpha };
  for (const [plain, fused] of WITH_ACTIVATION) {
    const product = swallow(0, plain);
    if (product) return graph.apply(fused, [...product.inputs, undefined], { ...product.attributes, ...epilogue })[0];
    const affine = swallow(0, fused);
    if (affine?.attributes.activation === 'identity') return graph.apply(fused, affine.inputs, { ...affine.attributes, ...epilogue })[0];
  }
  return undefined;
};

/** The ops that yield a δ of two inputs, and the fused op of each with f′. */
const WITH_DERIVATIVE = [
  ['matmul', 'deltaMatmul'],
  ['conv2dInput', 'conv2dDelta'],
  ['maxPool2dGradient', 'maxPool2dDelta'],
] as const;

/** f′(A·B as δ, saved) → deltaMatmul. */
const fuseDelta: Fusion = ({ op, attributes }, [, saved], graph, swallow) => {
  const epilogue = { activation: op.function as string, alpha: attributes.alpha };
  for (const [plain, fused] of WITH_DERIVATIVE) {
    const delta = swallow(0, plain);
    if (delta) return graph.apply(fused, [delta.inputs[0], delta.inputs[1], saved], { ...delta.attributes, ...epilogue })[0];
  }
  return undefined;
};

/** The operand that a broadcast repeats; the number of a fill. */
function unrepeated(value: GraphValue, graph: Graph): GraphValue | undefined {
  const fill = madeBy(value, 'fill');
  return fill ? graph.constant(Number(fill.attributes.value)) : madeBy(value, 'broadcast')?.inputs[0];
}

/** op(broadcast(x), y) → op(x, y), as long as y alone gives the result its shape. */
const fuseBroadcast: Fusion = ({ op, attributes, outputs: [result] }, [x, y], graph) => {
  for (const [a, b] of [
    [unrepeated(x, graph), y],
    [x, unrepeated(y, graph)],
  ]) {
    if (!a || !b) continue;
    const shapes =
      a.shape.length > result.shape.length || b.shape.length > result.shape.length
        ? undefined
        : op.shapes([a.shape, b.shape], attributes)[0];
    if (shapes?.join() === result.shape.join() && broadcastLevels(a.shape, b.shape, result.shape).length <= BROADCAST_LEVELS) {
      return graph.apply(op, [a, b], attributes)[0];
    }
  }
  return undefined;
};

/** A δ that repeats one number is replaced by that number. */
const fuseScalarDelta: Fusion = ({ op, attributes }, [delta, ...rest], graph) => {
  const scalar = unrepeated(delta, graph);
  return scalar && count(scalar.shape) === 1 && count(delta.shape) !== 1 ? graph.apply(op, [scalar, ...rest], attributes)[0] : undefined;
};

const FUSIONS: ReadonlyMap<string, Fusion> = new Map<string, Fusion>([
  ...ACTIVATIONS.flatMap(({ name }): [string, Fusion][] => [
    [name, fuseActivation],
    [gradientName(name), fuseDelta],
  ]),
  ...BINARY_FUNCTIONS.map((f): [string, Fusion] => [f.name, fuseBroadcast]),
  ...BINARY_FUNCTIONS.filter((f) => f.fusedGradient).map((f): [string, Fusion] => [gradientName(f.name), fuseScalarDelta]),
  ['softmaxCrossEntropyGradient', fuseScalarDelta],
  ['add', (...args) => fuseBias(...args) ?? fuseFilterBias(...args) ?? fuseBroadcast(...args)],
]);

export function fuse(graph: Graph): Graph {
  const uses = useCounts(graph);
  return rewrite(graph, (operation, inputs, target) => {
    const swallow: Swallow = (i, op) => {
      const original = operation.inputs[i];
      return original && uses.get(original) === 1 ? madeBy(inputs[i], op) : undefined;
    };
    const fused = FUSIONS.get(operation.op.name)?.(operation, inputs as readonly GraphValue[], target, swallow);
    return fused && [fused];
  });
}
