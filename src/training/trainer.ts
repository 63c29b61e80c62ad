/** One `fit`: runs the compiled step until the epochs are done, and reports as it goes. */
import type { Session } from '../backends/backend.ts';
import { DivergedError } from '../errors.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import type { PreparedData } from './data.ts';
import { firstNonFinite } from './divergence.ts';
import { EpochLog, GrowingList, type Validation } from './epoch-log.ts';
import type { FitPlan, History } from './fit-options.ts';
import { Pace } from './pace.ts';
import { allFinite, readSlots, type Snapshot, writeSlots } from './weights.ts';

/** Good weights are copied out of the session at least this often, so that a divergence has little to run again. */
const SNAPSHOT_MILLISECONDS = 1000;

/** What the network does for a training run. */
export interface TrainingHost {
  /** Takes over good weights after `iterations` steps of this fit. */
  publish(snapshot: Snapshot, iterations: number): void;
  /** Evaluates the validation data with the published weights. */
  validate?(): Promise<Validation>;
  /** A program label in words: `layer 2 (dense)`. */
  describe(label: string): string;
}

export class Trainer {
  readonly #pace = new Pace();
  readonly #stepsPerEpoch: number;
  readonly #total: number;
  /** Rows of an epoch's last mini-batch. */
  readonly #lastRows: number;
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

  constructor(
    readonly session: Session,
    readonly data: PreparedData,
    readonly plan: FitPlan,
    readonly host: TrainingHost,
    initial: Snapshot,
  ) {
    this.#stepsPerEpoch = Math.ceil(data.rows / plan.batchSize);
    this.#total = plan.epochs * this.#stepsPerEpoch;
    this.#lastRows = data.rows - (this.#stepsPerEpoch - 1) * plan.batchSize;
    this.#epochs = new EpochLog(data.rows, data.comparison !== undefined);
    this.#isWatched = Boolean(plan.onEpoch || host.validate);
    this.#snapshot = { ...initial, iteration: 0 };
    this.#restore();
  }

  async run(): Promise<History> {
    const { signal } = this.plan;
    const cancel = () => this.session.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      while (this.#iteration < this.#total && !signal?.aborted) {
        await this.#advance();
        await this.#pace.breathe();
      }
    } finally {
      signal?.removeEventListener('abort', cancel);
      if (!this.#hasDiverged && this.#ran > this.#snapshot.iteration) this.#publish();
    }
    return this.#history();
  }

  /** One call to the backend, and everything its records tell. */
  async #advance(): Promise<void> {
    const began = performance.now();
    const done = await this.#runSteps(this.#chunk());
    const elapsed = performance.now() - began;
    if (done === 0) return;
    this.#ran += done;
    this.#pace.measured(done, elapsed);
    const records = this.session.records(done);
    for (let i = 0; i < done; i++) {
      const loss = records[i * RECORD_WIDTH];
      if (!Number.isFinite(loss)) throw this.#diverged();
      this.#take(loss, records[i * RECORD_WIDTH + 1]);
      if (this.#epoch.steps < this.#stepsPerEpoch) continue;
      const now = began + (elapsed * (i + 1)) / done;
      // Epochs may be as short as a step: waiting for nothing would cost more than the training.
      if (this.#isWatched) await this.#endWatchedEpoch(now);
      else this.#endEpoch(now, undefined);
    }
    if (performance.now() - this.#snapshotTime > SNAPSHOT_MILLISECONDS) this.#publish();
  }

  /** Steps for the next call: to the epoch's end at most where somebody looks at the weights there. */
  #chunk(): number {
    const toEnd = this.#total - this.#iteration;
    const toEpochEnd = this.#stepsPerEpoch - (this.#iteration % this.#stepsPerEpoch);
    return Math.min(this.#isWatched ? toEpochEnd : toEnd, this.#pace.chunk);
  }

  #runSteps(repeats: number): number | Promise<number> {
    const request = { from: 0, to: this.session.program.code.length, repeats, iteration: this.#iteration, rows: this.plan.batchSize };
    return this.#pace.isShort(repeats) ? this.session.run(request) : this.session.runAsync(request);
  }

  #take(loss: number, correct: number): void {
    const epoch = this.#epoch;
    const rows = ++epoch.steps < this.#stepsPerEpoch ? this.plan.batchSize : this.#lastRows;
    epoch.loss += loss * rows;
    epoch.correct += correct;
    this.#losses.push(loss);
    this.#iteration++;
    this.plan.onStep?.({ step: this.#iteration, loss });
  }

  #rowsOf(iteration: number): number {
    return (iteration + 1) % this.#stepsPerEpoch ? this.plan.batchSize : this.#lastRows;
  }

  async #endWatchedEpoch(now: number): Promise<void> {
    this.#publish();
    this.#endEpoch(now, await this.host.validate?.());
    await this.plan.onEpoch?.(this.#epochs.last());
    this.#epoch.began = performance.now();
  }

  #endEpoch(now: number, validation: Validation | undefined): void {
    const epoch = this.#epoch;
    this.#epochs.add(epoch.loss, epoch.correct, (now - epoch.began) / 1000, validation);
    epoch.steps = epoch.loss = epoch.correct = 0;
    epoch.began = now;
  }

  /** Reports of all epochs are made when they are first asked for: there may be a million of them, and nobody who asks. */
  #history(): History {
    const log = this.#epochs;
    let epochs: History['epochs'] | undefined;
    return {
      losses: this.#losses.toArray(),
      get epochs() {
        epochs ??= log.reports();
        return epochs;
      },
      aborted: this.#iteration < this.#total,
    };
  }

  /** Copies the weights out and hands them to the network. Throws DivergedError where they are not finite. */
  #publish(): void {
    const snapshot = this.#read();
    if (!allFinite(snapshot.parameters)) throw this.#diverged();
    this.#snapshot = { ...snapshot, iteration: this.#ran };
    this.#snapshotTime = performance.now();
    this.host.publish(snapshot, this.#ran);
  }

  #read(): Snapshot {
    const { parameters, state } = this.session.program;
    return { parameters: readSlots(this.session, parameters), state: readSlots(this.session, state) };
  }

  #restore(): void {
    const { parameters, state } = this.session.program;
    writeSlots(this.session, parameters, this.#snapshot.parameters);
    writeSlots(this.session, state, this.#snapshot.state);
  }

  /**
   * `#iteration` steps had finite losses; the next did not, or the weights no longer are. Runs again from the last snapshot to the
   * weights before the last good step, which become the network's, then looks for the first result that is not finite.
   */
  #diverged(): DivergedError {
    this.#hasDiverged = true;
    const failed = this.#iteration;
    const last = Math.max(failed - 1, this.#snapshot.iteration);
    this.#restore();
    const { length } = this.session.program.code;
    const repeats = last - this.#snapshot.iteration;
    this.session.run({ from: 0, to: length, repeats, iteration: this.#snapshot.iteration, rows: this.plan.batchSize });
    const good = this.#read();
    this.host.publish(good, last);
    let label: string | undefined;
    for (let iteration = last; iteration <= failed && label === undefined; iteration++) {
      label = firstNonFinite(this.session, iteration, this.#rowsOf(iteration));
    }
    return new DivergedError(failed + 1, this.host.describe(label ?? 'loss'), this.#losses.last());
  }
}
