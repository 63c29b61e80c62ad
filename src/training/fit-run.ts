/** The run of one `fit`: the compiled step, until the epochs are done, with events for callbacks. */
import type { Session } from '../backends/backend.ts';
import type { Pace } from '../event-loop/pace.ts';
import { slices } from '../event-loop/slices.ts';
import { EpochLog, GrowingList } from './epoch-log.ts';
import type { EpochUnderWay } from './epoch-under-way.ts';
import type { Events, FitControl } from './events.ts';
import type { LearningRates } from './learning-rates.ts';
import type { Publisher } from './publisher.ts';
import type { FitBegin, FitEnd, History, Measurements, StepReport } from './reports.ts';
import type { StepRunner, StepsRun } from './step-runner.ts';
import type { Timeline } from './timeline.ts';

/** The parts of a fit. */
export interface FitParts {
  readonly runner: StepRunner;
  readonly rates: LearningRates;
  readonly publisher: Publisher;
  readonly events: Events;
  readonly epoch: EpochUnderWay;
  /** Binds the rows of further steps, unless the signal aborts; undefined where the data is bound as a whole. */
  readonly bindNext: (() => Promise<void>) | undefined;
  /** Whether reports tell of each head by its name. */
  readonly tellsHeads: boolean;
  readonly begin: () => FitBegin;
  /** The network's offers to callbacks. */
  readonly network: Pick<FitControl, 'weights' | 'save' | 'toBytes' | 'snapshot'>;
}

export class FitRun {
  readonly #parts: FitParts;
  readonly #timeline: Timeline;
  readonly #losses = new GrowingList();
  readonly #epochs: EpochLog;
  readonly #control: FitControl;
  /** Steps whose records have been taken. */
  #step: number;
  /** Steps that the session has run: ahead of `#step` while the records of a call are being taken, or if a callback stopped that. */
  #ran: number;
  #isStopped = false;
  #bestEpoch: number | undefined;
  /**
   * Publications, one after another: the session must not run meanwhile. An abort ends the waiting for a callback that publishes, not what it has
   * begun. After one that failed there is no other.
   */
  #publishing: Promise<unknown> | undefined;
  #scale: { readonly factor: number; readonly minimum: number } | undefined;

  constructor(parts: FitParts) {
    this.#parts = parts;
    this.#timeline = parts.runner.settings.timeline;
    this.#step = this.#ran = this.#timeline.start.step;
    this.#epochs = new EpochLog(this.#timeline.start.epoch, parts.epoch, parts);
    this.#control = this.#makeControl();
  }

  async run(): Promise<History> {
    const { events, publisher } = this.#parts;
    const { signal } = events;
    const began = performance.now();
    const cancel = () => this.#session.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      await events.tell('begin', this.#parts.begin, this.#control);
      this.#scaleRates();
      while (this.#step < this.#timeline.end && !signal?.aborted && !this.#isStopped) {
        if (this.#timeline.restOfData(this.#step) === 0) await this.#bindNext();
        else await this.#advance();
        await slices.giveWay();
      }
      await this.#publishRest();
    } catch (error) {
      // A callback threw, for example: its error is thrown on, and the good weights are kept.
      if (!publisher.hasDiverged) await this.#publishRest().catch(() => undefined);
      await this.#tellEnd(began, error).catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    await this.#tellEnd(began);
    return this.#history((performance.now() - began) / 1000);
  }

  get #session(): Session {
    return this.#parts.runner.session;
  }

