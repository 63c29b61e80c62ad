/** Fetching the WASM kernels, and the error where something else came. */
import { BackendError } from '../../errors.ts';
import type { FileLocation } from '../../options.ts';

/** The first bytes of every WebAssembly module: \0asm. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const SHOWN_BYTES = 8;
export const TELL_SOURCE = "say where it lies with setWasmSource({ url }), or import from 'chainrule/inline'";

/**
 * The bytes of a WebAssembly module. By themselves rather than as a stream to compile: streaming fails on servers that send another type than
 * application/wasm.
 *
 * @throws BackendError that says what came, where it is no module or nothing came.
 */
export async function fetchKernels(location: FileLocation, advice = TELL_SOURCE): Promise<Uint8Array> {
  const url = typeof location === 'string' ? location : location.href;
  const response = await fetch(url).catch((error: Error) => refuse(url, `no answer: ${error.message}`, advice, error));
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || !isModule(bytes)) {
    const type = response.headers.get('content-type') ?? 'none';
    refuse(url, `status ${response.status}, content type ${type}, ${showBytes(bytes)}`, advice);
  }
  return bytes;
}

/** Whether bytes begin as a WebAssembly module does. */
export function isModule(bytes: Uint8Array): boolean {
  return MAGIC.every((magic, i) => bytes[i] === magic);
}

/** `38 bytes that begin 3c 21 64 6f …`. */
export function showBytes(bytes: Uint8Array): string {
  const first = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length === 0 ? 'no bytes' : `${bytes.length} bytes that begin ${first}`;
}

function refuse(url: string, came: string, advice: string, cause?: Error): never {
  throw new BackendError(`wasm: could not fetch ${url}: expected a WebAssembly module, got ${came}; serve the file there, ${advice}`, {
    cause,
  });
}
