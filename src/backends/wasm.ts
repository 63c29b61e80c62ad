/** The WASM backend: AssemblyScript kernels on a memory of their own. Portable: nothing here knows where the module's bytes lie. */

import { BackendError } from '../errors.ts';
import { checkKernels } from '../program/format.ts';
import type { Backend } from './backend.ts';
import { firstNotFinite } from './finite.ts';
import { WasmMemory } from './wasm-memory.ts';
import { WasmSession } from './wasm-session.ts';

/** Where the compiled kernels come from; the first that is given is taken. */
export interface WasmSource {
  /** Already compiled: the only way in runtimes that forbid compiling, such as Cloudflare Workers. */
  readonly module?: WebAssembly.Module;
  readonly bytes?: Uint8Array | ArrayBuffer;
  /** Fetched. */
  readonly url?: URL | string;
}

/** A function that returns a v128: valid only where there is WebAssembly SIMD. */
const SIMD_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x0a, 0x01, 0x08,
  0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b,
]);

/** A function that returns f32x4.relaxed_madd of its three arguments. */
const RELAXED_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a,
  0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b,
]);

/** Builds of the kernels, `chainrule.<variant>.wasm`. */
export type WasmVariant = 'simd' | 'relaxed';

/** The fastest build for such networks here: relaxed products round as the processor likes, which `reproducible` ones must not. */
export function wasmVariant(reproducible: boolean): WasmVariant {
  return !reproducible && hasRelaxedSimd() ? 'relaxed' : 'simd';
}

/** Whether the runtime takes the kernels made for relaxed SIMD, `chainrule/wasm/chainrule.relaxed.wasm`, whose products are faster. */
export function hasRelaxedSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(RELAXED_MODULE);
}

const NOT_REPRODUCIBLE =
  'wasm: expected the kernels of chainrule.simd.wasm for a reproducible network, got those for relaxed SIMD: give setWasmSource the former, ' +
  'and the latter as its `relaxed`';

/**
 * A backend over compiled kernels. All its sessions share one memory, which grows to the most that was ever needed at once; disposed
 * sessions leave their part to later ones.
 *
 * @throws BackendError where the module is not chainrule's or was built from another op table.
 */
export function wasmBackend(module: WebAssembly.Module): Backend {
  const memory = new WasmMemory(module);
  const backend: Backend = {
    name: 'wasm',
    isa: memory.isa,
    threads: 1,
    elementBytes: 4,
    with: ({ reproducible }) => {
      if (reproducible && memory.relaxed) throw new BackendError(NOT_REPRODUCIBLE);
      return backend;
    },
    firstNotFinite: (values) => firstNotFinite(values, 4),
    allocate: (length) => new Float32Array(length),
    open: (program, seed) => {
      checkKernels(program, 'wasm');
      return new WasmSession(memory, program, seed);
    },
  };
  return backend;
}

/**
 * Fetches and compiles the kernels as far as the source still needs it.
 *
 * @throws BackendError where the runtime has no WebAssembly SIMD, or the kernels cannot be fetched, compiled or used.
 */
export async function loadWasm(source: WasmSource): Promise<Backend> {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD_MODULE)) {
    throw new BackendError(
      'wasm: expected a runtime with WebAssembly SIMD (browsers since 2023, Node since 16), got one without; there are no scalar kernels',
    );
  }
  return wasmBackend(source.module ?? (await compile(source.bytes ?? (await fetchBytes(source.url)))));
}

/** Compiled from bytes rather than from the stream: streaming fails on servers that send another type than application/wasm. */
async function compile(bytes: Uint8Array | ArrayBuffer): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (error) {
    throw new BackendError(
      `wasm: expected bytes of a WebAssembly module, and leave to compile them (a page's content security policy: 'wasm-unsafe-eval'; ` +
        `Workers: setWasmSource({ module })): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function fetchBytes(url: URL | string | undefined): Promise<ArrayBuffer> {
  if (url === undefined) throw new BackendError('wasm: expected a module, bytes or a url, got none of them');
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.arrayBuffer();
  } catch (error) {
    throw new BackendError(
      `wasm: could not fetch ${url}: ${(error as Error).message}; serve the file there, say where it lies with ` +
        `setWasmSource({ url }), or import from 'chainrule/inline'`,
      { cause: error },
    );
  }
}
