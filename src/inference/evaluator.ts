/** Loss and accuracy of a data set, over and over while the weights change. */
import { compilingPrepared } from '../compiler/compile.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData, tasksOf } from '../data/samples.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import { type Evaluation, reported } from '../metrics/evaluation.ts';
import { LossTotals } from '../metrics/loss-totals.ts';
import type { HeadTotals } from '../metrics/totals.ts';
import type { Engine } from '../model/engine.ts';
import { evaluationGraph } from '../model/graphs.ts';
import { headTotals, lossPlaces } from '../model/measures.ts';
import { PreparedSession } from './prepared-session.ts';

export const LARGEST_BATCH = 256;

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

/** The sums of an evaluation under way. */
export interface EvaluationSums {
  readonly losses: LossTotals;
  readonly heads: readonly HeadTotals[];
}

export class Evaluator {
  /** The rows that are bound. */
  #data: PreparedData;

  private constructor(
    readonly engine: Engine,
    data: PreparedData,
    readonly prepared: PreparedSession,
    readonly batchSize: number,
  ) {
    this.#data = data;
  }

  get data(): PreparedData {
    return this.#data;
  }

  /** Compiles the evaluation and copies the data, in slices. */
  static *open(engine: Engine, data: PreparedData, batchSize = Math.min(LARGEST_BATCH, data.rows)): Work<Evaluator> {
    const { model, products, quantization } = engine;
    const { layout } = model;
    const graph = evaluationGraph(model, tasksOf(data));
    const program = yield* compilingPrepared(graph, { maximumRows: batchSize, layout, products, toBytes: quantization?.toBytes });
    const evaluator = new Evaluator(engine, data, new PreparedSession(engine, program), batchSize);
    try {
      yield* evaluator.binding(data);
    } catch (error) {
      evaluator.dispose();
      throw error;
    }
    return evaluator;
  }

  /** Copies other rows of the same kind, in slices, in place of those before. */
  *binding(data: PreparedData): Work<void> {
    const { batchSize, prepared } = this;
    yield* prepared.session.binding({ columns: columnsOf(data), rows: data.rows, batchSize, shuffle: false });
    this.#data = data;
  }

  /** Of the data that is bound. */
  async evaluate(): Promise<Evaluation> {
    await this.prepared.load();
    return this.engine.weights.whileHeld(async () => {
      const sums = this.begin();
      await this.add(sums);
      return this.result(sums);
    });
  }

  /** Brings the current weights, to be held until the evaluation is done. */
  load(): Promise<void> {
    return this.prepared.load();
  }

  begin(): EvaluationSums {
    const { program } = this.prepared.session;
    const { heads } = this.engine.model;
    return {
      losses: new LossTotals(lossPlaces(program, heads)),
      heads: heads.map((head, i) => headTotals(program, head, this.#data.targets[i])),
    };
  }

  /** Adds the rows that are bound. */
  async add({ losses, heads }: EvaluationSums): Promise<void> {
    const { session } = this.prepared;
    const { now, program } = session;
    const { recordWidth } = program;
    const { rows } = this.#data;
    const batches = Math.ceil(rows / this.batchSize);
    const pace = new Pace(recordWidth);
    for (let batch = 0; batch < batches; ) {
      const began = performance.now();
      const repeats = Math.min(pace.chunk, batches - batch);
      const run = { repeats, clock: { epoch: 0, batch }, rows: this.batchSize };
      await (now && pace.isShort(repeats) ? now.run(run) : session.run(run));
      const records = now ? now.records(repeats) : await session.records(repeats);
      for (let i = 0; i < repeats; i++, batch++) {
        const rowsOfBatch = Math.min(this.batchSize, rows - batch * this.batchSize);
        losses.add(records, i * recordWidth, rowsOfBatch);
        for (const head of heads) head.add(records, i * recordWidth, rowsOfBatch);
      }
      pace.measured(repeats, performance.now() - began);
      await slices.breathe();
    }
  }

  result({ losses, heads }: EvaluationSums): Evaluation {
    const results = heads.map((head) => head.results);
    const told = this.#data.tellsHeads ? (i: number) => losses.meanOf(i) : undefined;
    return { loss: losses.loss, ...reported(this.engine.model.heads, results, told) };
  }

  dispose(): void {
    this.prepared.dispose();
  }
}
