/** One WebAssembly memory with the kernels' instance on it, and the regions that the sessions of a backend hold in it. */
import { BackendError } from '../../errors.ts';
import type { GlobalMemory, GlobalModule } from '../../globals.ts';
import { sharingProblem } from './helper.ts';
import { RegionAllocator } from './regions.ts';

const PAGE_BYTES = 65536;
/** Addresses are 32 bits wide: 4 GiB. */
const MAXIMUM_PAGES = 65536;
/** 256 MiB: a runtime that does not reserve that much is not worth threads. */
const LEAST_SHARED_PAGES = 4096;

/** The fields of assembly/context.ts that the host writes or reads, by the names under which assembly/layout.ts exports their offsets. */
const FIELDS = [
  'Code',
  'RowWords',
  'RowWordCount',
  'Words',
  'FirstShared',
  'Columns',
  'Order',
  'Records',
  'RecordWidth',
  'Workspace',
  'Scratch',
  'ScratchBytes',
  'Rows',
  'BatchSize',
  'Shuffle',
  'DataRows',
  'Cursor',
  'RunEpoch',
  'RunBatch',
  'Before',
  'Seed',
  'OrderEpoch',
] as const;

/** Where each field of a Context lies, in bytes from its start. */
export type ContextLayout = Readonly<Record<(typeof FIELDS)[number], number>>;

/** Runs code words [from, to) of the session whose Context lies at `context`, as the repeats of a run from `first` on; returns the repeats done. */
export type RunKernels = (context: number, from: number, to: number, first: number, repeats: number, rows: number) => number;

/** Runs one of `parts` parts of the instruction at a code word that the session's program divides. */
export type RunPart = (context: number, at: number, part: number, parts: number, repeat: number, rows: number) => void;

/** Writes the packed copy of a transposed matrix of n columns of k elements to an address, see assembly/kernels/gemm_packed.ts. */
export type PackColumns = (matrix: number, n: number, k: number, to: number) => void;

/** Runs code words of a session's program with helpers, or a part of a single instruction, see assembly/threaded.ts. */
export type RunTogether = (
  context: number,
  team: number,
  threads: number,
  mayWait: number,
  crowded: number,
  from: number,
  to: number,
  part: number,
  parts: number,
  first: number,
  repeats: number,
  rows: number,
) => number;

/** Further exports of kernels built for shared memory. */
export interface ThreadedKernels {
  readonly module: GlobalModule;
  readonly memory: GlobalMemory;
  readonly runTogether: RunTogether;
  /** The result of `runTogether` where a helper has failed. */
  readonly failure: number;
  /** Bytes of a team's block before the helpers' lines, and of each of these. */
  readonly teamBytes: number;
  readonly helperBytes: number;
  /** In bytes: where in a helper's line it says that it waits, and where in the block that one has failed. */
  readonly offsetOfReady: number;
  readonly offsetOfFailed: number;
}

/** The op table and the form of programs that kernels must have been built for, and what to do where they were not. */
export interface KernelTable {
  readonly hash: number;
  readonly version: number;
  readonly advice: string;
}

/** Whether x² − x², of which only the latter is rounded, is what rounding took away. */
function fuses(addProduct: unknown): boolean {
  const x = 1 + 2 ** -12;
  return typeof addProduct === 'function' && addProduct(x, x, -Math.fround(x * x)) !== 0;
}

export class WasmMemory {
  readonly run: RunKernels;
  readonly runPart: RunPart;
  readonly packColumns: PackColumns;
  /** Undefined where the module is built for memory of one thread. */
  readonly threaded: ThreadedKernels | undefined;
  readonly layout: ContextLayout;
  readonly contextBytes: number;
  /** The instruction set that the module is made for. */
  readonly isa: string;
  /** Whether products may round a product and its sum at once. */
  readonly relaxed: boolean;
  /** Whether they do so here. */
  readonly fuses: boolean;
  /** Scratch memory of kernels for one call. All sessions share one, because they run one after the other. */
  readonly workspace: number;
  readonly #workspaceBytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #regions: RegionAllocator;
  #backendBytes = 0;
  #words: DataView;

  /**
   * Throws BackendError where the module is not chainrule's, was built from another op table, or needs shared memory that cannot be had
   * here.
   */
  constructor(
    readonly module: GlobalModule,
    table: KernelTable,
  ) {
    const { memory, exported } = instantiate(module);
    checkTable(exported, table);
    this.#memory = memory;
    this.#words = new DataView(memory.buffer);
    this.run = exported.run as RunKernels;
    this.runPart = exported.runPart as RunPart;
    this.packColumns = exported.packColumns as PackColumns;
    this.threaded = exported.runTogether ? threadedKernels(module, memory, exported) : undefined;
    this.contextBytes = constant(exported, 'contextSize');
    this.relaxed = constant(exported, 'relaxed') !== 0;
    this.fuses = fuses(exported.addProduct);
    this.isa = this.relaxed ? 'relaxed-simd128' : 'simd128';
    this.layout = Object.fromEntries(FIELDS.map((field) => [field, constant(exported, `offsetOf${field}`)])) as ContextLayout;
    this.#regions = new RegionAllocator((exported.regionsStart as () => number)(), (end) => this.#grow(end));
    this.#workspaceBytes = constant(exported, 'workspaceBytes');
    this.workspace = this.allocateWorkspace();
  }

