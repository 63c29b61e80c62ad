/**
 * Where the backward pass needs z = A·B + bias for nothing but f′(z), the forward pass computes f(z) and f′(z) at once, in the product's
 * epilogue, and keeps f′(z) in place of z: `affineSlope`. What f and f′ share is computed once, z is never written, and the way back multiplies
 * by a number. f′(z) has the bits that it would have later, so that no result changes.
 */
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { liveOperations, rewrite, useCounts } from '../graph/rewrite.ts';
import { gradientName } from '../ops/elementwise.ts';
import { ACTIVATIONS } from '../ops/functions.ts';
import type { AttributeValue } from '../ops/spec.ts';
import { madeBy } from './simplify.ts';

const SUM_SAVING: ReadonlySet<string> = new Set(ACTIVATIONS.filter((f) => f.saves === 'x').map(({ name }) => name));
const OF_GRADIENT: ReadonlyMap<string, string> = new Map([...SUM_SAVING].map((name) => [gradientName(name), name]));

/** An activation and its parameter. */
interface Epilogue {
  readonly activation: string;
  readonly alpha: AttributeValue;
}

/** Operations that compute f, or something times f′, of one value, in their order. */
interface Readers extends Epilogue {
  readonly operations: Operation[];
}

export function keepSlopes(graph: Graph): Graph {
  const activated = activatedSums(graph);
  if (activated.size === 0) return graph;
  const slopes = new Map<GraphValue, GraphValue>();
  return rewrite(graph, (operation, inputs, target) => {
    const z = curveOf(operation)?.z;
    const epilogue = z && activated.get(z);
    if (!epilogue) return undefined;
    if (operation.op.name === epilogue.activation) {
      const [out, slope] = withSlope(inputs[0] as GraphValue, epilogue, target);
      slopes.set(z, slope);
      return [out];
    }
    return [timesSlope(operation, inputs, slopes.get(z) as GraphValue, target)];
  });
}

/** The sums that an activation reads, then gradients of it, and nothing else. */
function activatedSums(graph: Graph): ReadonlyMap<GraphValue, Epilogue> {
  const uses = useCounts(graph);
  const readers = new Map<GraphValue, Readers>();
  for (const operation of liveOperations(graph)) {
    const { z, activation, alpha } = curveOf(operation) ?? NO_CURVE;
    if (!z || !isSum(z)) continue;
    const known = readers.get(z) ?? { activation, alpha, operations: [] };
    if (known.activation === activation && known.alpha === alpha) known.operations.push(operation);
    readers.set(z, known);
  }
  return new Map(
    [...readers].filter(([z, { activation, operations }]) => uses.get(z) === operations.length && isKept(activation, operations)),
  );
}

/** Whether the first of them is the activation, and the others, one at least, are gradients. */
function isKept(activation: string, operations: readonly Operation[]): boolean {
  return operations.length > 1 && operations.every(({ op }, i) => (op.name === activation) === (i === 0));
}

const NO_CURVE = { z: undefined, activation: '', alpha: 0 };

/** What an operation computes f or f′ of, and f. */
function curveOf({ op, inputs, attributes }: Operation): (Epilogue & { readonly z: GraphValue | undefined }) | undefined {
  const { alpha } = attributes;
  if (SUM_SAVING.has(op.name)) return { z: inputs[0], activation: op.name, alpha };
  const activation = op.name === 'deltaMatmul' ? String(attributes.activation) : OF_GRADIENT.get(op.name);
  if (!activation || !SUM_SAVING.has(activation)) return undefined;
  return { z: inputs[op.inputs.indexOf('saved')], activation, alpha };
}

function isSum(z: GraphValue): boolean {
  return madeBy(z, 'matmul') !== undefined || madeBy(z, 'affine')?.attributes.activation === 'identity';
}

function withSlope(z: GraphValue, epilogue: Epilogue, graph: Graph): readonly GraphValue[] {
  const { inputs, attributes } = z.operation as Operation;
  const { activation, alpha } = epilogue;
  return graph.apply('affineSlope', [inputs[0], inputs[1], inputs[2]], { ...attributes, activation, alpha });
}

/** What a gradient multiplies by f′(z), times the slope that was kept. */
function timesSlope(
  { op, attributes }: Operation,
  inputs: readonly (GraphValue | undefined)[],
  slope: GraphValue,
  graph: Graph,
): GraphValue {
  if (op.name !== 'deltaMatmul') return graph.apply('multiply', [inputs[0] as GraphValue, slope])[0];
  const { activation, alpha, ...form } = attributes;
  return graph.apply('matmulMultiply', [inputs[0], inputs[1], slope], form)[0];
}
