/** The interface of backends: a backend opens sessions, each one program and its memory. */

import type { Clock } from '../clock.ts';
import type { StrayIndex } from '../errors.ts';
import type { Work } from '../event-loop/slices.ts';
import type { GlobalModule } from '../globals.ts';
import type { Origin } from '../origin.ts';
import type { Program, Slot } from '../program/format.ts';
import type { CodeRange } from '../program/parts.ts';
import type { Numerics } from './numerics.ts';

export type BackendName = 'native' | 'wasm' | 'reference';

/** The numbers of which a network's products are made, beside float32 for all else. */
export type Precision = 'float32' | 'bfloat16';

/** An arena's element type: float32 on native and wasm, float64 on reference. */
export type Elements = Float32Array | Float64Array;

export interface BackendSettings {
  readonly threads?: number;
  /** Default `fast`. */
  readonly numerics?: Numerics;
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
  /** Its compiled kernels, which another thread can run too; undefined where it has none such. */
  readonly module?: GlobalModule;
  /** True where products round their factors to bfloat16 themselves; for other backends operations before them do. */
  readonly multipliesBfloat16?: boolean;
  /**
   * This backend with one order of sums, whatever the number of rows that a product is of: a row has the same bits alone and among others.
   * Undefined where all its sums are so.
   */
  readonly steady?: Backend;
  /** This backend with other settings; those not named stay. Threads are ignored where it knows only one. */
  with(settings: BackendSettings): Backend;
  /** The index of the first value that is NaN, infinite, or becomes infinite in the arena's elements; −1 if all are finite. */
  firstNotFinite(values: ArrayLike<number>): number;
  /** A fresh array of the arena's element type. */
  allocate(length: number): Elements;
  /** Memory for parameters that sessions share, zeroed. Throws BackendError when memory is short. */
  reserve(length: number): SharedElements;
  /** Its like that no session can read. Undefined where `reserve` is as good: a WebAssembly memory addresses 4 GiB, and gives nothing back. */
  reserveAside?(length: number): SharedElements;
  /**
   * Allocates the program's memory, zeroed, with the program's constants in place. The parameters may be `shared`, of the size that the
   * program says: they are not copied. Throws BackendError when memory is short.
   */
  open(program: Program, seed: number, shared?: SharedElements): Session;
}

/** A backend that computes in this process, in arenas that it reads and writes at once. */
export interface LocalBackend extends Backend {
  with(settings: BackendSettings): LocalBackend;
  /** What `open` opens, by offsets. */
  openArena(program: Program, seed: number, shared?: SharedElements): Arena;
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
  /**
   * Mini-batches that random streams count before the first of these rows, where they are a part of an epoch: the clock's epoch then decides their
   * order alone. Default: those of the clock's epochs.
   */
  readonly before?: number;
}

/** A run of a program. */
export interface Run {
  /** Rows of the batch until a `beginStep` says otherwise. */
  readonly rows: number;
  /** Default 1. Each later one is one mini-batch later. */
  readonly repeats?: number;
  /** The training time of the first repeat. Default the beginning. */
  readonly clock?: Clock;
  /** Default all of the program. */
  readonly range?: CodeRange;
}

/** A place that a program knows by name, found once; a name alone is an input's where it is written, an output's where it is read. */
export type Place = Slot | string;

/** A place, and an array of the backend's element type for its values. */
export type PlaceValues = readonly [place: Slot, values: Elements];

/** A session's threads, besides the caller's. */
export interface OwnThreads {
  /**
   * Makes them give way to others of the process, so that a training does not keep predictions waiting. Before the first run; without effect where the
   * system has no priorities of threads.
   */
  giveWay(): void;
  /**
   * Copies places, each as many elements as its array has; gives whether all of them are finite. As a run: one at a time. Undefined where the program
   * keeps something that is not of float32.
   */
  readonly copyFinite: ((places: readonly PlaceValues[]) => Promise<boolean>) | undefined;
}

/** The first instruction whose result is not finite. */
export interface NonFinite {
  readonly origin: Origin;
  /** The name of the optimiser's state that it spoilt (`variance/0.weight`); undefined where that is finite. */
  readonly state?: string;
  /** The name of the parameter that it spoilt; undefined where that is finite. */
  readonly parameter?: string;
  /** The out-of-range index by which it looked something up. */
  readonly stray?: StrayIndex;
}

