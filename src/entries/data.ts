/** `chainrule/data`: datasets, readers of data and what prepares raw rows, the same in every runtime. With it, networks train on datasets and read them. */
import { setDatasetServices } from '../dataset-services.ts';
import { setPreparationReader } from '../model/preparation-reader.ts';
import { DATASET_SERVICES } from '../network-datasets.ts';
import { PREPARATION_READER } from '../preparation/preparation-file.ts';

setDatasetServices(DATASET_SERVICES);
setPreparationReader(PREPARATION_READER);

export { type IdxArray, type IdxElements, parseIdx } from '../data/idx.ts';
export type { AugmentOptions } from '../datasets/augment.ts';
export type { BatchOptions, PassOptions } from '../datasets/batches.ts';
export type { BucketOptions } from '../datasets/buckets.ts';
export { Dataset, type TrainTestRows } from '../datasets/dataset.ts';
export type { DivideOptions, SplitOptions } from '../datasets/divide.ts';
export type { FromOptions } from '../datasets/from.ts';
export type { CallOptions } from '../datasets/functions.ts';
export type { Pass, RowIterable, WebStream } from '../datasets/iterables.ts';
export type { MixOptions } from '../datasets/mixup.ts';
export type { AugmentedRow, BatchOf, RowOfTensor, RowsOfTensors, StepsOf, TensorOf, TensorsByName } from '../datasets/row-types.ts';
export type { SequenceOptions } from '../datasets/sequences.ts';
export type { ShuffleOptions } from '../datasets/shuffle.ts';
export { type NpyArray, type NpyElements, parseNpy } from '../formats/npy.ts';
export { parseNpz } from '../formats/npz.ts';
export * from '../preparation/exports.ts';
