/** Where the fields of a Context lie that the host writes or reads, in bytes, under the names by which the host asks: see src/backends/wasm/memory.ts. */
import { Context } from './context';

export const contextSize: i32 = offsetof<Context>();
export const offsetOfCode: i32 = offsetof<Context>('code');
export const offsetOfRowWords: i32 = offsetof<Context>('rowWords');
export const offsetOfRowWordCount: i32 = offsetof<Context>('rowWordCount');
export const offsetOfWords: i32 = offsetof<Context>('words');
export const offsetOfFirstShared: i32 = offsetof<Context>('firstShared');
export const offsetOfColumns: i32 = offsetof<Context>('columns');
export const offsetOfOrder: i32 = offsetof<Context>('order');
export const offsetOfRecords: i32 = offsetof<Context>('records');
export const offsetOfRecordWidth: i32 = offsetof<Context>('recordWidth');
export const offsetOfWorkspace: i32 = offsetof<Context>('workspace');
export const offsetOfScratch: i32 = offsetof<Context>('scratch');
export const offsetOfScratchBytes: i32 = offsetof<Context>('scratchBytes');
export const offsetOfRows: i32 = offsetof<Context>('rows');
export const offsetOfBatchSize: i32 = offsetof<Context>('batchSize');
export const offsetOfShuffle: i32 = offsetof<Context>('shuffle');
export const offsetOfDataRows: i32 = offsetof<Context>('dataRows');
export const offsetOfCursor: i32 = offsetof<Context>('cursor');
export const offsetOfRunEpoch: i32 = offsetof<Context>('runEpoch');
export const offsetOfRunBatch: i32 = offsetof<Context>('runBatch');
export const offsetOfBefore: i32 = offsetof<Context>('before');
export const offsetOfSeed: i32 = offsetof<Context>('seed');
export const offsetOfOrderEpoch: i32 = offsetof<Context>('orderEpoch');
