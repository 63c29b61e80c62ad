/** The session of a trainer: its steps, and the weights that the network gets from it. */
import type { NonFinite } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import { type PreparedData, tasksOf } from '../data/samples.ts';
import { usualTask } from '../data/targets.ts';
import type { DivergedError } from '../errors.ts';
import { type Either, either } from '../event-loop/either.ts';
import { finish, slices, type Work } from '../event-loop/slices.ts';
import type { Task } from '../model/graphs.ts';
import { headTotals, lossPlaces } from '../model/measures.ts';
import type { TrainingState } from '../model/training-state.ts';
import { copySnapshot, type Snapshot } from '../model/weights.ts';
import { describeState } from '../optimizers/update.ts';
import { divergence, spoiltUpdate } from './divergence.ts';
import { Fallback } from './fallback.ts';
import { type GivenStep, GivenSteps } from './given-steps.ts';
import { LastGood } from './last-good.ts';
import { RateInputs } from './rate-inputs.ts';
import { continued, fittingState, nextEpoch, stateOfSteps } from './resumption.ts';
import type { LentSession } from './step-sessions.ts';
import { stepSettings } from './step-settings.ts';
import type { TrainerTask } from './trainer-task.ts';

/** The session for targets of some forms, and what works with it. */
interface Opened {
  readonly tasks: readonly Task[];
  readonly lent: LentSession;
  readonly good: LastGood;
  readonly steps: GivenSteps;
  readonly rates: RateInputs;
}

export class TrainerSession {
  readonly start: Progress;
  /** The state of training that the network has until it is given other weights. */
  readonly #initial: TrainingState | undefined;
  readonly #fallback: Fallback;
  #opened: Opened | undefined;
  #before: TrainingState | undefined;
  #step: number;
  /** Of the last step. */
  #loss = Number.NaN;

