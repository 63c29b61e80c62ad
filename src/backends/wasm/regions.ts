/** Who owns which bytes of a WebAssembly memory: a first-fit allocator that lives beside the memory, not in it. */

/** Regions start on this many bytes, and so does every arena. */
export const REGION_ALIGNMENT = 64;

interface Range {
  start: number;
  end: number;
}

const align = (bytes: number) => Math.ceil(bytes / REGION_ALIGNMENT) * REGION_ALIGNMENT;

/**
 * Hands out regions of the addresses from `start` on. Freed neighbours become one; the lowest free range that is large enough is
 * taken, so that the addresses in use stay as low as they can.
 */
export class RegionAllocator {
  /** Sorted, never touching each other. */
  readonly #free: Range[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #grow: (end: number) => boolean;
  #end: number;

  /** `grow(end)` makes the addresses below `end` usable, or returns false where it cannot. */
  constructor(start: number, grow: (end: number) => boolean) {
    this.#end = align(start);
    this.#grow = grow;
  }

  /** The first address that was never needed. */
  get end(): number {
    return this.#end;
  }

  /** Bytes in use. */
  get used(): number {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  /** The start of a region of at least `bytes` bytes; undefined, with nothing changed, where there is no room. */
  allocate(bytes: number): number | undefined {
    const size = Math.max(align(bytes), REGION_ALIGNMENT);
    const index = this.#free.findIndex((range) => range.end - range.start >= size);
    const start = index < 0 ? this.#extend(size) : this.#take(index, size);
    if (start !== undefined) this.#sizes.set(start, size);
    return start;
  }

  /** Gives a region back. Throws RangeError where none starts there. */
  free(start: number): void {
    const size = this.#sizes.get(start);
    if (size === undefined) throw new RangeError(`no region starts at ${start}`);
    this.#sizes.delete(start);
    const above = this.#free.findIndex((range) => range.start > start);
    const at = above < 0 ? this.#free.length : above;
    this.#free.splice(at, 0, { start, end: start + size });
    this.#join(at);
    if (at > 0) this.#join(at - 1);
  }

  /** Makes free range `at` and the next one range where they touch. */
  #join(at: number): void {
    const range = this.#free[at];
    const next = this.#free[at + 1];
    if (next?.start !== range.end) return;
    range.end = next.end;
    this.#free.splice(at + 1, 1);
  }

  #take(index: number, size: number): number {
    const range = this.#free[index];
    const { start } = range;
    range.start += size;
    if (range.start === range.end) this.#free.splice(index, 1);
    return start;
  }

  /** A region that ends the addresses; it begins in the free range there, if there is one. */
  #extend(size: number): number | undefined {
    const last = this.#free.at(-1);
    const start = last?.end === this.#end ? last.start : this.#end;
    if (!this.#grow(start + size)) return undefined;
    if (start < this.#end) this.#free.pop();
    this.#end = start + size;
    return start;
  }
}
