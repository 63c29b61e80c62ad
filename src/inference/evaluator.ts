/** Loss and accuracy of a data set, over and over while the weights change. */
import { compilingPrepared } from '../compiler/compile.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData } from '../data/samples.ts';
import type { PreparedTarget } from '../data/targets.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices, type Work } from '../event-loop/slices.ts';
import { countAnswers } from '../metrics/accuracy.ts';
import type { Evaluation, OutputEvaluation } from '../metrics/evaluation.ts';
import type { Engine } from '../model/engine.ts';
import { evaluationGraph, headRecords, RECORDS } from '../model/graphs.ts';
import type { Head } from '../model/heads.ts';
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
    const { now } = session;
    const { recordWidth } = session.program;
    const places = this.#places();
    const sums = new Map(places.map(({ name }) => [name, 0]));
    const batches = Math.ceil(this.data.rows / this.batchSize);
    const pace = new Pace(recordWidth);
    for (let batch = 0; batch < batches; ) {
      const began = performance.now();
      const repeats = Math.min(pace.chunk, batches - batch);
      const run = { repeats, clock: { epoch: 0, batch }, rows: this.batchSize };
      await (now && pace.isShort(repeats) ? now.run(run) : session.run(run));
      const records = now ? now.records(repeats) : await session.records(repeats);
      for (let i = 0; i < repeats; i++, batch++)
        for (const { name, at, weight } of places)
          sums.set(name, (sums.get(name) as number) + weight(batch) * records[i * recordWidth + at]);
      pace.measured(repeats, performance.now() - began);
      await slices.breathe();
    }
    return this.#evaluation(sums);
  }

  /** The weight of a batch in a mean over all: its rows, or its answers where some are ignored. That of all data without a batch. */
  #share(target: PreparedTarget | undefined, batch?: number): number {
    const start = batch === undefined ? 0 : batch * this.batchSize;
    const end = batch === undefined ? this.data.rows : Math.min(start + this.batchSize, this.data.rows);
    return target?.ignores ? countAnswers(target, start, end) : end - start;
  }

  /** The numbers in the record of a batch, and what the batch counts in the sum of each: counts are counts, means are weighted. */
  #places(): { name: string; at: number; weight: (batch: number) => number }[] {
    const { records } = this.prepared.session.program;
    const found = (name: string, weight: (batch: number) => number) => {
      const place = records.get(name);
      return place ? [{ name, at: place.at, weight }] : [];
    };
    const shareOf = (head?: number) => (batch: number) => this.#share(head === undefined ? undefined : this.data.targets[head], batch);
    return [
      ...found(RECORDS.loss, shareOf(0)),
      ...found(RECORDS.penalty, shareOf()),
      ...this.engine.model.heads.flatMap(({ name, metrics }, i) => {
        const own = headRecords(name);
        const means = [own.loss, ...metrics.map((_, k) => own.metric(k))];
        return [...found(own.correct, () => 1), ...means.flatMap((mean) => found(mean, shareOf(i)))];
      }),
    ];
  }

  /** The whole of several heads is the sum of their results. */
  #evaluation(sums: ReadonlyMap<string, number>): Evaluation {
    const { heads } = this.engine.model;
    const [target] = this.data.targets;
    const outputs = sums.has(headRecords(heads[0].name).loss) ? heads.map((head, i) => this.#ofHead(head, this.data.targets[i], sums)) : [];
    const told = this.data.tellsHeads && { outputs: Object.fromEntries(heads.map(({ name }, i) => [name, outputs[i]])) };
    if (heads.length === 1) {
      const loss = (sums.get(RECORDS.loss) as number) / this.#share(target);
      return { loss, accuracy: this.#accuracy(target, sums.get(headRecords(heads[0].name).correct) ?? 0), ...told };
    }
    const penalty = (sums.get(RECORDS.penalty) ?? 0) / this.data.rows;
    const loss = heads.reduce((total, { weight }, i) => total + weight * outputs[i].loss, penalty);
    return { loss, accuracy: undefined, ...told };
  }

  #ofHead({ name, metrics }: Head, target: PreparedTarget, sums: ReadonlyMap<string, number>): OutputEvaluation {
    const names = headRecords(name);
    const mean = (record: string) => (sums.get(record) as number) / this.#share(target);
    const measured = metrics.map((metric, k) => [metric.name, mean(names.metric(k))]);
    const accuracy = this.#accuracy(target, sums.get(names.correct) ?? 0);
    return { loss: mean(names.loss), accuracy, metrics: Object.fromEntries(measured) };
  }

  /** Undefined where nothing is counted. */
  #accuracy(target: PreparedTarget, correct: number): number | undefined {
    return target.comparison && correct / countAnswers(target, 0, this.data.rows);
  }

  dispose(): void {
    this.prepared.dispose();
  }
}
