/** `chainrule/predict` in pages and workers: predictions by compiled programs, without what trains and compiles networks. */
import { fetchKernels } from '../backends/wasm/fetch.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { fetchBytes } from '../platform/web-files.ts';
import { predictorLoader } from '../predictor/load.ts';

/** Bundlers see each `new URL` and copy the file. Made when it is needed: a classic script has no URL of its own. */
const FILES: Readonly<Record<WasmVariant, () => URL>> = {
  simd: () => new URL('../../wasm/chainrule.simd.wasm', import.meta.url),
  relaxed: () => new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url),
};

export const loadPredictor = predictorLoader({
  read: fetchBytes,
  kernels: (variant) => fetchKernels(FILES[variant](), 'give loadPredictor its `kernels`'),
});

export * from '../predictor/exports.ts';
