/**
 * Turns dense layers of a prediction into products of bytes: A·W + bias, then an activation, where W depends on parameters alone and the range
 * of A is known from data. A becomes bytes of its range (Jacob et al. 2018, section 2), W int8 numbers with a scale for each column.
 */

import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { liveOperations, rewrite } from '../graph/rewrite.ts';
import { MOST_ACTIVATION, MOST_BYTE_STEPS, QUANTIZATION } from '../ops/quantization.ts';
import { opIn } from '../ops/registry.ts';
import { count } from '../ops/shape.ts';
import { FixedValues } from './fixed-values.ts';
import { foldScales } from './fold.ts';
import { fuse } from './fuse.ts';
import { MOST_PREPARED_ELEMENTS } from './prepare.ts';
import { simplify } from './simplify.ts';

/** The least and the largest number that data has shown of what a weight multiplies. */
export interface InputRange {
  /** The name of the weight. */
  readonly weight: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** A product that can be one of bytes. */
export interface ByteProduct {
  /** The name of its weight's parameter: of the largest, where the weight is made of several. */
  readonly weight: string;
  readonly input: GraphValue;
  readonly output: GraphValue;
}

/** A graph that only reads its parameters, with its dense layers as single operations. */
export const fusedPrediction = (graph: Graph): Graph => fuse(foldScales(simplify(graph)));

/** The products of a fused prediction that can be products of bytes, as far as their weights fit the limit of prepared values. */
export function byteProducts(graph: Graph): ByteProduct[] {
  const [fixed, fits] = [new FixedValues(), room()];
  return liveOperations(graph).flatMap((operation) => {
    const weight = weightOf(operation, fixed);
    return weight && fits(operation) ? [{ weight, input: operation.inputs[0] as GraphValue, output: operation.outputs[0] }] : [];
  });
}

/** Replaces the products of a fused prediction whose inputs have a range. */
export function quantizeProducts(old: Graph, inputs: readonly InputRange[]): Graph {
  const ranges = new Map(inputs.map((one) => [one.weight, one]));
  const [fixed, fits] = [new FixedValues(), room()];
  return rewrite(old, (operation, operands, graph) => {
    const range = ranges.get(weightOf(operation, fixed) ?? '');
    if (!range || !fits(operation)) return undefined;
    return [quantized(graph, operation, operands as readonly GraphValue[], range)];
  });
}

/** Bytes of an element of the arena. */
const BYTES = 4;

/** Takes products one after the other while the bytes of their weights fit in half the memory for prepared values. */
function room(): (product: Operation) => boolean {
  let left = (MOST_PREPARED_ELEMENTS / 2) * BYTES;
  return ({ inputs: [, weight] }) => {
    const size = count(weight?.shape as readonly number[]);
    const fits = size <= left;
    if (fits) left -= size;
    return fits;
  };
}

/** Smaller ranges have no inverse in float32. */
const LEAST_RANGE = 1e-30;

/** How a range becomes bytes: float32 numbers, and the byte of 0, which is exact. */
function bytesOf({ minimum, maximum }: InputRange): { readonly zero: number; readonly step: number; readonly inverse: number } {
  const [low, high] = [Math.min(minimum, 0), Math.max(maximum, 0)];
  const step = high - low > LEAST_RANGE ? Math.fround((high - low) / MOST_ACTIVATION) : 1;
  return { zero: Math.round(-low / step), step, inverse: Math.fround(1 / step) };
}

function quantized(graph: Graph, { op, attributes }: Operation, inputs: readonly GraphValue[], range: InputRange): GraphValue {
  const { zero, step, inverse } = bytesOf(range);
  const [a, b, bias] = inputs;
  const transposed = Boolean(attributes.transposeB);
  const made = graph.apply(opIn(QUANTIZATION, 'quantizeWeight'), [b], { transposed, zero, step });
  const { activation, alpha } = op.name === 'affine' ? attributes : { activation: 'identity', alpha: 0 };
  const columns = transposed ? b.shape[0] : b.shape[1];
  return graph.apply(opIn(QUANTIZATION, 'quantizedAffine'), [a, ...made, bias], { columns, zero, inverse, activation, alpha })[0];
}

/** The name of a product's weight where it can be one of bytes. */
function weightOf({ op, inputs, attributes }: Operation, fixed: FixedValues): string | undefined {
  if ((op.name !== 'matmul' && op.name !== 'affine') || attributes.transposeA) return undefined;
  const [a, b, bias] = inputs as readonly GraphValue[];
  if (b.shape.length !== 2 || fixed.has(a) || !fixed.has(b) || (bias && bias.shape.length !== 1)) return undefined;
  const k = a.shape[a.shape.length - 1];
  return k > 0 && k <= MOST_BYTE_STEPS ? largestParameter(b)?.source?.name : undefined;
}

/** Of the parameters that a value is made of, the one with the most elements. */
function largestParameter(value: GraphValue): GraphValue | undefined {
  if (value.source) return value.source.kind === 'parameter' ? value : undefined;
  const found = (value.operation?.inputs ?? []).flatMap((input) => (input ? (largestParameter(input) ?? []) : []));
  return found.reduce<GraphValue | undefined>((most, one) => (most && count(most.shape) >= count(one.shape) ? most : one), undefined);
}
