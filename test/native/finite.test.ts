/** Numbers that are none are found wherever they stand, natively as in JavaScript. */
import { expect, test } from 'vitest';
import { firstNotFinite } from '../../src/backends/finite.ts';
import { loadNative } from '../../src/node/load-native.ts';
import { expectAddon } from './programs.ts';

const NONE = [Number.NaN, -Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const finders: [string, (values: ArrayLike<number>) => number][] = [['JavaScript', (values) => firstNotFinite(values, 4)]];
if (expectAddon) finders.push(['native', loadNative().firstNotFinite]);

test.each(finders)('%s: the first that is not finite', (_, find) => {
  for (const type of [Float32Array, Float64Array]) {
    for (const position of [0, 1, 1023, 1024, 2050]) {
      for (const value of NONE) {
        const values = new type(2053).fill(LARGEST);
        values[position] = value;
        values[2052] = value;
        expect(find(values)).toBe(position);
        expect(find(values.subarray(position + 1, 2052))).toBe(-1);
      }
    }
  }
});

test.each(finders)('%s: large, small and no numbers pass', (_, find) => {
  expect(find(Float32Array.of(LARGEST, -LARGEST, 1e-45, -0, 0))).toBe(-1);
  expect(find(new Float32Array(0))).toBe(-1);
  expect(find([1, 2, 3])).toBe(-1);
  expect(find(Float64Array.of(1, 1e39))).toBe(1);
  expect(firstNotFinite(Float64Array.of(1, 1e39, Number.NaN), 8)).toBe(2);
});

test.runIf(expectAddon).each([2, 3])('%i threads find the first value that is not finite', (threads) => {
  const find = loadNative().with({ threads }).firstNotFinite;
  const values = new Float32Array(2 ** 18 + 3);
  expect(find(values)).toBe(-1);
  for (const position of [values.length - 1, 2 ** 17 + 1, 87382, 0]) {
    values[position] = Number.NaN;
    expect(find(values)).toBe(position);
  }
});