  /** Bytes that the memory has grown to; a WebAssembly memory never shrinks. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Bytes that sessions hold. */
  get used(): number {
    return this.#regions.used - this.#backendBytes;
  }

  /** The scratch memory of one more thread; kept as long as the memory. */
  allocateWorkspace(): number {
    return this.allocateForBackend(this.#workspaceBytes, 'workspace');
  }

  /** A region that belongs to no session, and is kept as long as the memory. */
  allocateForBackend(bytes: number, what: string): number {
    const before = this.#regions.used;
    const start = this.allocate(bytes, what);
    this.#backendBytes += this.#regions.used - before;
    return start;
  }

  /**
   * A region on 64 bytes, its contents undefined. Views of the memory made before are invalid. Throws BackendError where memory is short.
   */
  allocate(bytes: number, what: string): number {
    const start = this.#regions.allocate(bytes);
    if (start === undefined) {
      throw new BackendError(
        `wasm: expected room for ${bytes} bytes of ${what}, got a memory of ${this.bytes} bytes, ${this.used} of them in use, ` +
          `that cannot grow to hold them (WebAssembly addresses ${MAXIMUM_PAGES * PAGE_BYTES})`,
      );
    }
    return start;
  }

  /**
   * As `allocate`, a region of zeros. What never was in use is zero already, and is not touched: its pages come as they are written, not all of
   * them in one task.
   */
  allocateZeroed(bytes: number, what: string): number {
    const unused = this.#regions.end;
    const start = this.allocate(bytes, what);
    const used = Math.min(start + bytes, unused) - start;
    if (used > 0) this.doubles(start, Math.ceil(used / 8)).fill(0);
    return start;
  }

  free(start: number): void {
    this.#regions.free(start);
  }

  /** Views, valid until the next allocation. */
  floats(start: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, start, length);
  }

  doubles(start: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, start, length);
  }

  integers(start: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, start, length);
  }

  integerAt(at: number): number {
    return this.#words.getInt32(at, true);
  }

  setInteger(at: number, value: number): void {
    this.#words.setUint32(at, value, true);
  }

  setDouble(at: number, value: number): void {
    this.#words.setFloat64(at, value, true);
  }

  /** Fields of the Context at an address. */
  setIntegers(context: number, values: Partial<Record<keyof ContextLayout, number>>): void {
    for (const [field, value] of Object.entries(values)) this.setInteger(context + this.layout[field as keyof ContextLayout], value);
  }

  #grow(end: number): boolean {
    const pages = Math.ceil(end / PAGE_BYTES) - this.bytes / PAGE_BYTES;
    if (pages <= 0) return true;
    if (end > MAXIMUM_PAGES * PAGE_BYTES) return false;
    try {
      this.#memory.grow(pages);
    } catch {
      return false;
    }
    this.#words = new DataView(this.#memory.buffer);
    return true;
  }
}

/** The module on a memory of the kind that it is built for. */
function instantiate(module: WebAssembly.Module): { memory: WebAssembly.Memory; exported: WebAssembly.Exports } {
  try {
    return instantiateOn(module, new WebAssembly.Memory({ initial: 1 }));
  } catch (error) {
    // Nothing else tells which kind a module wants.
    const problem = sharingProblem();
    if (problem) throw unusable(`${String(error)} (kernels built for threads cannot run here: ${problem})`, error);
  }
  try {
    return instantiateOn(module, sharedMemory());
  } catch (error) {
    throw unusable(String(error), error);
  }
}

const unusable = (reason: string, cause: unknown) =>
  new BackendError(`wasm: expected chainrule's module, got one that cannot be instantiated: ${reason}`, { cause });

function instantiateOn(module: WebAssembly.Module, memory: WebAssembly.Memory) {
  const now = () => performance.now();
  return { memory, exported: new WebAssembly.Instance(module, { env: { memory, now } }).exports };
}

/** All that can be addressed, or as much of it as the runtime reserves: the size must be known beforehand. */
function sharedMemory(): WebAssembly.Memory {
  for (let maximum = MAXIMUM_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum <= LEAST_SHARED_PAGES) throw error;
    }
  }
}

function threadedKernels(module: WebAssembly.Module, memory: WebAssembly.Memory, exported: WebAssembly.Exports): ThreadedKernels {
  return {
    module,
    memory,
    runTogether: exported.runTogether as RunTogether,
    failure: constant(exported, 'FAILURE'),
    teamBytes: constant(exported, 'teamBytes'),
    helperBytes: constant(exported, 'helperBytes'),
    offsetOfReady: constant(exported, 'offsetOfReady'),
    offsetOfFailed: constant(exported, 'offsetOfFailed'),
  };
}

function checkTable(exported: WebAssembly.Exports, table: KernelTable): void {
  const hash = constant(exported, 'tableHash') >>> 0;
  const version = constant(exported, 'programVersion');
  if (hash === table.hash && version === table.version) return;
  throw new BackendError(
    `wasm: expected a module built from op table ${table.hash.toString(16)}, program version ${table.version}, ` +
      `got one built from another op table (${hash.toString(16)}, version ${version}): ${table.advice}`,
  );
}

function constant(exported: WebAssembly.Exports, name: string): number {
  const global = exported[name];
  if (!(global instanceof WebAssembly.Global)) throw new BackendError(`wasm: expected chainrule's module, got one without ${name}`);
  return Number(global.value);
}
