/** Images that are changed by chance, each in another way in every epoch. */
import { DataError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import { type Check, integer, number, oneOf, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkNumber, describe } from '../options.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';
import { type Chunk, formatPath, isNumeric, isSamePath, joinRows, likeArray, type NumberColumn, type Path, takeRows } from './chunk.ts';
import { changedSize, changeImage, type ImageChanges, type ImageSize } from './images.ts';
import { columnAt, pathOf } from './labels.ts';
import { type MixOptions, mixedColumn, mixedTargets, readMix, shareOf } from './mixup.ts';
import { dropRows } from './reading.ts';
import type { Reading, Source } from './source.ts';

export interface AugmentOptions {
  /** Where the images stand, [channels, height, width] each: a name, or names one within the other. Default `'x'`. */
  readonly of?: string | readonly string[];
  /** Turns an image over with probability ½: left and right, top and bottom, or each by itself. Default neither. */
  readonly flip?: 'horizontal' | 'vertical' | 'both';
  /** The height and width of the part of an image that is taken, anywhere in it. Default all of it. */
  readonly crop?: readonly [height: number, width: number];
  /** Moves an image by so many pixels at most in each direction. Default 0. */
  readonly shift?: number;
  /** Turns an image by so many degrees at most to either side, up to 180; pixels between pixels are bilinear. Default 0. */
  readonly rotate?: number;
  /** Multiplies all pixels by a factor from 1 − brightness to 1 + brightness, below 1. Default 0. */
  readonly brightness?: number;
  /** Fills a square of that side in pixels, its middle anywhere in the image. Default 0. */
  readonly cutout?: number;
  /** What is where an image has no pixels: beyond its edges, and in what is cut out. Default 0. */
  readonly fill?: number;
  /** Mixes each image, and its targets, with another one. Default not. */
  readonly mixup?: MixOptions;
}

const WHERE = 'dataset.augment';

const OPTIONS = {
  of: withDefault(pathOf, 'x'),
  flip: optional(oneOf(['horizontal', 'vertical', 'both'])),
  crop: optional(checkCrop),
  shift: optional(integer(0)),
  rotate: optional(number(0, 180)),
  brightness: optional(checkBrightness),
  cutout: optional(integer(0)),
  fill: withDefault(number(Number.NEGATIVE_INFINITY), 0),
  mixup: optional(readMix),
} satisfies TableOf<AugmentOptions>;

function checkCrop(where: string, value: unknown): readonly [number, number] {
  const given = Array.isArray(value) && value.length === 2 ? value : [value];
  const [height, width] = given.map((size) => integer()(where, size));
  return [height, width ?? height];
}

function checkBrightness(where: string, value: unknown): number {
  return value === 0 ? 0 : checkNumber(where, value, 0, 1, { open: true });
}

interface Augmentation extends ImageChanges {
  readonly of: Path;
  readonly mixup: ReturnType<Check<ReturnType<typeof readMix>>> | undefined;
}

export function augmented(source: Source, given: unknown): Source {
  const options: Augmentation = readOptions(WHERE, OPTIONS, given);
  return {
    rows: source.rows,
    isSteady: false,
    read: (reading) => (options.mixup ? readMixed(source, options, reading) : readChanged(source, options, reading)),
  };
}

async function* readChanged(source: Source, options: Augmentation, reading: Reading): AsyncGenerator<Chunk, void, undefined> {
  let before = reading.skip;
  for await (const chunk of source.read(reading)) {
    yield replaced(chunk, await changedColumn(chunk, (row) => before + row, options, reading));
    before += chunk.rows;
  }
}

/** Rows before one among which its partner is chosen, where rows cannot be asked for by number. */
const PARTNERS = 64;

/** Each row with a partner: any row where they are in memory, else one of those before it. */
async function* readMixed(source: Source, options: Augmentation, reading: Reading): AsyncGenerator<Chunk, void, undefined> {
  const { rows, take } = source;
  const all = take && rows ? { rows, take } : undefined;
  const first = all ? reading.skip : Math.max(0, reading.skip - PARTNERS);
  yield* dropRows(mixedFrom(source, all, options, { ...reading, skip: first }), reading.skip - first);
}

async function* mixedFrom(
  source: Source,
  all: { readonly rows: number; readonly take: NonNullable<Source['take']> } | undefined,
  options: Augmentation,
  reading: Reading,
): AsyncGenerator<Chunk, void, undefined> {
  let before = reading.skip;
  let held: Chunk | undefined;
  for await (const chunk of source.read(reading)) {
    const pool = held ? joinRows([held, chunk]) : chunk;
    const first = before + chunk.rows - pool.rows;
    const streams = Array.from({ length: chunk.rows }, (_, row) => streamOf(reading, before + row, MIXING));
    const partners = Int32Array.from(streams, (stream, row) => {
      const number = before + row;
      if (all) return stream.integer(all.rows);
      // At the beginning of what is read, those before it are not all there: these rows are dropped, unless they are the epoch's first.
      const known = Math.min(number - first, PARTNERS);
      return known === 0 ? number : number - 1 - stream.integer(known);
    });
    const others = all
      ? all.take(partners)
      : takeRows(
          pool,
          partners.map((number) => number - first),
        );
    yield await mixed(chunk, before, others, partners, streams, options, reading);
    before += chunk.rows;
    const kept = Math.min(PARTNERS, pool.rows);
    held = all
      ? undefined
      : takeRows(
          pool,
          Int32Array.from({ length: kept }, (_, i) => pool.rows - kept + i),
        );
  }
}

async function mixed(
  chunk: Chunk,
  before: number,
  others: Chunk,
  partners: Int32Array,
  streams: readonly RandomStream[],
  options: Augmentation,
  reading: Reading,
): Promise<Chunk> {
  const mix = options.mixup as NonNullable<Augmentation['mixup']>;
  const own = await changedColumn(chunk, (row) => before + row, options, reading);
  const other = await changedColumn(others, (row) => partners[row], options, reading);
  const shares = streams.map((stream) => shareOf(mix.alpha, stream));
  const targets = mixedTargets(WHERE, [columnAt(WHERE, chunk, mix.of), columnAt(WHERE, others, mix.of)], shares, mix, before);
  return replaced(replaced(chunk, mixedColumn(own, other, shares)), targets);
}

/** The first of the streams that a row has; the other one is for mixing. */
const CHANGING = 0;
const MIXING = 1;

/** What is drawn for a row, whichever chunk it comes in. Epochs are apart by two, so that a row has two streams. */
const streamOf = ({ seed, epoch }: Reading, row: number, use: number) => new RandomStream(seed, PURPOSE.augment, row, 2 * epoch + use);

function replaced({ rows, columns }: Chunk, column: NumberColumn): Chunk {
  return { rows, columns: columns.map((one) => (isSamePath(one.path, column.path) ? column : one)) };
}

/** Pixels that are changed between two looks at the clock. */
const LOOK_PIXELS = 2 ** 16;

async function changedColumn(
  chunk: Chunk,
  numberOf: (row: number) => number,
  options: Augmentation,
  reading: Reading,
): Promise<NumberColumn> {
  const column = imagesOf(chunk, options.of);
  const [channels, height, width] = column.shape;
  const size: ImageSize = { channels, height, width };
  const changed = changedSize(size, options);
  if (changed.height > height || changed.width > width)
    throw new DataError(`${WHERE}.crop: expected a part of images of ${height} × ${width}, got [${changed.height}, ${changed.width}]`);
  const [pixels, changedPixels] = [channels * height * width, channels * changed.height * changed.width];
  const data = likeArray(column.data, chunk.rows * changedPixels);
  const target = data instanceof Uint8Array ? new Uint8ClampedArray(data.buffer) : data;
  const image = new Float64Array(changedPixels);
  const look = Math.max(1, Math.floor(LOOK_PIXELS / pixels));
  for (let row = 0; row < chunk.rows; row++) {
    if (row % look === 0) await slices.breathe();
    changeImage(column.data, row * pixels, size, options, streamOf(reading, numberOf(row), CHANGING), image);
    target.set(image, row * changedPixels);
  }
  return { ...column, shape: [channels, changed.height, changed.width], data };
}

/** Throws DataError for what are no images of floats or bytes. */
function imagesOf(chunk: Chunk, path: Path): NumberColumn {
  const column = columnAt(WHERE, chunk, path);
  const refuse = (got: string) =>
    new DataError(`${WHERE}: expected ${formatPath(path)} to be images [channels, height, width] of floats or bytes, got ${got}`);
  if (!isNumeric(column)) throw refuse(describe(column.values[0]));
  const { shape, data } = column;
  if (shape.length !== 3) throw refuse(`rows of shape [${shape.join(', ')}]`);
  const kinds = [Float32Array, Float64Array, Uint8Array, Uint8ClampedArray];
  if (!kinds.some((kind) => data instanceof kind)) throw refuse(`elements of a ${data.constructor.name}`);
  return column;
}
