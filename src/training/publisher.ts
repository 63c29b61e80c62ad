/** What the network has of a fit while it runs: states that are known to be good, and the way back to them. */
import { DivergedError } from '../errors.ts';
import type { Pace } from '../event-loop/pace.ts';
import { slices } from '../event-loop/slices.ts';
import type { UnfinishedEpoch } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { describeState } from '../optimizers.ts';
import type { Origin } from '../origin.ts';
import { firstNonFinite, type NonFinite } from './divergence.ts';
import type { Fallback } from './fallback.ts';
import type { LastGood } from './last-good.ts';
import type { StepRunner } from './step-runner.ts';

/** What the steps of the epoch under way came to. */
export type EpochSums = Pick<UnfinishedEpoch, 'sums' | 'correct' | 'seconds'>;

/** What the network does for a training run. */
export interface TrainingHost {
  /** Told, at once, that the last good state is another; with what the steps of its epoch came to, where that is known. */
  changed(sums: EpochSums | undefined): void;
  /** The loss of the published weights over the training data. */
  measure(): Promise<number>;
  /** What the network's structure shows that is hardly meant, in sentences. */
  readonly warnings: readonly string[];
  /** Where in the step something comes from in words: `layer 2 (dense)`. */
  describe(origin: Origin): string;
}

export class Publisher {
  /** Nothing is known of the session's values any more. */
  hasDiverged = false;

  constructor(
    readonly runner: StepRunner,
    readonly good: LastGood,
    readonly fallback: Fallback,
    readonly host: TrainingHost,
    readonly pace: Pace,
  ) {}

  /** Steps behind what the network has. */
  get step(): number {
    return this.good.progress.step;
  }

  /** Gives the network the weights that the session has after so many steps. Throws DivergedError where they are not finite. */
  async publish(step: number, sums: EpochSums, lastLoss: number): Promise<void> {
    const { timeline } = this.runner.settings;
    if (step < timeline.end) await slices.run(this.fallback.leaving(this.good));
    if (!(await slices.run(this.good.taking(timeline.at(step))))) throw await this.diverged(step, lastLoss);
    this.host.changed(sums);
  }

  /** Makes the network a state. */
  become(state: Snapshot): void {
    this.good.become(state);
    this.host.changed(undefined);
  }

  /** Brings the session back to what it was after so many steps, by taking the same steps again. */
  async takeBack(step: number): Promise<void> {
    this.good.restore();
    await this.#runAgain(this.step, step);
  }

  /**
   * What came of `bad` steps is not finite. Finds the step since the last good state that spoilt it, and which part of it first computed
   * something that is not finite; leaves the network with the best state that it had.
   */
  async diverged(bad: number, lastFiniteLoss: number): Promise<DivergedError> {
    this.hasDiverged = true;
    this.fallback.leaveLast(this.good);
    await this.#narrow(bad);
    const { step } = this;
    this.good.restore();
    const found = firstNonFinite(this.runner.session, this.runner.requestsOf(step));
    const keptStep = await this.#fallBack();
    return new DivergedError({
      step: step + 1,
      layer: found ? this.host.describe(found.origin) : 'the loss',
      value: found && spoiltValue(found),
      stray: found?.stray,
      lastFiniteLoss,
      keptStep,
      stepsBefore: this.runner.settings.timeline.start.step,
      warnings: this.host.warnings,
    });
  }

  /** Moves the last good state to the step before the one that spoils the weights, by halving: all in all the steps are run again once. */
  async #narrow(bad: number): Promise<void> {
    const { timeline } = this.runner.settings;
    for (let end = bad; end - this.step > 1; ) {
      const middle = Math.floor((this.step + end) / 2);
      this.good.restore();
      await this.#runAgain(this.step, middle);
      if (this.good.take(timeline.at(middle))) this.host.changed(undefined);
      else end = middle;
    }
  }

  /** Gives the network the state that a divergence leaves it with; returns the steps behind that. */
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

/** What an update spoilt, in words: the state where both are not finite, for the parameter's new value is made of it. */
function spoiltValue({ state, parameter }: NonFinite): string | undefined {
  return state === undefined ? parameter : describeState(state);
}
