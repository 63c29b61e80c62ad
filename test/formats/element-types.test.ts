/** Every element type of safetensors, in files that PyTorch and safetensors wrote and in bytes written out by hand. */
import { readFileSync } from 'node:fs';
import { DataError, decodeSafetensors, encodeSafetensors, FormatError } from 'chainrule';
import { describe, expect, it } from 'vitest';

interface Values {
  readonly metadata?: Record<string, string>;
  readonly tensors: Readonly<Record<string, { readonly dtype: string; readonly shape: number[]; readonly data: (number | string)[] }>>;
}

const golden = (name: string) => new URL(`../golden/safetensors/${name}`, import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(golden(`${name}.safetensors`)));
const valuesOf = (name: string) => JSON.parse(readFileSync(golden(`${name}.values.json`), 'utf8')) as Values;

/** A file of one tensor, `w`, of these bytes. */
function file(dtype: string, shape: readonly number[], data: readonly number[]): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ w: { dtype, shape, data_offsets: [0, data.length] } }));
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

const decode = (dtype: string, elements: number, data: readonly number[]) =>
  decodeSafetensors(file(dtype, [elements], data)).tensors.get('w')!.data;

describe('files of PyTorch', () => {
  it.each(['mixed', 'f16', 'bf16', 'f64', 'unaligned', 'empty_tensor', 'metadata', 'no_tensors'])('%s', (name) => {
    const { tensors, metadata = {} } = valuesOf(name);
    const decoded = decodeSafetensors(bytesOf(name));
    expect({ ...decoded.metadata }).toEqual(metadata);
    expect([...decoded.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
    for (const [tensor, { dtype, shape, data }] of Object.entries(tensors)) {
      const read = decoded.tensors.get(tensor)!;
      const round = dtype === 'F32' ? Math.fround : (x: number) => x;
      expect(read.shape, tensor).toEqual(shape);
      expect([...read.data], `${tensor} ${dtype}`).toEqual(data.map((value) => round(Number(value))));
    }
  });

  it('the counter of a batch normalisation is a number', () => {
    const { tensors } = decodeSafetensors(bytesOf('batch_norm'));
    const counters = [...tensors].filter(([name]) => name.endsWith('num_batches_tracked'));
    expect(counters.length).toBeGreaterThan(0);
    for (const [name, { shape, data }] of counters) {
      expect(shape, name).toEqual([]);
      expect(Number.isSafeInteger(data[0]), `${name} ${data[0]}`).toBe(true);
    }
  });

  it('an integer beyond 2⁵³ is a DataError that names its tensor and the integer', () => {
    expect(() => decodeSafetensors(bytesOf('i64'))).toThrow(DataError);
    expect(() => decodeSafetensors(bytesOf('i64'))).toThrow(
      /safetensors: ".+": expected integers from −2⁵³ to 2⁵³, .* got -?\d{16,} as element \d/,
    );
  });
});

const infinity = Number.POSITIVE_INFINITY;

/** Little-endian bytes, and what they stand for. */
const BY_HAND: readonly (readonly [dtype: string, bytes: readonly number[], values: readonly number[]])[] = [
  ['BOOL', [0, 1, 255], [0, 1, 1]],
  ['U8', [0, 128, 255], [0, 128, 255]],
  ['I8', [0, 127, 128, 255], [0, 127, -128, -1]],
  ['I16', [0xff, 0x7f, 0, 0x80, 0xfe, 0xff], [32767, -32768, -2]],
  ['U16', [0xff, 0xff, 0, 0x80], [65535, 32768]],
  ['I32', [0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80, 1, 0, 0, 1], [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1]],
  ['U32', [0xff, 0xff, 0xff, 0xff], [2 ** 32 - 1]],
  ['I64', [0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0xe0, 0xff, 7, 0, 0, 0, 0, 0, 0, 0], [2 ** 53, -(2 ** 53), 7]],
  ['U64', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], [2 ** 53 - 1]],
  [
    'F16',
    [0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 4, 0, 0x7c, 0, 0xfc, 0, 0x7e, 0, 0x80],
    [1, -2, 65504, 2 ** -24, 2 ** -14, infinity, -infinity, Number.NaN, -0],
  ],
  ['BF16', [0x80, 0x3f, 1, 0, 0x7f, 0x7f, 0x80, 0xff], [1, 2 ** -133, 255 * 2 ** 120, -infinity]],
  ['F8_E4M3', [0x38, 0x7e, 0x01, 0x08, 0x7f, 0xff, 0x80, 0xc8], [1, 448, 2 ** -9, 2 ** -6, Number.NaN, Number.NaN, -0, -4]],
  ['F8_E5M2', [0x3c, 0x7b, 0x01, 0x7c, 0xfc, 0x7d, 0x80], [1, 57344, 2 ** -16, infinity, -infinity, Number.NaN, -0]],
  ['F8_E4M3FNUZ', [0x40, 0x7f, 0x01, 0x80, 0xff], [1, 240, 2 ** -10, Number.NaN, -240]],
  ['F8_E5M2FNUZ', [0x40, 0x7f, 0x01, 0x80, 0xff], [1, 57344, 2 ** -17, Number.NaN, -57344]],
  ['F8_E8M0', [127, 0, 254, 255], [1, 2 ** -127, 2 ** 127, Number.NaN]],
];

it.each(BY_HAND)('%s', (dtype, bytes, values) => expect([...decode(dtype, values.length, bytes)]).toEqual(values));

it.each([
  ['I64', [1, 0, 0, 0, 0, 0, 0x20, 0]],
  ['I64', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff]],
  ['U64', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
])('%s beyond 2⁵³ is refused: %j', (dtype, bytes) => {
  expect(() => decode(dtype, 1, bytes)).toThrow(DataError);
  expect(() => decode(dtype, 1, bytes)).toThrow('safetensors: "w": expected integers from −2⁵³ to 2⁵³');
});

it.each(['F4', 'F6_E2M3', 'F6_E3M2', 'C64'])('%s is refused by name', (dtype) => {
  expect(() => decode(dtype, 1, [0])).toThrow(FormatError);
  expect(() => decode(dtype, 1, [0])).toThrow(`got "${dtype}", which is of the format but not read here`);
});

it('integers and small floats are written as float32 or float64 again', () => {
  const { tensors } = decodeSafetensors(bytesOf('mixed'));
  expect([...decodeSafetensors(encodeSafetensors(tensors)).tensors]).toEqual([...tensors]);
});
