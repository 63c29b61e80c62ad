/**
 * Reads the JSON header of a safetensors file token by token.
 *
 * Not JSON.parse: it silently keeps the last of two equal keys, and builds whatever a hostile file asks for (a hundred million nested
 * arrays) before anyone can look at it. Here the first character that does not belong ends the reading.
 */
import { FormatError } from '../errors.ts';

const SPACE = /[ \t\n\r]*/y;
const DIGITS = /[0-9]*/y;
/** How much of the text an error shows. */
const SHOWN = 24;
/** A key that would reach an object's prototype if any later code used it as a property. */
const FORBIDDEN_KEY = '__proto__';

export class HeaderReader {
  #position = 0;

  constructor(private readonly text: string) {}

  /** An object: `readValue` is called once a key and must read its value. Keys are unique. */
  object(readValue: (key: string) => void): void {
    const keys = new Set<string>();
    this.#sequence('{', '}', () => {
      const key = this.string();
      if (keys.has(key)) this.#fail('every key once', `${JSON.stringify(key.slice(0, SHOWN))} again`);
      if (key === FORBIDDEN_KEY) this.#fail(`a key other than ${FORBIDDEN_KEY}`, 'it');
      keys.add(key);
      this.#expect(':');
      readValue(key);
    });
  }

  /** An array of at most `limit` integers from 0. */
  integers(limit: number): number[] {
    const values: number[] = [];
    this.#sequence('[', ']', () => {
      if (values.length === limit) this.#fail(`at most ${limit} integers`);
      values.push(this.#integer());
    });
    return values;
  }

  string(): string {
    this.#skipSpace();
    const start = this.#position;
    if (this.text[start] !== '"') this.#fail('a string');
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    try {
      const value: string = JSON.parse(this.text.slice(start, end + 1));
      this.#position = end + 1;
      return value;
    } catch {
      return this.#fail('a string as JSON writes it');
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#position < this.text.length) this.#fail('the end of the header');
  }

  #sequence(open: string, close: string, readElement: () => void): void {
    this.#expect(open);
    if (this.#accept(close)) return;
    do readElement();
    while (this.#accept(','));
    this.#expect(close);
  }

  #integer(): number {
    this.#skipSpace();
    const start = this.#position;
    this.#skip(DIGITS);
    const digits = this.text.slice(start, this.#position);
    const value = Number(digits);
    // Comparing also refuses leading zeros, as JSON does, and integers that a double cannot hold.
    if (!Number.isSafeInteger(value) || String(value) !== digits) {
      this.#position = start;
      this.#fail('an integer from 0 to 2⁵³ − 1');
    }
    return value;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) this.#fail(`"${character}"`);
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    const accepted = this.text[this.#position] === character;
    if (accepted) this.#position++;
    return accepted;
  }

  #skipSpace(): void {
    this.#skip(SPACE);
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#position;
    pattern.test(this.text);
    this.#position = pattern.lastIndex;
  }

  #fail(expected: string, got = this.#rest()): never {
    throw new FormatError(`safetensors: expected ${expected} at character ${this.#position} of the header, got ${got}`);
  }

  #rest(): string {
    const rest = this.text.slice(this.#position, this.#position + SHOWN);
    return rest === '' ? 'its end' : JSON.stringify(rest);
  }
}
