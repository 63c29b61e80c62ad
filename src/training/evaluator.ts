/** Loss and accuracy of a data set, over and over while the weights change. */
import type { Backend, Session } from '../backends/backend.ts';
import { compilePrepared } from '../compiler/compile.ts';
import { RECORD_WIDTH } from '../ops/batch.ts';
import type { Slot } from '../program/format.ts';
import { columnsOf, type PreparedData } from './data.ts';
import { Pace } from './pace.ts';
import { PreparedSession } from './prepared-session.ts';
import { evaluationGraph, type Model } from './step.ts';
import type { Weights } from './weights.ts';

/** What one output came to. */
export interface OutputEvaluation {
  /** The mean over the rows. */
  readonly loss: number;
  /** The share of rows that are right; undefined where targets are not classes. */
  readonly accuracy: number | undefined;
  /** The losses asked for as metrics, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Evaluation {
  /** The mean over the rows, of several outputs the weighted sum, penalties included. */
  readonly loss: number;
  /** The share of rows that are right; undefined where targets are not classes, and for several outputs. */
  readonly accuracy: number | undefined;
  /** By name; absent where the network's inputs and outputs have none. */
  readonly outputs?: Readonly<Record<string, OutputEvaluation>>;
}

const LARGEST_BATCH = 256;

export class Evaluator {
  readonly #prepared: PreparedSession;
  readonly #batchSize: number;

  constructor(
    readonly model: Model,
    readonly backend: Backend,
    readonly data: PreparedData,
    seed: number,
  ) {
    this.#batchSize = Math.min(LARGEST_BATCH, data.rows);
    const program = compilePrepared(evaluationGraph(model, data.targets), { maximumRows: this.#batchSize });
    this.#prepared = new PreparedSession(backend, program, seed);
    this.#session.bind({
      columns: columnsOf(data),
      rows: data.rows,
      batchSize: this.#batchSize,
      shuffle: false,
      stepBase: 0,
      epochBase: 0,
    });
  }

  async evaluate(weights: Weights): Promise<Evaluation> {
    this.#prepared.load(weights);
    const { rows, targets } = this.data;
    const sums = new Map([...this.#session.program.outputs.keys()].map((name) => [name, 0]));
    const batches = Math.ceil(rows / this.#batchSize);
    const pace = new Pace();
    let loss = 0;
    let correct = 0;
    for (let batch = 0; batch < batches; ) {
      const began = performance.now();
      const repeats = sums.size ? 1 : Math.min(pace.chunk, batches - batch);
      const request = { from: 0, to: this.#session.program.code.length, repeats, iteration: batch, rows: this.#batchSize };
      await (pace.isShort(repeats) ? this.#session.run(request) : this.#session.runAsync(request));
      this.#addOutputs(sums, this.#rowsOf(batch));
      const records = this.#session.records(repeats);
      for (let i = 0; i < repeats; i++, batch++) {
        loss += records[i * RECORD_WIDTH] * this.#rowsOf(batch);
        correct += records[i * RECORD_WIDTH + 1];
      }
      pace.measured(repeats, performance.now() - began);
      await pace.breathe();
    }
    const whole = { loss: loss / rows, accuracy: targets.length === 1 && targets[0].comparison ? correct / rows : undefined };
    return this.model.isNamed ? { ...whole, outputs: this.#outputs(sums) } : whole;
  }

  get #session(): Session {
    return this.#prepared.session;
  }

  #rowsOf(batch: number): number {
    return Math.min(this.#batchSize, this.data.rows - batch * this.#batchSize);
  }

  /** Means count as often as the batch has rows; counts are counts. */
  #addOutputs(sums: Map<string, number>, rows: number): void {
    for (const [name, sum] of sums) {
      const [value] = this.#session.read((this.#session.program.outputs.get(name) as Slot).offset, 1);
      sums.set(name, sum + (name.startsWith('correct ') ? value : value * rows));
    }
  }

  #outputs(sums: ReadonlyMap<string, number>): Record<string, OutputEvaluation> {
    const mean = (name: string) => {
      const sum = sums.get(name);
      return sum === undefined ? undefined : sum / this.data.rows;
    };
    const entries = this.model.heads.map(({ name, metrics }): [string, OutputEvaluation] => {
      const measured = metrics.map((metric, k) => [metric.name, mean(`metric ${k} ${name}`) as number]);
      return [name, { loss: mean(`loss ${name}`) as number, accuracy: mean(`correct ${name}`), metrics: Object.fromEntries(measured) }];
    });
    return Object.fromEntries(entries);
  }

  dispose(): void {
    this.#prepared.dispose();
  }
}
