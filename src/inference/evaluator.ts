/** Loss and accuracy of a data set, over and over while the weights change. */
import { compilingPrepared } from '../compiler/compile.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData } from '../data/samples.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import { HeadTotals } from '../metrics/totals.ts';
import type { Engine } from '../model/engine.ts';
import { evaluationGraph, RECORDS } from '../model/graphs.ts';
import { headRecords, headTotals } from '../model/measures.ts';
import type { Program } from '../program/format.ts';
import { PreparedSession } from './prepared-session.ts';

const LARGEST_BATCH = 256;

/** One evaluation of the data given. Throws DataError or ShapeError where it does not fit. */
export function evaluate(engine: Engine, data: GivenData): Promise<Evaluation> {
  return engine.weights.whileHeld(async () => {
    const prepared = await slices.run(prepareData(data, engine));
    const evaluator = await slices.run(Evaluator.open(engine, prepared));
    try {
      return await evaluator.evaluate();
    } finally {
      evaluator.dispose();
    }
  });
}

export class Evaluator {
  private constructor(
    readonly engine: Engine,
    readonly data: PreparedData,
    readonly prepared: PreparedSession,
    readonly batchSize: number,
  ) {}

  /** Compiles the evaluation and copies the data, in slices. */
  static *open(engine: Engine, data: PreparedData): Work<Evaluator> {
    const { model } = engine;
    // The whole of several heads is made of the results of each.
    const tellsHeads = data.tellsHeads || model.heads.length > 1;
    const batchSize = Math.min(LARGEST_BATCH, data.rows);
    const program = yield* compilingPrepared(evaluationGraph(model, data.targets, tellsHeads), {
      maximumRows: batchSize,
      layout: model.layout,
    });
    const prepared = new PreparedSession(engine, program);
    try {
      yield* prepared.session.binding({ columns: columnsOf(data), rows: data.rows, batchSize, shuffle: false });
    } catch (error) {
      prepared.dispose();
      throw error;
    }
    return new Evaluator(engine, data, prepared, batchSize);
  }

  async evaluate(): Promise<Evaluation> {
    await this.prepared.load();
    return this.engine.weights.whileHeld(() => this.#evaluateHeld());
  }

  async #evaluateHeld(): Promise<Evaluation> {
    const { session } = this.prepared;
    const { now, program } = session;
    const { recordWidth } = program;
    const totals = this.#totals(program);
    const batches = Math.ceil(this.data.rows / this.batchSize);
    const pace = new Pace(recordWidth);
    for (let batch = 0; batch < batches; ) {
      const began = performance.now();
      const repeats = Math.min(pace.chunk, batches - batch);
      const run = { repeats, clock: { epoch: 0, batch }, rows: this.batchSize };
      await (now && pace.isShort(repeats) ? now.run(run) : session.run(run));
      const records = now ? now.records(repeats) : await session.records(repeats);
      for (let i = 0; i < repeats; i++, batch++) {
        const rows = Math.min(this.batchSize, this.data.rows - batch * this.batchSize);
        for (const total of totals.all) total.add(records, i * recordWidth, rows);
      }
      pace.measured(repeats, performance.now() - began);
      await slices.breathe();
    }
    return this.#evaluation(totals);
  }

  /** The totals of the whole and of each head, none yet. */
  #totals(program: Program) {
    const { heads } = this.engine.model;
    const placeOf = (name: string) => program.records.get(name)?.at;
    const weight = heads.length === 1 ? placeOf(headRecords(heads[0].name).counted) : undefined;
    const whole = new HeadTotals('whole', { loss: placeOf(RECORDS.loss), weight }, undefined, []);
    const penalty = new HeadTotals('penalty', { loss: placeOf(RECORDS.penalty), weight: undefined }, undefined, []);
    const ofHeads = heads.map((head, i) => headTotals(program, head, this.data.targets[i]));
    return { whole, penalty, ofHeads, all: [whole, penalty, ...ofHeads] };
  }

  /** The whole of several heads is the sum of their results. */
  #evaluation({ whole, penalty, ofHeads }: { whole: HeadTotals; penalty: HeadTotals; ofHeads: readonly HeadTotals[] }): Evaluation {
    const { heads } = this.engine.model;
    const outputs = ofHeads.map(({ evaluation }) => evaluation);
    const told = this.data.tellsHeads && { outputs: Object.fromEntries(heads.map(({ name }, i) => [name, outputs[i]])) };
    if (heads.length > 1) {
      const loss = heads.reduce((total, { weight }, i) => total + weight * outputs[i].loss, penalty.loss);
      return { loss, accuracy: undefined, ...told };
    }
    const [{ accuracy, metrics }] = outputs;
    return { loss: whole.loss, accuracy, ...(heads[0].metrics.length > 0 && !told && { metrics }), ...told };
  }

  dispose(): void {
    this.prepared.dispose();
  }
}
