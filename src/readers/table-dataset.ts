/** Datasets of tables, which tell of their columns. */
import { Dataset } from '../datasets/dataset.ts';
import type { Source } from '../datasets/source.ts';
import type { ColumnDescription } from './table-options.ts';

/** A dataset of a table's rows. */
export class TableDataset<Row = unknown> extends Dataset<Row> {
  readonly #describe: () => Promise<readonly ColumnDescription[]>;

  constructor(source: Source, describe: () => Promise<readonly ColumnDescription[]>) {
    super(source);
    this.#describe = describe;
  }

  /** All columns of the table, in its order, by name and type: those as which they are read. */
  describe(): Promise<readonly ColumnDescription[]> {
    return this.#describe();
  }
}
