/** Sessions of backends that compute in this process: places become offsets, and every call has a form without waiting. */
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

/** The places of a program: names made slots, slots made offsets. */
class Places {
  /** Elements of slots at the largest batch, counted once: a small prediction takes hardly longer than to count them. */
  readonly #sizes = new Map<Slot, number>();

  constructor(readonly program: Program) {}

  input(place: Place): Slot {
    return typeof place === 'string' ? named(this.program.inputs, place, 'an input') : place;
  }

  output(place: Place): Slot {
    return typeof place === 'string' ? named(this.program.outputs, place, 'an output') : place;
  }

  sizeOf(slot: Slot): number {
    let size = this.#sizes.get(slot);
    if (size === undefined) {
      size = resolve(count(slot.shape), this.program.maximumRows);
      this.#sizes.set(slot, size);
    }
    return size;
  }

  /** Of the slot's element `start`. Throws RangeError unless `length` elements lie there. */
  offsetOf(slot: Slot, start: number, length: number): number {
    const size = this.sizeOf(slot);
    if (!(start >= 0 && start + length <= size))
      throw new RangeError(`expected elements from 0 to ${size}, got ${start} to ${start + length}`);
    return slot.offset + start;
  }

  request({ rows, repeats = 1, clock, range }: Run): RunRequest {
    return { from: range ? range.from : 0, to: range ? range.to : this.program.code.length, repeats, clock, rows };
  }

  *requests(runs: Iterable<Run>): Generator<RunRequest> {
    for (const run of runs) yield this.request(run);
  }
}

function named(slots: ReadonlyMap<string, Slot>, name: string, what: string): Slot {
  const slot = slots.get(name);
  if (!slot) throw new RangeError(`expected ${what} of the program among ${[...slots.keys()].join(', ') || 'none'}, got ${name}`);
  return slot;
}

export class LocalSession implements Session {
  readonly now: SessionNow;
  readonly #arena: Arena;
  readonly #places: Places;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#places = new Places(arena.program);
    this.now = new ArenaNow(arena, this.#places);
  }

  get program(): Program {
    return this.#arena.program;
  }

  share(shared: SharedElements): void {
    this.#arena.share(shared);
  }

  write(to: Place, values: ArrayLike<number>, start = 0): void {
    this.#arena.write(this.#places.offsetOf(this.#places.input(to), start, values.length), values);
  }

  bind(data: DataBinding): void {
    this.#arena.bind(data);
  }

  binding(data: DataBinding): Work<void> {
    return this.#arena.binding(data);
  }

  unbind(): void {
    this.#arena.unbind();
  }

  run(run: Run): Promise<number> {
    return this.#arena.runAsync(this.#places.request(run));
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
    return this.now.firstNonFinite(runs);
  }

  dispose(): void {
    this.#arena.dispose();
  }
}

class ArenaNow implements SessionNow {
  readonly #arena: Arena;
  readonly #places: Places;

  constructor(arena: Arena, places: Places) {
    this.#arena = arena;
    this.#places = places;
  }

  run(run: Run, input?: InputValues): number {
    const request = this.#places.request(run);
    if (!input) return this.#arena.run(request);
    const offset = this.#places.offsetOf(this.#places.input(input.input), 0, input.values.length);
    return this.#arena.run(request, { offset, values: input.values });
  }

  read(from: Place, length?: number, start = 0): Elements {
    const slot = this.#places.output(from);
    const size = length ?? this.#places.sizeOf(slot) - start;
    return this.#arena.read(this.#places.offsetOf(slot, start, size), size);
  }

  readInto(from: Place, out: Elements, start = 0): void {
    this.#arena.readInto(this.#places.offsetOf(this.#places.output(from), start, out.length), out);
  }

  records(repeats: number): Float64Array {
    return this.#arena.records(repeats);
  }

  firstNonFinite(runs: Iterable<Run>): NonFinite | undefined {
    return firstNonFinite(this.#arena, this.#places.requests(runs));
  }
}
