/** One `fit`: runs the compiled step until the epochs are done, and reports as it goes. */
import type { NonFinite, Session } from '../backends/backend.ts';
import type { EarlyStop } from '../callbacks/early-stopping.ts';
import { DivergedError } from '../errors.ts';
import { Pace } from '../event-loop/pace.ts';
import { isPromise, settled } from '../event-loop/promises.ts';
import { slices } from '../event-loop/slices.ts';
import type { Diagnosis } from '../inspection/diagnosis/report.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { Snapshot } from '../model/weights.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import { describeState } from '../optimizers.ts';
import type { Origin } from '../origin.ts';
import { type EpochExtras, EpochLog, GrowingList } from './epoch-log.ts';
import type { Fallback } from './fallback.ts';
import type { FitPlan } from './fit-options.ts';
import type { LastGood } from './last-good.ts';
import type { EpochReport, History } from './reports.ts';
import type { StepRunner, StepsRun } from './step-runner.ts';
import { type Counted, Tally } from './tally.ts';

/** The network gets good weights at least this often, so that a divergence has little to run again. */
const PUBLISH_MILLISECONDS = 1000;

/** What the network does for a training run. */
export interface TrainingHost {
  /** Told, at once, that the last good state is another. */
  publish(): void;
  /** The loss of the published weights over the training data. */
  measure(): Promise<number>;
  /** The learning rate at a step of this fit. */
  learningRate(iteration: number): number;
  /** Told of an epoch before its weights' callbacks are called. */
  endEpoch?(report: EpochReport): void;
  /** Evaluates the validation data with the published weights. */
  validate?(): Promise<Evaluation>;
  /** Measures the next step with the published weights, at the learning rates of a step of this fit. */
  diagnose?(iteration: number): Promise<Diagnosis>;
  /** What the network's structure shows that is hardly meant, in sentences. */
  readonly warnings: readonly string[];
  /** Where in the step something comes from in words: `layer 2 (dense)`. */
  describe(origin: Origin): string;
}

export class Trainer {
  readonly #pace = new Pace();
  readonly #session: Session;
  readonly #stepsPerEpoch: number;
  readonly #total: number;
  readonly #losses = new GrowingList();
  readonly #epochs: EpochLog;
  /** Steps whose records have been taken. */
  #iteration = 0;
  /** Steps that the session has run: ahead of `#iteration` while a call's records are being taken, or where a callback ended that. */
  #ran = 0;
  #hasDiverged = false;
  #published = performance.now();
  /** Of the epoch under way. */
  readonly #epoch: { steps: number; readonly tally: Tally; correct: number; began: number };
  /** Whether somebody looks at the network at the ends of epochs. */
  readonly #isWatched: boolean;
  #isStopped = false;

  /** @param answers How many an epoch is asked for; undefined where right ones are not counted. */
  constructor(
    readonly runner: StepRunner,
    readonly plan: FitPlan,
    readonly host: TrainingHost,
    readonly good: LastGood,
    readonly fallback: Fallback,
    answers: number | undefined,
    readonly earlyStop?: EarlyStop,
  ) {
    this.#session = runner.session;
    this.#stepsPerEpoch = runner.stepsPerEpoch;
    this.#total = plan.epochs * this.#stepsPerEpoch;
    this.#epochs = new EpochLog(answers);
    const tally = new Tally(runner.settings.counting.map(({ weight }) => weight));
    this.#epoch = { steps: 0, tally, correct: 0, began: performance.now() };
    this.#isWatched = Boolean(plan.onEpoch || host.validate || host.diagnose || host.endEpoch || earlyStop);
  }

