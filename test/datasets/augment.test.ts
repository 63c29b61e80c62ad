/** Images changed by chance: how far each change may go, and that chance is that of the row and the epoch. */
import { DataError, OptionError } from 'chainrule';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AugmentOptions } from '../../src/datasets/augment.ts';
import type { NumberArray } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import type { TensorOf } from '../../src/datasets/row-types.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';
import { recut, rowsIn } from './pipelines.ts';

const [HEIGHT, WIDTH] = [5, 7];
const PLACES = Array.from({ length: HEIGHT * WIDTH }, (_, i) => [Math.floor(i / WIDTH), i % WIDTH] as const);

/** Two channels that say where a pixel is: its row and its column, from 1 on. */
const coordinates = Float64Array.from([...PLACES.map(([row]) => row + 1), ...PLACES.map(([, column]) => column + 1)]);

function images<Data extends NumberArray>(count: number, image: Data) {
  const data = new (image.constructor as new (length: number) => Data)(count * image.length);
  for (let i = 0; i < count; i++) data.set(image, i * image.length);
  return { shape: [count, 2, HEIGHT, WIDTH] as const, data };
}

/** The changed images, each as its two channels. */
async function changed(options: AugmentOptions, epoch = 0, count = 60): Promise<number[][][]> {
  const rows = await Dataset.from({ x: images(count, coordinates) })
    .augment(options)
    .toArray({ epoch });
  return rows.map(({ x: { data } }) => [Array.from(data.slice(0, data.length / 2)), Array.from(data.slice(data.length / 2))]);
}

const channels = [Array.from(coordinates.slice(0, PLACES.length)), Array.from(coordinates.slice(PLACES.length))];
const distinct = (list: readonly unknown[]) => new Set(list.map((one) => JSON.stringify(one))).size;

