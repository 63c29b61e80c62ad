/** Sessions of backends that compute in this process: places become offsets, and every call has a form without waiting. */
import type { Work } from '../event-loop/slices.ts';
import { pack, unpack } from '../ops/bfloat16.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Program, Slot } from '../program/format.ts';
import type {
  Arena,
  DataBinding,
  Elements,
  InputValues,
  NonFinite,
  OwnThreads,
  Place,
  Run,
  RunRequest,
  Session,
  SessionNow,
  SharedElements,
} from './backend.ts';
import { firstNonFinite } from './non-finite.ts';
import { fromWords } from './words.ts';

/** Elements of the arena with two numbers of bfloat16 each. */
interface Words {
  readonly offset: number;
  readonly length: number;
}

/** Numbers from number `start` of a slot on, the words beginning with the one that it lies in. */
function readPacked(arena: Arena, { offset, length }: Words, size: number, start: number): Elements {
  const words = arena.read(offset, length);
  const values = words instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  unpack(fromWords(words), values, start % 2);
  return values;
}

/** Rounds them to the nearest. The neighbours of the first and the last one keep what they are. */
function writePacked(arena: Arena, { offset, length }: Words, values: ArrayLike<number>, start: number): void {
  const words = Int32Array.from(fromWords(arena.read(offset, length)));
  pack(words, values, start % 2);
  arena.write(offset, words);
}

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

  /** Where numbers of bfloat16 lie. Throws RangeError unless as many lie there. */
  wordsOf(slot: Slot, start: number, length: number): Words {
    this.offsetOf(slot, start, length);
    const first = Math.floor(start / 2);
    return { offset: slot.offset + first, length: Math.ceil((start + length) / 2) - first };
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
  readonly ownThreads: OwnThreads | undefined;
  readonly #arena: Arena;
  readonly #places: Places;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#places = new Places(arena.program);
    this.now = new ArenaNow(arena, this.#places);
    this.ownThreads = arena.ownThreads;
  }

  get program(): Program {
    return this.#arena.program;
  }

  share(shared: SharedElements): void {
    this.#arena.share(shared);
  }

  write(to: Place, values: ArrayLike<number>, start = 0): void {
    const slot = this.#places.input(to);
    if (slot.elements === 'bfloat16') writePacked(this.#arena, this.#places.wordsOf(slot, start, values.length), values, start);
    else this.#arena.write(this.#places.offsetOf(slot, start, values.length), values);
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
    if (slot.elements === 'bfloat16') return readPacked(this.#arena, this.#places.wordsOf(slot, start, size), size, start);
    return this.#arena.read(this.#places.offsetOf(slot, start, size), size);
  }

  readInto(from: Place, out: Elements, start = 0): void {
    const slot = this.#places.output(from);
    if (slot.elements === 'bfloat16') out.set(this.read(slot, out.length, start));
    else this.#arena.readInto(this.#places.offsetOf(slot, start, out.length), out);
  }

  records(repeats: number): Float64Array {
    return this.#arena.records(repeats);
  }

  firstNonFinite(runs: Iterable<Run>): NonFinite | undefined {
    return firstNonFinite(this.#arena, this.#places.requests(runs));
  }
}
