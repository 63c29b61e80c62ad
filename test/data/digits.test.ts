import { describe, expect, it } from 'vitest';
import { digits } from '../../src/data/digits.ts';
import { xor } from '../../src/data/xor.ts';
import { OptionError } from '../../src/errors.ts';

/** The images and labels of both parts as text, sorted: what a split must not change. */
function contents({ train, test }: ReturnType<typeof digits>): string[] {
  return [train, test]
    .flatMap(({ x, y }) => [...y].map((label, row) => `${[...x.data.subarray(row * 64, row * 64 + 64)].join(',')},${label}`))
    .sort();
}

describe('digits', () => {
  it('are 1797 images, 359 of them held out', () => {
    const { train, test } = digits();
    expect(train.x.shape).toEqual([1438, 64]);
    expect(train.x.data).toHaveLength(1438 * 64);
    expect(test.x.shape).toEqual([359, 64]);
    expect(train.y).toHaveLength(1438);
    expect(test.y).toHaveLength(359);
  });

  it('hold the pixels of the data set, from 0 to 1, and its labels', () => {
    const { train } = digits({ test: 0 });
    expect(train.x.data.every((pixel) => pixel >= 0 && pixel <= 1 && Number.isInteger(pixel * 16))).toBe(true);
    // Counted from the published CSV.
    expect([...train.x.data].reduce((sum, pixel) => sum + pixel * 16, 0)).toBe(561_718);
    const counts = new Array(10).fill(0);
    for (const label of train.y) counts[label]++;
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it('are split at random: the seed decides how, and nothing is lost', () => {
    const first = digits({ seed: 1 });
    expect(digits({ seed: 1 })).toEqual(first);
    expect(digits({ seed: 2 }).test.y).not.toEqual(first.test.y);
    expect(contents(first)).toEqual(contents(digits({ test: 0.5 })));
  });

  it('may all be for training', () => {
    const { train, test } = digits({ test: 0 });
    expect(train.y).toHaveLength(1797);
    expect(test.x).toEqual({ shape: [0, 64], data: new Float32Array(0) });
  });

  it.each([{ test: 1 }, { test: -0.1 }, { test: Number.NaN }, { seed: -1 }, { seed: 0.5 }, { sead: 1 }])('refuse %j', (options) => {
    expect(() => digits(options)).toThrow(OptionError);
  });
});

it('xor is its truth table', () => {
  const { x, y } = xor();
  expect(x).toEqual({ shape: [4, 2], data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) });
  expect(y).toEqual({ shape: [4, 1], data: Float32Array.of(0, 1, 1, 0) });
});
