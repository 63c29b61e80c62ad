/** Looks for numbers that are not finite in a backend's elements. */

/** The largest finite number of float32. */
export const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
const EXPONENT = 0x7f800000;
const LOWEST_OF_EXPONENT = 0x00800000;
/** Values tested together before the first bad one is looked for. */
const BLOCK = 1024;

/**
 * The index of the first value that is NaN, infinite, or becomes infinite in elements of `elementBytes` bytes (4 for float32, 8 for
 * float64); −1 if all are finite.
 */
export function firstNotFinite(values: ArrayLike<number>, elementBytes: 4 | 8): number {
  if (values instanceof Float32Array) return firstNotFinite32(values);
  const limit = elementBytes === 4 ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]) <= limit)) return i;
  }
  return -1;
}

/** A float32 is not finite where all bits of its exponent are set: then adding the lowest of them sets the sign. */
function firstNotFinite32(values: Float32Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let start = 0; start < bits.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, bits.length);
    let signs = 0;
    for (let i = start; i < end; i++) signs |= (bits[i] & EXPONENT) + LOWEST_OF_EXPONENT;
    if (signs < 0) return start + values.subarray(start, end).findIndex((value) => !Number.isFinite(value));
  }
  return -1;
}
