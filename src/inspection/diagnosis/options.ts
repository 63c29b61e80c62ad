/** The options of `network.diagnose`. */

import type { Clip } from '../../model/graphs.ts';
import { checkOptimizer } from '../../optimizers/define.ts';
import type { Optimizer } from '../../optimizers/optimizer.ts';
import { integer, type OptionsRead, optional, readOptions, type TableOf, withDefault } from '../../options/table.ts';
import { checkClip } from '../../training/fit-settings.ts';

export interface DiagnoseOptions {
  /** Rows to measure with, drawn from the data by the network's seed; all where there are fewer. Default 256. */
  readonly batchSize?: number;
  /** The optimiser whose update is measured. It continues the last fit's state if that was of its kind. Default adam(). */
  readonly optimizer?: Optimizer;
  /** As for fit. */
  readonly clip?: Clip;
}

const OPTIONS = {
  batchSize: withDefault(integer(), 256),
  optimizer: withDefault(checkOptimizer, { type: 'adam' }),
  clip: optional(checkClip),
} satisfies TableOf<DiagnoseOptions>;

/** Options checked, defaults filled in. */
export type DiagnosisPlan = OptionsRead<typeof OPTIONS>;

/** Throws OptionError for anything unknown or out of range; `rows` is the size of the data. */
export function planDiagnosis(options: DiagnoseOptions, rows: number): DiagnosisPlan {
  const plan = readOptions('diagnose', OPTIONS, options);
  return { ...plan, batchSize: Math.min(plan.batchSize, rows) };
}
