/** Runs training steps in a session: with the learning rates of the moment, and as several mini-batches each where gradients accumulate. */
import type { Run, Session, SessionNow } from '../backends/backend.ts';
import { headOutputs, learningRateInput } from '../model/graphs.ts';
import type { Head } from '../model/heads.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Part } from '../origin.ts';
import type { Clock } from '../program/clock.ts';
import type { Slot } from '../program/format.ts';
import { type CodeRange, rangeOfPart } from '../program/parts.ts';
import { type Counted, Tally } from './tally.ts';

export interface RunnerSettings {
  readonly rows: number;
  readonly batchSize: number;
  /** Mini-batches a step. */
  readonly accumulate: number;
  /** Epochs before this fit. */
  readonly epochBase: number;
  /** Each group's learning rate at a step of this fit. */
  rates(iteration: number): readonly number[];
  /** The heads that ignore some targets. */
  readonly counting: readonly Pick<Head, 'name' | 'weight'>[];
  /** Between which steps rates may differ. */
  readonly changes: 'never' | 'epochs' | 'steps';
}

export interface StepsRun {
  readonly done: number;
  /** Two numbers a step: the loss, and the count of correct rows. */
  readonly records: Float64Array;
  /** Of the heads that ignore some targets; where there are such heads, one step is run at a time. */
  readonly counted: readonly Counted[];
}

/** Mini-batches of one epoch. */
type Batches = Run & { readonly repeats: number; readonly clock: Clock };

const NOTHING_COUNTED: readonly Counted[] = [];

export class StepRunner {
  readonly stepsPerEpoch: number;
  readonly #batchesPerEpoch: number;
  /** The code word at which what counts a step's targets ends. */
  readonly #countEnd: number;
  /** The code word at which updates begin. */
  readonly #updateAt: number;
  #written: readonly number[] = [];

  constructor(
    readonly session: Session,
    readonly settings: RunnerSettings,
  ) {
    this.#batchesPerEpoch = Math.ceil(settings.rows / settings.batchSize);
    this.stepsPerEpoch = Math.ceil(this.#batchesPerEpoch / settings.accumulate);
    const { program } = session;
    const rangeOf = (part: Part) => (settings.accumulate > 1 ? rangeOfPart(program, part) : undefined);
    this.#countEnd = rangeOf('count')?.to ?? 0;
    this.#updateAt = rangeOf('update')?.from ?? program.code.length;
  }

  /** The clock at a step of this fit. */
  #clockAt(iteration: number): Clock {
    const { accumulate, epochBase } = this.settings;
    const epoch = Math.floor(iteration / this.stepsPerEpoch);
    return { epoch: epochBase + epoch, batch: (iteration - epoch * this.stepsPerEpoch) * accumulate };
  }

  /** Rows of a step's mini-batches together; steps are numbered from the beginning of their epoch. */
  rowsOf(step: number): number {
    const { rows, batchSize, accumulate } = this.settings;
    return Math.min(batchSize * accumulate, rows - step * batchSize * accumulate);
  }

