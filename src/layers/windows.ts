/** The options of layers whose windows slide over an image. */
import { OptionError, ShapeError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import { formatShape } from '../ops/shape.ts';
import type { Check } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';

/** One number for both directions, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Zeros around the image: a number or [height, width] on both sides, none ('valid'), or as many as keep size / stride ('same'). */
export type Padding = Pair | 'same' | 'valid';

/** Throws OptionError where it is not an integer of at least `least`, or two. */
export function checkPair(where: string, value: unknown, least = 1): readonly [number, number] {
  if (!Array.isArray(value)) {
    const both = checkInteger(where, value, least);
    return [both, both];
  }
  if (value.length !== 2) throw new OptionError(`${where}: expected a number or [height, width], got ${describe(value)}`);
  return [checkInteger(`${where}[0]`, value[0], least), checkInteger(`${where}[1]`, value[1], least)];
}

/** The check of an option that is one number for both directions or two, of at least `least`. */
export const pair =
  (least = 1): Check<readonly [number, number]> =>
  (where, value) =>
    checkPair(where, value, least);

/** Throws OptionError where it is no padding. */
export function checkPadding(where: string, value: unknown): 'same' | readonly [number, number] {
  if (value === 'same') return value;
  if (value === 'valid') return [0, 0];
  if (typeof value === 'string')
    throw new OptionError(`${where}: expected 'same', 'valid', a number or [height, width], got ${describe(value)}`);
  return checkPair(where, value, 0);
}

interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: 'same' | readonly [number, number];
}

/** Top, left, bottom, right for an image of that height and width; of an odd number 'same' puts one more below and to the right. */
export function paddingOf(size: readonly number[], { kernel, stride, dilation, padding }: Windows): number[] {
  if (padding !== 'same') return [...padding, ...padding];
  const total = size.map((length, i) => {
    const span = (kernel[i] - 1) * dilation[i] + 1;
    return Math.max(0, (Math.ceil(length / stride[i]) - 1) * stride[i] + span - length);
  });
  return [...total.map((zeros) => Math.floor(zeros / 2)), ...total.map((zeros) => Math.ceil(zeros / 2))];
}

/** The channels, height and width of an image [batch, channels, height, width]. Throws ShapeError where it is none. */
export function imageSize(where: string, image: GraphValue): [number, number, number] {
  const { shape } = image;
  if (shape.length !== 4 || shape.slice(1).some((size) => size < 1)) {
    throw new ShapeError(
      `${where}: expected an input of [batch, channels, height, width], got ${formatShape(shape)}; reshape([1, 28, 28]) makes one of a row`,
    );
  }
  image.graph.take(image, 'image');
  return [shape[1], shape[2], shape[3]];
}

/** Of more than that a picture hardly has channels, and of fewer hardly rows. */
const FEW = 4;

/** [channels, height, width] for a shape that looks like [height, width, channels]; undefined for others. */
export function channelsFirst([height, width, channels, ...others]: readonly number[]): [number, number, number] | undefined {
  return others.length === 0 && channels <= FEW && height > FEW && width > FEW ? [channels, height, width] : undefined;
}
