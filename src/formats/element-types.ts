/** The floating-point types of safetensors, read from and written to little-endian bytes that may stand at any offset. */

type Elements = Float32Array | Float64Array;

export interface ElementType {
  readonly bytes: number;
  /** All elements in the bytes of `view`, in a fresh array. */
  decode(view: DataView): Elements;
}

/** What can be read, by the name that the header gives it. The 16-bit types become float32, which holds them exactly. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['F64', { bytes: 8, decode: (view) => fill(new Float64Array(view.byteLength / 8), (i) => view.getFloat64(8 * i, true)) }],
  ['F32', { bytes: 4, decode: (view) => fill(new Float32Array(view.byteLength / 4), (i) => view.getFloat32(4 * i, true)) }],
  ['F16', { bytes: 2, decode: (view) => fill(new Float32Array(view.byteLength / 2), (i) => fromFloat16(view.getUint16(2 * i, true))) }],
  ['BF16', { bytes: 2, decode: (view) => fill(new Float32Array(view.byteLength / 2), (i) => fromBfloat16(view.getUint16(2 * i, true))) }],
]);

/** The name in a header for the type of `data`. */
export function elementTypeName(data: Elements): 'F32' | 'F64' {
  return data instanceof Float32Array ? 'F32' : 'F64';
}

/** Writes all of `data` into `view`, which has just its size. */
export function encodeElements(data: Elements, view: DataView): void {
  if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i], true);
  else for (let i = 0; i < data.length; i++) view.setFloat64(8 * i, data[i], true);
}

function fill<E extends Elements>(elements: E, read: (index: number) => number): E {
  for (let i = 0; i < elements.length; i++) elements[i] = read(i);
  return elements;
}

/** IEEE 754 binary16: one sign bit, 5 of exponent (bias 15), 10 of fraction. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