describe('an image', () => {
  it.each([
    ['horizontal', 1, 2],
    ['vertical', 2, 1],
    ['both', 2, 2],
  ] as const)('is turned over: %s', async (flip, rows, columns) => {
    const made = await changed({ flip });
    const mirrored = channels[1].map((column) => WIDTH + 1 - column);
    const upsideDown = channels[0].map((row) => HEIGHT + 1 - row);
    for (const [row, column] of made) {
      expect([channels[0], upsideDown]).toContainEqual(row);
      expect([channels[1], mirrored]).toContainEqual(column);
    }
    expect([distinct(made.map(([row]) => row)), distinct(made.map(([, column]) => column))]).toEqual([rows, columns]);
  });

  it('is cropped to a part of it, anywhere', async () => {
    const made = await changed({ crop: [3, 4] });
    for (const [rows, columns] of made) {
      expect(rows).toEqual(Array.from({ length: 12 }, (_, i) => rows[0] + Math.floor(i / 4)));
      expect(columns).toEqual(Array.from({ length: 12 }, (_, i) => columns[0] + (i % 4)));
    }
    expect([distinct(made.map(([rows]) => rows[0])), distinct(made.map(([, columns]) => columns[0]))]).toEqual([3, 4]);
  });

  it('is moved, and filled at its edges', async () => {
    const made = await changed({ shift: 2, fill: -1 }, 0, 300);
    const moves = made.map(([rows, columns]) => {
      const inside = rows.findIndex((row) => row !== -1);
      const [down, right] = [PLACES[inside][0] - rows[inside] + 1, PLACES[inside][1] - columns[inside] + 1];
      const expected = PLACES.map(([y, x]) => {
        const [row, column] = [y - down, x - right];
        return row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH ? [-1, -1] : [row + 1, column + 1];
      });
      expect(rows.map((row, i) => [row, columns[i]])).toEqual(expected);
      expect(Math.max(Math.abs(down), Math.abs(right))).toBeLessThanOrEqual(2);
      return [down, right];
    });
    expect(distinct(moves)).toBe(25);
  });

  it('is rotated about its middle, no further than it may be', async () => {
    const angles = (await changed({ rotate: 30, fill: -1e12 })).map(([rows, columns]) => {
      const turned = PLACES.flatMap(([y, x], i) => {
        const [v, u] = [rows[i] - 3, columns[i] - 4];
        // Between pixels all of which are inside.
        if (rows[i] < 1 || columns[i] < 1 || (y === 2 && x === 3)) return [];
        expect(Math.hypot(v, u)).toBeCloseTo(Math.hypot(y - 2, x - 3), 9);
        return [Math.atan2(u * (y - 2) - v * (x - 3), u * (x - 3) + v * (y - 2))];
      });
      for (const angle of turned) expect(angle).toBeCloseTo(turned[0], 9);
      return (turned[0] * 180) / Math.PI;
    });
    expect(Math.max(...angles)).toBeGreaterThan(20);
    expect(Math.max(...angles)).toBeLessThan(30);
    expect(Math.min(...angles)).toBeLessThan(-20);
    expect(Math.min(...angles)).toBeGreaterThan(-30);
  });

  it('is lit by one factor', async () => {
    const factors = (await changed({ brightness: 0.4 })).map(([rows, columns]) => {
      rows.forEach((row, i) => {
        expect(row).toBeCloseTo(rows[0] * channels[0][i], 9);
        expect(columns[i]).toBeCloseTo(rows[0] * channels[1][i], 9);
      });
      return rows[0];
    });
    expect(Math.max(...factors)).toBeGreaterThan(1.3);
    expect(Math.max(...factors)).toBeLessThan(1.4);
    expect(Math.min(...factors)).toBeLessThan(0.7);
    expect(Math.min(...factors)).toBeGreaterThan(0.6);
  });

  it('has a square cut out', async () => {
    const made = await changed({ cutout: 3, fill: 0 });
    for (const [rows, columns] of made) {
      const holes = PLACES.filter((_, i) => rows[i] === 0);
      expect(PLACES.filter((_, i) => columns[i] === 0)).toEqual(holes);
      const [ys, xs] = [new Set(holes.map(([y]) => y)), new Set(holes.map(([, x]) => x))];
      expect(holes.length).toBe(ys.size * xs.size);
      expect(Math.max(ys.size, xs.size)).toBeLessThanOrEqual(3);
    }
    expect(distinct(made)).toBeGreaterThan(20);
  });

  it('of bytes stays one, rounded and within their range; of floats it stays of its kind', async () => {
    const bright = new Uint8Array(2 * HEIGHT * WIDTH).fill(250);
    const made = await Dataset.from({ x: images(20, bright) })
      .augment({ brightness: 0.5 })
      .toArray();
    expectTypeOf(made[0].x).toEqualTypeOf<TensorOf<Uint8Array<ArrayBuffer>>>();
    const values = made.map(({ x: { data } }) => data[0]);
    expect(made[0].x.data).toBeInstanceOf(Uint8Array);
    expect([Math.max(...values), Math.min(...values) < 200, Math.min(...values) >= 125]).toEqual([255, true, true]);
    const [{ x }] = await Dataset.from({ x: images(1, Float32Array.from(coordinates)) })
      .augment({ flip: 'both' })
      .toArray();
    expect(x.data).toBeInstanceOf(Float32Array);
  });

  it('is left alone without options', async () => expect(await changed({}, 0, 1)).toEqual([channels]));
});

