/** Columns of texts and other values on their way between threads: a number for each row, and each text once. */
import type { ValueColumn } from '../../datasets/chunk.ts';
import type { CodedColumn, GivenColumn } from './messages.ts';

/** As many values are told apart at a time: a code takes 16 bits. */
const MOST = 2 ** 16;
/** Longer texts seldom come up again, and a list of them would take memory. */
const LONGEST = 64;

/** The sender's side of one column. */
export class ValueCoder {
  readonly #codes = new Map<unknown, number>();
  #isReset = true;

  encode({ path, values }: ValueColumn): CodedColumn | GivenColumn {
    if (this.#codes.size + values.length > MOST) this.#reset();
    const codes = new Uint16Array(values.length);
    const added: unknown[] = [];
    for (let row = 0; row < codes.length; row++) {
      const value = values[row];
      let code = this.#codes.get(value);
      if (code === undefined) {
        if (!isShort(value) || added.length > values.length / 2) return this.#given({ path, values });
        code = this.#codes.size;
        this.#codes.set(value, code);
        added.push(value);
      }
      codes[row] = code;
    }
    const isReset = this.#isReset;
    this.#isReset = false;
    return { path, codes, added, isReset };
  }

  /** What was added is not told of: both sides begin anew. */
  #given(column: ValueColumn): GivenColumn {
    this.#reset();
    return column;
  }

  #reset(): void {
    this.#codes.clear();
    this.#isReset = true;
  }
}

const isShort = (value: unknown) => value === null || (typeof value === 'string' && value.length <= LONGEST);

/** The receiver's side of one column. */
export class ValueDecoder {
  #values: unknown[] = [];

  decode({ path, codes, added, isReset }: CodedColumn): ValueColumn {
    if (isReset) this.#values = [];
    const known = this.#values;
    for (const value of added) known.push(value);
    const values = new Array<unknown>(codes.length);
    for (let row = 0; row < codes.length; row++) values[row] = known[codes[row]];
    return { path, values };
  }
}
