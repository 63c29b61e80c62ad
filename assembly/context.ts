/**
 * What a running program knows besides its arena: `Context` of src/ops/spec.ts, with pointers for its arrays, and where the
 * session's program lies. The host allocates it, fills it in and reads nothing but `records` back. Counters are f64 holding exact
 * integers, because steps are counted beyond 2³². The host finds the
 * fields by the offsets that layout.ts exports.
 */
@unmanaged
export class Context {
  /** The session's float32 elements, on 64 bytes. */
  arena: usize;
  /** Instructions, as 32-bit words. */
  code: usize;
  /** How threads divide the code, word for word beside it, see src/program/divide.ts; read only where threads run it. */
  division: usize;
  /** float64 constants that `float` scalars index. */
  literals: usize;
  /** One pointer for each bound data column, to its float32 values. */
  columns: usize;
  /** 32-bit row numbers of the data in the order of this epoch, `dataRows` of them. */
  order: usize;
  /** RECORD_WIDTH float64 values for each iteration from `recordBase` on. */
  records: usize;
  /** What kernels use for the length of one call, see scratch.ts; no two threads may share it. */
  workspace: usize;
  /** Words of code, and the first of the first divided instruction. */
  words: i32;
  firstShared: i32;
  /** Rows in the current mini-batch. */
  rows: i32;
  batchSize: i32;
  /** 0 or 1. */
  shuffle: i32;
  dataRows: i32;
  /** Where in `order` the current mini-batch begins. */
  cursor: i32;
  iteration: f64;
  stepBase: f64;
  epochBase: f64;
  seed: f64;
  /** The epoch that `order` was made for; −1 before the first. */
  orderEpoch: f64;
  recordBase: f64;
}
