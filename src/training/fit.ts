/** Sets one `fit` up: the compiled step, its groups and rates, what watches it, and what the network keeps of it. */
import { EarlyStop } from '../callbacks/early-stopping.ts';
import { compiling } from '../compiler/compile.ts';
import { checkRange, type Numeric } from '../data/finite-numbers.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData } from '../data/samples.ts';
import { OptionError } from '../errors.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import { Evaluator } from '../inference/evaluator.ts';
import { Diagnoser } from '../inspection/diagnosis/diagnoser.ts';
import { countAnswers } from '../metrics/accuracy.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import { countsAnswers, isOfValidation } from '../metrics/monitors.ts';
import type { Engine } from '../model/engine.ts';
import { type StepSettings, trainingGraph } from '../model/graphs.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { matchParameters } from '../model/parameter-patterns.ts';
import type { Weights } from '../model/weights.ts';
import type { Origin } from '../origin.ts';
import { changesOf } from '../schedules.ts';
import { Fallback } from './fallback.ts';
import { defaultMonitor, type FitOptions, type FitPlan, monitorsOf, planFit } from './fit-options.ts';
import { LastGood } from './last-good.ts';
import { LearningRates } from './learning-rates.ts';
import type { EpochReport, History } from './reports.ts';
import { StepRunner } from './step-runner.ts';
import { Trainer } from './trainer.ts';

interface FitTask extends Engine {
  readonly data: PreparedData;
  readonly validation: PreparedData | undefined;
  readonly plan: FitPlan;
}

/** What a fit comes to whose signal is aborted before its first step is ready. */
const NOTHING: History = {
  losses: new Float64Array(0),
  epochs: [],
  seconds: 0,
  aborted: true,
  stoppedEarly: false,
  bestEpoch: undefined,
};

/**
 * Throws OptionError, DataError or ShapeError, before anything is touched, for options or data that do not fit, where a group names no
 * parameter, or where nothing is to be had of what is monitored.
 */
export async function runFit(network: Engine, data: GivenData, options: FitOptions<GivenData>): Promise<History> {
  const opened: { dispose(): void }[] = [];
  try {
    const isAborted = () => options?.signal?.aborted === true;
    const trainer = await slices.runUnless(isAborted, prepareTraining(network, data, options, opened));
    return trainer ? await trainer.run() : { ...NOTHING };
  } finally {
    for (const one of opened) one.dispose();
  }
}

function* prepareTraining(network: Engine, given: GivenData, options: FitOptions<GivenData>, opened: { dispose(): void }[]): Work<Trainer> {
  const data = yield* prepareData(given, network);
  const plan = planFit(options, data.rows);
  const validation = plan.validation === undefined ? undefined : yield* prepareData(plan.validation, network);
  return yield* openTraining({ ...network, data, validation, plan }, opened);
}

/** Checks, compiles and copies. What is opened for it is noted in `opened`. */
function* openTraining(task: FitTask, opened: { dispose(): void }[]): Work<Trainer> {
  const { model, backend, weights, seed, data, validation, plan } = task;
  const keep = <T extends { dispose(): void }>(one: T): T => {
    opened.push(one);
    return one;
  };
  checkMonitored(plan, data, validation);
  checkLastBatch(model, weights, data.rows, plan.batchSize);
  checkRanges('fit', plan, backend);
  const before = !plan.restart && weights.optimizer?.type === plan.optimizer.type ? weights.optimizer : undefined;
  const rates = new LearningRates(plan, before, backend);
  const settings = stepSettings(plan, weights);
  const graph = trainingGraph(model, data.targets, settings);
  yield;
  const session = keep(backend.open(yield* compiling(graph, { maximumRows: plan.batchSize }), seed));
  yield;
  const evaluator = validation && keep(yield* Evaluator.open(task, validation));
  const { batchSize, shuffle } = plan;
  const diagnoser = plan.diagnostics && keep(yield* Diagnoser.open(task, data, { ...settings, batchSize, shuffle }));
  const runner = new StepRunner(session, {
    rows: data.rows,
    batchSize,
    accumulate: plan.accumulate,
    epochBase: before?.epochs ?? 0,
    rates: (iteration) => rates.at(iteration, runner.stepsPerEpoch),
    counting: model.heads.filter((_, i) => data.targets[i].ignores),
    changes: changesOf(plan.schedule),
  });
  yield* session.binding({ columns: columnsOf(data), rows: data.rows, batchSize, shuffle });
  const good = new LastGood(session, backend, weights.fitMemory(session.program, before));
  yield* good.restoring();
  const initial = weights.optimizer;
  const host = {
    publish: () => weights.changed(good.iteration === 0 ? initial : rates.stateAfter(good, runner.stepsPerEpoch)),
    measure: async () => (await measure(task)).loss,
    validate: evaluator && (() => evaluator.evaluate()),
    diagnose: diagnoser
      ? (iteration: number) => diagnoser.diagnose(weights.optimizer, rates.at(iteration, runner.stepsPerEpoch))
      : undefined,
    describe: (origin: Origin) => model.describe(origin),
    warnings: model.warnings,
    learningRate: (iteration: number) => rates.at(iteration, runner.stepsPerEpoch)[0],
    endEpoch: rates.isWatching
      ? (report: EpochReport) => {
          rates.watch(report);
          if (weights.optimizer) weights.optimizer = { ...weights.optimizer, schedule: rates.plateau };
        }
      : undefined,
  };
  const [target, ...others] = data.targets;
  const answers = target.comparison && others.length === 0 ? countAnswers(target, 0, data.rows) : undefined;
  const { earlyStopping } = plan;
  const stop = earlyStopping && new EarlyStop(earlyStopping, earlyStopping.monitor ?? defaultMonitor(plan));
  return new Trainer(runner, plan, host, good, new Fallback(before !== undefined), answers, stop);
}

