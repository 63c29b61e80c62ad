/** Rows that are read lazily, pass after pass. */
import { chunkOf, rowsOf } from './chunk.ts';
import { CHUNK_ROWS, FIRST, SOURCE, type Source } from './source.ts';

/**
 * Rows that are read lazily, as often as they are asked for. A dataset is a description: nothing is read before `fit`, `evaluate`, `predict` or a
 * loop over it asks for rows.
 */
export class Dataset<Row = unknown> implements AsyncIterable<Row> {
  readonly [SOURCE]: Source;

  /** @param source Where its rows come from. `Dataset.from` and the readers make datasets of what users have. */
  constructor(source: Source) {
    this[SOURCE] = source;
  }

  /** The rows of an array. It must not change while the dataset is in use. */
  static from<Row>(rows: readonly Row[]): Dataset<Row> {
    return new Dataset<Row>({
      rows: rows.length,
      isSteady: true,
      async *read({ skip }) {
        for (let at = skip; at < rows.length; at += CHUNK_ROWS) yield chunkOf(rows.slice(at, at + CHUNK_ROWS), at);
      },
      take: (numbers) => chunkOf(Array.from(numbers, (number) => rows[number])),
    });
  }

  /** The rows of the first pass, one by one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const chunk of this[SOURCE].read(FIRST)) for (const row of rowsOf(chunk)) yield row as Row;
  }
}
