/** Takes a training step on each batch that it is given: checked, one at a time, with callbacks. */
import { atOnce } from '../backends/at-once.ts';
import type { Progress } from '../clock.ts';
import { copyGiven, type GivenData, type PreparedData, prepareData } from '../data/samples.ts';
import { DataError, messageOf, OptionError, StateError } from '../errors.ts';
import { doLater, doNow, type Either, either } from '../event-loop/either.ts';
import { isPromise } from '../event-loop/promises.ts';
import { finish, slices, type Work } from '../event-loop/slices.ts';
import { reported } from '../metrics/evaluation.ts';
import { beginningOf } from './beginning.ts';
import { type Callback, Events, type FitControl, type FitSetup } from './events.ts';
import { LearningRates } from './learning-rates.ts';
import type { FitEnd, StepReport, TrainerReport } from './reports.ts';
import { checkRanges } from './step-settings.ts';
import { TrainerSession } from './trainer-session.ts';
import type { TrainerTask } from './trainer-task.ts';

/** The network is given weights that a divergence may fall back to at least this often. */
const JUDGED_MILLISECONDS = 1000;

function refused(what: string): never {
  throw new OptionError(
    `trainer.callbacks: expected callbacks of steps, got one that prepares ${what}: a trainer has no data and counts no epochs`,
  );
}

/** Reports of its steps have nothing that is monitored. */
const SETUP: FitSetup = {
  monitors: new Map(),
  evaluation: () => refused('an evaluation'),
  diagnosis: () => refused('a diagnosis'),
};

