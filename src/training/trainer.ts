/** One `fit`: runs the compiled step until the epochs are done, and reports as it goes. */
import type { Session } from '../backends/backend.ts';
import { DivergedError } from '../errors.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import type { Diagnosis } from './diagnosis.ts';
import { firstNonFinite } from './divergence.ts';
import type { EarlyStop } from './early-stopping.ts';
import { type EpochExtras, EpochLog, GrowingList } from './epoch-log.ts';
import type { Evaluation } from './evaluator.ts';
import type { EpochReport, FitPlan, History } from './fit-options.ts';
import { Pace } from './pace.ts';
import type { StepRunner, StepsRun } from './step-runner.ts';
import { allFinite, readSlots, type Snapshot, writeSlots } from './weights.ts';

/** Good weights are copied out of the session at least this often, so that a divergence has little to run again. */
const SNAPSHOT_MILLISECONDS = 1000;

/** What the network does for a training run. */
export interface TrainingHost {
  /** Takes over good weights after `iterations` steps of this fit. */
  publish(snapshot: Snapshot, iterations: number): void;
  /** The learning rate at a step of this fit. */
  learningRate(iteration: number): number;
  /** Told of an epoch before its weights' callbacks are called. */
  endEpoch?(report: EpochReport): void;
  /** Evaluates the validation data with the published weights. */
  validate?(): Promise<Evaluation>;
  /** Measures the next step with the published weights, at the learning rates of a step of this fit. */
  diagnose?(iteration: number): Promise<Diagnosis>;
  /** A program label in words: `layer 2 (dense)`. */
  describe(label: string): string;
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
  /** Steps that the session has run: ahead of `#iteration` while a call's records are being taken. */
  #ran = 0;
  #hasDiverged = false;
  #snapshot: Snapshot & { iteration: number };
  #snapshotTime = performance.now();
  /** Of the epoch under way. */
  #epoch = { steps: 0, loss: 0, correct: 0, began: performance.now() };
  /** Whether somebody looks at the network at the ends of epochs. */
  readonly #isWatched: boolean;
  #isStopped = false;

  /** @param answers How many an epoch is asked for; undefined where right ones are not counted. */
  constructor(
    readonly runner: StepRunner,
    readonly plan: FitPlan,
    readonly host: TrainingHost,
    initial: Snapshot,
    answers: number | undefined,
    readonly earlyStop?: EarlyStop,
  ) {
    this.#session = runner.session;
    this.#stepsPerEpoch = runner.stepsPerEpoch;
    this.#total = plan.epochs * this.#stepsPerEpoch;
    this.#epochs = new EpochLog(runner.settings.rows, answers);
    this.#isWatched = Boolean(plan.onEpoch || host.validate || host.diagnose || host.endEpoch || earlyStop);
    this.#snapshot = { ...initial, iteration: 0 };
    this.#restore();
    // State that `initial` does not have is zero in a fresh session, and must be zero again when a divergence goes back to here.
    this.#snapshot = { ...this.#read(), iteration: 0 };
  }

