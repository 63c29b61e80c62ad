/** `chainrule/data`: datasets, readers of data and what prepares raw rows, the same in every runtime. They know nothing of networks. */

export { type IdxArray, type IdxElements, parseIdx } from '../data/idx.ts';
export { Dataset } from '../datasets/dataset.ts';
export { type NpyArray, type NpyElements, parseNpy } from '../formats/npy.ts';
export { parseNpz } from '../formats/npz.ts';
export * from '../preparation/exports.ts';
