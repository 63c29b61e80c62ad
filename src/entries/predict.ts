/** `chainrule/predict` in pages and workers: predictions by compiled programs, without what trains and compiles networks. */
import { fetchKernels } from '../backends/wasm/fetch.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { BackendError } from '../errors.ts';
import { fetchBytes } from '../platform/web-files.ts';
import { ADVICE, predictorLoader } from '../predictor/load.ts';

/** Bundlers see each `new URL` and copy the file. */
const FILES: Readonly<Record<WasmVariant, () => URL>> = {
  simd: () => new URL('../../wasm/chainrule.simd.wasm', import.meta.url),
  relaxed: () => new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url),
};

/** Classic scripts and Cloudflare Workers have no URL of their own, and `new URL` throws there. */
function fileOf(variant: WasmVariant): URL {
  try {
    return FILES[variant]();
  } catch (cause) {
    throw new BackendError(`wasm: expected the kernels beside this script, got a script without a URL; ${ADVICE.fetching}`, { cause });
  }
}

export const loadPredictor = predictorLoader({
  read: fetchBytes,
  kernels: async (variant) => fetchKernels(fileOf(variant), ADVICE.fetching),
});

export * from '../predictor/exports.ts';