  get #pace(): Pace {
    return this.#parts.publisher.pace;
  }

  /** Steps are taken again from the last good state, whose rows must still be bound: that of before the new rows is good. */
  async #bindNext(): Promise<void> {
    await this.#publishRest();
    await this.#parts.bindNext?.();
  }

  /** One call to the backend, and the events of its records. */
  async #advance(): Promise<void> {
    const { events, publisher } = this.#parts;
    if (this.#publishing) await this.#publishing;
    const began = performance.now();
    const first = this.#step;
    const run = await this.#runSteps(this.#chunk());
    const elapsed = performance.now() - began;
    const { done } = run;
    if (done === 0) return;
    this.#ran += done;
    this.#pace.measured(done, elapsed);
    const { width } = this.#parts.epoch.places;
    const wasAborted = events.signal?.aborted;
    while (this.#step < this.#ran) {
      const i = this.#step - first;
      const loss = run.loss ?? run.records[i * width];
      if (!Number.isFinite(loss)) throw await publisher.diverged(this.#step + 1, this.#losses.last());
      this.#take(run, i, loss);
      // Not awaited without a promise: steps may be shorter than an empty wait, and epochs as short as a step.
      const waiting = events.watchesEveryStep ? events.everyStep(this.#stepReport(), this.#control) : undefined;
      if (waiting) await waiting;
      if (this.#timeline.stepOfEpoch(this.#step) === 0) {
        const now = began + (elapsed * (i + 1)) / done;
        if (events.watchesEpochs) await this.#endWatchedEpoch(now);
        else {
          this.#endEpoch(now, NOTHING_MEASURED);
          this.#scaleRates();
        }
      }
      // A callback stopped it.
      if (this.#isStopped || (!wasAborted && events.signal?.aborted)) return;
    }
    const now = performance.now();
    if (events.isStepDue(now)) await events.someStep(this.#stepReport(), this.#control, now);
  }

  /** Steps for the next call: to the epoch's end at most where a callback looks at the weights there. */
  #chunk(): number {
    const { watchesEpochs } = this.#parts.events;
    const rest = watchesEpochs ? this.#timeline.restOfEpoch(this.#step) : this.#timeline.restOfData(this.#step);
    return Math.min(rest, this.#pace.chunk);
  }

  #runSteps(count: number): StepsRun | Promise<StepsRun> {
    const { runner } = this.#parts;
    const isShort = this.#pace.isShort(count);
    return (isShort && runner.runNow(this.#step, count)) || runner.run(this.#step, count, isShort);
  }

  /** Notes the step of that number within a run. */
  #take({ records, batches }: StepsRun, number: number, loss: number): void {
    const { epoch, publisher, runner } = this.#parts;
    for (let i = 0; i < batches; i++) epoch.add(records, number * batches + i, runner.rowsOf(this.#step, i));
    this.#losses.push(loss);
    publisher.fallback.note(loss);
    this.#step++;
  }

  /** Of the step taken last. */
  #stepReport(): StepReport {
    return { step: this.#step, epoch: this.#timeline.at(this.#step - 1).epoch + 1, loss: this.#losses.last() };
  }

  async #endWatchedEpoch(now: number): Promise<void> {
    const { events, epoch } = this.#parts;
    await this.#publish();
    this.#endEpoch(now, await events.measure(this.#control));
    await events.tell('epoch', () => this.#epochs.last(), this.#control);
    this.#scaleRates();
    epoch.resume(performance.now());
  }

  #endEpoch(now: number, measured: Measurements): void {
    const { epoch, rates } = this.#parts;
    this.#epochs.add(epoch.secondsAt(now), rates.at(this.#step - 1)[0], measured);
    epoch.begin(now);
  }

  /** As a callback asked for since the epoch began. */
  #scaleRates(): void {
    if (this.#scale) this.#parts.rates.scale(this.#scale.factor, this.#scale.minimum);
    this.#scale = undefined;
  }

  /** Gives the network the weights as they are now. Throws DivergedError where they are not finite. */
  async #publish(): Promise<void> {
    await this.#inTurn(() => this.#givePublisher());
    await this.#tellPublished();
  }

  /**
   * Where the session has run more steps than callbacks were told of, brings it back to the last of those, by taking the same steps again.
   */
  async #publishRest(): Promise<void> {
    const { publisher } = this.#parts;
    const hasPublished = await this.#inTurn(async () => {
      if (this.#ran !== this.#step) await publisher.takeBack(this.#step);
      this.#ran = this.#step;
      if (this.#ran <= publisher.step) return false;
      await this.#givePublisher();
      return true;
    });
    if (hasPublished) await this.#tellPublished();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#publishing ? this.#publishing.then(work) : work();
    this.#publishing = turn;
    const ended = () => {
      if (this.#publishing === turn) this.#publishing = undefined;
    };
    turn.then(ended, () => undefined);
    return turn;
  }

  #givePublisher(): Promise<void> {
    const { publisher, epoch } = this.#parts;
    return publisher.publish(this.#ran, epoch.stateAt(performance.now()), this.#losses.last());
  }

  #tellPublished(): Promise<void> {
    return this.#parts.events.tell('published', () => this.#timeline.at(this.#ran), this.#control);
  }

  async #tellEnd(began: number, error?: unknown): Promise<void> {
    const end = (): FitEnd => ({
      progress: this.#timeline.at(this.#step),
      seconds: (performance.now() - began) / 1000,
      aborted: this.#isUnfinished,
      stoppedEarly: this.#isStopped,
      ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
    });
    await this.#parts.events.tell('end', end, this.#control);
  }

  get #isUnfinished(): boolean {
    return this.#step < this.#timeline.end && !this.#isStopped;
  }

  /** Reports of all epochs are made when they are first asked for: there may be a million of them that nobody reads. */
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
      aborted: this.#isUnfinished,
      stoppedEarly: this.#isStopped,
      bestEpoch: this.#bestEpoch,
    };
  }

  #makeControl(): FitControl {
    const { publisher, network, rates } = this.#parts;
    const progress = () => this.#timeline.at(this.#step);
    const learningRates = () => rates.at(Math.max(this.#step - 1, this.#timeline.start.step));
    const isStopping = () => this.#isStopped;
    return {
      get progress() {
        return progress();
      },
      get learningRates() {
        return learningRates();
      },
      get isStopping() {
        return isStopping();
      },
      stop: () => {
        this.#isStopped = true;
      },
      publish: () => this.#publishRest(),
      ...network,
      scaleLearningRates: (factor, minimum = 0) => {
        this.#scale = { factor, minimum };
      },
      restore: (snapshot) => publisher.become(snapshot),
      noteBest: (epoch) => {
        this.#bestEpoch = epoch;
      },
    };
  }
}

const NOTHING_MEASURED: Measurements = {};
