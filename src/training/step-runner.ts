/** Runs training steps in a session: with the learning rates of the moment, and as several mini-batches each where gradients accumulate. */
import type { RunRequest, Session } from '../backends/backend.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import { count, resolve } from '../ops/shape.ts';
import { instructions, type Slot } from '../program/format.ts';
import { learningRateInput, UPDATE } from './step.ts';

export interface RunnerSettings {
  readonly rows: number;
  readonly batchSize: number;
  /** Mini-batches a step. */
  readonly accumulate: number;
  /** Epochs and steps before this fit. */
  readonly epochBase: number;
  readonly stepBase: number;
  /** Each group's learning rate at a step of this fit. */
  rates(iteration: number): readonly number[];
  /** Between which steps rates may differ. */
  readonly changes: 'never' | 'epochs' | 'steps';
}

export interface StepsRun {
  readonly done: number;
  /** Two numbers a step: the loss, and the count of correct rows. */
  readonly records: Float64Array;
}

export class StepRunner {
  readonly stepsPerEpoch: number;
  readonly #batchesPerEpoch: number;
  /** The code word at which updates begin. */
  readonly #updateAt: number;
  #written: readonly number[] = [];

  constructor(
    readonly session: Session,
    readonly settings: RunnerSettings,
  ) {
    this.#batchesPerEpoch = Math.ceil(settings.rows / settings.batchSize);
    this.stepsPerEpoch = Math.ceil(this.#batchesPerEpoch / settings.accumulate);
    this.#updateAt = updatePosition(session);
  }

  /** What to bind data with: where gradients accumulate, iterations count mini-batches and updates from the network's beginning. */
  get bases(): { stepBase: number; epochBase: number } {
    const { accumulate, stepBase, epochBase } = this.settings;
    return accumulate > 1 ? { stepBase: 0, epochBase: 0 } : { stepBase, epochBase };
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
    const done = await this.#call({ ...this.#whole, repeats: steps, iteration }, inPlace);
    return { done, records: this.session.records(done) };
  }

  /** As `run`, on the caller's thread at once; undefined where gradients accumulate. */
  runNow(iteration: number, count: number): StepsRun | undefined {
    if (this.settings.accumulate > 1) return undefined;
    const steps = this.#prepare(iteration, count);
    const done = this.session.run({ ...this.#whole, repeats: steps, iteration });
    return { done, records: this.session.records(done) };
  }

  /** The requests of one step, each with the rows that it has: every mini-batch, then the update. */
  *requestsOf(iteration: number): Generator<RunRequest> {
    this.#prepare(iteration, 1);
    if (this.settings.accumulate === 1) {
      yield { ...this.#whole, repeats: 1, iteration, rows: this.rowsOf(iteration % this.stepsPerEpoch) };
      return;
    }
    const batches = this.#batchesOf(iteration);
    for (let i = 0; i < batches.repeats; i++) {
      const at = batches.iteration + i;
      yield { ...batches, repeats: 1, iteration: at, rows: this.#rowsOfBatch(at) };
    }
    yield this.#updateOf(iteration);
  }

  async #runAccumulating(iteration: number, inPlace: boolean): Promise<StepsRun> {
    const request = this.#batchesOf(iteration);
    const batches = await this.#call(request, inPlace);
    if (batches < request.repeats) return { done: 0, records: new Float64Array(0) };
    const found = this.session.records(batches);
    await this.#call(this.#updateOf(iteration), true);
    const total = new Float64Array(RECORD_WIDTH);
    for (let i = 0; i < batches; i++) {
      total[0] += found[i * RECORD_WIDTH] * this.#rowsOfBatch(request.iteration + i);
      total[1] += found[i * RECORD_WIDTH + 1];
    }
    total[0] /= this.rowsOf(iteration % this.stepsPerEpoch);
    return { done: 1, records: total };
  }

  #rowsOfBatch(iteration: number): number {
    const { rows, batchSize } = this.settings;
    return Math.min(batchSize, rows - (iteration % this.#batchesPerEpoch) * batchSize);
  }

  #call(request: RunRequest, inPlace: boolean): number | Promise<number> {
    return inPlace ? this.session.run(request) : this.session.runAsync(request);
  }

  get #whole() {
    return { from: 0, to: this.session.program.code.length, rows: this.settings.batchSize };
  }

  #batchesOf(iteration: number): RunRequest {
    const { accumulate, epochBase } = this.settings;
    const epoch = epochBase + Math.floor(iteration / this.stepsPerEpoch);
    const start = (iteration % this.stepsPerEpoch) * accumulate;
    const repeats = Math.min(accumulate, this.#batchesPerEpoch - start);
    return { ...this.#whole, to: this.#updateAt, repeats, iteration: epoch * this.#batchesPerEpoch + start };
  }

  #updateOf(iteration: number): RunRequest {
    return { ...this.#whole, from: this.#updateAt, repeats: 1, iteration: this.settings.stepBase + iteration };
  }

  /** Writes what steps find in the arena; returns how many steps, `count` at most, find the same. */
  #prepare(iteration: number, count: number): number {
    const { carried } = this.session.program;
    const steps = this.#setRates(iteration, count);
    if (carried.size === 0) return steps;
    const ofEpoch = iteration % this.stepsPerEpoch;
    if (ofEpoch === 0) clear(this.session, carried.values());
    return Math.min(steps, this.stepsPerEpoch - ofEpoch);
  }

  /** Puts the rates of a step into the arena; returns how many steps, `count` at most, have them. */
  #setRates(iteration: number, count: number): number {
    const { rates, changes } = this.settings;
    const wanted = rates(iteration);
    wanted.forEach((rate, group) => {
      const slot = this.session.program.inputs.get(learningRateInput(group)) as Slot | undefined;
      if (slot && rate !== this.#written[group]) this.session.write(slot.offset, [rate]);
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
  for (const { offset, shape } of slots) session.write(offset, new Float64Array(resolve(count(shape), session.program.maximumRows)));
}

/** Where the updates begin, which end the program. */
function updatePosition({ program }: Session): number {
  let start = program.code.length;
  let index = 0;
  for (const { at } of instructions(program)) {
    const isUpdate = program.origins[index++].parts[0] === UPDATE;
    if (!isUpdate) start = program.code.length;
    else if (start === program.code.length) start = at;
  }
  return start;
}
