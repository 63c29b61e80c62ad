import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../src/data/idx.ts';
import { FormatError } from '../../src/errors.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('parseIdx', () => {
  it('reads shape and elements', () => {
    const { shape, data } = parseIdx(bytes(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255));
    expect(shape).toEqual([2, 3]);
    expect(data).toEqual(bytes(1, 2, 3, 4, 5, 255));
  });

  it.each([
    [0x09, [0xff, 1], Int8Array.of(-1, 1)],
    [0x0b, [0xff, 0xfe, 1, 0], Int16Array.of(-2, 256)],
    [0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 0, 1, 0], Int32Array.of(-3, 256)],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], Float32Array.of(1, -2)],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2)],
  ])('reads big-endian elements of type %i', (type, elements, expected) => {
    expect(parseIdx(bytes(0, 0, type, 1, 0, 0, 0, 2, ...elements)).data).toEqual(expected);
  });

  it('copies, from bytes at any offset', () => {
    const odd = bytes(7, 0, 0, 8, 1, 0, 0, 0, 1, 42);
    const { data } = parseIdx(odd.subarray(1));
    odd.fill(0);
    expect([...data]).toEqual([42]);
  });

  it.each([
    ['nothing', [], /at least 4 bytes, got 0/],
    ['another magic number', [0x1f, 0x8b, 8, 1], /magic number .* got 1f 8b 08 01/],
    ['an unknown type', [0, 0, 7, 1], /magic number/],
    ['half a header', [0, 0, 8, 3, 0, 0, 0, 1], /header of 16 bytes for rank 3, got 8/],
    ['too few elements', [0, 0, 8, 1, 0, 0, 0, 2, 1], /expected 2 bytes of elements for shape \[2\], got 1/],
    ['too many elements', [0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3], /expected 2 bytes .* got 3/],
    ['sizes of 4 GB each', [0, 0, 14, 4, ...new Array(16).fill(255)], /bytes of elements/],
    ['255 sizes of 4 GB', [0, 0, 8, 255, ...new Array(1020).fill(255)], /expected Infinity bytes/],
  ])('refuses %s', (_, values, message) => {
    expect(() => parseIdx(bytes(...values))).toThrow(FormatError);
    expect(() => parseIdx(bytes(...values))).toThrow(message);
  });
});
