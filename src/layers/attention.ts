/** The attention layer. */

import { OptionError, ShapeError } from '../errors.ts';
import { add, matmul, slice } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { type InitializerOption, initializerOr } from '../initializers.ts';
import { ATTENTIONS } from '../ops/attention.ts';
import { opIn } from '../ops/registry.ts';
import { formatShape } from '../ops/shape.ts';
import { flag, readOptions, storableOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy } from './definition.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { AttentionInputs, AttentionLayer } from './shapes.ts';

export interface AttentionOptions {
  /** Each step sees itself and earlier steps alone; default false. */
  readonly causal?: boolean;
  /**
   * Takes a mask [batch, time] of the steps attended to as its last input, 1 for what counts and 0 for padding; default false. Data given for
   * a mask is checked; of one that the network computes, whatever is not 0 counts.
   */
  readonly masked?: boolean;
  /** Whether the four projections have biases; default true. */
  readonly bias?: boolean;
  /** How the projections' weights begin; default 'glorotUniform'. */
  readonly initializer?: InitializerOption;
}

const OPTIONS = {
  causal: withDefault(flag, false),
  masked: withDefault(flag, false),
  bias: withDefault(flag, true),
  initializer: initializerOr('glorotUniform'),
} satisfies TableOf<AttentionOptions>;

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017): [batch, time, features] → the same. Each of `heads` heads has
 * features / heads of the projected queries, keys and values, and gives softmax(q·kᵀ / √(features / heads))·v; a last projection mixes
 * the heads. With a second input [batch, other time, features], keys and values come from that. A step that may attend to nothing gets
 * zeros before the last projection. Parameters as PyTorch's: `in_proj_weight` [3 · features, features] and `in_proj_bias`
 * [3 · features] for queries, keys and values, `out_proj_weight` [features, features] and `out_proj_bias` [features].
 *
 * @throws OptionError for an unknown or impossible option; ShapeError where the heads do not divide the features evenly.
 */
export function multiHeadAttention(heads: number, options?: AttentionOptions): AttentionLayer;
export function multiHeadAttention(heads: number, options: AttentionOptions = {}): Layer<AttentionInputs> {
  checkInteger('multiHeadAttention(heads)', heads);
  const { causal, masked, bias, initializer } = readOptions('multiHeadAttention', OPTIONS, options);
  return makeLayer({ type: 'multiHeadAttention', heads, ...storableOptions(OPTIONS, options) }, (scope, ...inputs: AttentionInputs) => {
    const [x, memory, mask] = roles(inputs, masked);
    const features = featuresOf(x, memory, heads);
    const fans = { fanIn: features, fanOut: features };
    const weight = scope.parameter('in_proj_weight', [3 * features, features], initializer, fans);
    const offset = bias ? scope.parameter('in_proj_bias', [3 * features], 'zeros') : undefined;
    const project = (value: GraphValue, part: number) => {
      const rows = (all: GraphValue) => slice(all, 0, part * features, (part + 1) * features);
      const product = matmul(value, rows(weight), { transposeB: true });
      return offset ? add(product, rows(offset)) : product;
    };
    const scale = 1 / Math.sqrt(features / heads);
    const operands = [project(x, 0), project(memory, 1), project(memory, 2), mask];
    const [attended] = scope.graph.apply(opIn(ATTENTIONS, 'attention'), operands, { heads, causal, scale });
    const product = matmul(attended, scope.parameter('out_proj_weight', [features, features], initializer, fans), { transposeB: true });
    return bias ? add(product, scope.parameter('out_proj_bias', [features], 'zeros')) : product;
  });
}

export const MULTI_HEAD_ATTENTION = definedBy('multiHeadAttention', multiHeadAttention, 'heads');

function roles(inputs: AttentionInputs, masked: boolean): [GraphValue, GraphValue, GraphValue | undefined] {
  const sequences = masked ? inputs.slice(0, -1) : inputs;
  const [x, memory = x] = sequences;
  if (sequences.length < 1 || sequences.length > 2)
    throw new OptionError(`multiHeadAttention: expected one or two sequences${masked ? ' and a mask' : ''}, got ${inputs.length} inputs`);
  return [x, memory, masked ? inputs[inputs.length - 1] : undefined];
}

function featuresOf(x: GraphValue, memory: GraphValue, heads: number): number {
  const features = x.shape[x.shape.length - 1];
  const fit = [x, memory].every(({ shape }) => shape.length === 3 && shape[2] === features);
  if (!fit || features < 1 || features % heads !== 0) {
    const came = x === memory ? formatShape(x.shape) : `${formatShape(x.shape)} and ${formatShape(memory.shape)}`;
    throw new ShapeError(`multiHeadAttention: expected [batch, time, features] that ${heads} heads divide evenly, got ${came}`);
  }
  return features;
}
