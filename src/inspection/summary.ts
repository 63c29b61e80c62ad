/** A network's layers as a table for people. */

import type { NetworkModel } from '../model/network-model.ts';
import { formatShape } from '../ops/shape.ts';
import { formatTable } from './text-table.ts';

/** Name, type, output shape and parameters of each input and layer, in the order of their use; below, the warnings. */
export function formatSummary({ inputs, summaries, parameterCount, labels, warnings }: NetworkModel): string {
  const rows = [
    ['layer', 'type', 'output', 'parameters'],
    ...[...inputs].map(([name, shape]) => [labels.input(name) ?? '', 'input', formatShape([-1, ...shape]), '0']),
    ...summaries.map(({ name, type, shape, parameters }) => [name, type, formatShape(shape), String(parameters)]),
    ['', '', 'total', String(parameterCount)],
  ];
  return [formatTable(rows, 3), ...warnings.map((warning) => `warning: ${warning}`)].join('\n');
}
