/** Sets one `fit` up: the compiled step, its groups and rates, its callbacks, and the states that the network keeps. */

import { BEGINNING } from '../clock.ts';
import { columnsOf, type DataSet, type GivenData, type PreparedData, prepareData, tasksOf } from '../data/samples.ts';
import { type TargetTask, usualTask } from '../data/targets.ts';
import { type HasSource, isDataset } from '../datasets/source.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import { monitorsOf } from '../metrics/monitors.ts';
import type { Engine } from '../model/engine.ts';
import type { StepSettings } from '../model/graphs.ts';
import { headTotals, lossPlaces } from '../model/measures.ts';
import type { NetworkModel } from '../model/network-model.ts';
import type { EpochShape, TrainingState } from '../model/training-state.ts';
import type { Weights } from '../model/weights.ts';
import { describeState } from '../optimizers/update.ts';
import type { FileLocation } from '../options.ts';
import { changesOf } from '../schedules.ts';
import { beginningOf } from './beginning.ts';
import type { Diagnosis } from './diagnosis-report.ts';
import { EpochUnderWay } from './epoch-under-way.ts';
import { type Callback, Events, type FitControl, type FitSetup } from './events.ts';
import { Fallback } from './fallback.ts';
import { type Feed, isFeed } from './feed.ts';
import { FitRun } from './fit-run.ts';
import type { FitSettings } from './fit-settings.ts';
import { LastGood } from './last-good.ts';
import { LearningRates } from './learning-rates.ts';
import { Publisher, type TrainingHost } from './publisher.ts';
import type { History } from './reports.ts';
import { keptState, type Resumption, resumption } from './resumption.ts';
import { StepRunner } from './step-runner.ts';
import type { LentSession, StepSessions } from './step-sessions.ts';
import { checkRanges, stepSettings } from './step-settings.ts';
import type { StoredRun } from './stored-run.ts';
import { EvenTimeline } from './timeline.ts';

interface Disposable {
  dispose(): void;
}

/** The services that a network lends its fit, so that training imports nothing that runs or inspects networks. */
export interface Services {
  /** An evaluation of a dataset, read anew each time. */
  datasetEvaluator(where: string, dataset: HasSource): Disposable & { evaluate(): Promise<Evaluation> };
  evaluator(engine: Engine, data: PreparedData): Work<Disposable & { evaluate(): Promise<Evaluation> }>;
  diagnoser(
    engine: Engine,
    data: PreparedData,
    settings: DiagnosisSettings,
  ): Work<Disposable & { diagnose(state: TrainingState | undefined, rates: readonly number[]): Promise<Diagnosis> }>;
  /** A data set by the names of the network. Throws DataError for other names. */
  named(where: string, data: DataSet<unknown, unknown>): GivenData;
  /** Writes a model file. */
  save(location: FileLocation): Promise<void>;
  /** The bytes of one, with further metadata. */
  toBytes: FitControl['toBytes'];
}

type DiagnosisSettings = StepSettings & { readonly batchSize: number; readonly shuffle: boolean };

/** A fit as its caller asks for it. */
export interface FitTask {
  readonly engine: Engine;
  /** All of it, or windows of a dataset. */
  readonly data: GivenData | Feed;
  readonly settings: FitSettings;
  readonly callbacks: readonly Callback[];
  readonly services: Services;
  /** The run that the fit resumes, by the option `resume`. */
  readonly run: StoredRun | undefined;
  readonly sessions: StepSessions;
}

/** The history of a fit whose signal is aborted before its first step is ready. */
export const NOTHING: History = {
  losses: new Float64Array(0),
  epochs: [],
  seconds: 0,
  aborted: true,
  stoppedEarly: false,
  bestEpoch: undefined,
};

/**
 * Throws OptionError, DataError or ShapeError, before anything is touched, for data that does not fit, where a group names no parameter, or
 * where a callback refuses what it is given.
 */
