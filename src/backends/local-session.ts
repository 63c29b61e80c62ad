/** Sessions of backends that compute in this process: places made offsets, and everything to be had at once. */
import type { Work } from '../event-loop/slices.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Program, Slot } from '../program/format.ts';
import type {
  Arena,
  DataBinding,
  Elements,
  InputValues,
  NonFinite,
  Place,
  Run,
  RunRequest,
  Session,
  SessionNow,
  SharedElements,
} from './backend.ts';
import { firstNonFinite } from './non-finite.ts';

export class LocalSession implements Session {
  readonly now: SessionNow;
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.now = new ArenaNow(arena);
  }

  get program(): Program {
    return this.#arena.program;
  }

  share(shared: SharedElements): void {
    this.#arena.share(shared);
  }

  write(to: Place, values: ArrayLike<number>, start = 0): void {
    this.#arena.write(offsetIn(this.program, inputAt(this.program, to), start, values.length), values);
  }

  bind(data: DataBinding): void {
    this.#arena.bind(data);
  }

  binding(data: DataBinding): Work<void> {
    return this.#arena.binding(data);
  }

  run(run: Run): Promise<number> {
    return this.#arena.runAsync(requestOf(this.program, run));
  }

  cancel(): void {
    this.#arena.cancel();
  }

  async read(from: Place, length?: number, start?: number): Promise<Elements> {
    return this.now.read(from, length, start);
  }

  async records(repeats: number): Promise<Float64Array> {
    return this.now.records(repeats);
  }

  async firstNonFinite(runs: Iterable<Run>): Promise<NonFinite | undefined> {
    return firstNonFinite(this.#arena, requestsOf(this.program, runs));
  }

  dispose(): void {
    this.#arena.dispose();
  }
}

class ArenaNow implements SessionNow {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  run(run: Run, input?: InputValues): number {
    const { program } = this.#arena;
    const values = input && { offset: inputAt(program, input.input).offset, values: input.values };
    return this.#arena.run(requestOf(program, run), values);
  }

  read(from: Place, length?: number, start = 0): Elements {
    const { program } = this.#arena;
    const slot = outputAt(program, from);
    const size = length ?? sizeOf(program, slot) - start;
    return this.#arena.read(offsetIn(program, slot, start, size), size);
  }

  readInto(from: Place, out: Elements, start = 0): void {
    const { program } = this.#arena;
    this.#arena.readInto(offsetIn(program, outputAt(program, from), start, out.length), out);
  }

  records(repeats: number): Float64Array {
    return this.#arena.records(repeats);
  }
}

const inputAt = ({ inputs }: Program, place: Place) => (typeof place === 'string' ? named(inputs, place, 'an input') : place);
const outputAt = ({ outputs }: Program, place: Place) => (typeof place === 'string' ? named(outputs, place, 'an output') : place);

function named(slots: ReadonlyMap<string, Slot>, name: string, what: string): Slot {
  const slot = slots.get(name);
  if (!slot) throw new RangeError(`expected ${what} of the program among ${[...slots.keys()].join(', ') || 'none'}, got ${name}`);
  return slot;
}

/** Elements at the largest batch. */
const sizeOf = ({ maximumRows }: Program, { shape }: Slot) => resolve(count(shape), maximumRows);

function offsetIn(program: Program, slot: Slot, start: number, length: number): number {
  const size = sizeOf(program, slot);
  if (!(start >= 0 && start + length <= size))
    throw new RangeError(`expected elements from 0 to ${size}, got ${start} to ${start + length}`);
  return slot.offset + start;
}

function requestOf({ code }: Program, { rows, repeats = 1, clock, range }: Run): RunRequest {
  return { from: range ? range.from : 0, to: range ? range.to : code.length, repeats, clock, rows };
}

function* requestsOf(program: Program, runs: Iterable<Run>): Generator<RunRequest> {
  for (const run of runs) yield requestOf(program, run);
}
