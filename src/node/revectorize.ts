/**
 * WASM kernels in which V8 has made pairs of 128-bit vectors one of 256 bits. V8 calls this an experiment, so its results are compared with
 * those of the plain kernels before anything runs on it. Node only.
 */
import type { LocalBackend } from '../backends/backend.ts';
import { haveSameResults } from '../backends/same-results.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { BackendError } from '../errors.ts';
import { loadWasmHere } from '../platform/load-wasm.ts';
import { v8 } from './builtins.ts';
import { readKernels } from './load-wasm.ts';

const LEAST_NODE = 24;

/** Everything is compiled at once and by the optimising compiler: it alone revectorizes, and would else do so after the comparison. */
const FLAGS = { 'experimental-wasm-revectorize': true, liftoff: false, 'wasm-lazy-compilation': false };

/** The name of this runtime, if its V8 cannot do it; undefined if it can. */
export function revectorizationProblem(): string | undefined {
  const { bun, deno, node } = process.versions;
  if (bun) return `Bun ${bun}`;
  if (deno) return `Deno ${deno}`;
  return Number.parseInt(node, 10) >= LEAST_NODE ? undefined : `Node ${node}`;
}

/**
 * @throws BackendError where the build's file is missing or cannot be used, or computes other bits than without revectorization.
 */
export async function loadRevectorizedWasm(variant: WasmVariant): Promise<LocalBackend> {
  const bytes = await readKernels(variant);
  const backend = await loadWasmHere({ module: compileRevectorized(bytes) });
  if (!haveSameResults(backend, await loadWasmHere({ bytes }))) {
    throw new BackendError('wasm: expected the same results from the revectorized kernels as from the plain ones, got others');
  }
  return backend;
}

/** Synchronous, so that no other module is compiled under these flags. */
function compileRevectorized(bytes: Uint8Array): WebAssembly.Module {
  setFlags(true);
  try {
    return new WebAssembly.Module(marked(bytes, 'revectorized') as BufferSource);
  } finally {
    setFlags(false);
  }
}

/** The flags as needed here, or as V8 has them by default. */
function setFlags(changed: boolean): void {
  for (const [flag, value] of Object.entries(FLAGS)) v8().setFlagsFromString(`--${value === changed ? '' : 'no-'}${flag}`);
}

/** The module with an empty section of that name: V8 keeps what it compiled by a module's bytes, and would hand out the plain code. */
function marked(bytes: Uint8Array, name: string): Uint8Array {
  const letters = new TextEncoder().encode(name);
  const all = new Uint8Array(bytes.length + 3 + letters.length);
  all.set(bytes);
  all.set([0, letters.length + 1, letters.length], bytes.length);
  all.set(letters, bytes.length + 3);
  return all;
}