export async function runFit(task: FitTask): Promise<History> {
  const opened: Disposable[] = [];
  const { signal } = task.settings;
  const { weights } = task.engine;
  if (task.run) opened.push(task.run);
  try {
    const prepared = await slices.runUnless(() => signal?.aborted === true, prepareTraining(task, opened));
    if (!prepared) return { ...NOTHING };
    const history = await prepared.run.run();
    // Where gradients accumulate, a run that was stopped leaves sums of half a step.
    if (!history.aborted) prepared.lent.giveBack();
    return history;
  } finally {
    for (const one of opened) one.dispose();
    if (isFeed(task.data)) await task.data.close();
    // The memories of callbacks at the end, so that the network keeps no callback alive.
    if (weights.training) weights.training = { ...weights.training };
  }
}

/** Checks, compiles and copies. What is opened for it is noted in `opened`. */
function* prepareTraining(task: FitTask, opened: Disposable[]): Work<{ readonly run: FitRun; readonly lent: LentSession }> {
  const { engine, settings, callbacks } = task;
  const { model, backend, weights } = engine;
  const feed = isFeed(task.data) ? task.data : undefined;
  const data = feed ? feed.sample : yield* prepareData(task.data as GivenData, engine);
  const shape = shapeOf(settings, feed ?? data);
  const events = new Events(callbacks, settings.signal);
  checkLastBatch(model, weights, shape);
  checkRanges('fit', settings, backend);
  const steps = stepSettings('fit', settings, weights);
  yield* events.prepare(setupOf(task, data, { ...steps, batchSize: shape.batchSize, shuffle: shape.shuffle }, opened));
  const tasks = tasksOf(data);
  const lent = yield* task.sessions.open({ tasks, settings: steps, maximumRows: shape.batchSize });
  const { session } = lent;
  opened.push(lent);
  yield;
  const heads = model.heads.map((head, i) => headTotals(session.program, head, data.targets[i]));
  const places = lossPlaces(session.program, model.heads);
  const epoch = new EpochUnderWay(places, heads);
  const stored = task.run;
  stored?.adopt(beginningOf(engine, { ...settings, ...shape }, BEGINNING, shape.rows));
  // A run that has taken steps goes on: `restart` is for its beginning.
  const asked = { ...settings, restart: settings.restart && (stored?.isBeginning ?? true) };
  const resumed = resumption(weights.training, asked, shape, epoch, session.program);
  events.recall(resumed.before?.memories);
  if (!feed) yield* session.binding({ columns: columnsOf(data), ...shape, rows: data.rows });
  const good = new LastGood(session, backend, weights.fitMemory(session.program, resumed.before, resumed.start));
  const fallback = new Fallback(resumed.before !== undefined);
  opened.push(good, fallback);
  yield* good.beginning(lent.isNew);
  const began = stored?.began(resumed.start) ?? resumed.start.epoch;
  const epochs = stored?.isStopped ? 0 : Math.max(0, began + settings.epochs - resumed.start.epoch);
  const windows = feed?.attach(session, {
    ...{ start: resumed.start, origin: began, epochs, shape, signal: settings.signal },
    check: (rows) => checkLastBatch(model, weights, { ...shape, rows }),
  });
  const timeline = windows?.timeline ?? new EvenTimeline(resumed.start, { ...shape, rows: data.rows }, epochs);
  const rates = new LearningRates(settings, timeline, backend);
  const runner = new StepRunner(session, { timeline, rates: (step) => rates.at(step), places, changes: changesOf(settings.schedule) });
  const host = hostOf(task, () => windows?.data ?? data, { good, shape, events, resumed });
  const publisher = new Publisher(runner, good, fallback, host, lent.pace);
  epoch.start(resumed.unfinished);
  const run = new FitRun({
    ...{ runner, rates, publisher, events },
    epoch,
    bindNext: windows?.bindNext,
    tellsHeads: data.tellsHeads,
    begin: () =>
      beginningOf(engine, { ...settings, ...shape }, timeline.start, shape.rows, { epoch: began, resumed: stored !== undefined }),
    network: {
      weights: () => weights.tensors(),
      save: (location) => task.services.save(location),
      toBytes: (metadata) => task.services.toBytes(metadata),
      snapshot: (memory) => good.copy(memory),
    },
  });
  return { run, lent };
}

