/** Lists of any length as rows of one length, those of similar length together. */
import { DataError, OptionError } from '../errors.ts';
import { asGiven, integer, number, oneOf, optional, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { type Chunk, formatPath, isSamePath, joinRows, type NumberColumn, type Path, takeRows, valuesOf } from './chunk.ts';
import { columnAt, pathOf } from './labels.ts';
import { dropRows, fromStart } from './reading.ts';
import type { Source } from './source.ts';

export interface BucketOptions {
  /** Where the list stands whose length decides: its name, or names one within the other. */
  readonly by: string | readonly string[];
  /** The longest list of each bucket, ascending. The last is the length that all rows get. Or `width` and `longest`. */
  readonly boundaries?: readonly number[];
  /** Boundaries that are so far apart, up to `longest`. */
  readonly width?: number;
  /** The last boundary, with `width`. */
  readonly longest?: number;
  /** Rows that come together: the `batchSize` of the fit. */
  readonly batchSize: number;
  /** What fills a list up to the last boundary. Default 0. */
  readonly padding?: number;
  /** Other lists of the same length, such as a target for each step, and what fills them: `[{ by: 'y', padding: -1 }]`. Default none. */
  readonly others?: readonly { readonly by: string | readonly string[]; readonly padding?: number }[];
  /** Where the number of steps before the padding is put, as a column. Default nowhere. */
  readonly lengths?: string | readonly string[];
  /** What happens to lists beyond the last boundary: an error, or their first steps are taken. Default `'refuse'`. */
  readonly longer?: 'refuse' | 'cut';
}

const OPTIONS = {
  by: required(pathOf),
  boundaries: optional(checkBoundaries),
  width: optional(integer()),
  longest: optional(integer()),
  batchSize: required(integer()),
  padding: withDefault(number(Number.NEGATIVE_INFINITY), 0),
  others: withDefault(asGiven<BucketOptions['others'] & object>(), []),
  lengths: optional(pathOf),
  longer: withDefault(oneOf(['refuse', 'cut']), 'refuse'),
} satisfies TableOf<BucketOptions>;
const PADDED = { by: required(pathOf), padding: withDefault(number(Number.NEGATIVE_INFINITY), 0) };

interface Padded {
  readonly by: Path;
  readonly padding: number;
}

interface Buckets {
  /** The list that decides, then the others. */
  readonly padded: readonly Padded[];
  readonly boundaries: readonly number[];
  readonly batchSize: number;
  readonly lengths: Path | undefined;
  readonly isCut: boolean;
}

const WHERE = 'dataset.buckets';

function checkBoundaries(where: string, value: unknown): readonly number[] {
  const isAscending = (list: readonly unknown[]) =>
    list.every((one, i) => Number.isSafeInteger(one) && (one as number) > ((list[i - 1] as number | undefined) ?? 0));
  if (Array.isArray(value) && value.length > 0 && isAscending(value)) return [...value];
  throw new OptionError(`${where}: expected ascending integers of at least 1, got ${describe(value)}`);
}

/** The boundaries that were given, or that `width` and `longest` say. Throws OptionError for both and for neither. */
function boundariesOf({ boundaries, width, longest }: Pick<BucketOptions, 'boundaries' | 'width' | 'longest'>): readonly number[] {
  if (boundaries && width === undefined && longest === undefined) return boundaries;
  if (boundaries || width === undefined || longest === undefined)
    throw new OptionError(
      `${WHERE}: expected either boundaries, or width and longest, got ${describe(boundaries)}, ${describe(width)} and ${describe(longest)}`,
    );
  return Array.from({ length: Math.ceil(longest / width) }, (_, i) => Math.min((i + 1) * width, longest));
}

export function bucketed(source: Source, given: unknown): Source {
  const { by, padding, others, longer, boundaries, width, longest, ...options } = readOptions(WHERE, OPTIONS, given);
  if (!Array.isArray(others)) throw new OptionError(`${WHERE}.others: expected a list, got ${describe(others)}`);
  const more = others.map((one, i) => readOptions(`${WHERE}.others[${i}]`, PADDED, one));
  const buckets = {
    ...options,
    boundaries: boundariesOf({ boundaries, width, longest }),
    padded: [{ by, padding }, ...more],
    isCut: longer === 'cut',
  };
  return {
    rows: source.rows,
    isSteady: source.isSteady,
    read: (reading) => dropRows(grouped(source.read(fromStart(reading)), buckets), reading.skip),
  };
}

/** Whenever a bucket has the rows of a mini-batch, these come next; at the end, what the buckets still have, the shortest first. */
async function* grouped(chunks: AsyncIterable<Chunk>, buckets: Buckets): AsyncGenerator<Chunk, void, undefined> {
  const { boundaries, batchSize } = buckets;
  const waiting = boundaries.map((): Chunk[] => []);
  const counts = boundaries.map(() => 0);
  let before = 0;
  for await (const chunk of chunks) {
    const { padded, bucketOf } = paddedRows(chunk, before, buckets);
    before += chunk.rows;
    const own = boundaries.map((): number[] => []);
    for (let row = 0; row < chunk.rows; row++) {
      const bucket = bucketOf[row];
      own[bucket].push(row);
      if (++counts[bucket] < batchSize) continue;
      yield joinRows([...waiting[bucket], takeRows(padded, own[bucket])]);
      [waiting[bucket], own[bucket], counts[bucket]] = [[], [], 0];
    }
    own.forEach((rows, bucket) => {
      if (rows.length > 0) waiting[bucket].push(takeRows(padded, rows));
    });
  }
  for (const left of waiting) if (left.length > 0) yield joinRows(left);
}

function paddedRows(chunk: Chunk, before: number, { padded, boundaries, lengths, isCut }: Buckets) {
  const longest = boundaries[boundaries.length - 1];
  const lists = padded.map(({ by }) => valuesOf(columnAt(WHERE, chunk, by)).map((value, i) => listOf(value, by, before + i)));
  const sizes = lists[0].map((list, i) => {
    if (list.length > longest && !isCut)
      throw new DataError(
        `${WHERE}: expected lists of at most ${longest}, the last boundary, got ${list.length} in row ${before + i}; longer: 'cut' takes their first steps`,
      );
    for (const [other, { by }] of padded.entries()) {
      const { length } = lists[other][i];
      if (length !== list.length)
        throw new DataError(
          `${WHERE}: expected ${formatPath(by)} as long as ${formatPath(padded[0].by)}, ${list.length}, got ${length} in row ${before + i}`,
        );
    }
    return Math.min(list.length, longest);
  });
  const columns = padded.map(({ by, padding }, i) => paddedColumn(by, lists[i], longest, padding));
  if (lengths) columns.push({ path: lengths, shape: [], data: Float64Array.from(sizes) });
  const rest = chunk.columns.filter(({ path }) => !columns.some((column) => isSamePath(column.path, path)));
  return {
    padded: { rows: chunk.rows, columns: [...rest, ...columns] },
    bucketOf: sizes.map((size) => boundaries.findIndex((boundary) => size <= boundary)),
  };
}

/** Throws DataError for what is no list of numbers. */
function listOf(value: unknown, path: Path, row: number): ArrayLike<number> {
  const isList = Array.isArray(value) ? value.every((one) => typeof one === 'number') : ArrayBuffer.isView(value) && 'length' in value;
  if (isList) return value as ArrayLike<number>;
  throw new DataError(`${WHERE}: expected ${formatPath(path)} to be a list of numbers, got ${describe(value)} in row ${row}`);
}

function paddedColumn(path: Path, lists: readonly ArrayLike<number>[], length: number, padding: number): NumberColumn {
  const data = new Float64Array(lists.length * length).fill(padding);
  lists.forEach((list, row) => {
    for (let step = 0; step < Math.min(list.length, length); step++) data[row * length + step] = list[step];
  });
  return { path, shape: [length], data, form: 'list' };
}
