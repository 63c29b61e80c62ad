/** `chainrule/train` in browsers: a network that a page trains, with what the page imports and no more. */
import './fetched-kernels.ts';

export * from '../train/exports.ts';