export class StepTrainer {
  readonly #task: TrainerTask;
  readonly #session: TrainerSession;
  readonly #events: Events;
  readonly #rates: LearningRates;
  readonly #control: FitControl;
  readonly #began = performance.now();
  #judgedAt = this.#began;
  #state: 'open' | 'closing' | 'over' = 'open';
  #isStopped = false;
  /** Whether the session is between two whole steps' states. */
  #isStepping = false;
  /** Whether somebody asked for the weights meanwhile. */
  #isWanted = false;
  /** Whether the session's memory is as whole steps leave it. */
  #isWhole = true;
  /** Whether callbacks are being told of something. */
  #isTelling = false;
  /** Steps that wait for one another. */
  #pending = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(task: TrainerTask) {
    this.#task = task;
    this.#events = new Events(task.callbacks, undefined, 'trainer');
    this.#session = new TrainerSession(task, () => this.#events.memories());
    const at = (step: number) => ({ ...this.#session.start, step });
    this.#rates = new LearningRates(task.settings, { at }, task.engine.backend);
    this.#control = this.#makeControl();
  }

  /** Compiles and copies in slices, prepares the callbacks and tells them. Throws what they do; OptionError where a group names no parameter, or the backend's numbers do not hold a setting. */
  static async open(task: TrainerTask): Promise<StepTrainer> {
    const { engine, settings } = task;
    checkRanges('trainer', settings, engine.backend);
    const trainer = new StepTrainer(task);
    await slices.run(trainer.#events.prepare(SETUP));
    await slices.run(trainer.#session.opening());
    engine.weights.latest = () => trainer.#publishForReader();
    try {
      trainer.#events.recall(trainer.#session.before?.memories);
      await trainer.#events.tell('begin', () => beginningOf(engine, settings, trainer.#session.start), trainer.#control);
    } catch (error) {
      trainer.#isWhole = false;
      trainer.#end(error);
      throw error;
    }
    return trainer;
  }

  get progress(): Progress {
    return this.#session.progress;
  }

  /** Takes a step on the caller's thread. */
  step(given: GivenData): TrainerReport {
    this.#check('step');
    if (this.#pending > 0) throw new StateError('step: expected no stepAsync of this trainer to be under way; await it first');
    atOnce({ now: this.#session.now }, 'step', 'stepAsync awaits it');
    const data = finish(this.#preparing('step', given));
    this.#pending++;
    try {
      return doNow(this.#stepping(data));
    } finally {
      this.#leave();
    }
  }

  /** Takes a step off the caller's thread where the backend can, else in slices; one after another. */
  async stepAsync(given: GivenData): Promise<TrainerReport> {
    this.#check('stepAsync');
    this.#pending++;
    const preparing = slices.run(this.#preparing('stepAsync', copyGiven(given)));
    // An error of the data is thrown when its turn comes.
    preparing.catch(() => undefined);
    const turn = this.#queue.then(() => preparing).then((data) => this.#stepInTurn(data));
    this.#queue = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#leave();
    }
  }

  /** A step that is under way ends first. Throws DivergedError where the last step's weights are not finite. */
  dispose(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    if (this.#pending > 0) this.#session.cancel();
    else this.#close();
  }

  async #stepInTurn(data: PreparedData): Promise<TrainerReport> {
    this.#check('stepAsync');
    const report = await doLater(this.#stepping(data));
    await slices.breathe();
    return report;
  }

  #leave(): void {
    this.#pending--;
    if (this.#pending === 0 && this.#state === 'closing') this.#close();
  }

  #check(where: string): void {
    if (this.#state !== 'open') throw new StateError('this trainer is disposed');
    if (this.#isStopped) throw new StateError(`${where}: expected a trainer that goes on, got one that a callback has stopped`);
    if (this.#isTelling) throw new StateError(`${where}: expected no call of a callback`);
  }

  /** Throws DataError or ShapeError for a batch that does not fit, or has more rows than a step. */
  *#preparing(where: string, given: GivenData): Work<PreparedData> {
    const { engine, settings } = this.#task;
    const { batchSize, accumulate } = settings;
    const data = yield* prepareData(given, engine);
    const most = batchSize * accumulate;
    if (data.rows > most) {
      const sizes = accumulate > 1 ? `, ${accumulate} mini-batches of ${batchSize}` : '';
      throw new DataError(`${where}: expected at most ${most} rows${sizes}, as the trainer was made for, got ${data.rows}`);
    }
    engine.model.checkRows(where, data.rows % batchSize || batchSize, engine.weights.frozen);
    return data;
  }

  *#stepping(data: PreparedData): Either<TrainerReport> {
    const { loss, results, headLosses } = yield* this.#taken(data);
    const { step, epoch } = this.progress;
    const listeners = this.#events.listenersOfStep(performance.now());
    if (listeners.length > 0) yield* this.#tellStep({ step, epoch: epoch + 1, loss }, listeners);
    const told = reported(this.#task.engine.model.heads, results, data.tellsHeads ? (i) => headLosses[i] : undefined);
    return Object.assign({ step, epoch: epoch + 1, loss }, told);
  }

  /** The step, and the weights for the network where they are due. Where that fails, the trainer is over. */
  *#taken(data: PreparedData) {
    const session = this.#session;
    const rates = this.#rates.at(this.progress.step);
    this.#isStepping = true;
    this.#isWanted = false;
    try {
      const taken = yield* session.take(data, rates);
      const now = performance.now();
      const judges = now - this.#judgedAt >= JUDGED_MILLISECONDS;
      if (judges) this.#judgedAt = now;
      // Nobody can be given weights at once that another device has.
      if (judges || this.#isWanted || !session.now) {
        yield* session.publish(judges);
        this.#tellPublished();
      }
      return taken;
    } catch (error) {
      this.#isWhole = false;
      // One that is disposed of ends once nothing is under way.
      if (this.#state === 'open') this.#end(error);
      throw error;
    } finally {
      this.#isStepping = false;
    }
  }

  /** Gives the network the last step's weights before somebody reads them. While a step is under way it has those that it was given last. */
  #publishForReader(): void {
    if (this.#isStepping) this.#isWanted = true;
    else if (this.#session.now) this.#publish();
  }

  #publish(): void {
    if (this.#session.isPublished) return;
    try {
      doNow(this.#session.publish(false));
    } catch (error) {
      this.#isWhole = false;
      this.#end(error);
      throw error;
    }
    this.#tellPublished();
  }

  #close(): void {
    this.#publishForReader();
    this.#end();
  }

  #end(error?: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#task.engine.weights.latest = undefined;
    this.#session.close(this.#isWhole);
    this.#task.ended();
    const end: FitEnd = {
      progress: this.progress,
      seconds: (performance.now() - this.#began) / 1000,
      aborted: false,
      stoppedEarly: this.#isStopped,
      ...(error !== undefined && { error: messageOf(error) }),
    };
    this.#tell((callback) => callback.end?.(end, this.#control));
  }

  *#tellStep(report: StepReport, listeners: readonly Callback[]): Either<void> {
    this.#isTelling = true;
    try {
      for (const callback of listeners) {
        const given = callback.step?.(report, this.#control);
        if (isPromise(given)) yield* awaited(given);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #tellPublished(): void {
    this.#tell((callback) => callback.published?.(this.progress, this.#control));
  }

  /** Promises that callbacks return are not waited for. */
  #tell(call: (callback: Callback) => unknown): void {
    this.#isTelling = true;
    try {
      for (const callback of this.#task.callbacks) call(callback);
    } finally {
      this.#isTelling = false;
    }
  }

  #makeControl(): FitControl {
    const isStopping = () => this.#isStopped;
    const { task, session, rates } = { task: this.#task, session: this.#session, rates: this.#rates };
    const { weights } = task.engine;
    return {
      get progress() {
        return session.progress;
      },
      get learningRates() {
        return rates.at(Math.max(session.progress.step - 1, session.start.step));
      },
      get isStopping() {
        return isStopping();
      },
      stop: () => {
        this.#isStopped = true;
      },
      publish: async () => this.#publishForReader(),
      weights: () => weights.tensors(),
      save: (location) => task.save(location),
      toBytes: (metadata) => task.toBytes(metadata),
      snapshot: (memory) => session.copy(memory),
      restore: (snapshot) => session.become(snapshot),
      scaleLearningRates: (factor, minimum = 0) => rates.scale(factor, minimum),
      noteBest: () => {
        throw new StateError('noteBest: expected a fit, got a trainer, which counts no epochs');
      },
    };
  }
}

/** Waits for a callback, where the step is awaited. */
function awaited(given: PromiseLike<unknown>): Either<unknown> {
  return either<unknown>(
    () => {
      given.then(undefined, () => undefined);
      throw new OptionError('step: expected callbacks that return at once, got a promise from one: stepAsync awaits it');
    },
    () => given,
  );
}
