/** The interface of backends: a backend opens sessions, each one program over one arena. */

import type { Clock } from '../clock.ts';
import type { Work } from '../event-loop/slices.ts';
import type { Program } from '../program/format.ts';

export type BackendName = 'native' | 'wasm' | 'reference';

/** An arena's element type: float32 on native and wasm, float64 on reference. */
export type Elements = Float32Array | Float64Array;

export interface BackendSettings {
  readonly threads?: number;
  /** Results have the same bits on native and wasm, whatever the instruction set and the number of threads. */
  readonly reproducible?: boolean;
}

/** The settings, and a wish that decides which kernels are loaded. */
export interface LoadSettings extends BackendSettings {
  /** Asks for WASM kernels whose vectors V8 has made twice as wide. */
  readonly revectorize?: boolean;
}

export interface Backend {
  readonly name: BackendName;
  /** The instruction set that the kernels use: `amx`, `avx512`, `simd128`, `float64`, … */
  readonly isa: string;
  /** The most threads that a run of one of its sessions uses. */
  readonly threads: number;
  /** Why its runs use fewer threads than it was told to; undefined where they use as many, or it knows only one. */
  readonly limitation?: string;
  /** A remark on how it was loaded; undefined without one. */
  readonly remark?: string;
  readonly elementBytes: 4 | 8;
  /** This backend with other settings; those not named stay. Threads are ignored where it knows only one. */
  with(settings: BackendSettings): Backend;
  /** The index of the first value that is NaN, infinite, or becomes infinite in the arena's elements; −1 if all are finite. */
  firstNotFinite(values: ArrayLike<number>): number;
  /** A fresh array of the arena's element type. */
  allocate(length: number): Elements;
  /** Memory for parameters that sessions share, zeroed. Throws BackendError when memory is short. */
  reserve(length: number): SharedElements;
  /**
   * Allocates the program's arena, zeroed, with the program's constants in place. Its first elements may be `shared`, of the size that the
   * program says: they are not copied. Throws BackendError when memory is short.
   */
  open(program: Program, seed: number, shared?: SharedElements): Session;
}

/** Elements that several sessions have in common. */
export interface SharedElements {
  readonly length: number;
  /** Elements [offset, offset + length) where they lie. A view to be used at once: the next allocation may invalidate it. */
  view(offset: number, length: number): Elements;
  /** Frees the memory. No session that shares it may run from then on. */
  dispose(): void;
}

/** Data for `gather`: row r of column k is `data[r · width … (r + 1) · width)`. Indices come as an Int32Array. */
export interface DataColumn {
  readonly data: Float32Array | Float64Array | Int32Array;
  readonly width: number;
}

/** The data that `beginStep` draws mini-batches from. */
export interface DataBinding {
  readonly columns: readonly DataColumn[];
  readonly rows: number;
  /** At most the program's maximumRows. */
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/** Execute code words [from, to) `repeats` times, each later time one mini-batch later. */
export interface RunRequest {
  readonly from: number;
  readonly to: number;
  readonly repeats: number;
  /** The training time of the first repeat. Default the beginning. */
  readonly clock?: Clock;
  /** Rows of the batch until a `beginStep` says otherwise. */
  readonly rows: number;
}

/** Values of one of a program's inputs, for one run. */
export interface InputValues {
  readonly offset: number;
  readonly values: DataColumn['data'];
}

export interface Session {
  readonly program: Program;
  /** The shared elements are these from now on. To be called whenever others may have changed them. */
  share(shared: SharedElements): void;
  /** Copies values into the arena, beyond what is shared: those of an Int32Array as indices, all others as numbers. */
  write(offset: number, values: ArrayLike<number>): void;
  /** A copy of arena elements, beyond what is shared. */
  read(offset: number, length: number): Elements;
  /** Copies as many arena elements as `out`, an array of the arena's element type, has. */
  readInto(offset: number, out: Elements): void;
  /** Copies the data in; whatever was bound before is freed. Throws DataError where indices come for numbers, or the other way round. */
  bind(data: DataBinding): void;
  /** `bind` in slices. Nothing may be run before it is done. */
  binding(data: DataBinding): Work<void>;
  /**
   * Runs on the caller's thread; returns the repeats done. An input given here is read where it lies where the backend can, else written
   * into the arena. The arena's copy of it is undefined afterwards.
   */
  run(request: RunRequest, input?: InputValues): number;
  /** Runs off the caller's thread where the backend can, else in place; one at a time. Returns the repeats done: fewer than asked after `cancel`. */
  runAsync(request: RunRequest): Promise<number>;
  /** Makes the `runAsync` under way stop before its next repeat. */
  cancel(): void;
  /** The records of the last run: for each repeat the loss and the count of correct rows (NaN where the program counts none). A copy. */
  records(repeats: number): Float64Array;
  /** Frees the arena and the data. Further calls throw StateError. */
  dispose(): void;
}
