/** Decimals of many digits are the numbers that Number gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/readers/decimals.ts';
import { HashedTexts } from '../../src/readers/hashed-texts.ts';

function read(text: string): number {
  const point = text.indexOf('.');
  const digits = text.length - (point < 0 ? 0 : 1);
  return decimal(Buffer.from(text), 0, text.length, digits, point < 0 ? 0 : text.length - point - 1);
}

describe('decimal', () => {
  it('gives the nearest float64 of the digits that float64 is written with', () => {
    let certain = 0;
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e14, noNaN: true }), fc.boolean(), (number, isLong) => {
        const text = isLong ? number.toFixed(12) : String(number);
        if (!/^[\d.]{16,}$/.test(text)) return;
        const result = read(text);
        if (!Number.isNaN(result)) certain++;
        expect(Number.isNaN(result) || Object.is(result, Number(text)), text).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(certain).toBeGreaterThan(500);
  });

  it.each(['9007199254740993', '9007199254740993.0', '9007199254740992.9', '9007199254740993.1', '0.500000000000000166533453693773481'])(
    'is the nearest, or left to Number, half way between two: %s',
    (text) => {
      const result = read(text);
      expect(Number.isNaN(result) || result === Number(text)).toBe(true);
    },
  );

  it.each(['1234567890', '0.123456789012345', '99999999999999.9', '0000000001'])('is certain of at most 15 digits: %s', (text) => {
    expect(read(text)).toBe(Number(text));
  });

  it.each([['1'.repeat(31)], [`0.${'1'.repeat(23)}`]])('leaves %s to Number', (text) => {
    expect(read(text)).toBeNaN();
  });
});

describe('HashedTexts', () => {
  it('gives the text of each hash, read once as far as no other takes its slot', () => {
    const cache = new HashedTexts();
    const rows = ['a', 'b', null, 'a', 'c', 'a', null];
    // 'a' and 'c' share a slot, the low bits.
    const hashes = BigUint64Array.of(5n, 6n, 7n, 5n, 5n + 2n ** 40n, 5n, 7n);
    const read: number[] = [];
    const text = (row: number) => {
      read.push(row);
      return rows[row];
    };
    expect(cache.texts(hashes, text)).toEqual(rows);
    expect(read).toEqual([0, 1, 2, 4, 5]);
  });
});
