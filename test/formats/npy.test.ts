/** NumPy's files, as NumPy 2.4 wrote them, and what is left of them after changes by chance. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { type NpyArray, parseNpy } from '../../src/formats/npy.ts';
import { parseNpz } from '../../src/formats/npz.ts';
import { RandomStream } from '../../src/random/philox.ts';

interface Golden {
  readonly npy: Record<string, { bytes: string; type: string; shape: number[]; values: (number | boolean | string)[] }>;
  readonly refused: Record<string, string>;
  readonly npz: { bytes: Record<string, string>; arrays: Record<string, { shape: number[]; values: number[] }> };
}

const golden = JSON.parse(readFileSync(new URL('../golden/npy.json', import.meta.url), 'utf8')) as Golden;
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const contentOf = ({ shape, data }: NpyArray) => ({ shape, values: [...data] });

/** The arrays that do not keep their type: JavaScript has none like it, or it is read exactly into a smaller one. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  float16: 'float32',
  bool: 'uint8',
  'int64 class indices': 'int32',
  'version 3': 'int32',
  'int64 beyond int32': 'float64',
  uint64: 'float64',
};
const typeOf = (name: string, type: string) => OTHER_TYPES[name] ?? { '>f4': 'float32', '>i2': 'int16' }[type] ?? type;

/** An NPY file with this header, and elements after it. */
function withHeader(text: string, elements: number[] = [], version = 1): Uint8Array {
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), version, 0, ...length, ...Buffer.from(text, 'latin1'), ...elements]);
}

describe('parseNpy', () => {
  it.each(Object.entries(golden.npy))('reads %s', (name, { bytes, type, shape, values }) => {
    const array = parseNpy(bytesOf(bytes));
    expect(contentOf(array)).toEqual({ shape, values: values.map((value) => (value === 'inf' ? Infinity : Number(value))) });
    expect(array.data.constructor.name.toLowerCase()).toBe(`${typeOf(name, type)}array`);
  });

  it('reads a header whose fields stand in another order, with other quotes and without the last comma', () => {
    const text = '{"shape":(2L,),"fortran_order":False,"descr":"|u1"}\n';
    expect(contentOf(parseNpy(withHeader(text, [7, 8], 2)))).toEqual({ shape: [2], values: [7, 8] });
  });

  it('copies, from bytes at any offset', () => {
    const file = bytesOf(golden.npy['big-endian float32'].bytes);
    const odd = new Uint8Array(file.length + 1);
    odd.set(file, 1);
    const { data } = parseNpy(odd.subarray(1));
    odd.fill(0);
    expect([...data]).toEqual([1.5, -2.25]);
  });

  it.each(Object.entries(golden.refused))('refuses %s', (_, bytes) => {
    expect(() => parseNpy(bytesOf(bytes))).toThrow(FormatError);
  });

  it.each([
    ['nothing', new Uint8Array(0), /begin with \\x93NUMPY, got none/],
    ['other bytes', Uint8Array.from({ length: 20 }, (_, i) => i), /got 00 01 02 03 04 05/],
    ['version 9', withHeader('{}', [], 9), /version 1, 2 or 3, got 9/],
    ['a header that is cut off', withHeader(`${' '.repeat(300)}`).subarray(0, 100), /header of 300 bytes, got 90/],
    ['a header of no dictionary', withHeader('[1, 2]'), /descr, fortran_order and shape of numbers, got \[1, 2\]/],
    [
      'a field too many',
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': True}", [0, 0, 0, 0]),
      /expected a header/,
    ],
    ['text behind the header', withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': ()} or run()", [0, 0, 0, 0]), /or run\(\)/],
    ['a size without digits', withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2)}"), /sizes, got \(1,,2\)/],
    [
      'sizes beyond all memory',
      withHeader(`{'descr': '<f8', 'fortran_order': False, 'shape': (${'4000000000, '.repeat(9)})}`),
      /bytes of elements/,
    ],
    ['too few elements', withHeader("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", [1, 0]), /expected 4 bytes .* got 2/],
    ['too many elements', withHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", [1, 0]), /expected 1 bytes .* got 2/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes)).toThrow(FormatError);
    expect(() => parseNpy(bytes)).toThrow(message);
  });

  it('refuses what is no Uint8Array', () => {
    expect(() => parseNpy(new ArrayBuffer(8) as never)).toThrow(DataError);
  });
});

describe('parseNpz', () => {
  it.each(Object.entries(golden.npz.bytes))('reads what %s writes', async (_, bytes) => {
    const arrays = await parseNpz(bytesOf(bytes));
    expect(Object.fromEntries([...arrays].map(([name, array]) => [name, contentOf(array)]))).toEqual(golden.npz.arrays);
  });

  it('refuses changed elements by their checksum', async () => {
    const bytes = bytesOf(golden.npz.bytes.savez);
    // An element of x: 0.5 is 00 00 00 3f.
    bytes[bytes.indexOf(0x3f, 200)] = 0x40;
    await expect(parseNpz(bytes)).rejects.toThrow(/expected x.npy as its checksum says/);
  });

  it('unzips no more than the directory says', async () => {
    const bytes = bytesOf(golden.npz.bytes.savez_compressed);
    const directory = Buffer.from(bytes).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    new DataView(bytes.buffer).setUint32(directory + 24, 10, true);
    await expect(parseNpz(bytes)).rejects.toThrow(FormatError);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['an NPY file', bytesOf(golden.npy.uint8.bytes)],
    ['half an archive', bytesOf(golden.npz.bytes.savez).subarray(400)],
  ])('refuses %s', async (_, bytes) => {
    await expect(parseNpz(bytes)).rejects.toThrow(FormatError);
  });
});

/** One to three bytes changed, put in or taken out. */
function mutate(original: Uint8Array, random: RandomStream): Uint8Array {
  const bytes = [...original];
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const at = random.integer(bytes.length);
    bytes.splice(at, random.integer(3), ...[random.integer(256), random.integer(256)].slice(random.integer(3)));
  }
  return Uint8Array.from(bytes);
}

describe('files changed by chance', () => {
  it('are read by parseNpy, or refused with a FormatError', () => {
    const random = new RandomStream(15, 0);
    const files = Object.values(golden.npy).map(({ bytes }) => bytesOf(bytes));
    let read = 0;
    for (let i = 0; i < 20_000; i++) {
      try {
        parseNpy(mutate(files[i % files.length], random));
        read++;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
    expect(read).toBeGreaterThan(200);
  });

  it('are read by parseNpz, or refused with a FormatError', async () => {
    const random = new RandomStream(16, 0);
    const files = Object.values(golden.npz.bytes).map(bytesOf);
    for (let i = 0; i < 2000; i++) {
      await parseNpz(mutate(files[i % 2], random)).catch((error) => {
        if (!(error instanceof FormatError)) throw error;
      });
    }
  });
});
