/** The native backend: the addon's sessions behind the `Backend` interface. Portable: whoever loads the addon hands it in. */

import { BEGINNING } from '../clock.ts';
import { BackendError, messageOf, StateError } from '../errors.ts';
import { finish, type Work } from '../event-loop/slices.ts';
import { TABLE_HASH } from '../ops/numbers.generated.ts';
import { type Division, divide, type ThreadCosts } from '../program/divide.ts';
import { checkKernels, initialContents, PROGRAM_VERSION, type Program } from '../program/format.ts';
import { type Packable, packableMatrices } from '../program/packable.ts';
import { scratchFloats } from '../program/scratch.ts';
import type {
  Arena,
  ArenaValues,
  BackendSettings,
  DataBinding,
  Elements,
  LocalBackend,
  OwnThreads,
  PlaceValues,
  RunRequest,
  SharedElements,
} from './backend.ts';
import { checkColumn, copyColumns } from './columns.ts';
import { firstNotFinite } from './finite.ts';
import { LocalSession } from './local-session.ts';
import { NUMERICS } from './numerics.ts';
import { checkShared } from './shared.ts';
import { checkElements, toWords } from './words.ts';

/** So many values are looked at in less time than a call of the addon takes. */
const FEW_VALUES = 32;

/**
 * Typed arrays of so many words lie in the engine's own heap. The addon's calls would move each out of it first, which takes longer than to
 * copy its values into an array that lasts.
 */
const FEW_WORDS = 16;

/** A session as `native/addon.cpp` defines it: every argument checked there, plain errors thrown. */
export interface NativeSession {
  share(shared: Float32Array): void;
  write(offset: number, values: Float32Array): void;
  read(offset: number, out: Float32Array): void;
  bind(
    /** Null for one that is zeros at first. */
    columns: readonly (Float32Array | null)[],
    widths: readonly number[],
    rows: number,
    batchSize: number,
    shuffle: boolean,
    before?: number,
  ): void;
  /** Copies values into a bound column, from element `start` on. */
  fill(column: number, start: number, values: Float32Array): void;
  /** With `values`, the arena's elements from `offset` on are read there. */
  run(
    from: number,
    to: number,
    repeats: number,
    epoch: number,
    batch: number,
    rows: number,
    offset?: number,
    values?: Float32Array,
  ): number;
  runAsync(from: number, to: number, repeats: number, epoch: number, batch: number, rows: number): Promise<number>;
  /** Its threads give way to the process's others. Before the first run. */
  giveWay(): void;
  /** Copies arena elements from each offset on into the array beside it, off this thread as `runAsync`: 1 if all are finite, else 0. Nobody transfers the arrays meanwhile. */
  copyAsync(offsets: readonly number[], outs: readonly Float32Array[]): Promise<number>;
  cancel(): void;
  records(out: Float64Array): void;
  dispose(): void;
}

/** The addon's exports. */
export interface NativeAddon {
  readonly tableHash: number;
  readonly programVersion: number;
  /** The instruction set in use, and all that this machine could use. */
  readonly isa: string;
  readonly isas: readonly string[];
  /** Whether products of this instruction set round their factors to bfloat16 where a program asks for it. */
  readonly multipliesBfloat16: boolean;
  /** GFLOP/s of multiply-adds in registers, on `threads` threads at once (default 1). Takes about 20 ms. */
  measurePeak(threads?: number): number;
  /** The index of the first value that is NaN or infinite; −1 if all are finite. Looked for by `threads` threads at most (default 1). */
  firstNotFinite(values: Float32Array, threads?: number): number;
  /**
   * The first byte of a buffer at which `elements` elements may lie for sessions to share. The buffer has `slackBytes` more than they take.
   */
  alignedStart(buffer: ArrayBuffer, elements: number): number;
  readonly slackBytes: number;
  readonly Session: new (
    code: Int32Array,
    literals: Float64Array,
    arenaElements: number,
    maximumRows: number,
    seed: number,
    threads: number,
    division: Int32Array,
    numerics: number,
    packable: Int32Array,
    scratch: number,
    shared?: Float32Array,
  ) => NativeSession;
}

/**
 * Measured with AVX-512 on two cores of a virtual machine, the least of nine runs or more each: relu, its gradient, sgd and column
 * sums over 16 384 elements take 0.04 to 0.05 ns for each element that they touch (adam 0.15), a product 0.013 ns a multiply-add, from
 * 128 × 128 matrices to the rows of a small layer. Two threads meet in 330 ns, kernels' misses included, where
 * cores are near; short runs are measured besides (native/thread_choice.h). A step of 784-30-10 with batch
 * 10, 15.5 µs on one thread, took 6 µs longer on two, and one of 784-50-10 with batch 100 saved 48 of 156 µs, where its operations
 * divided would save 65: what crosses between the cores' caches costs up to 20. Waking a helper that sleeps takes 16 to 60 µs. On
 * slower instruction sets threads pay earlier than this says.
 */