/**
 * One program and its memory. Calls take effect in the order in which they are made, so only what is awaited takes a turn of the event loop:
 * the backend may compute on another device.
 */
export interface Session {
  readonly program: Program;
  /** The same calls without waiting: only where the backend computes in this process. */
  readonly now?: SessionNow;
  /** The shared parameters are these from now on. To be called whenever others may have changed them. */
  share(shared: SharedElements): void;
  /** Copies values to a place, from its element `start` on (default 0): those of an Int32Array as indices, all others as numbers. */
  write(to: Place, values: ArrayLike<number>, start?: number): void;
  /** Copies the data in; whatever was bound before is freed. Throws DataError where indices come for numbers, or the other way round. */
  bind(data: DataBinding): void;
  /** `bind` in slices. Nothing may be run before it is done. */
  binding(data: DataBinding): Work<void>;
  /** Frees the data. Nothing that draws from it may be run before other data is bound. */
  unbind(): void;
  /** Off the caller's thread where the backend can; one at a time. Gives the repeats done: fewer than asked after `cancel`. */
  run(run: Run): Promise<number>;
  /** What it can do besides where it has threads of its own. */
  readonly ownThreads?: OwnThreads;
  /** Makes the `run` under way stop before its next repeat. */
  cancel(): void;
  /** A copy of `length` elements of a place, from its element `start` on. Default: all that it has at the largest batch. */
  read(from: Place, length?: number, start?: number): Promise<Elements>;
  /** The records of the last run: the program's `recordWidth` numbers for each repeat. A copy. */
  records(repeats: number): Promise<Float64Array>;
  /** Runs these again, an instruction at a time, up to the first result that is not finite; undefined where all are. */
  firstNonFinite(runs: Iterable<Run>): Promise<NonFinite | undefined>;
  /** Frees the memory and the data. Further calls throw StateError. */
  dispose(): void;
}

/** A session whose backend computes in this process: on the caller's thread, and at once. */
export interface SessionNow {
  /**
   * Gives the repeats done. An input given here is read where it lies where the backend can, else written to its place, which is undefined
   * afterwards.
   */
  run(run: Run, input?: InputValues): number;
  read(from: Place, length?: number, start?: number): Elements;
  /** Copies as many elements of a place, from its element `start` on, as `out`, an array of the backend's element type, has. */
  readInto(from: Place, out: Elements, start?: number): void;
  records(repeats: number): Float64Array;
  firstNonFinite(runs: Iterable<Run>): NonFinite | undefined;
}

/** Values of one of a program's inputs, for one run. */
export interface InputValues {
  readonly input: Place;
  readonly values: DataColumn['data'];
}

/** Execute code words [from, to) `repeats` times, each later time one mini-batch later. */
export interface RunRequest extends CodeRange {
  readonly repeats: number;
  readonly clock?: Clock;
  readonly rows: number;
}

/** Values that lie at an offset, for one run. */
export interface ArenaValues {
  readonly offset: number;
  readonly values: DataColumn['data'];
}

/** One program over one arena in this process, by offsets. `LocalSession` makes a session of it. */
export interface Arena {
  readonly program: Program;
  share(shared: SharedElements): void;
  /** Copies values into the arena, beyond what is shared. */
  write(offset: number, values: ArrayLike<number>): void;
  /** A copy of arena elements, beyond what is shared. */
  read(offset: number, length: number): Elements;
  /** Copies as many arena elements as `out` has. */
  readInto(offset: number, out: Elements): void;
  bind(data: DataBinding): void;
  binding(data: DataBinding): Work<void>;
  unbind(): void;
  run(request: RunRequest, input?: ArenaValues): number;
  /** Runs off the caller's thread where the backend can, else in place; one at a time. */
  runAsync(request: RunRequest): Promise<number>;
  /** Makes its threads give way to others of the process. */
  cancel(): void;
  readonly ownThreads?: OwnThreads;
  records(repeats: number): Float64Array;
  dispose(): void;
}
