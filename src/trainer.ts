/** Steps from outside: a trainer takes one training step on each batch that its caller gives it. */
// The declarations use Symbol.dispose, which is missing from some programs' libraries.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Progress } from './clock.ts';
import type { DataSet } from './data/samples.ts';
import type { Door } from './door.ts';
import { OptionError } from './errors.ts';
import type { Clip } from './model/graphs.ts';
import type { Fitting, FittingTargets, Rows, SampleShape, Shapes } from './model/signature.ts';
import { checkOptimizer } from './optimizers/define.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { flag, integer, optional, readOptions, type TableOf, withDefault } from './options/table.ts';
import { changesOf, checkSchedule, isWatching, type Schedule } from './schedules.ts';
import { type Callback, checkCallbacks } from './training/events.ts';
import { checkClip, checkEma, checkGroups, type ParameterGroup } from './training/fit-settings.ts';
import type { TrainerReport } from './training/reports.ts';
import type { StepTrainer } from './training/step-trainer.ts';
import type { TrainerTask } from './training/trainer-task.ts';

export interface TrainerOptions {
  /** The most rows of a mini-batch. Default 32. */
  readonly batchSize?: number;
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** How the learning rate changes, counted in steps; default not at all. */
  readonly schedule?: Schedule;
  /** Parameters with separate settings. */
  readonly groups?: readonly ParameterGroup[];
  /** The most mini-batches of a step: it takes up to `accumulate · batchSize` rows, in the memory of `batchSize`. Default 1. */
  readonly accumulate?: number;
  /** Limits gradients together by their global norm, or each element to −value … value. */
  readonly clip?: Clip;
  /** Keeps moving averages of the weights, which the network then has: as in `fit`. */
  readonly ema?: number | { readonly decay: number };
  /**
   * Watchers of its steps: `prepare`, `begin`, `step`, `published`, `end`, `recall` and `remember`. One that has `step` may have `epoch`, as loggers do,
   * which is never called. Promises of `step` are awaited by `stepAsync` and refused by `step`; those of `published` and `end` are not waited for.
   */
  readonly callbacks?: readonly Callback[];
  /** True forgets the state of earlier fits and trainers, the optimiser's included. By default one with the same kind of optimiser is continued. */
  readonly restart?: boolean;
}

const TRAINER = {
  batchSize: withDefault(integer(), 32),
  optimizer: withDefault(checkOptimizer, { type: 'adam' }),
  schedule: withDefault(checkStepSchedule, { type: 'constant' }),
  groups: optional(checkGroups),
  accumulate: withDefault(integer(), 1),
  clip: optional(checkClip),
  ema: optional(checkEma),
  callbacks: withDefault(checkStepCallbacks, []),
  restart: withDefault(flag, false),
} satisfies TableOf<TrainerOptions>;

/** Throws OptionError for anything unknown or out of range, and for what counts or watches epochs. */
export function trainerFrom(options: TrainerOptions): Pick<TrainerTask, 'settings' | 'callbacks'> {
  const { callbacks, ...settings } = readOptions('network.trainer', TRAINER, options, (name) => `trainer.${name}`);
  return { settings, callbacks };
}

function checkStepSchedule(where: string, value: unknown): Schedule {
  const schedule = checkSchedule(where, value);
  if (isWatching(schedule))
    throw new OptionError(`${where}: expected a schedule of steps, got reduceOnPlateau, which watches the ends of epochs`);
  if (changesOf(schedule) === 'epochs')
    throw new OptionError(`${where}: expected a schedule of steps (per: 'step'), got one of epochs, which a trainer does not count`);
  return schedule;
}

/** What watches epochs; of a callback that watches steps too, only what asks for data. */
const ofEpochs = (callback: Callback) => (callback.step ? (['measure'] as const) : (['measure', 'epoch'] as const));

function checkStepCallbacks(where: string, value: unknown): readonly Callback[] {
  const callbacks = checkCallbacks(where, value);
  for (const [i, callback] of callbacks.entries()) {
    const method = ofEpochs(callback).find((name) => callback[name] !== undefined);
    if (method)
      throw new OptionError(
        `${where}[${i}]: expected a callback of steps, got one with ${method}: a trainer has no data and counts no epochs`,
      );
  }
  return callbacks;
}

/**
 * Takes training steps on batches of its caller's: for reinforcement learning, streams, or a training loop of one's own. Its program is
 * compiled once. It keeps the optimiser's state and counts steps, in `network.progress` too; it counts no epochs. While it is open the network
 * predicts, evaluates and saves with the weights of its last step; they are brought over when somebody asks for them.
 */
export class Trainer<X extends Shapes = SampleShape, Y extends Shapes = SampleShape> {
  readonly #steps: StepTrainer;
  readonly #door: Door;

  /** `network.trainer` makes trainers. */
  constructor(steps: StepTrainer, door: Door) {
    this.#steps = steps;
    this.#door = door;
  }

  /** How far training has come, over all fits and trainers that continue one another. */
  get progress(): Progress {
    return this.#steps.progress;
  }

  /**
   * Takes one step on a batch, on the caller's thread: the event loop waits for it, so it suits steps of some milliseconds at most. The batch
   * may be as small as a row and as large as `accumulate · batchSize` rows. Targets of another form than those of the step before (class
   * indices, values) compile another program. Where a step or a callback throws in its middle, the trainer is over.
   *
   * @throws DataError or ShapeError, before anything is touched, for a batch that does not fit; DivergedError where the step meets NaN or
   *   infinity: the network then has the best state that the trainer knows; StateError where the trainer is disposed, or a `stepAsync` under way;
   *   BackendError where the backend computes on another device.
   */
  step<Samples extends Rows<X>, Targets extends Rows<Y>>(
    batch: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
  ): TrainerReport {
    return this.#steps.step(this.#door.data('step', batch));
  }

  /**
   * As `step`, off the caller's thread where the backend can, else in slices between turns of the event loop. Calls run one after another. Typed
   * arrays are copied when it is called, and may be reused at once. While it runs, the network has the weights of an earlier step, a second
   * old at most.
   *
   * @throws What `step` does, but for a BackendError.
   */
  async stepAsync<Samples extends Rows<X>, Targets extends Rows<Y>>(
    batch: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
  ): Promise<TrainerReport> {
    return this.#steps.stepAsync(this.#door.data('stepAsync', batch));
  }

  /**
   * Ends the trainer; the network keeps the weights of the last step, and may be fitted again. A `stepAsync` under way is ended between two
   * parts of its step, which is then not taken.
   *
   * @throws DivergedError where the weights of the last step are not finite: the network then has the best state that the trainer knows.
   */
  dispose(): void {
    this.#steps.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
