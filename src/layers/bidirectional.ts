/** A recurrent layer run in both directions. */
import { OptionError } from '../errors.ts';
import { add, concatenate } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { oneOf, readOptions, type TableOf, withDefault } from '../options/table.ts';
import type { LayerDefinition } from './definition.ts';
import { type AnyLayer, checkLayer, type Layer, type LayerConfig, type LayerScope, makeLayer } from './layer.ts';
import { recurrenceOf } from './recurrent.ts';
import type { SequenceInputs } from './shapes.ts';

export interface BidirectionalOptions {
  /** How the two outputs are joined: side by side (default) on the last axis, the forward one first, or their sum. */
  readonly merge?: 'concatenate' | 'sum';
}

const OPTIONS = { merge: withDefault(oneOf(['concatenate', 'sum']), 'concatenate') } satisfies TableOf<BidirectionalOptions>;

type Body = (scope: LayerScope, ...inputs: readonly GraphValue[]) => GraphValue | readonly GraphValue[];

/**
 * An rnn, lstm or gru and another like it that runs from the last step to the first (Schuster & Paliwal 1997): outputs [batch, time, 2·units],
 * or [batch, 2·units] of each direction's last step. Parameters as PyTorch's: `weight_ih_l0` … and `weight_ih_l0_reverse` …. Initial and final
 * states are the forward layer's, then the other's. Its name, and whether it is frozen, are the given layer's.
 *
 * @throws OptionError for another layer, or an unknown option.
 */
export function bidirectional(layer: AnyLayer, options: BidirectionalOptions = {}): Layer<SequenceInputs> {
  const { merge } = readOptions('bidirectional', OPTIONS, options);
  const { config } = checkLayer('bidirectional', layer);
  const recurrence = recurrenceOf(layer);
  if (!config || !recurrence || recurrence.options.reverse || recurrence.options.stateful)
    throw new OptionError(`bidirectional: expected an rnn, lstm or gru, neither reverse nor stateful, got ${config?.type ?? 'a function'}`);
  const { type, units, name, trainable, ...rest } = config;
  const bodies = [layer, recurrence.reversed()].map((direction) => (direction as { readonly body?: unknown }).body as Body);
  const { masked, initialState } = recurrence.options;
  const states = initialState ? recurrence.cell.states.length : 0;
  const own = { ...(name !== undefined && { name }), ...(trainable !== undefined && { trainable }) };
  const stored = { type: 'bidirectional', layer: { type, units, ...rest }, ...options, ...own };
  return makeLayer(stored, (scope, ...inputs: SequenceInputs) => {
    const shared = inputs.slice(0, masked ? 2 : 1);
    const given = inputs.slice(shared.length);
    if (given.length !== 2 * states)
      throw new OptionError(`bidirectional: expected ${shared.length + 2 * states} inputs, got ${inputs.length}`);
    const [forward, backward] = bodies.map((body, i) =>
      [body(scope, ...shared, ...given.slice(i * states, (i + 1) * states))].flat(),
    ) as GraphValue[][];
    const output = merge === 'sum' ? add(forward[0], backward[0]) : concatenate([forward[0], backward[0]]);
    return (forward.length > 1 ? [output, ...forward.slice(1), ...backward.slice(1)] : output) as GraphValue;
  });
}

export const BIDIRECTIONAL: LayerDefinition = {
  type: 'bidirectional',
  make: ({ layer, ...options }, layerOf) => bidirectional(layerOf(layer as LayerConfig), options),
};
