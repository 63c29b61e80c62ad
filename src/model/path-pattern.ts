/** A path with `*` for anything, matched in time linear in the length of the text. */

/** The part of a path that matching reads. */
export type Characters = Pick<string, 'length' | 'charCodeAt'>;

const DOT = '.'.charCodeAt(0);

/** Matches a path, and every path that continues one with a dot. */
export class PathPattern {
  readonly #first: Part;
  /** The parts between the first and the last, in this order. */
  readonly #between: readonly Part[];
  /** The last part; undefined without a `*`. */
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

/** A text without `*`, sought by the method of Knuth, Morris and Pratt (1977), which never goes back in the path. */
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

  /** The first accepted end of an occurrence of the text at `from` or behind it; −1 if there is no such end. */
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

/** The matched length of the text after one more character. */
function longer(text: string, borders: Int32Array, matched: number, character: number): number {
  let length = matched;
  while (length > 0 && text.charCodeAt(length) !== character) length = borders[length];
  return text.charCodeAt(length) === character ? length + 1 : 0;
}
