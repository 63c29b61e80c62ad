/** A diagnosis as a table, and its findings. */

import type { Diagnosis, LayerDiagnosis, ParameterDiagnosis } from '../../training/diagnosis-report.ts';
import { formatTable } from '../text-table.ts';

const HEADINGS = ['layer', 'type', 'parameter', 'output rms', '‖δ‖', 'dead', 'saturated', '‖w‖', '‖gradient‖', '‖Δw‖/‖w‖'];

/**
 * A line for each layer and for each further parameter of a layer: the root mean square of its output, ‖δ‖, shares of dead and saturated
 * units; the norms of the parameter and its gradient, the ratio of its update to it. Findings follow.
 */
export function formatDiagnosis({ rows, loss, layers, findings }: Diagnosis): string {
  const table = formatTable([HEADINGS, ...layers.flatMap(layerLines)], 3);
  const conclusion = findings.length ? findings.map((finding) => `- ${finding}`).join('\n') : 'no findings';
  return `one training step on ${rows} ${rows === 1 ? 'row' : 'rows'}, loss ${number(loss)}\n\n${table}\n\n${conclusion}`;
}

function layerLines({ path, type, output, delta, deadUnits, saturatedUnits, parameters }: LayerDiagnosis): string[][] {
  const own = [number(output.rms), number(delta.norm), share(deadUnits), share(saturatedUnits)];
  const [first, ...others] = parameters;
  return [
    [path, type, first?.name ?? '', ...own, ...parameterCells(first)],
    ...others.map((parameter) => ['', '', parameter.name, ...own.map(() => ''), ...parameterCells(parameter)]),
  ];
}

function parameterCells(parameter: ParameterDiagnosis | undefined): string[] {
  return parameter ? [parameter.weightNorm, parameter.gradientNorm, parameter.updateRatio].map(number) : ['', '', ''];
}

/** Three digits; powers of ten where zeros would have to be counted. */
function number(value: number | undefined): string {
  if (value === undefined) return '';
  const size = Math.abs(value);
  return size > 0 && (size < 1e-3 || size >= 1e4) ? value.toExponential(2) : value.toPrecision(3);
}

const share = (value: number | undefined) => (value === undefined ? '' : `${(100 * value).toFixed(0)} %`);
