/** One image [channels, height, width], moved, rotated, cut and lit as chance wants. */
import type { RandomStream } from '../random/philox.ts';
import type { NumberArray } from './chunk.ts';

export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** How far images may be changed. What is undefined is left alone. */
export interface ImageChanges {
  readonly flip: 'horizontal' | 'vertical' | 'both' | undefined;
  /** Height and width of the part that is left. */
  readonly crop: readonly [height: number, width: number] | undefined;
  /** Pixels in each direction. */
  readonly shift: number | undefined;
  /** Degrees in each direction. */
  readonly rotate: number | undefined;
  readonly brightness: number | undefined;
  /** Pixels of the side of a square. */
  readonly cutout: number | undefined;
  readonly fill: number;
}

/** The size of a changed image. */
export const changedSize = ({ channels, height, width }: ImageSize, { crop }: ImageChanges): ImageSize => ({
  channels,
  height: crop?.[0] ?? height,
  width: crop?.[1] ?? width,
});

/** Changes of one image. */
interface Drawn {
  readonly isMirrored: boolean;
  readonly isUpsideDown: boolean;
  readonly top: number;
  readonly left: number;
  readonly down: number;
  readonly right: number;
  readonly angle: number;
  readonly light: number;
  /** The middle of a hole, in the changed image. */
  readonly hole: readonly [y: number, x: number] | undefined;
}

function draw({ height, width }: ImageSize, changes: ImageChanges, stream: RandomStream): Drawn {
  const { flip, crop, shift, rotate, brightness, cutout } = changes;
  const around = (most: number) => (2 * stream.uniform() - 1) * most;
  const whole = (most: number) => stream.integer(2 * most + 1) - most;
  const size = crop ?? [height, width];
  return {
    isMirrored: (flip === 'horizontal' || flip === 'both') && stream.uniform() < 0.5,
    isUpsideDown: (flip === 'vertical' || flip === 'both') && stream.uniform() < 0.5,
    top: crop ? stream.integer(height - size[0] + 1) : 0,
    left: crop ? stream.integer(width - size[1] + 1) : 0,
    down: shift ? whole(shift) : 0,
    right: shift ? whole(shift) : 0,
    angle: rotate ? (around(rotate) * Math.PI) / 180 : 0,
    light: brightness ? 1 + around(brightness) : 1,
    hole: cutout ? [stream.integer(size[0]), stream.integer(size[1])] : undefined,
  };
}

/** Writes the changed image that begins at `data[from]` to the beginning of `out`. */
export function changeImage(
  data: NumberArray,
  from: number,
  size: ImageSize,
  changes: ImageChanges,
  stream: RandomStream,
  out: Float64Array,
) {
  const drawn = draw(size, changes, stream);
  const changed = changedSize(size, changes);
  if (drawn.angle === 0) copyMoved(data, from, size, changed, drawn, changes.fill, out);
  else copyRotated(data, from, size, changed, drawn, changes.fill, out);
  if (drawn.light !== 1) for (let i = 0; i < out.length; i++) out[i] *= drawn.light;
  if (drawn.hole) cutHole(out, changed, drawn.hole, changes.cutout as number, changes.fill);
}

/** The row and the column of the given image that a place of the changed one shows, before it is rotated. */
const rowOf = (y: number, { height }: ImageSize, { isUpsideDown, top, down }: Drawn) => (isUpsideDown ? height - 1 - y : y) + top - down;
const columnOf = (x: number, { width }: ImageSize, { isMirrored, left, right }: Drawn) => (isMirrored ? width - 1 - x : x) + left - right;

function copyMoved(
  data: NumberArray,
  from: number,
  { channels, height, width }: ImageSize,
  changed: ImageSize,
  drawn: Drawn,
  fill: number,
  out: Float64Array,
) {
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < changed.height; y++) {
      const row = rowOf(y, changed, drawn);
      const start = from + (channel * height + row) * width;
      const isInside = row >= 0 && row < height;
      for (let x = 0; x < changed.width; x++) {
        const column = columnOf(x, changed, drawn);
        out[at++] = isInside && column >= 0 && column < width ? data[start + column] : fill;
      }
    }
  }
}

/** Bilinear between the four pixels around each place. */
function copyRotated(
  data: NumberArray,
  from: number,
  { channels, height, width }: ImageSize,
  changed: ImageSize,
  drawn: Drawn,
  fill: number,
  out: Float64Array,
) {
  const sine = Math.sin(drawn.angle);
  const cosine = Math.cos(drawn.angle);
  const middleY = (height - 1) / 2;
  const middleX = (width - 1) / 2;
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    const plane = from + channel * height * width;
    for (let y = 0; y < changed.height; y++) {
      const v = rowOf(y, changed, drawn) - middleY;
      for (let x = 0; x < changed.width; x++) {
        const u = columnOf(x, changed, drawn) - middleX;
        out[at++] = between(data, plane, height, width, middleY + cosine * v - sine * u, middleX + sine * v + cosine * u, fill);
      }
    }
  }
}

function between(data: NumberArray, plane: number, height: number, width: number, row: number, column: number, fill: number): number {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const below = row - top;
  const beside = column - left;
  const upper =
    pixel(data, plane, height, width, top, left, fill) * (1 - beside) + pixel(data, plane, height, width, top, left + 1, fill) * beside;
  const lower =
    pixel(data, plane, height, width, top + 1, left, fill) * (1 - beside) +
    pixel(data, plane, height, width, top + 1, left + 1, fill) * beside;
  return upper * (1 - below) + lower * below;
}

function pixel(data: NumberArray, plane: number, height: number, width: number, y: number, x: number, fill: number): number {
  return y >= 0 && y < height && x >= 0 && x < width ? data[plane + y * width + x] : fill;
}

function cutHole(
  out: Float64Array,
  { channels, height, width }: ImageSize,
  [middleY, middleX]: readonly [number, number],
  side: number,
  fill: number,
) {
  const [top, left] = [middleY - (side >> 1), middleX - (side >> 1)];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      const start = (channel * height + y) * width;
      out.fill(fill, start + Math.max(0, left), start + Math.min(width, left + side));
    }
  }
}
