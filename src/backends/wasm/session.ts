/** A program over one arena in the backend's WebAssembly memory. */

import { BEGINNING, type Clock } from '../../clock.ts';
import { type BackendError, DataError, StateError } from '../../errors.ts';
import { finish, slices, type Work } from '../../event-loop/slices.ts';
import type { Division } from '../../program/divide.ts';
import { initialContents, instructions, type Program } from '../../program/format.ts';
import { scratchFloats } from '../../program/scratch.ts';
import type { Arena, ArenaValues, DataBinding, DataColumn, Elements, RunRequest, SharedElements } from '../backend.ts';
import { checkColumn, copyColumns } from '../columns.ts';
import { checkShared } from '../shared.ts';
import { type Runner, type Slice, Tempo } from '../tempo.ts';
import { checkElements, toWords } from '../words.ts';
import { moveShared, placedCode, wordsPerRow } from './code.ts';
import type { WasmElements } from './elements.ts';
import type { ContextLayout, WasmMemory } from './memory.ts';
import { PackedMatrices } from './packed.ts';
import { REGION_ALIGNMENT } from './regions.ts';
import type { WasmTeam } from './team.ts';

const FLOAT_BYTES = 4;
const INTEGER_BYTES = 4;
const POINTER_BYTES = 4;
const DOUBLE_BYTES = 8;

/** The way in which a session's program is run. */
export interface SessionRuns {
  /** Its division among threads, or into parts for a single one. */
  readonly division: Division;
  /** Nanoseconds that an element of plain arithmetic takes. */
  readonly element: number;
  /** The helpers that run it together with this thread, and how many threads they are with it. */
  readonly team?: WasmTeam;
  readonly threads: number;
}

const ALONE: SessionRuns = { division: new Int32Array(0), element: 0.15, threads: 1 };

/** The regions and helpers that a session holds. Separate from the session, so that they can be freed after its collection. */
class Holdings {
  /** Context, code with its division, words that depend on the rows, literals and arena. */
  session: number | undefined;
  /** Pointers to the data's columns, the columns and the order of rows. */
  data: number | undefined;
  records: number | undefined;
  packed: number | undefined;
  team: WasmTeam | undefined;

  constructor(private readonly memory: WasmMemory) {}

  release(region: 'session' | 'data' | 'records' | 'packed'): void {
    const start = this[region];
    if (start !== undefined) this.memory.free(start);
    this[region] = undefined;
  }

  releaseAll(): void {
    this.release('session');
    this.release('data');
    this.release('records');
    this.release('packed');
    this.team?.release();
    this.team = undefined;
  }

  /** Keeps the regions where a helper may still write there. */
  abandon(): void {
    this.session = this.data = this.records = this.packed = undefined;
  }
}

/** Older Workers have no registry: there, memory that is not disposed of is kept. */
const forgotten =
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry<Holdings>((holdings) => holdings.releaseAll()) : undefined;

const startOf = (elements: SharedElements | undefined) => (elements as WasmElements | undefined)?.start ?? 0;

const aligned = (bytes: number) => Math.ceil(bytes / REGION_ALIGNMENT) * REGION_ALIGNMENT;

/** Lays arrays one after the other, each on 64 bytes: offsets from a region's start, and the bytes they take together. */
function lay(sizes: readonly number[]): { offsets: number[]; bytes: number } {
  let bytes = 0;
  const offsets = sizes.map((size) => {
    const offset = bytes;
    bytes += aligned(size);
    return offset;
  });
  return { offsets, bytes };
}

