/** Training steps on mini-batches that are written into a session, one step at a time. */
import type { DataColumn, Run, Session, SessionNow } from '../backends/backend.ts';
import type { PreparedData } from '../data/samples.ts';
import { StateError } from '../errors.ts';
import { type Either, either } from '../event-loop/either.ts';
import type { Pace } from '../event-loop/pace.ts';
import type { OutputResults } from '../metrics/evaluation.ts';
import { type LossPlaces, LossTotals } from '../metrics/loss-totals.ts';
import type { HeadTotals } from '../metrics/totals.ts';
import type { Model } from '../model/graphs.ts';
import { countedTargetInput, countedWeightInput, targetInput, weightInput } from '../model/row-source.ts';
import type { Slot } from '../program/format.ts';
import { type CodeRange, rangeOfPart } from '../program/parts.ts';
import type { LentSession } from './step-sessions.ts';

/** The sizes of a step. */
export interface StepSizes {
  /** The most rows of a mini-batch. */
  readonly batchSize: number;
  /** The most mini-batches of a step. */
  readonly accumulate: number;
}

export interface GivenStep {
  /** The mean over its rows; where it is not finite, the step was left before its update. */
  readonly loss: number;
  /** The results of each head over its rows. */
  readonly results: readonly OutputResults[];
  /** The mean losses of heads, where reports tell of them. */
  readonly headLosses: readonly number[];
  /** Whether the session is as it was before, where the step was left. */
  readonly isUndone: boolean;
}

/** Where a program has the rows of a head. */
interface HeadSlots {
  readonly target: Slot | undefined;
  readonly weights: Slot | undefined;
}

/** Rows of a step, from the first to the one behind the last. */
type RowRange = readonly [start: number, end: number];

