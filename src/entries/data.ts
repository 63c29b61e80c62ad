/** `chainrule/data`: datasets and readers of data, the same in every runtime. With it, networks train on datasets and read them. */
import { setDatasetServices } from '../dataset-services.ts';
import { DATASET_SERVICES } from '../network-datasets.ts';

setDatasetServices(DATASET_SERVICES);

export { type IdxArray, type IdxElements, parseIdx } from '../data/idx.ts';
export { Dataset } from '../datasets/dataset.ts';
export { type NpyArray, type NpyElements, parseNpy } from '../formats/npy.ts';
export { parseNpz } from '../formats/npz.ts';
