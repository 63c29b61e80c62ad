/** Folders of images as datasets, decoded by sharp. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Chunk } from '../datasets/chunk.ts';
import { Dataset } from '../datasets/dataset.ts';
import { CHUNK_ROWS, type Source } from '../datasets/source.ts';
import { DataError, messageOf, OptionError } from '../errors.ts';
import { pathOf } from '../node/files.ts';
import { type Check, integer, oneOf, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { checkLocation, describe, type FileLocation } from '../options.ts';
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';
import { abortable } from './abortable.ts';
import { loadPeer } from './peer.ts';

export interface ImagesOptions {
  /** Height and width that images are scaled to, in pixels; one number for both. Their proportions are not kept. */
  readonly size: number | readonly [height: number, width: number];
  /** 1 for grey, 3 for red, green and blue, 4 with opacity. Default 3. Transparent pixels are laid on black where there is no opacity. */
  readonly channels?: 1 | 3 | 4;
  /** With 'folders' an image's `y` is the class of the folder it is in, by the order of their names; with 'none' rows have no `y`. Default 'folders'. */
  readonly labels?: 'folders' | 'none';
  /** 'mixed': images of all classes among one another, the same in every pass; 'sorted': by class and name. Default 'mixed'. */
  readonly order?: 'mixed' | 'sorted';
  /** Images that are decoded at once. Default 8. */
  readonly concurrency?: number;
}

type Size = readonly [height: number, width: number];

const size: Check<Size> = (where, value) => {
  const sizes = typeof value === 'number' ? [value, value] : value;
  if (Array.isArray(sizes) && sizes.length === 2 && sizes.every((one) => Number.isInteger(one) && one >= 1 && one <= 16384))
    return sizes as unknown as Size;
  throw new OptionError(`${where}: expected a size in pixels or [height, width], from 1 to 16384, got ${describe(value)}`);
};

const channels: Check<1 | 3 | 4> = (where, value) => {
  if (value === 1 || value === 3 || value === 4) return value;
  throw new OptionError(`${where}: expected 1, 3 or 4, got ${describe(value)}`);
};

const OPTIONS = {
  size: required(size),
  channels: withDefault(channels, 3),
  labels: withDefault(oneOf(['folders', 'none']), 'folders'),
  order: withDefault(oneOf(['mixed', 'sorted']), 'mixed'),
  concurrency: withDefault(integer(), 8),
} satisfies TableOf<ImagesOptions>;

/** Rows of images: bytes [channels, height, width] from 0 to 255. */
export interface ImageRow {
  readonly x: { readonly shape: readonly [number, number, number]; readonly data: Uint8Array };
}

/** A dataset of a folder's images. */
export class ImageDataset<Row = ImageRow> extends Dataset<Row> {
  readonly #listing: () => Listing;

  constructor(source: Source, listing: () => Listing) {
    super(source);
    this.#listing = listing;
  }

  /** The names of the classes, in the order of their numbers; none without labels. Throws DataError where the folder cannot be read. */
  get classes(): readonly string[] {
    return this.#listing().classes;
  }

  /** The paths of the images, row after row. Throws DataError where the folder cannot be read. */
  get files(): readonly string[] {
    return this.#listing().images.map(({ path }) => path);
  }
}

/**
 * The images of a folder (PNG, JPEG, WebP, GIF, AVIF, TIFF), decoded and scaled by the package sharp, several at once: rows `{ x, y }`, x bytes
 * [channels, height, width] from 0 to 255, y the number of the class. With labels each folder in the folder is a class, and what is in it, folders
 * within it included, its images. Files of other endings, and names that begin with a point, are left out. `dataset.classes` has the names.
 *
 * @throws OptionError for anything unknown or out of range. Reading throws OptionError where sharp is not installed, DataError where the folder has
 *   no images or a file cannot be decoded, which it names.
 */
export function images<const O extends ImagesOptions>(
  folder: FileLocation,
  options: O,
): ImageDataset<ImageRow & (O extends { readonly labels: 'none' } ? unknown : { readonly y: number })> {
  const settings = readOptions('images', OPTIONS, options);
  const path = pathOf(checkLocation('images', folder));
  let known: Listing | undefined;
  const listing = () => {
    known ??= listed(path, settings.labels === 'folders', settings.order === 'mixed');
    return known;
  };
  const source: Source = {
    get rows() {
      return listing().images.length;
    },
    isSteady: true,
    read: ({ skip, signal }) => abortable(readImages(listing(), settings, skip), signal),
  };
  return new ImageDataset(source, listing);
}

interface Listing {
  readonly classes: readonly string[];
  readonly images: readonly { readonly path: string; readonly label: number }[];
}

const IMAGE = /\.(?:png|jpe?g|webp|gif|avif|tiff?)$/i;

