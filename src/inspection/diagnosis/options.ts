/** What `network.diagnose` takes. */

import type { Clip } from '../../model/graphs.ts';
import { adam, type Optimizer, optimizerFromConfig } from '../../optimizers.ts';
import { checkInteger, checkKeys } from '../../options.ts';
import { checkClip } from '../../training/fit-settings.ts';

export interface DiagnoseOptions {
  /** Rows to measure with, drawn from the data by the network's seed; all where there are fewer. Default 256. */
  readonly batchSize?: number;
  /** Whose update is measured, going on from the last fit's state where that was of its kind; default adam(). */
  readonly optimizer?: Optimizer;
  /** As for fit. */
  readonly clip?: Clip;
}

const DEFAULT_BATCH = 256;

/** Options checked, defaults filled in. */
export interface DiagnosisPlan {
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly clip: Clip | undefined;
}

/** Throws OptionError for anything unknown or out of range; `rows` is the size of the data. */
export function planDiagnosis(options: DiagnoseOptions, rows: number): DiagnosisPlan {
  checkKeys('diagnose', options, ['batchSize', 'optimizer', 'clip']);
  return {
    batchSize: Math.min(checkInteger('diagnose.batchSize', options.batchSize ?? DEFAULT_BATCH), rows),
    optimizer: optimizerFromConfig(options.optimizer ?? adam()),
    clip: options.clip === undefined ? undefined : checkClip('diagnose.clip', options.clip),
  };
}