export class WasmSession implements Arena {
  readonly #memory: WasmMemory;
  readonly #holdings: Holdings;
  readonly #context: number;
  readonly #code: number;
  readonly #arena: number;
  /** Known, so that it is not collected. */
  #elements: SharedElements | undefined;
  /** Code words at which an instruction begins or the program ends. */
  readonly #boundaries: ReadonlySet<number>;
  /** The first code word of the first instruction that threads divide; the code's end if none is divided. */
  readonly #firstShared: number;
  readonly #tempo: Tempo;
  readonly #packed: PackedMatrices;
  /** First code words of the instructions that draw from the data, so that a run without data is refused. */
  readonly #draws: readonly number[];
  readonly #gathers: readonly { readonly column: number; readonly width: number }[];
  /** The one that the context has: predictions have it in common. */
  #clock: Clock | undefined;
  /** Repeats that the records have room for. */
  #recordCapacity = 0;
  #disposed = false;
  #running = false;
  #cancelled = false;
  #failure: BackendError | undefined;

  /** Throws BackendError where memory is short, and then holds none. */
  constructor(
    memory: WasmMemory,
    readonly program: Program,
    seed: number,
    readonly runs: SessionRuns = ALONE,
    elements?: SharedElements,
  ) {
    checkShared(program, elements);
    const { code, literals, arenaSize } = program;
    const { division } = runs;
    const sharedLength = elements?.length ?? 0;
    const rowWords = wordsPerRow(program, division);
    const scratchBytes = aligned(scratchFloats(program) * FLOAT_BYTES);
    const { offsets, bytes } = lay([
      memory.contextBytes,
      (code.length + division.length) * INTEGER_BYTES,
      rowWords.length * INTEGER_BYTES,
      literals.length * DOUBLE_BYTES,
      (arenaSize - sharedLength) * FLOAT_BYTES,
      (runs.threads > 1 ? runs.threads + 1 : 1) * scratchBytes,
    ]);
    this.#memory = memory;
    this.#holdings = new Holdings(memory);
    this.#holdings.session = memory.allocateZeroed(bytes, 'a program and its arena');
    forgotten?.register(this, this.#holdings, this);
    const [context, codeAt, rowWordsAt, literalsAt, arena, scratch] = offsets.map((offset) => (this.#holdings.session as number) + offset);
    this.#context = context;
    this.#code = codeAt;
    this.#arena = arena;
    this.#elements = elements;
    const addresses = { shared: startOf(elements), sharedLength, arena, literals: literalsAt };
    memory.integers(codeAt, code.length + division.length).set(placedCode(program, division, addresses));
    memory.integers(rowWordsAt, rowWords.length).set(rowWords);
    memory.doubles(literalsAt, literals.length).set(literals);
    this.#packed = new PackedMatrices(memory, program, codeAt);
    for (const { offset, values } of initialContents(program)) this.write(offset, values);
    const all = [...instructions(program)];
    this.#firstShared = (runs.team && all.find(({ at }) => division[at + 1])?.at) ?? code.length;
    this.#tempo = new Tempo(all, code.length, program.maximumRows, runs.element / runs.threads);
    this.#setIntegers({ Code: codeAt, RowWords: rowWordsAt, RowWordCount: rowWords.length / 2, Workspace: memory.workspace });
    this.#setIntegers({ Words: code.length, FirstShared: this.#firstShared, BatchSize: 1, Scratch: scratch, ScratchBytes: scratchBytes });
    this.#setIntegers({ RecordWidth: program.recordWidth });
    this.#setDoubles({ Seed: seed, OrderEpoch: -1, Before: -1 });
    this.#boundaries = new Set([...all.map(({ at }) => at), code.length]);
    this.#draws = all.flatMap(({ op, at }) => (op.changesContext || op.readsColumn !== undefined ? [at] : []));
    this.#holdTeam();
    this.#gathers = all.flatMap(({ op: { readsColumn }, scalars }) =>
      readsColumn === undefined ? [] : [{ column: scalars[readsColumn], width: scalars.width }],
    );
  }

  #holdTeam(): void {
    const { team, threads } = this.runs;
    if (!team) return;
    try {
      team.hold(threads);
      this.#holdings.team = team;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  share(elements: SharedElements): void {
    this.#idle();
    checkShared(this.program, elements);
    this.#elements = elements;
    moveShared(this.#memory.integers(this.#code, this.program.code.length), this.program, startOf(elements), elements.length);
    this.#packed.changed(0, elements.length);
  }

  write(offset: number, values: ArrayLike<number>): void {
    this.#within(offset, values.length).set(values instanceof Int32Array ? toWords(values) : values);
    this.#packed.changed(offset, values.length);
  }

  read(offset: number, length: number): Float32Array {
    return this.#within(offset, length).slice();
  }

  readInto(offset: number, out: Elements): void {
    out.set(this.#within(offset, out.length));
  }

  bind(data: DataBinding): void {
    finish(this.binding(data));
  }

  *binding({ columns, rows, batchSize, shuffle, before = -1 }: DataBinding): Work<void> {
    this.#idle();
    this.#checkData(columns, rows, batchSize);
    checkElements(this.program, columns);
    const memory = this.#memory;
    const sizes = columns.map(({ width }) => rows * width);
    const { offsets, bytes } = lay([columns.length * POINTER_BYTES, rows * INTEGER_BYTES, ...sizes.map((size) => size * FLOAT_BYTES)]);
    this.unbind();
    const start = memory.allocate(bytes, 'data');
    this.#holdings.data = start;
    const [table, order, ...data] = offsets.map((offset) => start + offset);
    memory.integers(table, columns.length).set(data);
    memory.integers(order, rows).fill(0);
    yield* copyColumns(columns, rows, (k, at, values) => {
      this.#idle();
      memory.floats(data[k] + at * FLOAT_BYTES, values.length).set(values instanceof Int32Array ? toWords(values) : values);
    });
    this.#setIntegers({ Columns: table, Order: order, DataRows: rows, BatchSize: batchSize, Shuffle: shuffle ? 1 : 0, Cursor: 0 });
    this.#setDoubles({ OrderEpoch: -1, Before: before });
  }

  run(request: RunRequest, input?: ArenaValues): number {
    if (input) this.write(input.offset, input.values);
    this.#prepare(request);
    const { from, to, repeats, rows } = request;
    this.#runWhole({ from, to, first: 0, repeats, rows });
    return repeats;
  }

  async runAsync(request: RunRequest): Promise<number> {
    this.#prepare(request);
    this.#cancelled = false;
    this.#running = true;
    try {
      return await slices.run(this.#tempo.run(request, this.#runner));
    } finally {
      this.#running = false;
    }
  }

  cancel(): void {
    this.#cancelled = true;
  }

  records(repeats: number): Float64Array {
    this.#idle();
    if (!(repeats >= 0 && repeats <= this.#recordCapacity)) {
      throw new RangeError(`records: expected at most ${this.#recordCapacity} repeats, as many as were run, got ${repeats}`);
    }
    return this.#memory.doubles(this.#holdings.records ?? 0, repeats * this.program.recordWidth).slice();
  }

  /** While `runAsync` is under way it also ends that run, between two slices. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten?.unregister(this);
    this.#holdings.releaseAll();
  }

  #idle(): void {
    if (this.#disposed) throw new StateError('this session is disposed');
    if (this.#failure) throw this.#failure;
    if (this.#running) throw new StateError('this session is running: expected its runAsync to be awaited first');
  }

  #within(offset: number, length: number): Float32Array {
    this.#idle();
    const { arenaSize } = this.program;
    const sharedLength = this.#elements?.length ?? 0;
    if (!Number.isInteger(offset) || offset < sharedLength || !(length >= 0) || offset + length > arenaSize) {
      throw new RangeError(`expected elements of the arena from ${sharedLength} to ${arenaSize}, got ${offset} to ${offset + length}`);
    }
    return this.#memory.floats(this.#arena + (offset - sharedLength) * FLOAT_BYTES, length);
  }

  #checkData(columns: readonly DataColumn[], rows: number, batchSize: number): void {
    const { maximumRows } = this.program;
    if (!Number.isInteger(rows) || rows < 1) throw new DataError(`expected at least one row of data, got ${rows}`);
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > maximumRows) {
      throw new RangeError(`expected a batch of 1 to ${maximumRows} rows, got ${batchSize}`);
    }
    for (const [k, column] of columns.entries()) checkColumn(k, column, rows);
    for (const { column, width } of this.#gathers) {
      if (columns[column]?.width !== width) {
        throw new DataError(
          `column ${column}: expected ${width} values a row, as the program gathers, got ${columns[column]?.width ?? 'none'}`,
        );
      }
    }
  }

  unbind(): void {
    this.#idle();
    this.#holdings.release('data');
    this.#setIntegers({ Columns: 0, Order: 0, DataRows: 0 });
    this.#setDoubles({ Before: -1 });
  }

  /** Refuses a run that would leave the arena or the data, and makes room for the records. */
  #prepare({ from, to, repeats, clock = BEGINNING, rows }: RunRequest): void {
    this.#idle();
    const { code, maximumRows } = this.program;
    if (!this.#boundaries.has(from) || !this.#boundaries.has(to) || from > to) {
      throw new RangeError(`expected a range of whole instructions in 0 to ${code.length}, got ${from} to ${to}`);
    }
    if (!Number.isInteger(rows) || rows < 1 || rows > maximumRows) throw new RangeError(`expected 1 to ${maximumRows} rows, got ${rows}`);
    if (!this.#holdings.data && this.#draws.some((at) => at >= from && at < to)) {
      throw new StateError('the program draws mini-batches, but no data is bound');
    }
    if (repeats > this.#recordCapacity) this.#reserveRecords(repeats);
    if (clock !== this.#clock) this.#setClock(clock);
    if (rows === 1) this.#holdings.packed = this.#packed.prepare() ?? this.#holdings.packed;
  }

  #setClock(clock: Clock): void {
    this.#clock = clock;
    this.#setDoubles({ RunEpoch: clock.epoch, RunBatch: clock.batch });
  }

  #reserveRecords(repeats: number): void {
    this.#holdings.release('records');
    this.#recordCapacity = 0;
    const size = repeats * this.program.recordWidth;
    const start = this.#memory.allocate(size * DOUBLE_BYTES, 'records');
    this.#holdings.records = start;
    this.#recordCapacity = repeats;
    this.#memory.doubles(start, size).fill(0);
    this.#setIntegers({ Records: start });
  }

  get #runner(): Runner {
    const session = this;
    return {
      run: (slice) => this.#runWhole(slice),
      runPart: (slice, part, parts) => this.#runPart(slice, part, parts),
      isDivided: (at) => Boolean(this.runs.division[at + 1]),
      get rows() {
        return session.#memory.integerAt(session.#context + session.#memory.layout.Rows);
      },
      get isCancelled() {
        return session.#cancelled;
      },
      get isDisposed() {
        return session.#disposed;
      },
    };
  }

  #runWhole(slice: Slice): void {
    const { from, to, first, repeats, rows } = slice;
    const together = this.#runTogether(slice);
    if (together < repeats) this.#memory.run(this.#context, from, to, first + together, repeats - together, rows);
  }

  #runPart(slice: Slice, part: number, parts: number): void {
    const { from, first, rows } = slice;
    if (this.#runTogether(slice, part, parts) === 0) this.#memory.runPart(this.#context, from, part, parts, first, rows);
  }

  /** Repeats that the helpers took part in; 0 for an undivided program. */
  #runTogether(slice: Slice, part = 0, parts = 1): number {
    const { team, threads } = this.runs;
    if (!team || slice.to <= this.#firstShared) return 0;
    try {
      return team.run(this.#context, threads, slice, part, parts);
    } catch (error) {
      this.#failure = error as BackendError;
      this.#holdings.abandon();
      throw error;
    }
  }

  #setIntegers(values: Partial<Record<keyof ContextLayout, number>>): void {
    this.#memory.setIntegers(this.#context, values);
  }

  #setDoubles(values: Partial<Record<keyof ContextLayout, number>>): void {
    for (const [field, value] of Object.entries(values)) {
      this.#memory.setDouble(this.#context + this.#memory.layout[field as keyof ContextLayout], value);
    }
  }
}
