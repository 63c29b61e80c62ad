/** One WebAssembly memory with the kernels' instance on it, and the regions that the sessions of a backend hold in it. */
import { BackendError } from '../errors.ts';
import { TABLE_HASH } from '../ops/table.ts';
import { PROGRAM_VERSION } from '../program/format.ts';
import { RegionAllocator } from './wasm-regions.ts';

const PAGE_BYTES = 65536;
/** Addresses are 32 bits wide: 4 GiB. */
const MAXIMUM_PAGES = 65536;

/** The fields of assembly/context.ts that the host writes, by the names under which assembly/layout.ts exports their offsets. */
const FIELDS = [
  'Arena',
  'Code',
  'Literals',
  'Columns',
  'Order',
  'Records',
  'Workspace',
  'BatchSize',
  'Shuffle',
  'DataRows',
  'Cursor',
  'StepBase',
  'EpochBase',
  'Seed',
  'OrderEpoch',
  'RecordBase',
] as const;

/** Where each field of a Context lies, in bytes from its start. */
export type ContextLayout = Readonly<Record<(typeof FIELDS)[number], number>>;

/** Runs code words [from, to) of the session whose Context lies at `context`; returns the repeats done. */
export type RunKernels = (context: number, from: number, to: number, repeats: number, iteration: number, rows: number) => number;

export class WasmMemory {
  readonly run: RunKernels;
  readonly layout: ContextLayout;
  readonly contextBytes: number;
  /** The instruction set that the module is made for. */
  readonly isa: string;
  /** Whether products may round a product and its sum at once. */
  readonly relaxed: boolean;
  /** What kernels use for the length of one call: one for all sessions, because they run one after the other. */
  readonly workspace: number;
  readonly #workspaceBytes: number;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #regions: RegionAllocator;
  #words = new DataView(this.#memory.buffer);

  /** Throws BackendError where the module is not chainrule's or was built from another op table. */
  constructor(module: WebAssembly.Module) {
    const exported = instantiate(module, this.#memory);
    checkTable(exported);
    this.run = exported.run as RunKernels;
    this.contextBytes = constant(exported, 'contextSize');
    this.relaxed = constant(exported, 'relaxed') !== 0;
    this.isa = this.relaxed ? 'relaxed-simd128' : 'simd128';
    this.layout = Object.fromEntries(FIELDS.map((field) => [field, constant(exported, `offsetOf${field}`)])) as ContextLayout;
    this.#regions = new RegionAllocator((exported.regionsStart as () => number)(), (end) => this.#grow(end));
    this.#workspaceBytes = constant(exported, 'workspaceBytes');
    this.workspace = this.allocate(this.#workspaceBytes, 'workspace');
  }

  /** Bytes that the memory has grown to; a WebAssembly memory never shrinks. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Bytes that sessions hold. */
  get used(): number {
    return this.#regions.used - this.#workspaceBytes;
  }

  /** A region on 64 bytes, its contents undefined. Views of the memory made before are dead. Throws BackendError where memory is short. */
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

  setInteger(at: number, value: number): void {
    this.#words.setUint32(at, value, true);
  }

  setDouble(at: number, value: number): void {
    this.#words.setFloat64(at, value, true);
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

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, { env: { memory } }).exports;
  } catch (error) {
    throw new BackendError(`wasm: expected chainrule's module, got one that cannot be instantiated: ${String(error)}`, { cause: error });
  }
}

function checkTable(exported: WebAssembly.Exports): void {
  const hash = constant(exported, 'tableHash') >>> 0;
  const version = constant(exported, 'programVersion');
  if (hash === TABLE_HASH && version === PROGRAM_VERSION) return;
  throw new BackendError(
    `wasm: expected a module built from op table ${TABLE_HASH.toString(16)}, program version ${PROGRAM_VERSION}, ` +
      `got one built from another op table (${hash.toString(16)}, version ${version}): run npm run build`,
  );
}

function constant(exported: WebAssembly.Exports, name: string): number {
  const global = exported[name];
  if (!(global instanceof WebAssembly.Global)) throw new BackendError(`wasm: expected chainrule's module, got one without ${name}`);
  return Number(global.value);
}