function listed(folder: string, isLabelled: boolean, isMixed: boolean): Listing {
  const within = entriesOf(folder);
  const classes = isLabelled ? within.filter((entry) => entry.isDirectory()).map(({ name }) => name) : [];
  const found = isLabelled
    ? classes.flatMap((name, label) => imagesUnder(join(folder, name)).map((path) => ({ path, label })))
    : imagesUnder(folder).map((path) => ({ path, label: 0 }));
  if (found.length === 0)
    throw new DataError(
      `images: expected ${isLabelled ? 'folders of images' : 'images'} in ${folder}, got no png, jpg, webp, gif, avif or tiff`,
    );
  return { classes, images: isMixed ? mixed(found) : found };
}

/** By name, in an order that is the same in every language. */
function entriesOf(folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new DataError(`images: expected a folder to read at ${folder}, got: ${messageOf(error)}`, { cause: error });
  }
}

function imagesUnder(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? imagesUnder(path) : IMAGE.test(entry.name) ? [path] : [];
  });
}

/** Always in the same way: whoever wants another order in every epoch shuffles. */
function mixed<T>(list: readonly T[]): T[] {
  const order = new Int32Array(list.length);
  permutation(order, new RandomStream(0, PURPOSE.shuffle));
  return Array.from(order, (number) => list[number]);
}

/** What is used of sharp. */
interface Pipeline {
  rotate(): Pipeline;
  resize(width: number, height: number, options: { readonly fit: 'fill' }): Pipeline;
  toColourspace(name: 'b-w' | 'srgb'): Pipeline;
  flatten(): Pipeline;
  ensureAlpha(): Pipeline;
  removeAlpha(): Pipeline;
  raw(options: { readonly depth: 'uchar' }): Pipeline;
  toBuffer(options: {
    readonly resolveWithObject: true;
  }): Promise<{ readonly data: Uint8Array; readonly info: { readonly channels: number } }>;
}

type Sharp = (path: string, options: { readonly failOn: 'error' }) => Pipeline;

interface Settings {
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  readonly labels: 'folders' | 'none';
  readonly concurrency: number;
}

/** Bytes of the largest chunk that has more than one image. */
const CHUNK_BYTES = 8 * 2 ** 20;

async function* readImages({ images }: Listing, settings: Settings, skip: number): AsyncGenerator<Chunk, void, undefined> {
  const { default: sharp } = await loadPeer<{ readonly default: Sharp }>('images', 'sharp');
  const [height, width] = settings.size;
  const shape = [settings.channels, height, width];
  const bytes = settings.channels * height * width;
  const step = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_BYTES / bytes)));
  for (let at = skip; at < images.length; at += step) {
    const some = images.slice(at, at + step);
    const data = new Uint8Array(some.length * bytes);
    await atOnce(settings.concurrency, some, async ({ path }, i) =>
      decode(sharp, path, settings, data.subarray(i * bytes, (i + 1) * bytes)),
    );
    const x = { path: ['x'], shape, data };
    const labels = { path: ['y'], shape: [], data: Int32Array.from(some, ({ label }) => label) };
    yield { rows: some.length, columns: settings.labels === 'folders' ? [x, labels] : [x] };
  }
}

/** Runs a task for each, so many at a time; after an error it begins none, and waits for those begun. */
async function atOnce<T>(most: number, list: readonly T[], task: (one: T, i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < list.length) {
      const i = next++;
      try {
        await task(list[i], i);
      } catch (error) {
        next = list.length;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(most, list.length) }, work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Writes an image by channels, as layers take it, where sharp has it by pixels. */
async function decode(sharp: Sharp, path: string, { size: [height, width], channels }: Settings, target: Uint8Array): Promise<void> {
  const { data, info } = await pixels(sharp, path, [height, width], channels);
  const area = height * width;
  if (info.channels !== channels || data.length !== target.length)
    throw new DataError(`images: ${path}: expected ${channels} channels, got ${info.channels}`);
  for (let pixel = 0, at = 0; pixel < area; pixel++)
    for (let channel = 0; channel < channels; channel++) target[channel * area + pixel] = data[at++];
}

async function pixels(sharp: Sharp, path: string, [height, width]: Size, channels: number) {
  try {
    // The order in which a camera was held is in the file, and turned by rotate.
    const turned = sharp(path, { failOn: 'error' }).rotate().resize(width, height, { fit: 'fill' });
    const coloured = channels === 1 ? turned.flatten().toColourspace('b-w') : turned.toColourspace('srgb');
    const whole = channels === 4 ? coloured.ensureAlpha() : coloured.flatten().removeAlpha();
    return await whole.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new DataError(`images: ${path}: expected an image, got: ${messageOf(error)}`, { cause: error });
  }
}
