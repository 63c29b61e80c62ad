/** Ops that read the context: choosing and gathering the mini-batch, dropout, recording what the step found. */
import { DropoutArguments, GatherArguments, RecordArguments } from '../generated/arguments';
import { Context } from '../context';
import { Purpose } from '../generated/constants';
import { BLOCKS, BLOCKS_BYTES, BLOCKS_WORDS, keyHigh, keyLow, permutation, philox } from './philox';
import { load4, splat, storeFrom } from './vector';

/** 2³², the number of values of a random word. */
const WORDS: f64 = 4294967296;
/** Rows of the data that are copied element by element. */
const FEW_BYTES: usize = 32;

export function beginStep(context: Context): void {
  const epoch = context.epoch;
  if (context.orderEpoch != epoch) {
    if (context.shuffle) permutation(context.order, context.dataRows, context.seed, <u64>epoch);
    else for (let i = 0; i < context.dataRows; i++) store<i32>(context.order + (<usize>i << 2), i);
    context.orderEpoch = epoch;
  }
  context.cursor = context.batch * context.batchSize;
  context.useRows(min(context.batchSize, context.dataRows - context.cursor));
}

/**
 * `count` elements from `first` on, both whole rows. Rows beyond the data, which only a run without `beginStep` can ask for, are left as
 * they are. Numbers and indices are moved alike.
 */
export function gather(context: Context, first: i32, count: i32, args: GatherArguments): void {
  let out = args.out;
  const width = args.width;
  const data = load<usize>(context.columns + (<usize>args.column << 2));
  const bytes = <usize>width << 2;
  const row = first ? first / width : 0;
  const rows = min(count == args.size ? context.rows : count / width, context.dataRows - context.cursor - row);
  let from = context.order + (<usize>(context.cursor + row) << 2);
  out += <usize>first << 2;
  for (let r = 0; r < rows; r++, from += 4, out += bytes) copyRow(out, data + <usize>load<u32>(from) * bytes, bytes);
}

/** memory.copy is a call out of the module, which costs more than a few elements. */
@inline
function copyRow(to: usize, from: usize, bytes: usize): void {
  if (bytes > FEW_BYTES) memory.copy(to, from, bytes);
  else for (let at: usize = 0; at < bytes; at += 4) store<u32>(to + at, load<u32>(from + at));
}

export function record(context: Context, args: RecordArguments): void {
  let x = args.x;
  const end = x + (<usize>args.size << 2);
  let to = context.records + (<usize>(context.repeat * context.recordWidth + args.at + args.after) << 3);
  for (; x < end; x += 4, to += 8) store<f64>(to, <f64>load<f32>(x));
}

/** x·keep where a word reaches the threshold, else 0. */
@inline
function dropped(x: v128, words: v128, threshold: v128, keep: v128): v128 {
  return v128.and(f32x4.mul(x, keep), i32x4.ge_u(words, threshold));
}

/** `count` elements from `first` on; element i is kept where word i of the mini-batch's stream reaches rate · 2³². `out` may be `x`. */
export function dropout(context: Context, first: i32, count: i32, args: DropoutArguments): void {
  let x = args.x;
  let out = args.out;
  const rate = args.rate;
  const stream = args.stream;
  const counted = context.before;
  const step = <u64>context.batch + (counted < 0 ? <u64>context.epoch * context.batchesPerEpoch() : <u64>counted);
  const key0 = keyLow(context.seed);
  const key1 = keyHigh(context.seed, Purpose.dropout);
  const threshold = i32x4.splat(<u32>(rate * WORDS));
  const keep = splat(1 / (1 - rate));
  let block = <u32>first >> 2;
  const before = first & 3;
  let rest = count + before;
  x += <usize>(first - before) << 2;
  out += <usize>(first - before) << 2;
  for (let skip = before; rest > 0; block += BLOCKS) {
    const words = philox(block, stream, step, key0, key1);
    if (skip == 0 && rest >= BLOCKS_WORDS) {
      for (let at: usize = 0; at < BLOCKS_BYTES; at += 16) v128.store(out + at, dropped(v128.load(x + at), v128.load(words + at), threshold, keep));
      rest -= BLOCKS_WORDS;
      x += BLOCKS_BYTES;
      out += BLOCKS_BYTES;
      continue;
    }
    for (let at: usize = 0; at < BLOCKS_BYTES && rest > 0; at += 16, skip = 0, rest -= 4, x += 16, out += 16) {
      storeFrom(skip, out, dropped(load4(x, rest), v128.load(words + at), threshold, keep), rest);
    }
  }
}
