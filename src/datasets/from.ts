/** What `Dataset.from` takes, as a source. */
import { DataError, OptionError } from '../errors.ts';
import { flag, integer, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { elementsOfRow, isRecord, rowPacker } from './chunk.ts';
import { isRowIterable, onceSource, openedSource } from './iterables.ts';
import { isDataset, rowsPerChunk, SOURCE, type Source } from './source.ts';
import { isTensor, tensorSource } from './tensors.ts';

/** What only its author knows of a function that gives rows. */
export interface FromOptions {
  /** Rows of a pass, checked at its end. Default: the end alone tells. */
  readonly rows?: number;
  /** Whether every pass has the same rows in the same order, which `split` and `kFold` need. Default false. */
  readonly steady?: boolean;
}

const OPTIONS = { rows: optional(integer(0)), steady: withDefault(flag, false) } satisfies TableOf<FromOptions>;

export function sourceOf(given: unknown, options: unknown): Source {
  if (typeof given === 'function') {
    const { rows, steady } = readOptions('Dataset.from', OPTIONS, options ?? {});
    return openedSource(given as Parameters<typeof openedSource>[0], { rows, isSteady: steady });
  }
  if (options !== undefined) throw new OptionError(`Dataset.from: expected no options but for a function, got ${describe(options)}`);
  if (isDataset(given)) return given[SOURCE];
  if (Array.isArray(given)) return arraySource(given);
  if (isTensor(given)) return tensorSource(given);
  if (isRowIterable(given)) return onceSource(given);
  if (isRecord(given)) return tensorSource(given);
  throw new DataError(
    `Dataset.from: expected an array of rows, tensors by name, a function that gives rows, an iterable or a stream, got ${describe(given)}`,
  );
}

/** The rows of an array, which must not change while the dataset is in use. */
function arraySource(rows: readonly unknown[]): Source {
  const pack = rowPacker();
  // The names of the first row are those of all, whichever are read.
  pack(rows.slice(0, 1));
  return {
    rows: rows.length,
    isSteady: true,
    async *read({ skip }) {
      const most = rowsPerChunk(elementsOfRow(rows[0]));
      for (let at = skip; at < rows.length; at += most) yield pack(rows.slice(at, at + most), at);
    },
    take: (numbers) =>
      pack(
        Array.from(numbers, (number) => rows[number]),
        numbers,
      ),
  };
}
