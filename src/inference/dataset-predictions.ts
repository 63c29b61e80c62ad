/** Predictions of a dataset's rows, a batch at a time. */
import { countedFrom } from '../data/window-data.ts';
import { dataOf } from '../datasets/data-of.ts';
import { RowReader } from '../datasets/row-reader.ts';
import { FIRST, type Source } from '../datasets/source.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { LARGEST_BATCH } from './evaluator.ts';

export interface DatasetPrediction {
  readonly batchSize: number | undefined;
  readonly signal: GlobalAbortSignal | undefined;
  /** The predictions of samples, as callers get them. */
  predict(x: unknown): Promise<unknown>;
}

/** One for each batch of rows, in their order. Targets are left out. The dataset is let go of where the loop over them is left. */
export async function* datasetPredictions(
  source: Source,
  { batchSize = LARGEST_BATCH, signal, predict }: DatasetPrediction,
): AsyncGenerator<unknown, void, undefined> {
  const reader = new RowReader(source.read({ ...FIRST, signal }));
  try {
    for (let first = 0; ; first += batchSize) {
      signal?.throwIfAborted();
      const chunk = await reader.take(batchSize);
      if (!chunk) return;
      yield await predict(dataOf('predict', chunk, false).x).catch((error) => {
        throw countedFrom(first, error);
      });
    }
  } finally {
    await reader.close();
  }
}