  async run(): Promise<History> {
    const { signal } = this.plan;
    const began = performance.now();
    const cancel = () => this.#session.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      while (this.#iteration < this.#total && !signal?.aborted && !this.#isStopped) {
        await this.#advance();
        await this.#pace.breathe();
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
    const { done, records } = await this.#runSteps(this.#chunk());
    const elapsed = performance.now() - began;
    if (done === 0) return;
    this.#ran += done;
    this.#pace.measured(done, elapsed);
    for (let i = 0; i < done; i++) {
      const loss = records[i * RECORD_WIDTH];
      if (!Number.isFinite(loss)) throw await this.#diverged(this.#iteration + 1);
      this.#take(loss, records[i * RECORD_WIDTH + 1]);
      if (this.#epoch.steps < this.#stepsPerEpoch) continue;
      const now = began + (elapsed * (i + 1)) / done;
      // Epochs may be as short as a step: waiting for nothing would cost more than the training.
      if (this.#isWatched) await this.#endWatchedEpoch(now);
      else this.#endEpoch(now, {});
    }
    if (performance.now() - this.#snapshotTime > SNAPSHOT_MILLISECONDS) await this.#publish();
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

  #take(loss: number, correct: number): void {
    const epoch = this.#epoch;
    epoch.loss += loss * this.runner.rowsOf(epoch.steps);
    epoch.steps++;
    epoch.correct += correct;
    this.#losses.push(loss);
    this.#iteration++;
    this.plan.onStep?.({ step: this.#iteration, loss });
  }

  async #endWatchedEpoch(now: number): Promise<void> {
    await this.#publish();
    const validation = await this.host.validate?.();
    this.#endEpoch(now, { validation, diagnosis: await this.host.diagnose?.(this.#iteration - 1) });
    const report = this.#epochs.last();
    this.host.endEpoch?.(report);
    if (this.earlyStop?.take(report, this.#snapshot)) this.#isStopped = true;
    await this.plan.onEpoch?.(report);
    this.#epoch.began = performance.now();
  }

  #endEpoch(now: number, extras: EpochExtras): void {
    const epoch = this.#epoch;
    this.#epochs.add(epoch.loss, epoch.correct, (now - epoch.began) / 1000, this.host.learningRate(this.#iteration - 1), extras);
    epoch.steps = epoch.loss = epoch.correct = 0;
    epoch.began = now;
  }

  /** The network gets the weights of the best epoch back, and training that goes on goes on from there. */
  #takeBest(): void {
    const best = this.earlyStop?.best;
    if (!best) return;
    const { iteration, ...good } = best;
    this.host.publish(good, iteration);
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

  /** Copies the weights out and hands them to the network. Throws DivergedError where they are not finite. */
  async #publish(): Promise<void> {
    const snapshot = this.#read();
    if (!isGood(snapshot)) throw await this.#diverged(this.#ran);
    this.#snapshot = { ...snapshot, iteration: this.#ran };
    this.#snapshotTime = performance.now();
    this.host.publish(snapshot, this.#ran);
  }

  async #publishRest(): Promise<void> {
    if (this.#ran > this.#snapshot.iteration) await this.#publish();
  }

  #read(): Snapshot {
    const { parameters, state } = this.#session.program;
    return { parameters: readSlots(this.#session, parameters), state: readSlots(this.#session, state) };
  }

  #restore(): void {
    const { parameters, state } = this.#session.program;
    writeSlots(this.#session, parameters, this.#snapshot.parameters);
    writeSlots(this.#session, state, this.#snapshot.state);
  }

  /**
   * The last snapshot is good, what came of `bad` steps is not. Finds the step between that spoilt it, gives the network the weights
   * before it, and says which part of it first computed something that is not finite.
   */
  async #diverged(bad: number): Promise<DivergedError> {
    this.#hasDiverged = true;
    await this.#narrow(bad);
    const { iteration, ...good } = this.#snapshot;
    this.host.publish(good, iteration);
    this.#restore();
    const label = firstNonFinite(this.#session, this.runner.requestsOf(iteration));
    return new DivergedError(iteration + 1, this.host.describe(label ?? 'loss'), this.#losses.last());
  }

  /** Moves the snapshot to the step before the one that spoils the weights, by halving: all in all the steps are run again once. */
  async #narrow(bad: number): Promise<void> {
    for (let end = bad; end - this.#snapshot.iteration > 1; ) {
      const middle = Math.floor((this.#snapshot.iteration + end) / 2);
      this.#restore();
      await this.#runAgain(this.#snapshot.iteration, middle);
      const snapshot = this.#read();
      if (isGood(snapshot)) this.#snapshot = { ...snapshot, iteration: middle };
      else end = middle;
    }
  }

  async #runAgain(from: number, to: number): Promise<void> {
    for (let iteration = from; iteration < to; ) {
      const { done } = await this.runner.run(iteration, Math.min(to - iteration, this.#pace.chunk), false);
      iteration += done;
      await this.#pace.breathe();
    }
  }
}

const isGood = ({ parameters, state }: Snapshot) => allFinite(parameters) && allFinite(state);
