/**
 * Numbers of bfloat16 in memory, the upper halves of float32: two in an element of the arena, 2i in the lower half of its 32 bits and 2i + 1
 * in the upper one. As of an index, an arena of float64 has the 32-bit integer as a plain number.
 */
import type { ElementKind } from './spec.ts';

/** Elements of the arena that hold so many elements of a kind. */
export const arenaElements = (elements: ElementKind | undefined, size: number): number =>
  elements === 'bfloat16' ? Math.ceil(size / 2) : size;

const QUIET_NAN = 0x7fc0;
const HALF_BITS = 16;
const HALF = 0xffff;

const ONE_FLOAT = new Float32Array(1);
const ITS_BITS = new Int32Array(ONE_FLOAT.buffer);

/** The bits of the bfloat16 of x after `added` to its float32 bits: with 0 to 0xffff added at random, x is as likely as it is near. */
export function roundedBits(x: number, added: number): number {
  if (Number.isNaN(x)) return QUIET_NAN;
  ONE_FLOAT[0] = x;
  return ((ITS_BITS[0] + added) >> HALF_BITS) & HALF;
}

/** The bits of the bfloat16 nearest to x, of two the even one. */
function nearestBits(x: number): number {
  ONE_FLOAT[0] = x;
  return roundedBits(x, 0x7fff + ((ITS_BITS[0] >> HALF_BITS) & 1));
}

function numberOf(bits: number): number {
  ITS_BITS[0] = bits << HALF_BITS;
  return ONE_FLOAT[0];
}

const shiftOf = (i: number) => (i % 2) * HALF_BITS;

/** Number i of some words. */
export const unpackedAt = (words: ArrayLike<number>, i: number): number => numberOf((words[Math.floor(i / 2)] >> shiftOf(i)) & HALF);

/** Makes number i of some words one of these bits. */
export function packAt(words: Int32Array | Float64Array, i: number, bits: number): void {
  const at = Math.floor(i / 2);
  words[at] = (words[at] & ~(HALF << shiftOf(i))) | (bits << shiftOf(i));
}

/** Writes numbers from number `start` of some words on, rounded to the nearest. */
export function pack(words: Int32Array, values: ArrayLike<number>, start = 0): void {
  for (let i = 0; i < values.length; i++) packAt(words, start + i, nearestBits(values[i]));
}

/** Reads numbers from number `start` of some words on. */
export function unpack(words: ArrayLike<number>, values: { [i: number]: number; readonly length: number }, start = 0): void {
  for (let i = 0; i < values.length; i++) values[i] = unpackedAt(words, start + i);
}
