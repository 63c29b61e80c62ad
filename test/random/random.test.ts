/** The generator against its authors' vectors, and what is drawn from it. */
import { describe, expect, it } from 'vitest';
import { naturalLogarithm, normalFrom } from '../../src/random/normal.ts';
import { multiplyHigh, PURPOSE, permutation, philox, RandomStream } from '../../src/random/philox.ts';

const words = (text: string) => Uint32Array.from(text.split(' '), (word) => Number.parseInt(word, 16));

describe('Philox 4×32-10', () => {
  /** kat_vectors of the Random123 distribution: counter, key, result. */
  it.each([
    ['zeros', '00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ones', 'ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['digits of π', '243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the published words: %s', (_, counter, key, expected) => {
    const out = new Uint32Array(4);
    const [key0, key1] = words(key);
    philox(words(counter), key0, key1, out);
    expect([...out]).toEqual([...words(expected)]);
    const own = words(counter);
    philox(own, key0, key1, own);
    expect([...own]).toEqual([...out]);
  });

  it('multiplies as 64-bit integers do', () => {
    const numbers = [0, 1, 2, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0xd2511f53, 0xcd9e8d57, 0xfffffffe, 0xffffffff];
    for (const a of numbers) for (const b of numbers) expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
  });
});

const take = <T>(count: number, next: () => T) => Array.from({ length: count }, next);

describe('streams', () => {
  const first = (...parts: ConstructorParameters<typeof RandomStream>) => {
    const stream = new RandomStream(...parts);
    return take(9, () => stream.word()).join();
  };

  it('differ by seed (both halves), purpose, stream and step (both halves), and repeat', () => {
    const streams = [
      first(1, PURPOSE.initialize),
      first(2, PURPOSE.initialize),
      first(1 + 2 ** 32, PURPOSE.initialize),
      first(1 + 2 ** 52, PURPOSE.initialize),
      ...Object.values(PURPOSE)
        .slice(1)
        .map((purpose) => first(1, purpose)),
      first(1, PURPOSE.initialize, 1),
      first(1, PURPOSE.initialize, 0, 1),
      first(1, PURPOSE.initialize, 0, 2 ** 32),
    ];
    expect(new Set(streams).size).toBe(streams.length);
    expect(first(1, PURPOSE.initialize)).toBe(streams[0]);
  });

  it('are uniform in the open interval, evenly over its tenths', () => {
    const stream = new RandomStream(7, PURPOSE.check);
    const numbers = take(100_000, () => stream.uniform());
    const tenths = new Array(10).fill(0);
    for (const number of numbers) tenths[Math.floor(10 * number)]++;
    expect(Math.min(...numbers)).toBeGreaterThan(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
  });

  it('give integers below a limit, all of them', () => {
    const stream = new RandomStream(8, PURPOSE.check);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[stream.integer(7)]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(take(10, () => stream.integer(1))).toEqual(new Array(10).fill(0));
  });

  it('shuffle: a permutation, every place as likely', () => {
    const at = new Array(5).fill(0);
    for (let step = 0; step < 5000; step++) {
      const order = new Int32Array(5);
      permutation(order, new RandomStream(3, PURPOSE.shuffle, 0, step));
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      at[order.indexOf(0)]++;
    }
    for (const count of at) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('naturalLogarithm', () => {
  it('is Math.log to a relative 1e-15', () => {
    const stream = new RandomStream(5, PURPOSE.check);
    const numbers = [
      ...take(20_000, () => stream.uniform()),
      ...take(20_000, () => 2 ** (2000 * stream.uniform() - 1000)),
      ...take(20_000, () => 1 + (stream.uniform() - 0.5) * 2 ** -stream.integer(50)),
      ...[Number.MIN_VALUE * 2 ** 52, Number.MAX_VALUE, 0.5, 1, 2, Math.E, Math.SQRT2, Math.SQRT1_2, 1 - 2 ** -53, 1 + 2 ** -52],
    ];
    for (const x of numbers) {
      const expected = Math.log(x);
      if (Math.abs(naturalLogarithm(x) - expected) > 1e-15 * Math.abs(expected)) expect([x, naturalLogarithm(x)]).toEqual([x, expected]);
    }
    expect(naturalLogarithm(1)).toBe(0);
  });
});

describe('normal variates', () => {
  const next = normalFrom(new RandomStream(11, PURPOSE.check));
  const COUNT = 200_000;
  const numbers = take(COUNT, next);
  const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / COUNT;

  it('have the moments 0, 1, 0, 3', () => {
    for (const [power, expected] of [0, 1, 0, 3].entries()) expect(Math.abs(moment(power + 1) - expected)).toBeLessThan(0.04);
  });

  it('lie within one, two and three deviations as often as they should', () => {
    for (const [limit, share] of [
      [1, 0.6827],
      [2, 0.9545],
      [3, 0.9973],
    ])
      expect(Math.abs(numbers.filter((x) => Math.abs(x) < limit).length / COUNT - share)).toBeLessThan(0.005);
  });

  it('know nothing of one another', () => {
    const lagged = numbers.slice(1).reduce((sum, x, i) => sum + x * numbers[i], 0) / COUNT;
    expect(Math.abs(lagged)).toBeLessThan(0.01);
    expect(new Set(numbers).size).toBeGreaterThan(COUNT - 10);
  });
});