  async run(): Promise<History> {
    const { signal } = this.plan;
    const began = performance.now();
    const cancel = () => this.#session.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      while (this.#iteration < this.#total && !signal?.aborted && !this.#isStopped) {
        await this.#advance();
        await slices.breathe();
      }
    } catch (error) {
      // A callback threw, say: its error goes on, and the weights are kept as far as they are good.
      if (!this.#hasDiverged) await this.#publishRest().catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    await this.#publishRest();
    this.#takeBest();
    return this.#history((performance.now() - began) / 1000);
  }

  /** One call to the backend, and everything its records tell. */
  async #advance(): Promise<void> {
    const began = performance.now();
    const { done, records, counted } = await this.#runSteps(this.#chunk());
    const elapsed = performance.now() - began;
    if (done === 0) return;
    this.#ran += done;
    this.#pace.measured(done, elapsed);
    const wasAborted = this.plan.signal?.aborted;
    for (let i = 0; i < done; i++) {
      const loss = records[i * RECORD_WIDTH];
      if (!Number.isFinite(loss)) throw await this.#diverged(this.#iteration + 1);
      const given = this.#take(loss, records[i * RECORD_WIDTH + 1], counted);
      // Steps may be shorter than it takes to wait for nothing, and epochs as short as a step.
      if (isPromise(given)) await settled(given, this.plan.signal);
      if (this.#epoch.steps === this.#stepsPerEpoch) {
        const now = began + (elapsed * (i + 1)) / done;
        if (this.#isWatched) await this.#endWatchedEpoch(now);
        else this.#endEpoch(now, {});
      }
      // A callback stopped it.
      if (!wasAborted && this.plan.signal?.aborted) return;
    }
    if (performance.now() - this.#published > PUBLISH_MILLISECONDS) await this.#publish();
  }

  /** Steps for the next call: to the epoch's end at most where somebody looks at the weights there. */
  #chunk(): number {
    const toEnd = this.#total - this.#iteration;
    const toEpochEnd = this.#stepsPerEpoch - (this.#iteration % this.#stepsPerEpoch);
    return Math.min(this.#isWatched ? toEpochEnd : toEnd, this.#pace.chunk);
  }

  #runSteps(count: number): StepsRun | Promise<StepsRun> {
    const isShort = this.#pace.isShort(count);
    return (isShort && this.runner.runNow(this.#iteration, count)) || this.runner.run(this.#iteration, count, isShort);
  }

  /** Notes a step; returns what the callback gives. */
  #take(loss: number, correct: number, counted: readonly Counted[]): unknown {
    const epoch = this.#epoch;
    epoch.tally.add(loss, this.runner.rowsOf(epoch.steps), counted);
    epoch.steps++;
    epoch.correct += correct;
    this.#losses.push(loss);
    this.fallback.note(loss);
    this.#iteration++;
    return this.plan.onStep?.({ step: this.#iteration, loss });
  }

  async #endWatchedEpoch(now: number): Promise<void> {
    await this.#publish();
    const validation = await this.host.validate?.();
    this.#endEpoch(now, { validation, diagnosis: await this.host.diagnose?.(this.#iteration - 1) });
    const report = this.#epochs.last();
    this.host.endEpoch?.(report);
    if (this.earlyStop?.take(report, this.good)) this.#isStopped = true;
    await settled(this.plan.onEpoch?.(report), this.plan.signal);
    this.#epoch.began = performance.now();
  }

  #endEpoch(now: number, extras: EpochExtras): void {
    const epoch = this.#epoch;
    this.#epochs.add(epoch.tally.loss, epoch.correct, (now - epoch.began) / 1000, this.host.learningRate(this.#iteration - 1), extras);
    epoch.tally.clear();
    epoch.steps = epoch.correct = 0;
    epoch.began = now;
  }

  /** The network gets the weights of the best epoch back, and training that goes on goes on from there. */
  #takeBest(): void {
    const best = this.earlyStop?.best;
    if (!best) return;
    this.good.become(best);
    this.host.publish();
  }

  /** Reports of all epochs are made when they are first asked for: there may be a million of them, and nobody who asks. */
  #history(seconds: number): History {
    const log = this.#epochs;
    let epochs: History['epochs'] | undefined;
    return {
      losses: this.#losses.toArray(),
      get epochs() {
        epochs ??= log.reports();
        return epochs;
      },
      seconds,
      aborted: this.#iteration < this.#total && !this.#isStopped,
      stoppedEarly: this.#isStopped,
      bestEpoch: this.earlyStop?.bestEpoch,
    };
  }

  /** Gives the network the weights as they are now. Throws DivergedError where they are not finite. */
  async #publish(): Promise<void> {
    if (!(await this.#keep(this.#ran))) throw await this.#diverged(this.#ran);
    this.#published = performance.now();
  }

  async #publishRest(): Promise<void> {
    await this.#takeBack();
    if (this.#ran > this.good.iteration) await this.#publish();
  }

  /** Where the session has run more steps than were reported, brings it back to the last of those: training takes the same steps again. */
  async #takeBack(): Promise<void> {
    if (this.#ran === this.#iteration) return;
    this.good.restore();
    await this.#runAgain(this.good.iteration, this.#iteration);
    this.#ran = this.#iteration;
  }

  /** Whether what the session has come to in so many steps is good, and the network's. */
  async #keep(iteration: number): Promise<boolean> {
    if (iteration < this.#total) await slices.run(this.fallback.leaving(this.good));
    const isGood = await this.good.take(iteration);
    if (isGood) this.host.publish();
    return isGood;
  }

  /**
   * What came of `bad` steps is not finite. Finds the step since the last good state that spoilt it, and which part of it first computed
   * something that is not finite; leaves the network with the best state that it had.
   */
  async #diverged(bad: number): Promise<DivergedError> {
    this.#hasDiverged = true;
    this.fallback.leaveLast(this.good);
    await this.#narrow(bad);
    const { iteration } = this.good;
    this.good.restore();
    const found = await this.#session.firstNonFinite(this.runner.runsOf(iteration));
    const keptStep = await this.#fallBack();
    return new DivergedError({
      step: iteration + 1,
      layer: found ? this.host.describe(found.origin) : 'the loss',
      value: found && spoiltValue(found),
      stray: found?.stray,
      lastFiniteLoss: this.#losses.last(),
      keptStep,
      warnings: this.host.warnings,
    });
  }

  /** Moves the last good state to the step before the one that spoils the weights, by halving: all in all the steps are run again once. */
  async #narrow(bad: number): Promise<void> {
    for (let end = bad; end - this.good.iteration > 1; ) {
      const middle = Math.floor((this.good.iteration + end) / 2);
      this.good.restore();
      await this.#runAgain(this.good.iteration, middle);
      if (await this.good.take(middle)) this.host.publish();
      else end = middle;
    }
  }

  /** Gives the network the state that a divergence leaves it with; returns the steps behind that. */
  async #fallBack(): Promise<number> {
    const become = (state: Snapshot) => {
      this.good.become(state);
      this.host.publish();
    };
    const measure = (state: Snapshot) => {
      become(state);
      return this.host.measure();
    };
    const state = await this.fallback.choose(measure);
    become(state);
    return state.iteration;
  }

  async #runAgain(from: number, to: number): Promise<void> {
    for (let iteration = from; iteration < to; ) {
      const { done } = await this.runner.run(iteration, Math.min(to - iteration, this.#pace.chunk), false);
      iteration += done;
      await slices.breathe();
    }
  }
}

/** What an update spoilt, in words: the state where both are not finite, for the parameter's new value is made of it. */
function spoiltValue({ state, parameter }: NonFinite): string | undefined {
  return state === undefined ? parameter : describeState(state);
}