/** Throws DataError where a layer cannot be trained on the mini-batch that has the fewest rows. */
function checkLastBatch(model: NetworkModel, { frozen }: Weights, rows: number, batchSize: number): void {
  const rest = rows % batchSize;
  model.checkRows('fit', rest || batchSize, frozen, rest ? ` in the last one: ${rows} rows by a batchSize of ${batchSize}` : '');
}

/** Throws OptionError for settings of an update that the backend's numbers do not hold. */
export function checkRanges(
  where: string,
  { optimizer, clip, groups }: Pick<FitPlan, 'optimizer' | 'clip' | 'groups'>,
  numeric: Numeric,
): void {
  const { type, ...options } = optimizer;
  const settings = [
    [type, options] as const,
    [`${where}.clip`, clip] as const,
    ...(groups ?? []).map((group) => [`${where}.groups`, group] as const),
  ];
  for (const [name, values] of settings)
    for (const [key, value] of Object.entries(values ?? {})) if (typeof value === 'number') checkRange(`${name}.${key}`, value, numeric);
}

/** The training data, evaluated as any other is. */
async function measure(task: FitTask): Promise<Evaluation> {
  const evaluator = await slices.run(Evaluator.open(task, task.data));
  try {
    return await evaluator.evaluate();
  } finally {
    evaluator.dispose();
  }
}

/** Throws OptionError where an accuracy is monitored, and the data has none. */
function checkMonitored(plan: FitPlan, data: PreparedData, validation: PreparedData | undefined): void {
  for (const { where, monitor } of monitorsOf(plan)) {
    const watched = isOfValidation(monitor) ? validation : data;
    if (!countsAnswers(monitor) || !watched || (watched.targets.length === 1 && watched.targets[0].comparison)) continue;
    const got = watched.targets.length === 1 ? 'values' : `${watched.targets.length} outputs`;
    throw new OptionError(`fit.${where}.monitor: expected class targets of a single output with '${monitor}', got ${got}`);
  }
}

/** Group i of the plan is the step's group i + 1; what no group names is in group 0. */
export function stepSettings(plan: Pick<FitPlan, 'optimizer' | 'clip' | 'groups' | 'accumulate'>, weights: Weights): StepSettings {
  const groups = new Map<string, { index: number; weightDecay?: number }>();
  plan.groups?.forEach(({ parameters, weightDecay }, i) => {
    for (const name of matchParameters('fit.groups.parameters', parameters, weights.shapes.keys())) {
      if (!groups.has(name)) groups.set(name, { index: i + 1, ...(weightDecay !== undefined && { weightDecay }) });
    }
  });
  return {
    optimizer: plan.optimizer,
    clip: plan.clip,
    frozen: weights.frozen,
    accumulates: plan.accumulate > 1,
    groupOf: (name) => groups.get(name) ?? { index: 0 },
  };
}
