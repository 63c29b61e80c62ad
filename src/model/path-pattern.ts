/** A path with `*` for anything, matched in time linear in the length of what it is held against, whatever either looks like. */

/** What matching reads of a path. */
export type Characters = Pick<string, 'length' | 'charCodeAt'>;

const DOT = '.'.charCodeAt(0);

/** Matches a path, and every path that continues one with a dot. */
export class PathPattern {
  readonly #first: Part;
  /** What must come between the first part and the last one, in this order. */
  readonly #between: readonly Part[];
  /** What must come last; undefined where there is no `*`. */
  readonly #last: Part | undefined;

  constructor(pattern: string) {
    const [first, ...others] = pattern.split('*').map((text) => new Part(text));
    this.#first = first;
    this.#last = others.pop();
    this.#between = others;
  }

  matches(path: Characters): boolean {
    const isEnd = (end: number) => end === path.length || path.charCodeAt(end) === DOT;
    let at = this.#first.length;
    if (!this.#first.begins(path)) return false;
    if (!this.#last) return isEnd(at);
    // Each part as early as it can be leaves the most to those after it.
    for (const part of this.#between) {
      at = part.endIn(path, at);
      if (at < 0) return false;
    }
    return this.#last.length === 0 || this.#last.endIn(path, at, isEnd) >= 0;
  }
}

/** A text without `*`, sought by Knuth, Morris and Pratt's method (1977): no character of the path is gone back to. */
class Part {
  /** For each length of a beginning of the text, the length of its longest border: both a beginning and an end of it, and shorter. */
  readonly #borders: Int32Array;

  constructor(readonly text: string) {
    this.#borders = bordersOf(text);
  }

  get length(): number {
    return this.text.length;
  }

  begins(path: Characters): boolean {
    if (path.length < this.length) return false;
    for (let i = 0; i < this.length; i++) if (path.charCodeAt(i) !== this.text.charCodeAt(i)) return false;
    return true;
  }

  /** Where the text ends that begins at `from` or behind it, the first such end that is accepted; −1 where there is none. */
  endIn(path: Characters, from: number, accepts: (end: number) => boolean = () => true): number {
    if (this.length === 0) return from;
    let matched = 0;
    for (let at = from; at < path.length; at++) {
      matched = longer(this.text, this.#borders, matched, path.charCodeAt(at));
      if (matched < this.length) continue;
      if (accepts(at + 1)) return at + 1;
      matched = this.#borders[matched];
    }
    return -1;
  }
}

function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length + 1);
  for (let end = 1; end < text.length; end++) borders[end + 1] = longer(text, borders, borders[end], text.charCodeAt(end));
  return borders;
}

/** How much of the text is matched after one more character, where `matched` of it was before. */
function longer(text: string, borders: Int32Array, matched: number, character: number): number {
  let length = matched;
  while (length > 0 && text.charCodeAt(length) !== character) length = borders[length];
  return text.charCodeAt(length) === character ? length + 1 : 0;
}