const COSTS: ThreadCosts = { element: 0.05, barrier: 330, step: 20_000 };
/** Its products have one order, and fusing by a call of the C library's is slow. */
const WITHOUT_VECTORS = 'scalar';
const UNDIVIDED = new Int32Array(0);
/** Inputs of this many elements or more are read where they lie. Copying fewer takes no longer than telling the kernels their place. */
const LENT_ELEMENTS = 4096;

/** Wraps a loaded addon. Throws BackendError where it was built from another op table than this code. */
export function nativeBackend(addon: NativeAddon, costs: ThreadCosts = COSTS): LocalBackend {
  if (addon.tableHash !== TABLE_HASH || addon.programVersion !== PROGRAM_VERSION) {
    throw new BackendError(
      `the native addon was built from another op table (expected ${describe(TABLE_HASH, PROGRAM_VERSION)}, got ${describe(
        addon.tableHash,
        addon.programVersion,
      )}): run \`npm run build\``,
    );
  }
  return backendWith(addon, costs, { threads: 1, numerics: 'fast' });
}

function backendWith(addon: NativeAddon, costs: ThreadCosts, settings: Required<BackendSettings>): LocalBackend {
  const { threads } = settings;
  const openArena: LocalBackend['openArena'] = (program, seed, shared) => {
    checkKernels(program, 'native');
    checkShared(program, shared);
    const packable = packableMatrices(program);
    return new AddonArena(addon, program, seed, settings, packable, divide(program, threads, costs, packable), shared);
  };
  return {
    name: 'native',
    isa: addon.isa,
    threads,
    elementBytes: 4,
    // What processors count as zero is not the same on all.
    multipliesBfloat16: addon.multipliesBfloat16 && settings.numerics === 'fast',
    with: (changes) => backendWith(addon, costs, { ...settings, ...changes }),
    firstNotFinite: (values) =>
      values instanceof Float32Array && values.length > FEW_VALUES ? addon.firstNotFinite(values, threads) : firstNotFinite(values, 4),
    allocate: (length) => new Float32Array(length),
    reserve: (length) => new NativeElements(addon, length),
    get steady() {
      return settings.numerics === 'fast' && addon.isa !== WITHOUT_VECTORS
        ? backendWith(addon, costs, { ...settings, numerics: 'fused' })
        : undefined;
    },
    openArena,
    open: (program, seed, shared) => new LocalSession(openArena(program, seed, shared)),
  };
}

/** Arrays of a few words that are lent to the addon, one for each length. */
class FewWords {
  readonly #floats: Float32Array[] = [];
  readonly #integers: Int32Array[] = [];

  /** An array for so many words, which the next caller is given too. */
  room(length: number): Float32Array {
    let floats = this.#floats[length];
    if (!floats) {
      floats = this.#floats[length] = new Float32Array(length);
      this.#integers[length] = new Int32Array(floats.buffer);
    }
    return floats;
  }

  /** A copy of a few values as words. */
  of(values: ArrayLike<number>): Float32Array {
    const floats = this.room(values.length);
    if (values instanceof Int32Array) this.#integers[values.length].set(values);
    else floats.set(values);
    return floats;
  }
}

function describe(hash: number, version: number): string {
  return `hash ${hash.toString(16)} version ${version}`;
}

function valuesOf(shared: SharedElements | undefined): Float32Array | undefined {
  return (shared as NativeElements | undefined)?.values;
}

/** A JavaScript array, so that the garbage collector knows of the memory, aligned for sessions: to a cache line or a huge page. */
class NativeElements implements SharedElements {
  #values: Float32Array | undefined;

  constructor(
    addon: NativeAddon,
    readonly length: number,
  ) {
    const bytes = length * Float32Array.BYTES_PER_ELEMENT;
    try {
      const buffer = new ArrayBuffer(bytes + addon.slackBytes);
      this.#values = new Float32Array(buffer, addon.alignedStart(buffer, length), length);
    } catch (error) {
      throw new BackendError(`native: expected ${bytes} bytes of memory for parameters: ${messageOf(error)}`, { cause: error });
    }
  }

  /** All of them. */
  get values(): Float32Array {
    if (!this.#values) throw new StateError('these parameters are disposed');
    return this.#values;
  }

  view(offset: number, length: number): Float32Array {
    return this.values.subarray(offset, offset + length);
  }

  dispose(): void {
    this.#values = undefined;
  }
}

class AddonArena implements Arena {
  readonly ownThreads: OwnThreads;
  #native: NativeSession | undefined;
  #running = false;
  readonly #few = new FewWords();
  /** Memory for the record of one step. */
  readonly #record: Float64Array;
  /** Of the columns bound last. */
  #widths: readonly number[] = [];

