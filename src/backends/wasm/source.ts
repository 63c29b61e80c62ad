/** Checks a source of the kernels that a caller gives. */
import { OptionError } from '../../errors.ts';
import { optional, readOptions, type TableOf } from '../../options/table.ts';
import { checkLocation, describe } from '../../options.ts';
import type { WasmSource } from './compile.ts';

export const SOURCE = {
  module: optional(checkModule),
  bytes: optional(checkKernels),
  url: optional(checkLocation),
} satisfies TableOf<WasmSource>;

/** Throws OptionError where it is not exactly one of `module`, `bytes` and `url`, or of another type. */
export const wasmSourceFrom = (where: string, value: unknown): WasmSource => onlyOne(where, readOptions(where, SOURCE, value));

/** Throws OptionError for more than one place, or none. */
export function onlyOne(where: string, source: WasmSource): WasmSource {
  const given = Object.entries(source).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (given.length !== 1)
    throw new OptionError(`${where}: expected one of module, bytes and url, got ${given.join(' and ') || 'none of them'}`);
  return source;
}

/** By tag rather than by class: a module may come from another realm, such as a test runner's. */
const MODULE_TAG = '[object WebAssembly.Module]';

function checkModule(where: string, value: unknown): NonNullable<WasmSource['module']> {
  if (Object.prototype.toString.call(value) === MODULE_TAG) return value as NonNullable<WasmSource['module']>;
  throw new OptionError(`${where}: expected a WebAssembly.Module, got ${describe(value)}`);
}

function checkKernels(where: string, value: unknown): Uint8Array | ArrayBuffer {
  if (value instanceof Uint8Array || isArrayBuffer(value)) return value;
  throw new OptionError(`${where}: expected a Uint8Array or an ArrayBuffer, got ${describe(value)}`);
}

const isArrayBuffer = (value: unknown): value is ArrayBuffer => Object.prototype.toString.call(value) === '[object ArrayBuffer]';
