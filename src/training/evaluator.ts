/** Loss and accuracy of a data set, over and over while the weights change. */
import type { Backend, Session } from '../backends/backend.ts';
import { compile } from '../compiler/compile.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import type { PreparedData } from './data.ts';
import { Pace } from './pace.ts';
import { evaluationGraph, type Model } from './step.ts';
import type { Weights } from './weights.ts';

export interface Evaluation {
  /** The mean over the rows, penalties included. */
  readonly loss: number;
  /** The share of rows that are right; undefined where targets are not classes. */
  readonly accuracy: number | undefined;
}

const LARGEST_BATCH = 256;

export class Evaluator {
  readonly #session: Session;
  readonly #batchSize: number;

  constructor(
    model: Model,
    readonly backend: Backend,
    readonly data: PreparedData,
    seed: number,
  ) {
    this.#batchSize = Math.min(LARGEST_BATCH, data.rows);
    this.#session = backend.open(compile(evaluationGraph(model, data), { maximumRows: this.#batchSize }), seed);
    this.#session.bind({
      columns: [data.x, data.y],
      rows: data.rows,
      batchSize: this.#batchSize,
      shuffle: false,
      stepBase: 0,
      epochBase: 0,
    });
  }

  async evaluate(weights: Weights): Promise<Evaluation> {
    weights.load(this.#session);
    const { rows, comparison } = this.data;
    const batches = Math.ceil(rows / this.#batchSize);
    const pace = new Pace();
    let loss = 0;
    let correct = 0;
    for (let batch = 0; batch < batches; ) {
      const began = performance.now();
      const repeats = Math.min(pace.chunk, batches - batch);
      const request = { from: 0, to: this.#session.program.code.length, repeats, iteration: batch, rows: this.#batchSize };
      await (pace.isShort(repeats) ? this.#session.run(request) : this.#session.runAsync(request));
      const records = this.#session.records(repeats);
      for (let i = 0; i < repeats; i++, batch++) {
        loss += records[i * RECORD_WIDTH] * Math.min(this.#batchSize, rows - batch * this.#batchSize);
        correct += records[i * RECORD_WIDTH + 1];
      }
      pace.measured(repeats, performance.now() - began);
      await pace.breathe();
    }
    return { loss: loss / rows, accuracy: comparison && correct / rows };
  }

  dispose(): void {
    this.#session.dispose();
  }
}