  /** Runs at most `count` steps, as many as have the same learning rates. Fewer are done where the session is cancelled. */
  async run(iteration: number, count: number, inPlace: boolean): Promise<StepsRun> {
    const steps = this.#prepare(iteration, count);
    if (this.settings.accumulate > 1) return this.#runAccumulating(iteration, inPlace);
    const done = await this.#call({ ...this.#whole, repeats: steps, clock: this.#clockAt(iteration) }, inPlace);
    return { done, records: await this.session.records(done), counted: await this.#counted() };
  }

  /** As `run`, on the caller's thread at once; undefined where gradients accumulate, or the backend computes elsewhere. */
  runNow(iteration: number, count: number): StepsRun | undefined {
    const { now } = this.session;
    if (!now || this.settings.accumulate > 1) return undefined;
    const steps = this.#prepare(iteration, count);
    const done = now.run({ ...this.#whole, repeats: steps, clock: this.#clockAt(iteration) });
    return { done, records: now.records(done), counted: this.#countedNow(now) };
  }

  /** The runs of one step, each with the rows that it has: every mini-batch, then the update. */
  *runsOf(iteration: number): Generator<Run> {
    this.#prepare(iteration, 1);
    if (this.settings.accumulate === 1) {
      yield { ...this.#whole, repeats: 1, clock: this.#clockAt(iteration), rows: this.rowsOf(iteration % this.stepsPerEpoch) };
      return;
    }
    const batches = this.#batchesOf(iteration);
    const one = (i: number) => ({ ...batches, repeats: 1, clock: nth(batches, i), rows: this.#rowsOfBatch(nth(batches, i).batch) });
    if (this.#countEnd > 0) for (let i = 0; i < batches.repeats; i++) yield { ...one(i), range: this.#counting };
    for (let i = 0; i < batches.repeats; i++) yield one(i);
    yield this.#update;
  }

  async #runAccumulating(iteration: number, inPlace: boolean): Promise<StepsRun> {
    const request = this.#batchesOf(iteration);
    if (this.#countEnd > 0) await this.#call({ ...request, range: this.#counting }, true);
    const tally = new Tally(this.settings.counting.map(({ weight }) => weight));
    let correct = 0;
    // What ignores some targets is read after every mini-batch.
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

  /** What the heads that ignore some targets came to in the last mini-batch. */
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
    const { rows, batchSize } = this.settings;
    return Math.min(batchSize, rows - batch * batchSize);
  }

  #call(run: Run, inPlace: boolean): number | Promise<number> {
    const { now } = this.session;
    return inPlace && now ? now.run(run) : this.session.run(run);
  }

  get #whole() {
    return { rows: this.settings.batchSize };
  }

  /** What counts a step's targets, before the first mini-batch is computed. */
  get #counting(): CodeRange {
    return { from: 0, to: this.#countEnd };
  }

  /** The gradients of a step's mini-batches. */
  #batchesOf(iteration: number): Batches {
    const clock = this.#clockAt(iteration);
    const repeats = Math.min(this.settings.accumulate, this.#batchesPerEpoch - clock.batch);
    return { ...this.#whole, range: { from: this.#countEnd, to: this.#updateAt }, repeats, clock };
  }

  get #update(): Run {
    return { ...this.#whole, range: { from: this.#updateAt, to: this.session.program.code.length } };
  }

  /** Writes what steps find in the arena; returns how many steps, `count` at most, find the same. */
  #prepare(iteration: number, count: number): number {
    const { carried } = this.session.program;
    const steps = this.#setRates(iteration, count);
    const mostAtOnce = this.settings.counting.length ? 1 : steps;
    if (carried.size === 0) return mostAtOnce;
    const ofEpoch = iteration % this.stepsPerEpoch;
    if (ofEpoch === 0) clear(this.session, carried.values());
    return Math.min(mostAtOnce, this.stepsPerEpoch - ofEpoch);
  }

  /** Puts the rates of a step into the arena; returns how many steps, `count` at most, have them. */
  #setRates(iteration: number, count: number): number {
    const { rates, changes } = this.settings;
    const wanted = rates(iteration);
    wanted.forEach((rate, group) => {
      const slot = this.session.program.inputs.get(learningRateInput(group));
      if (slot && rate !== this.#written[group]) this.session.write(slot, [rate]);
    });
    this.#written = wanted;
    if (changes === 'never') return count;
    let steps = changes === 'steps' ? 1 : this.stepsPerEpoch - (iteration % this.stepsPerEpoch);
    // Where rates stay through an epoch, only the beginnings of epochs need asking.
    while (steps < count && rates(iteration + steps).every((rate, group) => rate === wanted[group])) {
      steps += changes === 'steps' ? 1 : this.stepsPerEpoch;
    }
    return Math.min(steps, count);
  }
}

function clear(session: Session, slots: Iterable<Slot>): void {
  for (const slot of slots) session.write(slot, new Float64Array(resolve(count(slot.shape), session.program.maximumRows)));
}

/** The clock of one of an epoch's mini-batches. */
const nth = ({ clock: { epoch, batch } }: Batches, i: number): Clock => ({ epoch, batch: batch + i });
