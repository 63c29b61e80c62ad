/** The reference backend: every op's own definition, run in float64 by plain TypeScript. */

import { BEGINNING, later } from '../clock.ts';
import { BackendError, messageOf, StateError } from '../errors.ts';
import { finish, slices, type Work } from '../event-loop/slices.ts';
import { batchesPerEpoch } from '../ops/batch.ts';
import type { Context } from '../ops/context.ts';
import { evaluationOf } from '../ops/reference.ts';
import type { Evaluate } from '../ops/spec.ts';
import { ABSENT, type Instruction, initialContents, instructions, type Program, resolveScalars } from '../program/format.ts';
import type { Arena, ArenaValues, DataBinding, Elements, LocalBackend, RunRequest, SharedElements } from './backend.ts';
import { copyColumns } from './columns.ts';
import { firstNotFinite } from './finite.ts';
import { LocalSession } from './local-session.ts';
import { checkShared } from './shared.ts';
import { type Runner, type Slice, Tempo } from './tempo.ts';
import { checkElements } from './words.ts';

export const referenceBackend: LocalBackend = {
  name: 'reference',
  isa: 'float64',
  threads: 1,
  with: () => referenceBackend,
  elementBytes: 8,
  firstNotFinite: (values) => firstNotFinite(values, 8),
  allocate: (length) => new Float64Array(length),
  reserve: (length) => new ReferenceElements(length),
  openArena: (program, seed, shared) => new ReferenceArena(program, seed, shared),
  open: (program, seed, shared) => new LocalSession(new ReferenceArena(program, seed, shared)),
};

class ReferenceElements implements SharedElements {
  readonly #values: Float64Array;

  constructor(readonly length: number) {
    try {
      this.#values = new Float64Array(length);
    } catch (error) {
      throw new BackendError(`reference: expected memory for ${length} parameters: ${messageOf(error)}`, { cause: error });
    }
  }

  view(offset: number, length: number): Float64Array {
    return this.#values.subarray(offset, offset + length);
  }

  /** The garbage collector frees it. */
  dispose(): void {}
}

/** A rough cost of an element of plain arithmetic. */
const ELEMENT_NANOSECONDS = 5;

type Frame = Parameters<Evaluate>[0];

class ReferenceArena implements Arena {
  /** The elements that are not shared. */
  #arena: Float64Array | undefined;
  #shared: SharedElements | undefined;
  #context: Context;
  readonly #instructions: readonly Instruction[];
  /** What each of them computes. */
  readonly #definitions: readonly Evaluate[];
  /** Decoded frames by rows of the batch: operands as views, sizes resolved. */
  readonly #frames = new Map<number, readonly Frame[]>();
  readonly #tempo: Tempo;
  #running = false;
  #cancelled = false;

  constructor(
    readonly program: Program,
    seed: number,
    shared?: SharedElements,
  ) {
    checkShared(program, shared);
    this.#shared = shared;
    this.#arena = new Float64Array(program.arenaSize - this.#sharedLength);
    this.#instructions = [...instructions(program)];
    this.#definitions = this.#instructions.map(({ op }) => evaluationOf(op));
    for (const { offset, values } of initialContents(program)) this.write(offset, values);
    this.#context = freshContext(seed, program.recordWidth);
    this.#tempo = new Tempo(this.#instructions, program.code.length, program.maximumRows, ELEMENT_NANOSECONDS);
  }

  share(shared: SharedElements): void {
    this.#idle();
    checkShared(this.program, shared);
    this.#shared = shared;
    this.#frames.clear();
  }

  write(offset: number, values: ArrayLike<number>): void {
    this.#idle();
    this.#own(offset, values.length).set(values);
  }

  read(offset: number, length: number): Float64Array {
    this.#idle();
    return this.#own(offset, length).slice();
  }

