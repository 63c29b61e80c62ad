/** The state of training, which a network has besides its parameters. */
import type { Elements } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import type { LossSums } from '../metrics/loss-totals.ts';
import type { MetricState } from '../metrics/totals.ts';
import type { Tensor } from '../tensor.ts';

/** How an epoch takes the rows of its data. An unfinished epoch can be continued only in the same way. */
export interface EpochShape {
  /** Undefined for a dataset whose end alone tells. */
  readonly rows: number | undefined;
  /** Rows of a window, where they are not bound as a whole. */
  readonly window?: number;
  readonly batchSize: number;
  /** Mini-batches a step. */
  readonly accumulate: number;
  readonly shuffle: boolean;
}

export const isSameShape = (a: EpochShape, b: EpochShape): boolean =>
  a.rows === b.rows && a.window === b.window && a.batchSize === b.batchSize && a.accumulate === b.accumulate && a.shuffle === b.shuffle;

/** An epoch that was stopped between two of its steps. */
export interface UnfinishedEpoch {
  readonly shape: EpochShape;
  /** Of the losses. */
  readonly sums: LossSums;
  /** Of the metrics of the heads, in their order. */
  readonly heads: readonly (readonly MetricState[])[];
  readonly seconds: number;
  /** Memory that layers hand from one step to the next, by name. */
  readonly carried: ReadonlyMap<string, Elements>;
}

/** The memory of a callback from one fit to the next. */
export interface CallbackMemory {
  /** Plain JSON. */
  readonly notes: Readonly<Record<string, unknown>>;
  readonly tensors?: ReadonlyMap<string, Tensor>;
}

export interface TrainingState {
  /** The type of the optimiser. */
  readonly optimizer: string;
  /** Its state by name: `step`, `mean/0.weight`. */
  readonly values: ReadonlyMap<string, Elements>;
  readonly progress: Progress;
  /** Undefined between two epochs. */
  readonly unfinished: UnfinishedEpoch | undefined;
  /** By the callbacks' names. */
  readonly memories: ReadonlyMap<string, CallbackMemory>;
}

/** A copy whose arrays are its own: a fit goes on in the arrays of the state that it continues. Memories of callbacks are not changed. */
export function copyTraining({ optimizer, values, progress, unfinished, memories }: TrainingState): TrainingState {
  return {
    optimizer,
    values: copied(values),
    progress,
    unfinished: unfinished && { ...unfinished, carried: copied(unfinished.carried) },
    memories,
  };
}

const copied = (values: ReadonlyMap<string, Elements>) => new Map([...values].map(([name, value]) => [name, value.slice()]));
