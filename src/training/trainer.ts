/** One `fit`: runs the compiled step until the epochs are done, and reports as it goes. */
import type { Session } from '../backends/backend.ts';
import { DivergedError } from '../errors.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import type { PreparedData } from './data.ts';
import { firstNonFinite } from './divergence.ts';
import type { EpochReport, FitPlan, History } from './fit-options.ts';
import { Pace } from './pace.ts';
import { allFinite, readSlots, type Snapshot, writeSlots } from './weights.ts';

/** Good weights are copied out of the session at least this often, so that a divergence has little to run again. */
const SNAPSHOT_MILLISECONDS = 1000;

/** What the network does for a training run. */
export interface TrainingHost {
  /** Takes over good weights after `iterations` steps of this fit. */
  publish(snapshot: Snapshot, iterations: number): void;
  /** Evaluates the validation data with the published weights. */
  validate?(): Promise<{ loss: number; accuracy: number | undefined }>;
  /** A program label in words: `layer 2 (dense)`. */
  describe(label: string): string;
}

export class Trainer {
  readonly #pace = new Pace();
  readonly #stepsPerEpoch: number;
  readonly #total: number;
  readonly #losses = new GrowingList();
  readonly #epochs: EpochReport[] = [];
  /** Steps whose records have been taken. */
  #iteration = 0;
  /** Steps that the session has run: ahead of `#iteration` while a call's records are being taken. */
  #ran = 0;
  #hasDiverged = false;
  #snapshot: Snapshot & { iteration: number };
  #snapshotTime = performance.now();
  #epoch = { loss: 0, correct: 0, began: performance.now() };

  constructor(
    readonly session: Session,
    readonly data: PreparedData,
    readonly plan: FitPlan,
    readonly host: TrainingHost,
    initial: Snapshot,
  ) {
    this.#stepsPerEpoch = Math.ceil(data.rows / plan.batchSize);
    this.#total = plan.epochs * this.#stepsPerEpoch;
    this.#snapshot = { ...initial, iteration: 0 };
    this.#restore();
    // State that `initial` does not have is zero in a fresh session, and must be zero again when a divergence goes back to here.
    this.#snapshot = { ...this.#read(), iteration: 0 };
  }

  async run(): Promise<History> {
    const { signal } = this.plan;
    const began = performance.now();
    const cancel = () => this.session.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      while (this.#iteration < this.#total && !signal?.aborted) {
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
    const seconds = (performance.now() - began) / 1000;
    return { losses: this.#losses.toArray(), epochs: this.#epochs, seconds, aborted: this.#iteration < this.#total };
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
      if (!Number.isFinite(loss)) throw await this.#diverged(this.#iteration + 1);
      this.#take(loss, records[i * RECORD_WIDTH + 1]);
      if (this.#iteration % this.#stepsPerEpoch === 0) await this.#endEpoch(began + (elapsed * (i + 1)) / done);
    }
    if (performance.now() - this.#snapshotTime > SNAPSHOT_MILLISECONDS) await this.#publish();
  }

  /** Steps for the next call: to the epoch's end at most where somebody looks at the weights there. */
  #chunk(): number {
    const toEnd = this.#total - this.#iteration;
    const toEpochEnd = this.#stepsPerEpoch - (this.#iteration % this.#stepsPerEpoch);
    const limit = this.plan.onEpoch || this.host.validate ? toEpochEnd : toEnd;
    return Math.min(limit, this.#pace.chunk);
  }

  #runSteps(repeats: number): number | Promise<number> {
    const request = { from: 0, to: this.session.program.code.length, repeats, iteration: this.#iteration, rows: this.plan.batchSize };
    return this.#pace.isShort(repeats) ? this.session.run(request) : this.session.runAsync(request);
  }

  #take(loss: number, correct: number): void {
    const rows = this.#rowsOf(this.#iteration);
    this.#losses.push(loss);
    this.#epoch.loss += loss * rows;
    this.#epoch.correct += correct;
    this.#iteration++;
    this.plan.onStep?.({ step: this.#iteration, loss });
  }

  #rowsOf(iteration: number): number {
    const cursor = (iteration % this.#stepsPerEpoch) * this.plan.batchSize;
    return Math.min(this.plan.batchSize, this.data.rows - cursor);
  }

  async #endEpoch(now: number): Promise<void> {
    const { loss, correct, began } = this.#epoch;
    const seconds = (now - began) / 1000;
    const watched = this.plan.onEpoch || this.host.validate;
    if (watched) await this.#publish();
    const validation = await this.host.validate?.();
    const report: EpochReport = {
      epoch: this.#epochs.length + 1,
      loss: loss / this.data.rows,
      accuracy: this.data.comparison && correct / this.data.rows,
      validationLoss: validation?.loss,
      validationAccuracy: validation?.accuracy,
      seconds,
    };
    this.#epochs.push(report);
    await this.plan.onEpoch?.(report);
    this.#epoch = { loss: 0, correct: 0, began: watched ? performance.now() : now };
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
    const { parameters, state } = this.session.program;
    return { parameters: readSlots(this.session, parameters), state: readSlots(this.session, state) };
  }

  #restore(): void {
    const { parameters, state } = this.session.program;
    writeSlots(this.session, parameters, this.#snapshot.parameters);
    writeSlots(this.session, state, this.#snapshot.state);
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
    const label = firstNonFinite(this.session, iteration, this.#rowsOf(iteration));
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
    const { length } = this.session.program.code;
    for (let iteration = from; iteration < to; ) {
      const repeats = Math.min(to - iteration, this.#pace.chunk);
      iteration += await this.session.runAsync({ from: 0, to: length, repeats, iteration, rows: this.plan.batchSize });
      await this.#pace.breathe();
    }
  }
}

const isGood = ({ parameters, state }: Snapshot) => allFinite(parameters) && allFinite(state);

/** Float64 values in a buffer that doubles. */
class GrowingList {
  #buffer = new Float64Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#buffer.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = value;
  }

  last(): number {
    return this.#length ? this.#buffer[this.#length - 1] : Number.NaN;
  }

  toArray(): Float64Array {
    return this.#buffer.slice(0, this.#length);
  }
}
