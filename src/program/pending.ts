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

interface Nodes {
  /** Those that make up what is accessed. */
  readonly whole: readonly number[];
  /** Those above its first and its last piece. */
  readonly above: readonly number[];
}

/** The nodes of the leaves from `low` to below `high`. */
function nodesOf(low: number, high: number): Nodes {
  const [whole, above]: [number[], number[]] = [[], []];
  if (low === high) return { whole, above };
  for (let [first, end] = [low, high]; first < end; first >>= 1, end >>= 1) {
    if (first % 2 === 1) whole.push(first++);
    if (end % 2 === 1) whole.push(--end);
  }
  for (let [first, last] = [low >> 1, (high - 1) >> 1]; last > 0; first >>= 1, last >>= 1) {
    above.push(last);
    if (first !== last) above.push(first);
  }
  return { whole, above };
}

/**
 * The accesses since the threads last met. Two conflict where they overlap, either writes, and they are not of one part.
 *
 * A segment tree over the pieces into which the accesses' ends cut the arena: node 1 is all of it, node i halves into 2i and 2i + 1, and
 * the leaves are pieces. Few nodes make up any run of pieces; every other node that overlaps it lies below those or above its ends.
 */
export class Pending {
  readonly #pieces: ReadonlyMap<number, number>;
  /** By first and last piece: each access is looked up several times. */
  readonly #known = new Map<number, Nodes>();
  readonly #leaves: number;
  readonly #parts = new Map<string, number>();
  /** For accesses that this node makes up, with others. */
  readonly #whole: Parts;
  /** For accesses that touch anything in this node. */
  readonly #within: Parts;
  #used: (readonly number[])[] = [];

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
    const { whole, above } = this.#nodes(access);
    const part = this.#partOf(access);
    for (const node of whole) {
      this.#whole.add(node, part, access.writes);
      this.#within.add(node, part, access.writes);
    }
    for (const node of above) this.#within.add(node, part, access.writes);
    this.#used.push(whole, above);
  }

  conflicts(access: Access): boolean {
    const { whole, above } = this.#nodes(access);
    const part = this.#partOf(access);
    return (
      whole.some((node) => this.#within.conflict(node, part, access.writes)) ||
      above.some((node) => this.#whole.conflict(node, part, access.writes))
    );
  }

  clear(): void {
    for (const nodes of this.#used) {
      for (const node of nodes) {
        this.#whole.clear(node);
        this.#within.clear(node);
      }
    }
    this.#used = [];
  }

  #nodes({ from, to }: Access): Nodes {
    const low = this.#leaves + (this.#pieces.get(from) as number);
    const high = this.#leaves + (this.#pieces.get(to) as number);
    const key = 2 * this.#leaves * low + high;
    let nodes = this.#known.get(key);
    if (!nodes) {
      nodes = nodesOf(low, high);
      this.#known.set(key, nodes);
    }
    return nodes;
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
