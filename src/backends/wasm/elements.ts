/** Parameters that sessions share, in a region of the backend's WebAssembly memory. */
import { StateError } from '../../errors.ts';
import type { SharedElements } from '../backend.ts';
import type { WasmMemory } from './memory.ts';

const FLOAT_BYTES = 4;

interface Region {
  start: number | undefined;
}

const freed = (memory: WasmMemory, region: Region) => {
  if (region.start !== undefined) memory.free(region.start);
  region.start = undefined;
};

/** Older Workers have no registry: there, memory that is not disposed of is kept. */
const forgotten =
  typeof FinalizationRegistry === 'function'
    ? new FinalizationRegistry<{ memory: WasmMemory; region: Region }>(({ memory, region }) => freed(memory, region))
    : undefined;

export class WasmElements implements SharedElements {
  readonly #memory: WasmMemory;
  readonly #region: Region;

  /** Throws BackendError where memory is short. */
  constructor(
    memory: WasmMemory,
    readonly length: number,
  ) {
    this.#memory = memory;
    this.#region = { start: memory.allocateZeroed(length * FLOAT_BYTES, 'parameters') };
    forgotten?.register(this, { memory, region: this.#region }, this);
  }

  /** The address of the first. */
  get start(): number {
    if (this.#region.start === undefined) throw new StateError('these parameters are disposed');
    return this.#region.start;
  }

  view(offset: number, length: number): Float32Array {
    return this.#memory.floats(this.start + offset * FLOAT_BYTES, length);
  }

  dispose(): void {
    forgotten?.unregister(this);
    freed(this.#memory, this.#region);
  }
}

/** Parameters of a state that no session reads, outside of the WebAssembly memory. */
export function elementsAside(length: number): SharedElements {
  const values = new Float32Array(length);
  return { length, view: (offset, size) => values.subarray(offset, offset + size), dispose: () => undefined };
}
