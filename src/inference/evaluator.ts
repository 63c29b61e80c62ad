/** Loss and accuracy of a data set, over and over while the weights change. */
import { compilingPrepared } from '../compiler/compile.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData, tasksOf } from '../data/samples.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import { type Evaluation, reported } from '../metrics/evaluation.ts';
import { LossTotals } from '../metrics/loss-totals.ts';
import type { Engine } from '../model/engine.ts';
import { evaluationGraph } from '../model/graphs.ts';
import { headTotals, lossPlaces } from '../model/measures.ts';
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
    const { model, products, quantization } = engine;
    const { layout } = model;
    const batchSize = Math.min(LARGEST_BATCH, data.rows);
    const graph = evaluationGraph(model, tasksOf(data));
    const program = yield* compilingPrepared(graph, { maximumRows: batchSize, layout, products, toBytes: quantization?.toBytes });
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
    const { heads } = this.engine.model;
    const losses = new LossTotals(lossPlaces(program, heads));
    const totals = heads.map((head, i) => headTotals(program, head, this.data.targets[i]));
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
        losses.add(records, i * recordWidth, rows);
        for (const total of totals) total.add(records, i * recordWidth, rows);
      }
      pace.measured(repeats, performance.now() - began);
      await slices.breathe();
    }
    const results = totals.map((total) => total.results);
    return { loss: losses.loss, ...reported(heads, results, this.data.tellsHeads ? (i) => losses.meanOf(i) : undefined) };
  }

  dispose(): void {
    this.prepared.dispose();
  }
}
