/** Rows of a table, chosen by index. An index that is none of the table's rows yields NaN rather than a stray read or write. */
import { blockSums, threadScratch } from '../scratch';
import { indexAt } from './indices';
import { fill } from './movement';
import { addBlock, BLOCK_STEPS, withBlocks } from './sums';
import { constant, load4, store4, sum } from './vector';

export function embed(table: usize, index: usize, out: usize, rows: i32, count: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, index += 4, out += bytes) {
    const row = indexAt(index, count);
    if (row < 0) fill(out, columns, NaN);
    else memory.copy(out, table + <usize>row * bytes, bytes);
  }
}

/** Ends a chain, and marks a free slot. */
const NO_PLACE = -1;

/** 2³² over the golden ratio scatters neighbours. */
const GOLDEN_RATIO: u32 = 2654435769;

/**
 * Where indices stand, in the order of their places: a chain for each that occurs, found by hashing. They lie in the thread's scratch, as
 * src/ops/embedding.ts says: the place after each place, then the slots.
 */
function chain(first: i32, taken: i32, index: usize, places: i32, count: i32): void {
  const next = threadScratch();
  const slots = slotsOf(places);
  memory.fill(slots, 0xff, (<usize>1 << bitsOf(places)) << 2);
  for (let place = places - 1; place >= 0; place--) {
    const row = rowAt(first, taken, index, place, count);
    if (row < 0) continue;
    const slot = slotOf(index, places, row);
    store<i32>(next + (<usize>place << 2), load<i32>(slot));
    store<i32>(slot, place);
  }
}

/** The row that a place chooses; −1 outside of those from `first` on. */
@inline
function rowAt(first: i32, taken: i32, index: usize, place: i32, count: i32): i32 {
  const row = indexAt(index + (<usize>place << 2), count);
  return row >= first && row < first + taken ? row : -1;
}

@inline
function slotsOf(places: i32): usize {
  return threadScratch() + (<usize>places << 2);
}

@inline
function bitsOf(places: i32): i32 {
  return max(33 - clz<i32>(places - 1), 1);
}

/** The slot of a row's chain, or the free one that it would take: no more than half of them are taken. */
function slotOf(index: usize, places: i32, row: i32): usize {
  const slots = slotsOf(places);
  const bits = bitsOf(places);
  let slot = (<u32>row * GOLDEN_RATIO) >> <u32>(32 - bits);
  let at = slots + (<usize>slot << 2);
  for (let place = load<i32>(at); place != NO_PLACE && load<i32>(index + (<usize>place << 2)) != row; place = load<i32>(at)) {
    slot = (slot + 1) & ((1 << bits) - 1);
    at = slots + (<usize>slot << 2);
  }
  return at;
}

/** Whether a row's chain begins at this place. */
@inline
function begins(index: usize, places: i32, row: i32, place: i32): bool {
  return load<i32>(slotOf(index, places, row)) == place;
}

/** Σ of up to four columns of the δ's at a chain's places. */
function sumOfChain(delta: usize, bytes: usize, place: i32, rest: i32): v128 {
  const none = constant(0);
  const next = threadScratch();
  let sums = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; place >= 0; place = load<i32>(next + (<usize>place << 2))) {
    sums = sum(sums, load4(delta + bytes * place, rest));
    if (--room > 0) continue;
    addBlock(blockSums(), blocks++, sums, none, none, none);
    sums = none;
    room = BLOCK_STEPS;
  }
  return blocks ? withBlocks(blockSums(), blocks, sums) : sums;
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedGradient(
  first: i32,
  taken: i32,
  delta: usize,
  index: usize,
  out: usize,
  rows: i32,
  count: i32,
  columns: i32,
): void {
  const bytes = <usize>columns << 2;
  fill(out + bytes * first, taken * columns, 0);
  chain(first, taken, index, rows, count);
  for (let place = 0; place < rows; place++) {
    const row = rowAt(first, taken, index, place, count);
    if (row < 0 || !begins(index, rows, row, place)) continue;
    const to = out + bytes * row;
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(to + at, sumOfChain(delta + at, bytes, place, rest), rest);
    }
  }
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedSgd(
  first: i32,
  taken: i32,
  table: usize,
  delta: usize,
  index: usize,
  learningRate: usize,
  rows: i32,
  count: i32,
  columns: i32,
): void {
  const bytes = <usize>columns << 2;
  const rate = v128.load32_splat(learningRate);
  chain(first, taken, index, rows, count);
  for (let place = 0; place < rows; place++) {
    const row = rowAt(first, taken, index, place, count);
    if (row < 0 || !begins(index, rows, row, place)) continue;
    const to = table + bytes * row;
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(to + at, f32x4.sub(load4(to + at, rest), f32x4.mul(rate, sumOfChain(delta + at, bytes, place, rest))), rest);
    }
  }
}
