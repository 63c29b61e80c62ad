/** The first rows of a dataset, or all but these. */
import { sliceRows } from './chunk.ts';
import type { Source } from './source.ts';

export function firstRows(source: Source, count: number): Source {
  const { rows, take } = source;
  return {
    rows: rows === undefined ? undefined : Math.min(rows, count),
    isSteady: source.isSteady,
    async *read(reading) {
      let left = count - reading.skip;
      if (left <= 0) return;
      for await (const chunk of source.read(reading)) {
        yield chunk.rows <= left ? chunk : sliceRows(chunk, 0, left);
        left -= chunk.rows;
        if (left <= 0) return;
      }
    },
    ...(take && { take }),
  };
}

export function otherRows(source: Source, count: number): Source {
  const { rows, take } = source;
  return {
    rows: rows === undefined ? undefined : Math.max(0, rows - count),
    isSteady: source.isSteady,
    read: (reading) => source.read({ ...reading, skip: reading.skip + count }),
    ...(take && { take: (numbers) => take(numbers.map((number) => number + count)) }),
  };
}
