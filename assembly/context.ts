/**
 * What a running program knows besides its arena: `Context` of src/ops/spec.ts, with pointers for its arrays, and where the
 * session's program lies. The host allocates it, fills it in and reads nothing but `records` and `rows` back. Epochs are f64 holding exact
 * integers, because they are counted beyond 2³². The host finds the
 * fields by the offsets that layout.ts exports.
 */
@unmanaged
export class Context {
  /** Instructions, as 32-bit words, and then how threads divide them, or a single one that runs them in parts: see src/backends/wasm/code.ts. */
  code: usize;
  /** Words of `code` that depend on the rows of the batch, `rowWordCount` of them: which one, and its value for one row. */
  rowWords: usize;
  rowWordCount: i32;
  /** One pointer for each bound data column, to its float32 values. */
  columns: usize;
  /** 32-bit row numbers of the data in the order of this epoch, `dataRows` of them. */
  order: usize;
  /** `recordWidth` float64 values for each repeat of a run. */
  records: usize;
  recordWidth: i32;
  /** What kernels use for the length of one call, see scratch.ts; no two threads may share it. */
  workspace: usize;
  /** What else they use, see scratch.ts: `scratchBytes` for each thread, the leader's first, and as many that several share. */
  scratch: usize;
  scratchBytes: i32;
  /** Words of code, and the first of the first divided instruction. */
  words: i32;
  firstShared: i32;
  /** Rows in the current mini-batch, for which `code` is ready: set by `useRows`. */
  rows: i32;
  batchSize: i32;
  /** 0 or 1. */
  shuffle: i32;
  dataRows: i32;
  /** Where in `order` the current mini-batch begins. */
  cursor: i32;
  /** The clock: the epoch, and the mini-batch within it. */
  epoch: f64;
  batch: i32;
  /** Which repeat of its run this is, from 0: where its record goes. */
  repeat: i32;
  /** The clock of the run's first repeat; each later one is one mini-batch later. */
  runEpoch: f64;
  runBatch: f64;
  seed: f64;
  /** Mini-batches that random streams count before the first of the bound data; −1 where they are those of the clock's epochs. */
  before: f64;
  /** The epoch that `order` was made for; −1 before the first. */
  orderEpoch: f64;

  /** 0 where no data is bound. */
  batchesPerEpoch(): u64 {
    return this.dataRows ? <u64>((this.dataRows + this.batchSize - 1) / this.batchSize) : 0;
  }

  beginRepeat(repeat: i32, rows: i32): void {
    const batches = this.batchesPerEpoch();
    const batch = <u64>this.runBatch + <u64>repeat;
    const epochs = batches ? batch / batches : 0;
    this.epoch = this.runEpoch + <f64>epochs;
    this.batch = <i32>(batch - epochs * batches);
    this.repeat = repeat;
    this.useRows(rows);
  }

  /** Resolves the sizes in the code. */
  useRows(rows: i32): void {
    if (rows == this.rows) return;
    this.rows = rows;
    const end = this.rowWords + (<usize>this.rowWordCount << 3);
    for (let at = this.rowWords; at < end; at += 8) store<i32>(this.code + (<usize>load<u32>(at) << 2), load<i32>(at, 4) * rows);
  }
}