/** What of some data decides which values reports have of it. */
interface Told extends Pick<PreparedData, 'tellsHeads'> {
  readonly targets: readonly Pick<TargetTask, 'comparison'>[];
}

/** The setup for callbacks. What they open is noted in `opened`. */
function setupOf({ engine, services }: FitTask, data: PreparedData, settings: DiagnosisSettings, opened: Disposable[]): FitSetup {
  const monitors = ({ targets, tellsHeads }: Told, ofValidation: boolean) =>
    monitorsOf(
      engine.model.heads.map((head, i) => ({ ...head, hasAnswers: targets[i].comparison !== undefined })),
      tellsHeads,
      ofValidation,
    );
  return {
    monitors: new Map(monitors(data, false).map((one) => [one.name, one])),
    *evaluation(where, given) {
      if (isDataset(given)) {
        const evaluator = services.datasetEvaluator(where, given);
        opened.push(evaluator);
        const targets = engine.model.heads.map(usualTask);
        return { monitors: monitors({ targets, tellsHeads: data.tellsHeads }, true), evaluate: () => evaluator.evaluate() };
      }
      const prepared = yield* prepareData(services.named(where, given), engine);
      const evaluator = yield* services.evaluator(engine, prepared);
      opened.push(evaluator);
      return { monitors: monitors(prepared, true), evaluate: () => evaluator.evaluate() };
    },
    *diagnosis() {
      const diagnoser = yield* services.diagnoser(engine, data, settings);
      opened.push(diagnoser);
      return { diagnose: (rates) => diagnoser.diagnose(engine.weights.training, rates) };
    },
  };
}

interface Hosted {
  readonly good: LastGood;
  readonly shape: EpochShape;
  readonly events: Events;
  readonly resumed: Resumption;
}

function hostOf({ engine, settings, services }: FitTask, data: () => PreparedData, { good, shape, events, resumed }: Hosted): TrainingHost {
  const { model, weights } = engine;
  const initial = weights.training;
  const { before, start } = resumed;
  const optimizer = settings.optimizer.type;
  const memories = () => events.memories();
  // Back where it was resumed, too, callbacks may remember something else.
  const atStart = before && {
    ...before,
    get memories() {
      return memories();
    },
  };
  return {
    changed: (sums) =>
      weights.changed(
        good.progress.step === start.step ? (atStart ?? initial) : keptState({ optimizer, before, good, shape, sums, memories }),
      ),
    async measure() {
      const evaluator = await slices.run(services.evaluator(engine, data()));
      try {
        return (await evaluator.evaluate()).loss;
      } finally {
        evaluator.dispose();
      }
    },
    describe: (origin) => model.describe(origin),
    describeState: (name) => describeState(settings.optimizer, name),
    warnings: model.warnings,
  };
}

function shapeOf({ batchSize, accumulate, shuffle }: FitSettings, data: PreparedData | Feed): EpochShape {
  const { rows } = data;
  const window = 'windowRows' in data ? { window: data.windowRows } : {};
  return { rows, ...window, batchSize: Math.min(batchSize, rows ?? batchSize), accumulate, shuffle };
}

/** Throws DataError where a layer cannot be trained on the mini-batch that has the fewest rows. */
function checkLastBatch(model: NetworkModel, { frozen }: Weights, { rows, batchSize }: EpochShape): void {
  const rest = rows === undefined ? 0 : rows % batchSize;
  model.checkRows('fit', rest || batchSize, frozen, rest ? ` in the last one: ${rows} rows by a batchSize of ${batchSize}` : '');
}
