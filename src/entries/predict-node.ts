/** `chainrule/predict` on Node, Deno and Bun. */
import { readBytes } from '../node/files.ts';
import { readKernelFile } from '../node/kernel-file.ts';
import { predictorLoader } from '../predictor/load.ts';

export const loadPredictor = predictorLoader({ read: readBytes, kernels: (variant) => readKernelFile(`chainrule.${variant}.wasm`) });

export * from '../predictor/exports.ts';
