/** Training, evaluating and predicting on datasets, a window of rows at a time. */
import { type DatasetEvaluateOptions, type DatasetPredictOptions, EVALUATING, PREDICTING } from './common-options.ts';
import type { ClassWeights } from './data/row-weights.ts';
import { type GivenData, prepareSamples } from './data/samples.ts';
import type { RowContract } from './data/window-data.ts';
import type { DatasetFit, DatasetServices, DatasetUser } from './dataset-services.ts';
import { type HasSource, SOURCE } from './datasets/source.ts';
import type { AnyDataSet } from './door.ts';
import { settled } from './event-loop/promises.ts';
import { slices } from './event-loop/slices.ts';
import { DatasetEvaluator } from './inference/dataset-evaluator.ts';
import { datasetPredictions } from './inference/dataset-predictions.ts';
import type { TrainingState, UnfinishedEpoch } from './model/training-state.ts';
import { integer, optional, readOptions, type TableOf } from './options/table.ts';
import { checkSignal } from './options.ts';
import { type Feed, isFeed } from './training/feed.ts';
import type { FitSettings } from './training/fit-settings.ts';
import type { StoredRun } from './training/stored-run.ts';
import { feedOf } from './training/window-feed.ts';

const PASS = { batchSize: optional(integer()), signal: optional(checkSignal) };

const PREDICTING_DATASET = { ...PREDICTING, ...PASS } satisfies TableOf<DatasetPredictOptions>;

const EVALUATING_DATASET = { ...EVALUATING, ...PASS } satisfies TableOf<DatasetEvaluateOptions>;

/** How rows are read for a network. */
const rowsFor = ({ door, engine }: DatasetUser, where: string, classWeight?: ClassWeights): RowContract => ({
  where,
  named: (data) => door.data(where, data as AnyDataSet, classWeight),
  contract: { model: engine.model, backend: engine.backend, isPart: true },
});

async function dataOf(
  core: DatasetUser,
  dataset: HasSource,
  { settings, classWeight, run }: DatasetFit,
): Promise<GivenData | Feed | undefined> {
  const { seed, weights } = core.engine;
  const { signal, stepsPerEpoch } = settings;
  const left = continuing(run ? run.training : weights.training, settings, run);
  const epoch = left?.progress.epoch ?? 0;
  const windowRows = settings.windowRows ?? runWindow(run, settings) ?? begunWindow(left?.unfinished, settings);
  let fed: GivenData | Feed | undefined;
  let isLeft = false;
  const rows = rowsFor(core, 'fit', classWeight);
  const feeding = feedOf(dataset[SOURCE], { rows, seed, epoch, settings, stepsPerEpoch, windowRows }).then((feed) => {
    if (!isLeft) fed = feed;
    else if (isFeed(feed)) void feed.close();
  });
  await settled(feeding, signal);
  isLeft = true;
  return fed;
}

/** The state of training that a fit goes on with. A run that has taken steps goes on: `restart` is for its beginning. */
function continuing(left: TrainingState | undefined, { restart, optimizer }: FitSettings, run: StoredRun | undefined) {
  const isNew = restart && (run?.isBeginning ?? true);
  return isNew || left?.optimizer !== optimizer.type ? undefined : left;
}

/** Rows of the windows of the run that a fit resumes, as far as they fit its steps: other settings are refused later. */
function runWindow(run: StoredRun | undefined, { batchSize, accumulate }: FitSettings): number | undefined {
  return run?.windowRows !== undefined && run.windowRows % (batchSize * accumulate) === 0 ? run.windowRows : undefined;
}

/** Rows of the windows that an epoch under way has begun with, if the fit goes on with it: the default may be another one by now. */
function begunWindow(unfinished: UnfinishedEpoch | undefined, { batchSize, accumulate, shuffle }: FitSettings): number | undefined {
  const shape = unfinished?.shape;
  const isSame = shape?.batchSize === batchSize && shape.accumulate === accumulate && shape.shuffle === shuffle;
  return isSame ? shape.window : undefined;
}

export const DATASET_SERVICES: DatasetServices = {
  data: dataOf,

  evaluator: (core, where, dataset) => new DatasetEvaluator(core.engine, dataset[SOURCE], { rows: rowsFor(core, where) }),

  async evaluate(core, dataset, options) {
    const { classWeight, ...pass } = readOptions('evaluate', EVALUATING_DATASET, options);
    const rows = rowsFor(core, 'evaluate', classWeight);
    const evaluator = new DatasetEvaluator(core.engine, dataset[SOURCE], { rows, ...pass });
    try {
      return await evaluator.evaluate();
    } finally {
      evaluator.dispose();
    }
  },

  predict(core, dataset, options) {
    core.check();
    const { probabilities, batchSize, signal } = readOptions('predict', PREDICTING_DATASET, options);
    const predict = async (x: unknown) => {
      core.check();
      const samples = await slices.run(prepareSamples(core.door.samples('predict', x), core.engine, 'lent'));
      return core.predictions(samples, await core.inference.predictAsync(Promise.resolve(samples), probabilities));
    };
    return datasetPredictions(dataset[SOURCE], { batchSize, signal, predict });
  },
};
