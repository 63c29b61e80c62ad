/** Loss and metrics over a dataset, a window of rows at a time. */
import { bytesOfRow, checkKind, prepareChunk, type RowContract } from '../data/window-data.ts';
import type { Chunk } from '../datasets/chunk.ts';
import { RowReader } from '../datasets/row-reader.ts';
import { FIRST, type Source } from '../datasets/source.ts';
import { rowsOfWindow } from '../datasets/windows.ts';
import { DataError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { Engine } from '../model/engine.ts';
import { Evaluator, LARGEST_BATCH } from './evaluator.ts';

export interface DatasetEvaluation {
  readonly rows: RowContract;
  readonly signal?: GlobalAbortSignal | undefined;
  /** Rows that are computed together. */
  readonly batchSize?: number | undefined;
}

export class DatasetEvaluator {
  #evaluator: Evaluator | undefined;

  constructor(
    readonly engine: Engine,
    readonly source: Source,
    readonly settings: DatasetEvaluation,
  ) {}

  /**
   * An evaluation of one pass over the dataset, with the weights as they are when it begins. Sums are added in the order of the rows.
   *
   * @throws What the dataset throws; DataError or ShapeError for rows that do not fit; the signal's reason where that aborts.
   */
  evaluate(): Promise<Evaluation> {
    return this.engine.weights.whileHeld(async () => {
      const { signal } = this.settings;
      const reader = new RowReader(this.source.read({ ...FIRST, signal }));
      try {
        return await this.#evaluate(reader);
      } finally {
        await reader.close();
      }
    });
  }

  async #evaluate(reader: RowReader): Promise<Evaluation> {
    const { where } = this.settings.rows;
    const { batchSize = LARGEST_BATCH, signal } = this.settings;
    const head = await reader.peek();
    if (!head) throw new DataError(`${where}: expected a dataset of at least one row, got none`);
    const rows = rowsOfWindow(head, batchSize, bytesOfRow(this.settings.rows));
    let evaluator = await this.#bind((await reader.take(rows)) as Chunk, 0, batchSize);
    await evaluator.load();
    const sums = evaluator.begin();
    await evaluator.add(sums);
    for (let first = rows; ; first += rows) {
      signal?.throwIfAborted();
      const chunk = await reader.take(rows);
      if (!chunk) return evaluator.result(sums);
      evaluator = await this.#bind(chunk, first, batchSize);
      await evaluator.add(sums);
    }
  }

  async #bind(chunk: Chunk, first: number, batchSize: number): Promise<Evaluator> {
    const { rows } = this.settings;
    const data = await slices.run(prepareChunk(chunk, first, rows));
    if (this.#evaluator) {
      checkKind(rows, data, this.#evaluator.data, first);
      await slices.run(this.#evaluator.binding(data));
    } else this.#evaluator = await slices.run(Evaluator.open(this.engine, data, batchSize));
    return this.#evaluator;
  }

  dispose(): void {
    this.#evaluator?.dispose();
    this.#evaluator = undefined;
  }
}
