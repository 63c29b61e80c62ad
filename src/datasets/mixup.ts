/** Rows mixed with others: images and targets in the same shares. */
import { DataError } from '../errors.ts';
import { integer, number, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import type { RandomStream } from '../random/philox.ts';
import { type Column, formatPath, isNumeric, likeArray, type NumberColumn, valuesOf } from './chunk.ts';
import { pathOf } from './labels.ts';

/** How rows are mixed (Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018). */
export interface MixOptions {
  /** The share of a row is drawn from Beta(alpha, alpha): the smaller, the less both are mixed. From 0.05 to 1. Default 0.2. */
  readonly alpha?: number;
  /** How many classes there are, where targets are class indices: they become probabilities of the classes. */
  readonly classes?: number;
  /** Where the targets stand: a name, or names one within the other. Default `'y'`. */
  readonly of?: string | readonly string[];
}

const OPTIONS = {
  alpha: withDefault(number(0.05, 1), 0.2),
  classes: optional(integer(2)),
  of: withDefault(pathOf, 'y'),
} satisfies TableOf<MixOptions>;

export const readMix = (where: string, value: unknown) => readOptions(where, OPTIONS, value);

type Mix = ReturnType<typeof readMix>;

/** A variate of Beta(alpha, alpha), by Jöhnk's method. */
export function shareOf(alpha: number, stream: RandomStream): number {
  for (;;) {
    const x = stream.uniform() ** (1 / alpha);
    const y = stream.uniform() ** (1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

/** Each row with the other's in its share; bytes are rounded. */
export function mixedColumn(own: NumberColumn, other: NumberColumn, shares: readonly number[]): NumberColumn {
  const data = likeArray(own.data, own.data.length);
  const target = data instanceof Uint8Array ? new Uint8ClampedArray(data.buffer) : data;
  const width = data.length / shares.length;
  for (let row = 0, i = 0; row < shares.length; row++) {
    const share = shares[row];
    for (const end = i + width; i < end; i++) target[i] = share * own.data[i] + (1 - share) * other.data[i];
  }
  return { ...own, data };
}

/** Targets mixed: of values, or of classes as their probabilities. Throws DataError for others. */
export function mixedTargets(
  where: string,
  [own, other]: readonly [Column, Column],
  shares: readonly number[],
  mix: Mix,
  before: number,
): NumberColumn {
  const { classes } = mix;
  const name = formatPath(mix.of);
  if (classes !== undefined) return mixedColumn(oneHot(where, own, classes, before), oneHot(where, other, classes), shares);
  const isMixable = (column: Column): column is NumberColumn => isNumeric(column) && column.shape.length > 0;
  if (isMixable(own) && isMixable(other)) return mixedColumn(ofFloats(own), ofFloats(other), shares);
  throw new DataError(
    `${where}.mixup: expected ${name} to be lists of values, or the option classes where they are class indices, got ${describe(valuesOf(own)[0])}`,
  );
}

function ofFloats(column: NumberColumn): NumberColumn {
  const isFloat = column.data instanceof Float32Array || column.data instanceof Float64Array;
  return isFloat ? column : { ...column, data: Float64Array.from(column.data) };
}

function oneHot(where: string, column: Column, classes: number, before?: number): NumberColumn {
  const values = valuesOf(column);
  const data = new Float64Array(values.length * classes);
  values.forEach((value, row) => {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= classes)
      throw new DataError(
        `${where}.mixup: expected ${formatPath(column.path)} to be class indices from 0 to ${classes - 1}, got ${describe(value)}${before === undefined ? '' : ` in row ${before + row}`}`,
      );
    data[row * classes + (value as number)] = 1;
  });
  return { path: column.path, shape: [classes], data };
}
