/** Common to the ops on images [samples, channels, height, width]: windows that slide over them, and their attributes. */
import { ShapeError } from '../errors.ts';
import { formatShape } from './shape.ts';
import type { AttributesOf, Shape } from './spec.ts';

/** Windows over an image, in rows (y) and columns (x). */
export interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros around the image: top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
}

/** Attributes of windows over an image. */
export const WINDOW_ATTRIBUTES = {
  stride: { kind: 'pair', default: [1, 1] },
  padding: { kind: 'padding', default: [0, 0, 0, 0] },
} as const;

/** Throws ShapeError for impossible windows. */
export function windowsOf(
  { stride, dilation = [1, 1], padding }: AttributesOf<typeof WINDOW_ATTRIBUTES> & { readonly dilation?: readonly [number, number] },
  kernel: readonly [number, number],
): Windows {
  const [top = 0, left = 0, bottom = 0, right = 0] = padding;
  const windows: Windows = { kernel, stride, dilation, padding: [top, left, bottom, right] };
  const counted = [...windows.kernel, ...windows.stride, ...windows.dilation];
  if (counted.some((size) => !(size >= 1)) || windows.padding.some((size) => !(size >= 0))) {
    throw new ShapeError(`expected kernel, stride and dilation of at least 1 and no negative padding, got ${JSON.stringify(windows)}`);
  }
  return windows;
}

/** An image's shape taken apart. Throws ShapeError for a shape that is no image's. */
export function imageOf(op: string, x: Shape): { samples: number; channels: number; height: number; width: number } {
  const [samples, channels, height, width] = x;
  if (x.length !== 4 || channels < 1 || height < 1 || width < 1) {
    throw new ShapeError(`${op}: expected an image of [batch, channels, height, width], got ${formatShape(x)}`);
  }
  return { samples, channels, height, width };
}

/** How many windows fit in each direction. Throws ShapeError if none fits. */
export function windowCounts(op: string, [height, width]: readonly number[], windows: Windows): [number, number] {
  const [top, left, bottom, right] = windows.padding;
  const along = (size: number, axis: 0 | 1, padding: number) => {
    const span = (windows.kernel[axis] - 1) * windows.dilation[axis] + 1;
    const count = Math.floor((size + padding - span) / windows.stride[axis]) + 1;
    if (count < 1) throw new ShapeError(`${op}: expected a window of at most ${size + padding} elements, got one of ${span}`);
    return count;
  };
  return [along(height, 0, top + bottom), along(width, 1, left + right)];
}

/** The largest span of windows, padding included, that kernels count with. */
export const LARGEST_SPAN = 2 ** 24;
