/** Loading predictors, over what a runtime has for files and kernels. */
import { compileKernels, type KernelAdvice, type WasmSource } from '../backends/wasm/compile.ts';
import { wasmSourceFrom } from '../backends/wasm/source.ts';
import { type WasmVariant, wasmVariant } from '../backends/wasm/variant.ts';
import { optional, readOptions, type TableOf } from '../options/table.ts';
import { checkBytes, type FileLocation, isLocation } from '../options.ts';
import { decodePredictor } from './file.ts';
import { Predictor } from './predictor.ts';

export interface PredictorOptions {
  /**
   * The kernels, as `setWasmSource` takes them: needed in Cloudflare Workers (`{ module }`), and where a bundler does not copy the file beside the
   * script (`{ url }`, `{ bytes }`). Default: `chainrule.relaxed.wasm` or `chainrule.simd.wasm` from beside the library, whichever the runtime takes.
   */
  readonly kernels?: WasmSource;
}

/** What differs between runtimes. */
export interface PredictorPlatform {
  read(location: FileLocation): Promise<Uint8Array>;
  kernels(variant: WasmVariant): Promise<Uint8Array>;
}

const OPTIONS = { kernels: optional(wasmSourceFrom) } satisfies TableOf<PredictorOptions>;

/** What to do where the kernels cannot be had. */
export const ADVICE: KernelAdvice = {
  fetching: 'give loadPredictor its `kernels`, in a Worker { module }',
  compiling: 'the option kernels: { module }',
};

/**
 * A predictor of the bytes that `network.toPredictor()` makes, or of a file with them: a path on Node, Deno and Bun, a URL in pages and workers.
 *
 * @throws DataError where the file cannot be read, or for what is neither bytes nor a place; FormatError for bytes that are no predictor's, or are not
 *   whole; BackendError where the kernels cannot be had, or are of another version than the file; OptionError for an unknown or impossible option.
 */
export type LoadPredictor = (source: Uint8Array | FileLocation, options?: PredictorOptions) => Promise<Predictor>;

export function predictorLoader(platform: PredictorPlatform): LoadPredictor {
  return async (source, options = {}) => {
    const { kernels } = readOptions('loadPredictor', OPTIONS, options);
    if (!isLocation(source)) checkBytes('loadPredictor', source, ', a path or a URL');
    const file = decodePredictor(source instanceof Uint8Array ? source : await platform.read(source));
    return new Predictor(file, await compileKernels(kernels ?? { bytes: await platform.kernels(wasmVariant('fast')) }, ADVICE));
  };
}