  constructor(
    addon: NativeAddon,
    readonly program: Program,
    seed: number,
    { threads, numerics }: Required<BackendSettings>,
    packable: Packable,
    division: Division = UNDIVIDED,
    shared?: SharedElements,
  ) {
    const { code, literals, arenaSize, maximumRows } = program;
    this.#record = new Float64Array(program.recordWidth);
    try {
      this.#native = new addon.Session(
        code,
        literals,
        arenaSize,
        maximumRows,
        seed,
        threads,
        division,
        NUMERICS.indexOf(numerics),
        packable,
        scratchFloats(program),
        valuesOf(shared),
      );
    } catch (error) {
      throw new BackendError(`native: could not open a session: ${messageOf(error)}`, { cause: error });
    }
    for (const { offset, values } of initialContents(program)) this.write(offset, values);
    const kept = [...program.parameters.values(), ...program.state.values()];
    const isFloat32 = kept.every(({ elements }) => elements !== 'bfloat16');
    this.ownThreads = {
      giveWay: () => this.#idle().giveWay(),
      copyFinite: isFloat32 ? (places) => this.#copyFinite(places) : undefined,
    };
  }

  share(shared: SharedElements): void {
    this.#idle().share(valuesOf(shared) as Float32Array);
  }

  write(offset: number, values: ArrayLike<number>): void {
    this.#idle().write(offset, values.length <= FEW_WORDS ? this.#few.of(values) : toWords(values));
  }

  read(offset: number, length: number): Float32Array {
    const out = length <= FEW_WORDS ? this.#few.room(length) : new Float32Array(length);
    this.readInto(offset, out);
    return length <= FEW_WORDS ? out.slice() : out;
  }

  readInto(offset: number, out: Elements): void {
    this.#idle().read(offset, out as Float32Array);
  }

  bind(data: DataBinding): void {
    finish(this.binding(data));
  }

  *binding({ columns, rows, batchSize, shuffle, before = -1 }: DataBinding): Work<void> {
    checkElements(this.program, columns);
    for (const [k, column] of columns.entries()) checkColumn(k, column, rows);
    const widths = columns.map(({ width }) => width);
    const filledLater = columns.map(() => null);
    this.#idle().bind(filledLater, widths, rows, batchSize, shuffle, before);
    this.#widths = widths;
    yield* copyColumns(columns, rows, (k, start, values) => this.#idle().fill(k, start, toWords(values)));
  }

  /** A row of zeros takes the place of the data. */
  unbind(): void {
    if (this.#widths.length === 0) return;
    const zeros = this.#widths.map(() => null);
    this.#idle().bind(zeros, this.#widths, 1, 1, false);
  }

  run({ from, to, repeats, clock: { epoch, batch } = BEGINNING, rows }: RunRequest, input?: ArenaValues): number {
    const native = this.#idle();
    if (input && !(input.values instanceof Float64Array) && input.values.length >= LENT_ELEMENTS)
      return native.run(from, to, repeats, epoch, batch, rows, input.offset, toWords(input.values));
    if (input) this.write(input.offset, input.values);
    return native.run(from, to, repeats, epoch, batch, rows);
  }

  async runAsync({ from, to, repeats, clock: { epoch, batch } = BEGINNING, rows }: RunRequest): Promise<number> {
    const native = this.#idle();
    return this.#whileRunning(native.runAsync(from, to, repeats, epoch, batch, rows));
  }

  async #copyFinite(places: readonly PlaceValues[]): Promise<boolean> {
    const offsets = places.map(([{ offset }]) => offset);
    const outs = places.map(([, values]) => values as Float32Array);
    return (await this.#whileRunning(this.#idle().copyAsync(offsets, outs))) === 1;
  }

  async #whileRunning<T>(done: Promise<T>): Promise<T> {
    this.#running = true;
    try {
      return await done;
    } finally {
      this.#running = false;
    }
  }

  cancel(): void {
    this.#native?.cancel();
  }

  records(repeats: number): Float64Array {
    const native = this.#idle();
    if (repeats === 1) {
      native.records(this.#record);
      return this.#record.slice();
    }
    const out = new Float64Array(repeats * this.program.recordWidth);
    native.records(out);
    return out;
  }

  dispose(): void {
    this.#native?.dispose();
    this.#native = undefined;
  }

  #idle(): NativeSession {
    if (!this.#native) throw new StateError('this session is disposed');
    if (this.#running) throw new StateError('this session is running: expected its runAsync to be awaited first');
    return this.#native;
  }
}
