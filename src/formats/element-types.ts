/** The element types of safetensors, read from and written to little-endian bytes that may stand at any offset. */
import { DataError } from '../errors.ts';

type Elements = Float32Array | Float64Array;

export interface ElementType {
  readonly bytes: number;
  /**
   * All elements in `bytes`, in a fresh array: of float32 where that holds every element of the type, else of float64. The first of them is
   * the tensor's element `first`.
   */
  decode(bytes: Uint8Array, first: number): Elements;
}

/** A floating-point number of 8 or 16 bits: a sign, an exponent, a fraction. */
interface SmallFloat {
  readonly bits: 8 | 16;
  readonly fraction: number;
  readonly bias: number;
  /**
   * The patterns that are no finite number. IEEE 754: the largest exponent is infinity and NaN. `fn`: NaN alone, where all bits but the
   * sign are 1. `fnuz`: NaN alone, in place of −0.
   */
  readonly special: 'ieee' | 'fn' | 'fnuz';
}

/** The types that can be read, by their names in the header. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['F64', { bytes: 8, decode: (bytes) => new Float64Array(fresh(bytes, 8)) }],
  ['F32', { bytes: 4, decode: (bytes) => new Float32Array(fresh(bytes, 4)) }],
  ['F16', byTable(2, () => smallFloats({ bits: 16, fraction: 10, bias: 15, special: 'ieee' }))],
  ['BF16', byTable(2, () => smallFloats({ bits: 16, fraction: 7, bias: 127, special: 'ieee' }))],
  ['F8_E4M3', byTable(1, () => smallFloats({ bits: 8, fraction: 3, bias: 7, special: 'fn' }))],
  ['F8_E5M2', byTable(1, () => smallFloats({ bits: 8, fraction: 2, bias: 15, special: 'ieee' }))],
  ['F8_E4M3FNUZ', byTable(1, () => smallFloats({ bits: 8, fraction: 3, bias: 8, special: 'fnuz' }))],
  ['F8_E5M2FNUZ', byTable(1, () => smallFloats({ bits: 8, fraction: 2, bias: 16, special: 'fnuz' }))],
  ['F8_E8M0', byTable(1, powersOfTwo)],
  ['I64', { bytes: 8, decode: (bytes, first) => fromBigIntegers(new BigInt64Array(fresh(bytes, 8)), first) }],
  ['U64', { bytes: 8, decode: (bytes, first) => fromBigIntegers(new BigUint64Array(fresh(bytes, 8)), first) }],
  ['I32', { bytes: 4, decode: (bytes) => Float64Array.from(new Int32Array(fresh(bytes, 4))) }],
  ['U32', { bytes: 4, decode: (bytes) => Float64Array.from(new Uint32Array(fresh(bytes, 4))) }],
  ['I16', { bytes: 2, decode: (bytes) => Float32Array.from(new Int16Array(fresh(bytes, 2))) }],
  ['U16', { bytes: 2, decode: (bytes) => Float32Array.from(new Uint16Array(fresh(bytes, 2))) }],
  ['I8', { bytes: 1, decode: (bytes) => Float32Array.from(new Int8Array(fresh(bytes, 1))) }],
  ['U8', { bytes: 1, decode: (bytes) => Float32Array.from(bytes) }],
  ['BOOL', byTable(1, () => new Float32Array(256).fill(1, 1))],
]);

/** Types of the format that are not read: elements of less than a byte, and complex ones. */
export const UNREAD_TYPES: readonly string[] = ['F4', 'F6_E2M3', 'F6_E3M2', 'C64'];

/** The name in a header for the type of `data`. */
export function elementTypeName(data: Elements): 'F32' | 'F64' {
  return data instanceof Float32Array ? 'F32' : 'F64';
}

/** Writes all of `data` into `target`, which has just its size. */
export function encodeElements(data: Elements, target: Uint8Array): void {
  target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (IS_BIG_ENDIAN) reverseEach(target, data.BYTES_PER_ELEMENT);
}

/** Reads as many elements, of the type that `target` has, as there are in it. */
export function decodeElements(bytes: Uint8Array, target: Elements): void {
  const memory = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  memory.set(bytes);
  if (IS_BIG_ENDIAN) reverseEach(memory, target.BYTES_PER_ELEMENT);
}

const IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** A copy of little-endian elements of `size` bytes, in this machine's order, in memory where they may be seen as elements. */
function fresh(bytes: Uint8Array, size: number): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (IS_BIG_ENDIAN) reverseEach(copy, size);
  return copy.buffer;
}

function reverseEach(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** A type of 8 or 16 bits, read by a table of all patterns that is made when first needed. */
function byTable(bytes: 1 | 2, make: () => Float32Array): ElementType {
  let table: Float32Array | undefined;
  return {
    bytes,
    decode: (given) => {
      table ??= make();
      const patterns = bytes === 1 ? given : new Uint16Array(fresh(given, 2));
      const elements = new Float32Array(patterns.length);
      for (let i = 0; i < elements.length; i++) elements[i] = table[patterns[i]];
      return elements;
    },
  };
}

/** The number of every pattern of bits; float32 holds each exactly. */
function smallFloats({ bits, fraction, bias, special }: SmallFloat): Float32Array {
  const signBit = 1 << (bits - 1);
  const exponents = 1 << (bits - 1 - fraction);
  const fractions = 1 << fraction;
  return Float32Array.from({ length: 2 * signBit }, (_, pattern) => {
    const sign = pattern & signBit ? -1 : 1;
    const magnitude = pattern & (signBit - 1);
    const exponent = magnitude >> fraction;
    const part = magnitude & (fractions - 1);
    if (special === 'ieee' && exponent === exponents - 1) return part === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (special === 'fn' && magnitude === signBit - 1) return Number.NaN;
    if (special === 'fnuz' && pattern === signBit) return Number.NaN;
    if (exponent === 0) return sign * (part / fractions) * 2 ** (1 - bias);
    return sign * (1 + part / fractions) * 2 ** (exponent - bias);
  });
}

/** F8_E8M0, the scales of blocks: an exponent alone, and NaN where all bits are 1. */
function powersOfTwo(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, exponent) => (exponent === 255 ? Number.NaN : 2 ** (exponent - 127)));
}

/** Up to here every integer is a float64. */
const LARGEST_INTEGER = 2n ** 53n;

/** Throws DataError for an integer that float64 may not hold. */
function fromBigIntegers(integers: BigInt64Array | BigUint64Array, first: number): Float64Array {
  const elements = new Float64Array(integers.length);
  for (let i = 0; i < elements.length; i++) {
    const integer = integers[i];
    if (integer > LARGEST_INTEGER || integer < -LARGEST_INTEGER)
      throw new DataError(`expected integers from −2⁵³ to 2⁵³, which numbers hold exactly, got ${integer} as element ${first + i}`);
    elements[i] = Number(integer);
  }
  return elements;
}
