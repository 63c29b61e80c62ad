/** What kernels know besides their operands: the mini-batch and the clock. */

/** The state of a running program besides its arena: the mini-batch and the clock. Backends hold the same fields. */
export interface Context {
  /** Rows in the current mini-batch; sizes −n in the program mean n · rows. */
  rows: number;
  /** The clock: the epoch, and the mini-batch within it. */
  epoch: number;
  batch: number;
  /** Which repeat of its run this is, from 0: where its record goes. */
  repeat: number;
  readonly seed: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Mini-batches that random streams count before the first of the data; −1 where they are those of the clock's epochs. */
  readonly before: number;
  /** The epoch that `order` was made for; −1 before the first. */
  orderEpoch: number;
  /** Row numbers of the data in the order of this epoch. */
  readonly order: Int32Array;
  /** Where in `order` the current mini-batch begins. */
  cursor: number;
  /** The bound data: column k has `widths[k]` values a row. */
  readonly columns: readonly ArrayLike<number>[];
  /** `recordWidth` numbers for each repeat of the run. */
  readonly records: Float64Array;
  readonly recordWidth: number;
}
