/** Runs training steps in a session, with their learning rates, and as several mini-batches where gradients accumulate. */
import type { Run, Session } from '../backends/backend.ts';
import type { Clock } from '../clock.ts';
import { mostSteps } from '../event-loop/pace.ts';
import { type LossPlaces, LossTotals } from '../metrics/loss-totals.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Part } from '../origin.ts';
import type { Slot } from '../program/format.ts';
import { type CodeRange, rangeOfPart } from '../program/parts.ts';
import { RateInputs } from './rate-inputs.ts';
import type { Timeline } from './timeline.ts';

export interface RunnerSettings {
  readonly timeline: Timeline;
  /** Each group's learning rate at a step. */
  rates(step: number): readonly number[];
  readonly places: LossPlaces;
  /** The interval at which rates may change. */
  readonly changes: 'never' | 'epochs' | 'steps';
}

export interface StepsRun {
  readonly done: number;
  /** Of each mini-batch. */
  readonly records: Float64Array;
  /** Mini-batches a step. */
  readonly batches: number;
  /** The loss of a step of several mini-batches, which is run alone. */
  readonly loss?: number;
}

/** Mini-batches of one epoch. */
type Batches = Run & { readonly repeats: number; readonly clock: Clock };

const NOTHING_RUN: StepsRun = { done: 0, records: new Float64Array(0), batches: 1 };

export class StepRunner {
  /** The code word at which the counting of a step's targets ends. */
  readonly #countEnd: number;
  /** The code word at which updates begin. */
  readonly #updateAt: number;
  readonly #rates: RateInputs;

  constructor(
    readonly session: Session,
    readonly settings: RunnerSettings,
  ) {
    this.#rates = new RateInputs(session);
    const { program } = session;
    const rangeOf = (part: Part) => (this.#accumulates ? rangeOfPart(program, part) : undefined);
    this.#countEnd = rangeOf('count')?.to ?? 0;
    this.#updateAt = rangeOf('update')?.from ?? program.code.length;
  }

  get #timeline(): Timeline {
    return this.settings.timeline;
  }

  get #accumulates(): boolean {
    return this.#timeline.shape.accumulate > 1;
  }

  /** Rows of a step's mini-batch, the first or a later one. */
  rowsOf(step: number, batch = 0): number {
    return this.#timeline.rowsOf(this.#timeline.at(step).batch + batch);
  }

  /** Runs at most `count` steps from one on, up to the next change of learning rates. A cancelled session does fewer. */
  async run(step: number, count: number, inPlace: boolean): Promise<StepsRun> {
    const steps = this.#prepare(step, count);
    if (this.#accumulates) return this.#runAccumulating(step, inPlace);
    const done = await this.#call(this.#stepsFrom(step, steps), inPlace);
    return { done, records: await this.session.records(done), batches: 1 };
  }

  /** As `run`, on the caller's thread at once; undefined where gradients accumulate, or the backend computes on another device. */
  runNow(step: number, count: number): StepsRun | undefined {
    const { now } = this.session;
    if (!now || this.#accumulates) return undefined;
    const steps = this.#prepare(step, count);
    const done = now.run(this.#stepsFrom(step, steps));
    return { done, records: now.records(done), batches: 1 };
  }

  /** The runs of one step, each with the rows that it has: every mini-batch, then the update. */
  *runsOf(step: number): Generator<Run> {
    this.#prepare(step, 1);
    if (!this.#accumulates) {
      yield { ...this.#stepsFrom(step, 1), rows: this.rowsOf(step) };
      return;
    }
    const batches = this.#batchesOf(step);
    const one = (i: number) => ({ ...batches, repeats: 1, clock: nth(batches, i), rows: this.rowsOf(step, i) });
    if (this.#countEnd > 0) for (let i = 0; i < batches.repeats; i++) yield { ...one(i), range: this.#counting };
    for (let i = 0; i < batches.repeats; i++) yield one(i);
    yield this.#update;
  }

  async #runAccumulating(step: number, inPlace: boolean): Promise<StepsRun> {
    const request = this.#batchesOf(step);
    if (this.#countEnd > 0) await this.#call({ ...request, range: this.#counting }, true);
    const { places } = this.settings;
    const { repeats } = request;
    const records = new Float64Array(repeats * places.width);
    const losses = new LossTotals(places);
    for (let start = 0; start < repeats; ) {
      const atOnce = Math.min(repeats - start, mostSteps(places.width));
      const clock = nth(request, start);
      const done = await this.#call({ ...request, repeats: atOnce, clock }, inPlace);
      if (done < atOnce) return NOTHING_RUN;
      records.set(await this.session.records(done), start * places.width);
      for (const end = start + done; start < end; start++) losses.add(records, start * places.width, this.rowsOf(step, start));
    }
    await this.#call(this.#update, true);
    return { done: 1, records, batches: repeats, loss: losses.loss };
  }

  #call(run: Run, inPlace: boolean): number | Promise<number> {
    const { now } = this.session;
    return inPlace && now ? now.run(run) : this.session.run(run);
  }

  #stepsFrom(step: number, repeats: number): Run {
    return { rows: this.#timeline.shape.batchSize, repeats, clock: this.#timeline.clockOf(this.#timeline.at(step)) };
  }

  /** The part that counts a step's targets, before the first mini-batch is computed. */
  get #counting(): CodeRange {
    return { from: 0, to: this.#countEnd };
  }

  /** The gradients of a step's mini-batches. */
  #batchesOf(step: number): Batches {
    const timeline = this.#timeline;
    const progress = timeline.at(step);
    const range = { from: this.#countEnd, to: this.#updateAt };
    return { rows: timeline.shape.batchSize, range, repeats: timeline.batchesAt(progress), clock: timeline.clockOf(progress) };
  }

  get #update(): Run {
    return { rows: this.#timeline.shape.batchSize, range: { from: this.#updateAt, to: this.session.program.code.length } };
  }

  /** Writes the inputs of steps into the arena; returns how many steps, `count` at most, have the same. */
  #prepare(step: number, count: number): number {
    const { carried } = this.session.program;
    const steps = this.#setRates(step, count);
    if (carried.size === 0) return steps;
    if (this.#timeline.stepOfEpoch(step) === 0) clear(this.session, carried.values());
    return Math.min(steps, this.#timeline.restOfEpoch(step));
  }

  /** Puts the rates of a step into the arena; returns how many steps, `count` at most, have them. */
  #setRates(step: number, count: number): number {
    const { rates, changes } = this.settings;
    const wanted = rates(step);
    this.#rates.write(wanted);
    if (changes === 'never') return count;
    let steps = changes === 'steps' ? 1 : this.#timeline.restOfEpoch(step);
    // Where rates stay through an epoch, only the beginnings of epochs are checked.
    while (steps < count && rates(step + steps).every((rate, group) => rate === wanted[group])) {
      steps += changes === 'steps' ? 1 : this.#timeline.restOfEpoch(step + steps);
    }
    return Math.min(steps, count);
  }
}

function clear(session: Session, slots: Iterable<Slot>): void {
  for (const slot of slots) session.write(slot, new Float64Array(resolve(count(slot.shape), session.program.maximumRows)));
}

/** The clock of one of a step's mini-batches. */
const nth = ({ clock: { epoch, batch } }: Batches, i: number): Clock => ({ epoch, batch: batch + i });
