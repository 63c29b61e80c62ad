/** Publishes good states of a running fit to the network, and goes back to them. */
import type { DivergedError } from '../errors.ts';
import type { Pace } from '../event-loop/pace.ts';
import { slices } from '../event-loop/slices.ts';
import type { UnfinishedEpoch } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { divergence, type Words } from './divergence.ts';
import type { Fallback } from './fallback.ts';
import type { LastGood } from './last-good.ts';
import type { StepRunner } from './step-runner.ts';

/** The sums of the steps of the epoch under way. */
export type EpochSums = Pick<UnfinishedEpoch, 'sums' | 'heads' | 'seconds'>;

/** The network's part in a training run. */
export interface TrainingHost extends Words {
  /** Called at once when the last good state has changed; with the sums of its epoch's steps, if known. */
  changed(sums: EpochSums | undefined): void;
  /** The loss of the published weights over the training data. */
  measure(): Promise<number>;
}

export class Publisher {
  /** Set once the session's values are not known to be good any more. */
  hasDiverged = false;

  constructor(
    readonly runner: StepRunner,
    readonly good: LastGood,
    readonly fallback: Fallback,
    readonly host: TrainingHost,
    readonly pace: Pace,
  ) {}

  /** The step of the network's state. */
  get step(): number {
    return this.good.progress.step;
  }

  /** Gives the network the session's weights, those after step `step`. Throws DivergedError where they are not finite. */
  async publish(step: number, sums: EpochSums, lastLoss: number): Promise<void> {
    const { timeline } = this.runner.settings;
    const goesOn = step < timeline.end;
    if (goesOn) this.fallback.leave(this.good);
    if (!(await this.good.take(timeline.at(step), goesOn))) throw await this.diverged(step, lastLoss);
    this.host.changed(sums);
  }

  /** Gives the network a state. */
  become(state: Snapshot): void {
    this.good.become(state);
    this.host.changed(undefined);
  }

  /** Brings the session back to a step, by taking the same steps again. */
  async takeBack(step: number): Promise<void> {
    this.good.restore();
    await this.#runAgain(this.step, step);
  }

  /**
   * After `bad` steps the state is not finite. Finds the step since the last good state that spoilt it, and the part of it that first
   * computed something not finite. Leaves the network with its best state.
   */
  async diverged(bad: number, lastFiniteLoss: number): Promise<DivergedError> {
    this.hasDiverged = true;
    this.fallback.leaveLast(this.good);
    await this.#narrow(bad);
    const { step } = this;
    this.good.restore();
    const found = await this.runner.session.firstNonFinite(this.runner.runsOf(step));
    const keptStep = await this.#fallBack();
    const stepsBefore = this.runner.settings.timeline.start.step;
    return divergence(found, { step: step + 1, lastFiniteLoss, keptStep, stepsBefore }, this.host);
  }

  /** Moves the last good state to the step before the one that spoils the weights, by bisection: in all, the steps are run again once. */
  async #narrow(bad: number): Promise<void> {
    const { timeline } = this.runner.settings;
    for (let end = bad; end - this.step > 1; ) {
      const middle = Math.floor((this.step + end) / 2);
      this.good.restore();
      await this.#runAgain(this.step, middle);
      if (await this.good.take(timeline.at(middle))) this.host.changed(undefined);
      else end = middle;
    }
  }

  /** Gives the network the state that a divergence leaves it with; returns the step of that state. */
  async #fallBack(): Promise<number> {
    const measure = (state: Snapshot) => {
      this.become(state);
      return this.host.measure();
    };
    const state = await this.fallback.choose(measure);
    this.become(state);
    return state.progress.step;
  }

  async #runAgain(from: number, to: number): Promise<void> {
    for (let step = from; step < to; ) {
      const { done } = await this.runner.run(step, Math.min(to - step, this.pace.chunk), false);
      step += done;
      await slices.breathe();
    }
  }
}
