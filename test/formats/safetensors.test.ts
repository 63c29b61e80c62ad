import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { type Tensor, tensor } from '../../src/tensor.ts';

/** A file with this header, its length put before it, and these bytes after it. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(Uint8Array.from(data), 8 + text.length);
  return bytes;
}

const entry = (shape: number[], begin: number, end: number, dtype = 'F32') => ({ dtype, shape, data_offsets: [begin, end] });

const anyTensor = fc.tuple(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean()).chain(([shape, single]) => {
  const length = shape.reduce((product, size) => product * size, 1);
  const size = { minLength: length, maxLength: length };
  return (single ? fc.float32Array(size) : fc.float64Array(size)).map((data): Tensor => ({ shape, data }));
});
const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__' && text !== '__proto__');
const anyTensors = fc.array(fc.tuple(name, anyTensor)).map((entries) => new Map(entries));
const anyMetadata = fc.dictionary(name, fc.string());

describe('safetensors', () => {
  it('gives back every tensor and all metadata, in order, for any file', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const bytes = encodeSafetensors(tensors, metadata);
        const decoded = decodeSafetensors(bytes);
        expect([...decoded.tensors]).toEqual([...tensors]);
        expect({ ...decoded.metadata }).toEqual({ ...metadata });
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      }),
    );
  });

  it('writes the bytes that the format names', () => {
    const bytes = encodeSafetensors(new Map([['w', tensor([1, -2], [1, 2])]]), { by: 'hand' });
    const header = '{"__metadata__":{"by":"hand"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    expect(new TextDecoder().decode(bytes.subarray(8, -8))).toBe(header.padEnd(Math.ceil(header.length / 8) * 8));
    expect([...bytes.subarray(0, 8)]).toEqual([bytes.length - 16, 0, 0, 0, 0, 0, 0, 0]);
    expect([...bytes.subarray(-8)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it('copies: the tensors outlive the bytes, which may stand at any offset', () => {
    const bytes = encodeSafetensors(new Map([['w', { shape: [2], data: Float64Array.of(0.1, Number.NaN) }]]));
    const odd = new Uint8Array(bytes.length + 3);
    odd.set(bytes, 3);
    const decoded = decodeSafetensors(odd.subarray(3));
    odd.fill(0);
    expect([...decoded.tensors.get('w')!.data]).toEqual([0.1, Number.NaN]);
  });

  it('reads tensors in the order of the header, whatever the order of their bytes', () => {
    const { tensors } = decodeSafetensors(
      file({ late: entry([1], 4, 8), empty: entry([0], 4, 4), early: entry([], 0, 4) }, new Array(8).fill(0)),
    );
    expect([...tensors.keys()]).toEqual(['late', 'empty', 'early']);
  });

  it('refuses to write what it could not read back', () => {
    expect(() => encodeSafetensors(new Map([['w', { shape: [3], data: new Float32Array(2) }]]))).toThrow(ShapeError);
    expect(() => encodeSafetensors(new Map([['__metadata__', tensor([1], [1])]]))).toThrow(FormatError);
  });
});

describe('a malformed safetensors file is a FormatError that says why', () => {
  const four = [0, 0, 0, 0];
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /at least 8 bytes, got 0/],
    ['header longer than the bytes', file('{}').fill(9, 0, 1), /header of at most 2 bytes, got a length of 9/],
    ['header length of 2⁶⁴ − 1', file('{}').fill(255, 0, 8), /at most 2 bytes, got a length of 18446744073709551615/],
    ['not UTF-8', file('{}').fill(0xff, 8, 9), /UTF-8/],
    ['a byte order mark', file('\ufeff{}'), /expected "\{" at character 0/],
    ['no header', file(''), /expected "\{" at character 0 of the header, got its end/],
    ['not JSON', file('hello'), /expected "\{" at character 0 of the header, got "hello"/],
    ['an array', file('[]'), /expected "\{"/],
    ['two objects', file('{}{}'), /the end of the header/],
    ['an unfinished string', file('{"w'), /a string/],
    ['a string ending in a backslash', file('{"w\\'), /a string/],
    ['a bad escape', file('{"\\x":1}'), /a string as JSON/],
    ['an entry that is no object', file('{"w":1}'), /expected "\{"/],
    ['nested arrays without end', file(`{"w":${'['.repeat(1e6)}`), /expected "\{"/],
    ['an unknown key', file({ w: { ...entry([1], 0, 4), device: 'gpu' } }, four), /data_offsets for "w", got "device"/],
    ['a missing key', file({ w: { dtype: 'F32', shape: [1] } }, four), /data_offsets undefined/],
    ['an unknown dtype', file({ w: entry([1], 0, 4, 'Q32') }, four), /one of F64, F32, .*, BOOL, got "Q32"/],
    ['a dtype that is no string', file('{"w":{"dtype":7}}'), /expected a string at character 14 of the header, got "7\}\}"/],
    ['a negative size', file({ w: entry([-1], 0, 4) }, four), /an integer from 0 .* got "-1/],
    ['a fractional size', file({ w: entry([1.5], 0, 4) }, four), /expected "]"/],
    ['a size written 1e3', file('{"w":{"shape":[1e3]}}'), /expected "]"/],
    ['a size with a leading zero', file('{"w":{"shape":[01]}}'), /an integer from 0/],
    ['a size beyond 2⁵³', file('{"w":{"shape":[9007199254740993]}}'), /an integer from 0/],
    ['a size of a million digits', file(`{"w":{"shape":[${'9'.repeat(1e6)}]}}`), /an integer from 0/],
    ['a shape of a thousand sizes', file({ w: entry(new Array(1000).fill(1), 0, 4) }, four), /at most 64 integers/],
    ['a product that overflows', file({ w: entry([2 ** 40, 2 ** 40, 2 ** 40], 0, 4) }, four), /bytes for "w"/],
    ['a product of zero and infinity', file({ w: entry([...new Array(60).fill(2 ** 52), 0], 0, 0) }), /expected NaN bytes|bytes for "w"/],
    ['a shape that does not match', file({ w: entry([2], 0, 4) }, four), /expected 8 bytes for "w", F32 \[2\], got data_offsets \[0, 4\]/],
    ['offsets that go back', file({ w: entry([1], 4, 0) }, four), /expected 4 bytes/],
    ['three offsets', file('{"w":{"data_offsets":[0,4,8]}}', four), /at most 2 integers/],
    ['offsets out of range', file({ w: entry([2], 0, 8) }, four), /within 4 bytes of data/],
    ['an overlap', file({ a: entry([1], 0, 4), b: entry([1], 2, 6) }, [...four, 0, 0]), /"b" at 4/],
    ['a hole', file({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, [...four, ...four, ...four]), /"b" at 4/],
    ['bytes left over', file({ w: entry([1], 0, 4) }, [...four, 0]), /expected 4 bytes of data, as its header says, got 5/],
    ['one name twice', file('{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{}}', four), /every key once .* got "w" again/],
    ['one key twice', file('{"w":{"dtype":"F32","dtype":"F64"}}', four), /got "dtype" again/],
    ['a name __proto__', file('{"__proto__":{}}'), /other than __proto__/],
    ['metadata that is no object', file({ __metadata__: 'x' }), /expected "\{"/],
    ['metadata that is no string', file({ __metadata__: { a: 1 } }), /a string/],
    ['a metadata key __proto__', file('{"__metadata__":{"__proto__":"x"}}'), /other than __proto__/],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it('a header of 20 MB of spaces', () => {
    expect(() => decodeSafetensors(file(' '.repeat(20e6)))).toThrow(/got its end/);
  });
});
