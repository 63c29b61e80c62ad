/**
 * Lazy updates: of a table that is only looked up, a step moves the rows that its mini-batch names, with their state; all others, and theirs,
 * stay as they are. Every other parameter is updated as usual.
 */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import { joinRows } from '../graph/join-rows.ts';
import { flag, withDefault } from '../options/table.ts';
import type { OptimizerScope } from './optimizer.ts';

export interface LazyOption {
  /**
   * Updates of the table of an `embedding` only the rows that the step's mini-batch names, and their state: a row that no index names neither
   * moves on by its momentum nor loses any to weight decay. Such a step costs what the mini-batch's rows cost, whatever the table's size;
   * clipping makes the whole gradient all the same. Accumulation is refused. Default false: every row moves at every step.
   */
  readonly lazy?: boolean;
}

export const lazy = () => withDefault(flag, false);

/** The inputs of an update of rows with which it begins: the table, the rows of its gradient and their indices. */
export type RowInputs = readonly [table: GraphValue, rows: GraphValue, index: GraphValue];

/**
 * What a lazy update takes; undefined where something besides look-ups reads the parameter.
 *
 * @throws OptionError where gradients are kept from one mini-batch to the next, and where some look-ups have a batch and others none.
 */
export function rowInputs({ graph, name }: OptimizerScope<unknown>, parameter: GraphValue, gradient: GraphValue): RowInputs | undefined {
  const readers = graph.operations.filter(({ inputs }) => inputs.includes(parameter));
  if (readers.length === 0 || !readers.every(({ op }) => op.name === 'embed')) return undefined;
  if (graph.kept.size > 0)
    throw new OptionError(
      `lazy: expected no accumulation, since only the rows of ${name} that the last mini-batch names are known, got gradients of several`,
    );
  const indices = new Set(readers.map(({ inputs }) => inputs[1] as GraphValue));
  const index = joinRows([...indices]);
  if (!index)
    throw new OptionError(`lazy: expected look-ups of ${name} that all have a batch, or none, got ${indices.size}, some with one`);
  return [parameter, graph.apply('embed', [gradient, index])[0], index];
}