  /** @param memories Of the callbacks, asked for when the network is saved. */
  constructor(
    readonly task: TrainerTask,
    readonly memories: () => TrainingState['memories'],
  ) {
    this.#initial = task.engine.weights.training;
    this.#before = continued(this.#initial, task.settings);
    this.start = nextEpoch(this.#before?.progress);
    this.#step = this.start.step;
    this.#fallback = new Fallback(this.#before !== undefined);
  }

  /** Compiles for the targets that the losses usually have, and writes the network's weights into the session. */
  opening(): Work<void> {
    return this.#opening(this.task.engine.model.heads.map(usualTask));
  }

  /** The state of training that the trainer continues; undefined where it begins anew. */
  get before(): TrainingState | undefined {
    return this.#before;
  }

  /** The progress of training after the last step. It counts no epochs. */
  get progress(): Progress {
    const { epoch, batch } = this.start;
    return { epoch, batch, step: this.#step };
  }

  /** Whether the network's weights are those after the last step. */
  get isPublished(): boolean {
    return this.#good.progress.step === this.#step;
  }

  get now() {
    return this.#open.lent.session.now;
  }

  /** Makes the run under way end early. */
  cancel(): void {
    this.#open.lent.session.cancel();
  }

  /** Takes a step at each group's learning rate. Throws DivergedError where its loss is not finite. */
  *take(data: PreparedData, rates: readonly number[]): Either<GivenStep> {
    if (!isForTasks(this.#open.tasks, data)) yield* this.#useFor(tasksOf(data));
    const { steps, rates: inputs } = this.#open;
    inputs.write(rates);
    const taken = yield* steps.take(data, this.#step * this.task.settings.accumulate);
    if (!Number.isFinite(taken.loss)) throw yield* this.#diverged(this.#step + 1, yield* this.#searched(), taken.isUndone);
    this.#step++;
    this.#loss = taken.loss;
    this.#fallback.note(taken.loss);
    return taken;
  }

  /**
   * Gives the network the weights after the last step. With `judges`, its weights until now may be what a divergence falls back to. Throws
   * DivergedError where they are not finite.
   */
  *publish(judges: boolean): Either<void> {
    const good = this.#good;
    const { progress } = this;
    if (judges || good.progress.step === this.start.step) this.#fallback.leave(good);
    if (!(yield* good.takeEither(progress, true))) throw yield* this.#diverged(this.#step, spoiltUpdate(yield* good.nameOfSpoilt()), false);
    this.#changed();
  }

  /** Brings network and session to a state of theirs. */
  become(state: Snapshot): void {
    const good = this.#good;
    good.become(state);
    good.restore();
    this.#step = state.progress.step;
    this.#changed();
  }

  copy(memory?: Snapshot): Snapshot {
    return this.#good.copy(memory);
  }

  /** Lets go of the session: for the next steps of its shape, where its memory is whole. */
  close(isWhole: boolean): void {
    const { lent, good } = this.#open;
    if (isWhole) lent.giveBack();
    lent.dispose();
    good.dispose();
    this.#fallback.dispose();
    const { weights } = this.task.engine;
    // The memories of callbacks at the end, so that the network keeps no callback alive.
    if (weights.training) weights.training = { ...weights.training };
  }

  get #open(): Opened {
    return this.#opened as Opened;
  }

  get #good(): LastGood {
    return this.#open.good;
  }

  /** A session for tasks, with the state that the trainer continues. */
  *#opening(tasks: readonly Task[]): Work<void> {
    const { engine, settings, sessions } = this.task;
    const { model, backend, weights } = engine;
    const given = { ...stepSettings('trainer', settings, weights), given: true };
    const lent = yield* sessions.open({ tasks, settings: given, maximumRows: settings.batchSize });
    try {
      const { session } = lent;
      this.#before = this.#before && fittingState(this.#before, session.program);
      const good = new LastGood(session, backend, weights.fitMemory(session.program, this.#before, this.progress));
      yield* good.beginning(lent.isNew);
      const totals = model.heads.map((head, i) => headTotals(session.program, head, tasks[i]));
      const steps = new GivenSteps(lent, model, settings, lossPlaces(session.program, model.heads), totals);
      this.#opened = { tasks, lent, good, steps, rates: new RateInputs(session) };
    } catch (error) {
      lent.dispose();
      throw error;
    }
  }

  /** Targets of other forms take another program: compiled then, and it goes on from the same state. */
  *#useFor(tasks: readonly Task[]): Either<void> {
    const old = this.#open;
    if (!this.isPublished) yield* this.publish(false);
    old.lent.giveBack();
    old.lent.dispose();
    old.good.dispose();
    if (this.#step !== this.start.step) this.#before = this.task.engine.weights.training;
    yield* either(
      () => finish(this.#opening(tasks)),
      () => slices.run(this.#opening(tasks)),
    );
  }

  #changed(): void {
    const { engine, settings } = this.task;
    const good = this.#good;
    const isBegun = good.progress.step !== this.start.step;
    const parts = { optimizer: settings.optimizer.type, before: this.#before, good, sizes: settings, memories: this.memories };
    engine.weights.changed(isBegun ? stateOfSteps(parts) : this.#initial);
  }

  /** What first was not finite in the run that came to the loss. */
  *#searched(): Either<NonFinite | undefined> {
    const { lent, steps } = this.#open;
    return yield* either(
      () => lent.session.now?.firstNonFinite(steps.last),
      () => lent.session.firstNonFinite(steps.last),
    );
  }

  /**
   * Gives the network the state to fall back to: of the last ones and those that were judged, the one with the lowest loss on the mini-batch
   * computed last.
   *
   * @param isWhole Whether the session's state is that after the last step.
   */
  *#diverged(step: number, found: NonFinite | undefined, isWhole: boolean): Either<DivergedError> {
    const good = this.#good;
    this.#fallback.leaveLast(good);
    const current = isWhole && (yield* good.takeEither(this.progress, false)) ? [copySnapshot(good)] : [];
    const states = [...current, ...this.#fallback.states.toReversed()];
    let [chosen, lowest] = [states[0], Number.POSITIVE_INFINITY];
    for (const state of states.length > 1 ? states : []) {
      good.become(state);
      good.restore();
      const loss = yield* this.#open.steps.lossAgain();
      if (loss < lowest) [chosen, lowest] = [state, loss];
    }
    this.become(chosen);
    const { engine, settings } = this.task;
    const { model } = engine;
    const facts = {
      step,
      lastFiniteLoss: this.#loss,
      keptStep: chosen.progress.step,
      stepsBefore: this.start.step,
      during: 'trainer',
    } as const;
    return divergence(found, facts, {
      warnings: model.warnings,
      describe: (origin) => model.describe(origin),
      describeState: (name) => describeState(settings.optimizer, name),
    });
  }
}

/** Whether a program for tasks takes the targets of some data. A head's loss decides all else that is in them. */
const isForTasks = (tasks: readonly Task[], { targets }: PreparedData): boolean =>
  tasks.every(({ form, weights, comparison }, i) => {
    const target = targets[i];
    return target.form === form && target.weights?.width === weights && target.comparison?.comparison === comparison?.comparison;
  });
