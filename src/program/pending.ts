/** Finds whether an access needs a barrier after those before it, in time that hardly grows with their number. */
import type { Access } from './shares.ts';

/** Part numbers: no part; several parts, or one without a name, which equals no other. Named parts count on from there. */
const NONE = 0;
const MIXED = 1;

/** The part that touches each node's run of the arena, and the one that writes there. */
class Parts {
  readonly #touching: Int32Array;
  readonly #writing: Int32Array;

  constructor(nodes: number) {
    this.#touching = new Int32Array(nodes);
    this.#writing = new Int32Array(nodes);
  }

  add(node: number, part: number, writes: boolean): void {
    this.#touching[node] = joined(this.#touching[node], part);
    if (writes) this.#writing[node] = joined(this.#writing[node], part);
  }

  conflict(node: number, part: number, writes: boolean): boolean {
    const other = writes ? this.#touching[node] : this.#writing[node];
    return other !== NONE && (other !== part || part === MIXED);
  }

  clear(node: number): void {
    this.#touching[node] = NONE;
    this.#writing[node] = NONE;
  }
}

const joined = (a: number, b: number) => (a === NONE || a === b ? b : MIXED);

/**
 * The accesses since the threads last met. Two conflict where they overlap, either writes, and they are not of one part.
 *
 * A segment tree over the pieces into which the accesses' ends cut the arena: node 1 is all of it, node i halves into 2i and 2i + 1, and
 * the leaves are pieces. Few nodes make up any run of pieces; every other node that overlaps it lies below those or above its ends.
 */
export class Pending {
  readonly #pieces: ReadonlyMap<number, number>;
  readonly #leaves: number;
  readonly #parts = new Map<string, number>();
  /** For accesses that this node makes up, with others. */
  readonly #whole: Parts;
  /** For accesses that touch anything in this node. */
  readonly #within: Parts;
  #used: number[] = [];

  /** `all` are the accesses that may come, or any others with the same ends. */
  constructor(all: Iterable<Access>) {
    const ends = new Set<number>();
    for (const { from, to } of all) ends.add(from).add(to);
    this.#pieces = new Map([...ends].sort((a, b) => a - b).map((end, piece) => [end, piece]));
    this.#leaves = 2 ** Math.ceil(Math.log2(ends.size + 1));
    this.#whole = new Parts(2 * this.#leaves);
    this.#within = new Parts(2 * this.#leaves);
  }

  add(access: Access): void {
    const [nodes, above] = this.#nodes(access);
    const part = this.#partOf(access);
    for (const node of nodes) this.#whole.add(node, part, access.writes);
    for (const node of [...nodes, ...above]) {
      this.#within.add(node, part, access.writes);
      this.#used.push(node);
    }
  }

  conflicts(access: Access): boolean {
    const [nodes, above] = this.#nodes(access);
    const part = this.#partOf(access);
    return (
      nodes.some((node) => this.#within.conflict(node, part, access.writes)) ||
      above.some((node) => this.#whole.conflict(node, part, access.writes))
    );
  }

  clear(): void {
    for (const node of this.#used) {
      this.#whole.clear(node);
      this.#within.clear(node);
    }
    this.#used = [];
  }

  /** The nodes that make up what is accessed, and those above its first and its last piece. */
  #nodes({ from, to }: Access): [nodes: number[], above: number[]] {
    const [nodes, above]: [number[], number[]] = [[], []];
    let low = this.#leaves + (this.#pieces.get(from) as number);
    let high = this.#leaves + (this.#pieces.get(to) as number);
    if (low === high) return [nodes, above];
    const ends = [low, high - 1];
    for (; low < high; low >>= 1, high >>= 1) {
      if (low % 2 === 1) nodes.push(low++);
      if (high % 2 === 1) nodes.push(--high);
    }
    for (const end of ends) for (let node = end >> 1; node > 0; node >>= 1) above.push(node);
    return [nodes, above];
  }

  #partOf({ part }: Access): number {
    if (part === undefined) return MIXED;
    const known = this.#parts.get(part);
    if (known !== undefined) return known;
    const next = MIXED + 1 + this.#parts.size;
    this.#parts.set(part, next);
    return next;
  }
}
