/** Values as words of an arena of 32-bit elements. */
import { DataError } from '../errors.ts';
import { instructions, type Program } from '../program/format.ts';
import type { DataColumn, Elements } from './backend.ts';

/**
 * Numbers as float32; of an Int32Array, which holds indices, the same memory under another name: its bits are moved, never read as floats.
 */
export function toWords(values: ArrayLike<number>): Float32Array {
  if (values instanceof Float32Array) return values;
  if (values instanceof Int32Array) return new Float32Array(values.buffer, values.byteOffset, values.length);
  return new Float32Array(values);
}

/** Indices from the elements that `Session.read` gives. */
export function fromWords(words: Elements): Int32Array | Float64Array {
  return words instanceof Float32Array ? new Int32Array(words.buffer, words.byteOffset, words.length) : words;
}

/** Throws DataError where a program gathers indices from a column of numbers, or numbers from one of indices. */
export function checkElements(program: Program, columns: readonly DataColumn[]): void {
  for (const { op, scalars } of instructions(program)) {
    if (op.readsColumn === undefined) continue;
    const column = scalars[op.readsColumn];
    const data = columns[column]?.data;
    if (!data || data instanceof Int32Array === (scalars.indices === 1)) continue;
    const [expected, came] = scalars.indices === 1 ? ['indices', 'numbers'] : ['numbers', 'indices'];
    throw new DataError(`column ${column}: expected ${expected}, as the program gathers, got ${came}`);
  }
}
