/** What networks do with datasets. `chainrule/data` brings it: a page without datasets does not carry it. */

import type { Elements } from './backends/backend.ts';
import type { DatasetEvaluateOptions, DatasetPredictOptions } from './common-options.ts';
import type { ClassWeights } from './data/row-weights.ts';
import type { GivenData, PreparedSamples } from './data/samples.ts';
import type { HasSource } from './datasets/source.ts';
import type { Door } from './door.ts';
import { OptionError } from './errors.ts';
import type { Inference } from './inference/inference.ts';
import type { Evaluation } from './metrics/evaluation.ts';
import type { Engine } from './model/engine.ts';
import type { Feed } from './training/feed.ts';
import type { FitSettings } from './training/fit-settings.ts';
import type { StoredRun } from './training/stored-run.ts';

/** What of a network they need. */
export interface DatasetUser {
  readonly engine: Engine;
  readonly door: Door;
  readonly inference: Inference;
  /** Throws StateError where the network is disposed of. */
  check(): void;
  /** As callers get them. */
  predictions(samples: PreparedSamples, data: readonly Elements[]): unknown;
}

/** A fit on a dataset. */
export interface DatasetFit {
  readonly settings: FitSettings;
  readonly classWeight: ClassWeights | undefined;
  /** The run that it resumes. */
  readonly run: StoredRun | undefined;
}

export interface DatasetServices {
  /** A dataset for a fit: windows of it, or all its rows. Undefined where the signal aborts before its first rows have come. */
  data(core: DatasetUser, dataset: HasSource, request: DatasetFit): Promise<GivenData | Feed | undefined>;
  /** Evaluations of a dataset, each of which reads a pass. */
  evaluator(core: DatasetUser, where: string, dataset: HasSource): { evaluate(): Promise<Evaluation>; dispose(): void };
  evaluate(core: DatasetUser, dataset: HasSource, options: DatasetEvaluateOptions): Promise<Evaluation>;
  predict(core: DatasetUser, dataset: HasSource, options: DatasetPredictOptions): AsyncGenerator<unknown, void, undefined>;
}

let services: DatasetServices | undefined;

/** For the entries that have datasets. */
export function setDatasetServices(given: DatasetServices): void {
  services = given;
}

export function datasets(where: string): DatasetServices {
  if (services) return services;
  throw new OptionError(`${where}: expected a dataset of 'chainrule/data', got one while that is not imported`);
}
