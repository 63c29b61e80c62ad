/** Runs training steps in a session, with their learning rates, and as several mini-batches where gradients accumulate. */
import type { Run, Session, SessionNow } from '../backends/backend.ts';
import type { Clock } from '../clock.ts';
import { headOutputs, learningRateInput } from '../model/graphs.ts';
import type { Head } from '../model/heads.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Part } from '../origin.ts';
import type { Slot } from '../program/format.ts';
import { type CodeRange, rangeOfPart } from '../program/parts.ts';
import { type Counted, Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';

export interface RunnerSettings {
  readonly timeline: Timeline;
  /** Each group's learning rate at a step. */
  rates(step: number): readonly number[];
  /** The heads that ignore some targets. */
  readonly counting: readonly Pick<Head, 'name' | 'weight'>[];
  /** The interval at which rates may change. */
  readonly changes: 'never' | 'epochs' | 'steps';
}

export interface StepsRun {
  readonly done: number;
  /** Two numbers a step: the loss, and the count of correct rows. */
  readonly records: Float64Array;
  /** Results of the heads that ignore some targets. With such heads one step is run at a time. */
  readonly counted: readonly Counted[];
}

/** Mini-batches of one epoch. */
type Batches = Run & { readonly repeats: number; readonly clock: Clock };

const NOTHING_COUNTED: readonly Counted[] = [];

export class StepRunner {
  /** The code word at which the counting of a step's targets ends. */
  readonly #countEnd: number;
  /** The code word at which updates begin. */
  readonly #updateAt: number;
  #written: readonly number[] = [];

  constructor(
    readonly session: Session,
    readonly settings: RunnerSettings,
  ) {
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

  /** Rows of a step's mini-batches together. */
  rowsOf(step: number): number {
    const { shape } = this.#timeline;
    return this.#timeline.rowsFrom(this.#timeline.stepOfEpoch(step) * shape.accumulate, shape.accumulate);
  }

  /** Runs at most `count` steps from one on, up to the next change of learning rates. A cancelled session does fewer. */
  async run(step: number, count: number, inPlace: boolean): Promise<StepsRun> {
    const steps = this.#prepare(step, count);
    if (this.#accumulates) return this.#runAccumulating(step, inPlace);
    const done = await this.#call(this.#stepsFrom(step, steps), inPlace);
    return { done, records: await this.session.records(done), counted: await this.#counted() };
  }

  /** As `run`, on the caller's thread at once; undefined where gradients accumulate, or the backend computes on another device. */
  runNow(step: number, count: number): StepsRun | undefined {
    const { now } = this.session;
    if (!now || this.#accumulates) return undefined;
    const steps = this.#prepare(step, count);
    const done = now.run(this.#stepsFrom(step, steps));
    return { done, records: now.records(done), counted: this.#countedNow(now) };
  }

  /** The runs of one step, each with the rows that it has: every mini-batch, then the update. */
  *runsOf(step: number): Generator<Run> {
    this.#prepare(step, 1);
    if (!this.#accumulates) {
      yield { ...this.#stepsFrom(step, 1), rows: this.rowsOf(step) };
      return;
    }
    const batches = this.#batchesOf(step);
    const one = (i: number) => ({ ...batches, repeats: 1, clock: nth(batches, i), rows: this.#rowsOfBatch(nth(batches, i).batch) });
    if (this.#countEnd > 0) for (let i = 0; i < batches.repeats; i++) yield { ...one(i), range: this.#counting };
    for (let i = 0; i < batches.repeats; i++) yield one(i);
    yield this.#update;
  }

  async #runAccumulating(step: number, inPlace: boolean): Promise<StepsRun> {
    const request = this.#batchesOf(step);
    if (this.#countEnd > 0) await this.#call({ ...request, range: this.#counting }, true);
    const tally = new Tally(this.settings.counting.map(({ weight }) => weight));
    let correct = 0;
    // Results of heads that ignore some targets are read after every mini-batch.
    const atOnce = this.settings.counting.length ? 1 : request.repeats;
    for (let start = 0; start < request.repeats; start += atOnce) {
      const clock = nth(request, start);
      const done = await this.#call({ ...request, repeats: atOnce, clock }, inPlace);
      if (done < atOnce) return { done: 0, records: new Float64Array(0), counted: NOTHING_COUNTED };
      const found = await this.session.records(done);
      const counted = await this.#counted();
      for (let i = 0; i < done; i++) {
        tally.add(found[i * RECORD_WIDTH], this.#rowsOfBatch(clock.batch + i), counted);
        correct += found[i * RECORD_WIDTH + 1];
      }
    }
    await this.#call(this.#update, true);
    return { done: 1, records: Float64Array.of(tally.loss, correct), counted: tally.counted };
  }

  /** The results of heads that ignore some targets, in the last mini-batch. */
  async #counted(): Promise<readonly Counted[]> {
    const { session } = this;
    if (session.now) return this.#countedNow(session.now);
    const read = async (name: string) => (await session.read(name, 1))[0];
    return Promise.all(
      this.settings.counting.map(async ({ name }) => ({
        loss: await read(headOutputs(name).loss),
        targets: await read(headOutputs(name).counted),
      })),
    );
  }

  #countedNow(now: SessionNow): readonly Counted[] {
    const { counting } = this.settings;
    if (counting.length === 0) return NOTHING_COUNTED;
    const read = (name: string) => now.read(name, 1)[0];
    return counting.map(({ name }) => ({ loss: read(headOutputs(name).loss), targets: read(headOutputs(name).counted) }));
  }

  #rowsOfBatch(batch: number): number {
    return this.#timeline.rowsFrom(batch, 1);
  }

  #call(run: Run, inPlace: boolean): number | Promise<number> {
    const { now } = this.session;
    return inPlace && now ? now.run(run) : this.session.run(run);
  }

  #stepsFrom(step: number, repeats: number): Run {
    return { rows: this.#timeline.shape.batchSize, repeats, clock: this.#timeline.at(step) };
  }

  /** The part that counts a step's targets, before the first mini-batch is computed. */
  get #counting(): CodeRange {
    return { from: 0, to: this.#countEnd };
  }

  /** The gradients of a step's mini-batches. */
  #batchesOf(step: number): Batches {
    const clock = this.#timeline.at(step);
    const range = { from: this.#countEnd, to: this.#updateAt };
    return { rows: this.#timeline.shape.batchSize, range, repeats: this.#timeline.batchesAt(clock), clock };
  }

  get #update(): Run {
    return { rows: this.#timeline.shape.batchSize, range: { from: this.#updateAt, to: this.session.program.code.length } };
  }

  /** Writes the inputs of steps into the arena; returns how many steps, `count` at most, have the same. */
  #prepare(step: number, count: number): number {
    const { carried } = this.session.program;
    const steps = this.#setRates(step, count);
    const mostAtOnce = this.settings.counting.length ? 1 : steps;
    if (carried.size === 0) return mostAtOnce;
    if (this.#timeline.stepOfEpoch(step) === 0) clear(this.session, carried.values());
    return Math.min(mostAtOnce, this.#timeline.restOfEpoch(step));
  }

  /** Puts the rates of a step into the arena; returns how many steps, `count` at most, have them. */
  #setRates(step: number, count: number): number {
    const { rates, changes } = this.settings;
    const wanted = rates(step);
    wanted.forEach((rate, group) => {
      const slot = this.session.program.inputs.get(learningRateInput(group));
      if (slot && rate !== this.#written[group]) this.session.write(slot, [rate]);
    });
    this.#written = wanted;
    if (changes === 'never') return count;
    let steps = changes === 'steps' ? 1 : this.#timeline.restOfEpoch(step);
    // Where rates stay through an epoch, only the beginnings of epochs are checked.
    while (steps < count && rates(step + steps).every((rate, group) => rate === wanted[group])) {
      steps += changes === 'steps' ? 1 : this.#timeline.stepsPerEpoch;
    }
    return Math.min(steps, count);
  }
}

function clear(session: Session, slots: Iterable<Slot>): void {
  for (const slot of slots) session.write(slot, new Float64Array(resolve(count(slot.shape), session.program.maximumRows)));
}

/** The clock of one of an epoch's mini-batches. */
const nth = ({ clock: { epoch, batch } }: Batches, i: number): Clock => ({ epoch, batch: batch + i });
