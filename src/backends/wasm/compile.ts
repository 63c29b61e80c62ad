/** Compiles the kernels, from wherever they come. */
import { BackendError, messageOf } from '../../errors.ts';
import type { GlobalModule } from '../../globals.ts';
import type { FileLocation } from '../../options.ts';
import { fetchKernels, isModule, showBytes, TELL_SOURCE } from './fetch.ts';
import { hasSimd } from './variant.ts';

/** The source of the compiled kernels: the first that is given. */
export interface WasmSource {
  /** Already compiled: the only way in runtimes that forbid compiling, such as Cloudflare Workers. */
  readonly module?: GlobalModule;
  readonly bytes?: Uint8Array | ArrayBuffer;
  /** Fetched. */
  readonly url?: FileLocation;
}

/** What to do, in messages: where the kernels cannot be fetched, and where a Worker may not compile them. */
export interface KernelAdvice {
  readonly fetching: string;
  readonly compiling: string;
}

const SET_SOURCE: KernelAdvice = { fetching: TELL_SOURCE, compiling: 'setWasmSource({ module })' };

/**
 * Fetches and compiles the kernels as far as the source still needs it.
 *
 * @throws BackendError where the runtime has no WebAssembly SIMD, or the kernels cannot be fetched or compiled.
 */
export async function compileKernels(source: WasmSource, advice = SET_SOURCE): Promise<GlobalModule> {
  if (!hasSimd()) {
    throw new BackendError(
      'wasm: expected a runtime with WebAssembly SIMD (browsers since 2023, Node since 16), got one without; there are no scalar kernels',
    );
  }
  return source.module ?? (await compile(source.bytes ?? (await fetchKernels(urlOf(source), advice.fetching)), advice));
}

async function compile(given: Uint8Array | ArrayBuffer, advice: KernelAdvice): Promise<WebAssembly.Module> {
  const bytes = new Uint8Array(given as ArrayBuffer);
  if (!isModule(bytes)) throw new BackendError(`wasm: expected bytes of a WebAssembly module, got ${showBytes(bytes)}`);
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (error) {
    throw new BackendError(
      `wasm: expected a WebAssembly module that is whole, and leave to compile it (a page's content security policy: 'wasm-unsafe-eval'; ` +
        `Workers: ${advice.compiling}): ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function urlOf({ url }: WasmSource): FileLocation {
  if (url === undefined) throw new BackendError('wasm: expected a module, bytes or a url, got none of them');
  return url;
}