export class GivenSteps {
  readonly session: Session;
  readonly #samples: readonly (Slot | undefined)[];
  /** Of the rows of heads: where a mini-batch has them, and where the part that counts them does. */
  readonly #heads: Readonly<Record<'batch' | 'counted', readonly HeadSlots[]>>;
  readonly #losses: LossTotals;
  readonly #pace: Pace;
  /** Of a mini-batch: what counts its targets, what comes to its record, what follows the record; of the step: its update. */
  readonly #ranges: {
    readonly count: CodeRange | undefined;
    readonly forward: CodeRange;
    readonly rest: CodeRange | undefined;
    readonly update: CodeRange;
  };
  /** The run that came to a record last. */
  #last: Run | undefined;

  constructor(
    { session, pace }: Pick<LentSession, 'session' | 'pace'>,
    { inputs, heads }: Pick<Model, 'inputs' | 'heads'>,
    readonly sizes: StepSizes,
    places: LossPlaces,
    readonly totals: readonly HeadTotals[],
  ) {
    this.session = session;
    const { program } = session;
    this.#samples = [...inputs.keys()].map((name) => program.inputs.get(name));
    const slots = (nameOfTarget: typeof targetInput, nameOfWeights: typeof weightInput): HeadSlots[] =>
      heads.map(({ name }) => ({ target: program.inputs.get(nameOfTarget(name)), weights: program.inputs.get(nameOfWeights(name)) }));
    this.#heads = { batch: slots(targetInput, weightInput), counted: slots(countedTargetInput, countedWeightInput) };
    this.#losses = new LossTotals(places);
    this.#pace = pace;
    const end = program.code.length;
    const recorded = rangeOfPart(program, 'record')?.to ?? end;
    if (sizes.accumulate === 1) {
      this.#ranges = { count: undefined, forward: { from: 0, to: recorded }, rest: undefined, update: { from: recorded, to: end } };
      return;
    }
    const count = rangeOfPart(program, 'count');
    const updateAt = rangeOfPart(program, 'update')?.from ?? end;
    this.#ranges = {
      count: count && { from: 0, to: count.to },
      forward: { from: count?.to ?? 0, to: recorded },
      rest: { from: recorded, to: updateAt },
      update: { from: updateAt, to: end },
    };
  }

  /** The run that came to a record last, to be searched for what spoilt it. */
  get last(): readonly Run[] {
    return this.#last ? [this.#last] : [];
  }

  /** Takes a step. `batch` counts the mini-batches before it. Throws StateError where the session was cancelled. */
  *take(data: PreparedData, batch: number): Either<GivenStep> {
    const began = performance.now();
    const { count, forward, rest, update } = this.#ranges;
    const parts = this.#partsOf(data.rows);
    if (count) for (const part of parts) yield* this.#run(this.#writeHeads('counted', data, part), count, batch);
    let records: Float64Array = new Float64Array(0);
    this.#losses.clear();
    for (const head of this.totals) head.clear();
    for (let i = 0; i < parts.length; i++) {
      const rows = this.#write(data, parts[i]);
      yield* this.#run(rows, forward, batch + i);
      records = yield* this.#record();
      const [loss] = records;
      if (!Number.isFinite(loss)) return { loss, results: [], headLosses: [], isUndone: i === 0 };
      this.#losses.add(records, 0, rows);
      for (const head of this.totals) head.add(records, 0, rows);
      if (rest) yield* this.#run(rows, rest, batch + i);
    }
    yield* this.#run(Math.min(data.rows, this.sizes.batchSize), update, batch);
    this.#pace.measured(1, performance.now() - began);
    const results = this.totals.map((head) => head.results);
    const headLosses = this.#losses.places.heads.map((_, i) => this.#losses.meanOf(i));
    return { loss: parts.length === 1 ? records[0] : this.#losses.loss, results, headLosses, isUndone: false };
  }

  /** The loss of the mini-batch that was computed last, with the weights that the session has. */
  *lossAgain(): Either<number> {
    const run = this.#last as Run;
    yield* either(
      () => this.#now.run(run),
      () => this.session.run(run),
    );
    return (yield* this.#record())[0];
  }

  *#run(rows: number, range: CodeRange, batch: number): Either<void> {
    const run = { rows, range, clock: { epoch: 0, batch } };
    if (range === this.#ranges.forward) this.#last = run;
    const done = yield* either(
      () => this.#now.run(run),
      () => (this.session.now && this.#pace.isShort(1) ? this.session.now.run(run) : this.session.run(run)),
    );
    if (done === 0) throw new StateError('this trainer is disposed');
  }

  #record(): Either<Float64Array> {
    return either(
      () => this.#now.records(1),
      () => this.session.records(1),
    );
  }

  get #now(): SessionNow {
    return this.session.now as SessionNow;
  }

  /** Its mini-batches. */
  #partsOf(rows: number): readonly RowRange[] {
    const { batchSize } = this.sizes;
    if (rows <= batchSize) return [[0, rows]];
    return Array.from({ length: Math.ceil(rows / batchSize) }, (_, i) => [i * batchSize, Math.min((i + 1) * batchSize, rows)] as const);
  }

  /** Gives the number of rows. */
  #write(data: PreparedData, part: RowRange): number {
    for (let i = 0; i < data.inputs.length; i++) this.#writeRows(this.#samples[i], data.inputs[i], part);
    return this.#writeHeads('batch', data, part);
  }

  #writeHeads(where: 'batch' | 'counted', { targets }: PreparedData, part: RowRange): number {
    for (let i = 0; i < targets.length; i++) {
      const { target, weights } = this.#heads[where][i];
      this.#writeRows(target, targets[i].column, part);
      this.#writeRows(weights, targets[i].weights, part);
    }
    return part[1] - part[0];
  }

  #writeRows(slot: Slot | undefined, column: DataColumn | undefined, [start, end]: RowRange): void {
    if (!slot || !column) return;
    const { data, width } = column;
    // A view costs a small step more than all that it says.
    const isWhole = start === 0 && end * width === data.length;
    this.session.write(slot, isWhole ? data : data.subarray(start * width, end * width));
  }
}