  readInto(offset: number, out: Elements): void {
    this.#idle();
    out.set(this.#own(offset, out.length));
  }

  bind(data: DataBinding): void {
    finish(this.binding(data));
  }

  unbind(): void {
    this.#idle();
    this.#context = freshContext(this.#context.seed, this.program.recordWidth);
    this.#frames.clear();
  }

  *binding(data: DataBinding): Work<void> {
    this.#idle();
    checkElements(this.program, data.columns);
    const columns = data.columns.map((column) => new Float64Array(data.rows * column.width));
    yield* copyColumns(data.columns, data.rows, (k, start, values) => columns[k].set(values, start));
    this.#idle();
    this.#context = {
      ...freshContext(this.#context.seed, this.program.recordWidth),
      batchSize: data.batchSize,
      shuffle: data.shuffle,
      before: data.before ?? -1,
      order: new Int32Array(data.rows),
      columns,
    };
    this.#frames.clear();
  }

  run(request: RunRequest, input?: ArenaValues): number {
    if (input) this.write(input.offset, input.values);
    this.#prepare(request);
    this.#run({ ...request, first: 0 });
    return request.repeats;
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

  #prepare({ repeats, rows }: RunRequest): void {
    this.#idle();
    const { maximumRows } = this.program;
    if (!Number.isInteger(rows) || rows < 1 || rows > maximumRows) throw new RangeError(`expected 1 to ${maximumRows} rows, got ${rows}`);
    const recorded = repeats * this.program.recordWidth;
    if (this.#context.records.length < recorded) {
      this.#context = { ...this.#context, records: new Float64Array(recorded) };
      this.#frames.clear();
    }
  }

  #run({ from, to, first, repeats, clock = BEGINNING, rows }: Slice): void {
    const context = this.#context;
    const begin = this.#instructions.findIndex((instruction) => instruction.at >= from);
    const end = this.#instructions.filter((instruction) => instruction.at < to).length;
    for (let done = 0; done < repeats; done++) {
      const { epoch, batch } = later(clock, first + done, batchesPerEpoch(context));
      Object.assign(context, { epoch, batch, repeat: first + done, rows });
      for (let i = begin; i >= 0 && i < end; i++) this.#definitions[i](this.#framesFor(context.rows)[i]);
    }
  }

  /** No op is run in parts here: each has one definition. */
  get #runner(): Runner {
    const session = this;
    return {
      run: (slice) => this.#run(slice),
      isDivided: () => false,
      runPart: () => undefined,
      get rows() {
        return session.#context.rows;
      },
      get isCancelled() {
        return session.#cancelled;
      },
      get isDisposed() {
        return session.#arena === undefined;
      },
    };
  }

  cancel(): void {
    this.#cancelled = true;
  }

  records(repeats: number): Float64Array {
    this.#idle();
    return this.#context.records.slice(0, repeats * this.program.recordWidth);
  }

  dispose(): void {
    this.#arena = undefined;
    this.#shared = undefined;
    this.#frames.clear();
    this.#context = freshContext(0, 0);
  }

  get #sharedLength(): number {
    return this.#shared?.length ?? 0;
  }

  #own(offset: number, length: number): Float64Array {
    const arena = this.#open();
    const start = offset - this.#sharedLength;
    if (!(start >= 0 && start + length <= arena.length))
      throw new RangeError(
        `expected elements from ${this.#sharedLength} to ${this.program.arenaSize}, got ${offset} to ${offset + length}`,
      );
    return arena.subarray(start, start + length);
  }

  #at(offset: number, length: number): Float64Array {
    return offset < this.#sharedLength
      ? ((this.#shared as SharedElements).view(offset, length) as Float64Array)
      : this.#own(offset, length);
  }

  #open(): Float64Array {
    if (!this.#arena) throw new StateError('this session is disposed');
    return this.#arena;
  }

  #idle(): Float64Array {
    const arena = this.#open();
    if (this.#running) throw new StateError('this session is running: expected its runAsync to be awaited first');
    return arena;
  }

  #framesFor(rows: number): readonly Frame[] {
    let frames = this.#frames.get(rows);
    if (!frames) {
      frames = this.#instructions.map((instruction) => this.#frame(instruction, rows));
      this.#frames.set(rows, frames);
    }
    return frames;
  }

  #frame(instruction: Instruction, rows: number): Frame {
    const { op, operands } = instruction;
    const resolved = resolveScalars(instruction, rows);
    const extents = op.extents(resolved);
    const views = Object.entries(operands)
      .filter(([, offset]) => offset !== ABSENT)
      .map(([name, offset]) => [name, this.#at(offset, extents[name])]);
    return { ...resolved, ...Object.fromEntries(views), context: this.#context } as unknown as Frame;
  }
}

function freshContext(seed: number, recordWidth: number): Context {
  return {
    rows: 1,
    epoch: 0,
    batch: 0,
    repeat: 0,
    seed,
    batchSize: 1,
    shuffle: false,
    before: -1,
    orderEpoch: -1,
    order: new Int32Array(0),
    cursor: 0,
    columns: [],
    records: new Float64Array(0),
    recordWidth,
  };
}