describe('mixup', () => {
  /** Image i is i everywhere. */
  const numbered = (count: number) => ({
    x: { shape: [count, 1, 1, 2] as const, data: Float64Array.from({ length: 2 * count }, (_, i) => Math.floor(i / 2)) },
    y: Int32Array.from({ length: count }, (_, i) => i),
  });
  const count = 200;
  const memory = Dataset.from(numbered(count));

  it.each([
    ['any row in memory', memory, count],
    ['one of those before it', memory.filter(() => true), 64],
  ] as const)('gives an image and its target the same share of %s', async (_, dataset, reach) => {
    const mixed = dataset.augment({ mixup: { classes: count } });
    type Row = typeof mixed extends Dataset<infer R> ? R : never;
    expectTypeOf<Row['y']>().toEqualTypeOf<Float64Array>();
    const distances = (await mixed.toArray()).map(({ x, y }, row) => {
      expect(y.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      const value = y.reduce((sum, share, label) => sum + share * label, 0);
      for (const pixel of x.data) expect(pixel).toBeCloseTo(value, 9);
      const partner = y.findIndex((share, label) => share > 0 && label !== row);
      return partner < 0 ? 0 : Math.abs(row - partner);
    });
    expect(Math.max(...distances)).toBeLessThanOrEqual(reach);
    expect(Math.max(...distances)).toBeGreaterThan(reach / 2);
    expect(distances.filter((distance) => distance > 0).length).toBeGreaterThan(150);
  });

  it('takes shares that are as likely on either side, most of them near one end', async () => {
    const rows = await memory
      .repeat(5)
      .augment({ mixup: { alpha: 0.2, classes: count } })
      .toArray();
    const shares = rows.map(({ y }, row) => y[row % count]);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const square = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    // Of Beta(0.2, 0.2): 1/2, and 1/4 of 1/1.4.
    expect(mean).toBeCloseTo(0.5, 1);
    expect(square).toBeCloseTo(0.25 / 1.4, 1);
  });

  it('mixes values as they are', async () => {
    const { x } = numbered(count);
    const rows = await Dataset.from({ x, y: { shape: [count, 1] as const, data: Int32Array.from({ length: count }, (_, i) => i) } })
      .augment({ mixup: { alpha: 1 } })
      .toArray();
    for (const row of rows) expect(row.y[0]).toBeCloseTo(row.x.data[0], 9);
  });
});

describe('chance', () => {
  const all: AugmentOptions = { flip: 'both', crop: [4, 4], shift: 1, rotate: 15, brightness: 0.2, cutout: 2, mixup: { classes: 9 } };
  const data = { x: images(150, coordinates), y: Array.from({ length: 150 }, (_, i) => i % 9) };
  const sources = [
    ['by number', Dataset.from(data)],
    ['in order', Dataset.from(data).filter(() => true)],
  ] as const;

  it.each(sources)('is that of the row and the epoch, wherever reading begins, in whatever chunks: rows %s', async (_, dataset) => {
    const source = dataset.augment(all)[SOURCE];
    const rows = await rowsIn(source, { seed: 3, epoch: 2 });
    for (const skip of [1, 70, 149, 150]) expect(await rowsIn(source, { seed: 3, epoch: 2, skip })).toEqual(rows.slice(skip));
    expect(await rowsIn(recut(dataset, [7, 40]).augment(all)[SOURCE], { seed: 3, epoch: 2 })).toEqual(rows);
    for (const other of [
      { seed: 3, epoch: 3 },
      { seed: 4, epoch: 2 },
    ])
      expect(await rowsIn(source, other)).not.toEqual(rows);
    expect(distinct(rows.map((row) => Array.from((row as { x: TensorOf }).x.data)))).toBeGreaterThan(145);
    expect([source.rows, source.isSteady, source.take]).toEqual([dataset.rows, false, undefined]);
  });
});

const one = { x: images(2, coordinates), y: [0, 1] };
const augmented =
  (options: object, rows: object = one) =>
  () =>
    Dataset.from(rows as typeof one)
      .augment(options as AugmentOptions)
      .toArray();
const BAD: readonly Case<() => unknown>[] = [
  ['an unknown option', augmented({ blur: 1 }), OptionError, "dataset.augment: unknown option 'blur'"],
  [
    'a flip that is none',
    augmented({ flip: true }),
    OptionError,
    'dataset.augment.flip: expected one of horizontal, vertical, both, got true',
  ],
  [
    'a part larger than the image',
    augmented({ crop: [6, 6] }),
    DataError,
    'dataset.augment.crop: expected a part of images of 5 × 7, got [6, 6]',
  ],
  ['a part of no size', augmented({ crop: [0, 6] }), OptionError, 'dataset.augment.crop'],
  ['brightness of 1', augmented({ brightness: 1 }), OptionError, 'dataset.augment.brightness: expected a number between 0 and 1, got 1'],
  ['alpha of 2', augmented({ mixup: { alpha: 2 } }), OptionError, 'dataset.augment.mixup.alpha: expected a number from 0.05 to 1, got 2'],
  ['classes that are not known', augmented({ mixup: {} }), DataError, 'expected y to be lists of values, or the option classes', 'got 0'],
  [
    'classes beyond the last',
    augmented({ mixup: { classes: 2 } }, { ...one, y: [0, 2] }),
    DataError,
    'class indices from 0 to 1, got 2 in row 1',
  ],
  ['no such column', augmented({ of: 'image' }), DataError, 'dataset.augment: expected image in every row, got rows of x, y'],
  [
    'rows that are flat',
    augmented({ flip: 'both' }, { x: [[1, 2]] }),
    DataError,
    'expected x to be images [channels, height, width]',
    'got rows of shape [2]',
  ],
  [
    'images of integers',
    augmented({}, { x: { shape: [1, 1, 1, 1], data: Int32Array.of(1) } }),
    DataError,
    'floats or bytes, got elements of a Int32Array',
  ],
  ['what are no numbers', augmented({}, { x: ['a'] }), DataError, "got 'a'"],
];
it.each(titled(BAD))('refuses %s', (_, test) => expectRefused(test[1], test));
