/** The rows of a table that indices name, each with the places of its index. */
import { blockSums, threadScratch } from '../scratch';
import { indexAt } from './indices';
import { mapRun, Step } from './runs';
import { addBlock, BLOCK_STEPS, withBlocks } from './sums';
import { constant, load4, store4, sum } from './vector';

/** Ends a chain, and marks a free slot. */
export const NO_PLACE = -1;

/** 2³² over the golden ratio scatters neighbours. */
const GOLDEN_RATIO: u32 = 2654435769;

/**
 * Where indices stand, in the order of their places: a chain for each that occurs, found by hashing. They lie in the thread's scratch, as
 * src/ops/rows.ts says: the place after each place, then the slots.
 */
export function chain(first: i32, taken: i32, index: usize, places: i32, count: i32): void {
  const next = threadScratch();
  const slots = slotsOf(places);
  const bits = bitsOf(places);
  memory.fill(slots, 0xff, slotsEnd(places) - slots);
  for (let place = places - 1; place >= 0; place--) {
    const row = indexAt(index + (<usize>place << 2), count);
    if (row < first || row >= first + taken) continue;
    const slot = slotOf(index, slots, bits, row);
    store<i32>(next + (<usize>place << 2), load<i32>(slot));
    store<i32>(slot, place);
  }
}

@inline
export function slotsOf(places: i32): usize {
  return threadScratch() + (<usize>places << 2);
}

/** Behind the slots lies a row's gradient, where rows are updated. */
@inline
export function slotsEnd(places: i32): usize {
  return slotsOf(places) + (<usize>1 << (bitsOf(places) + 2));
}

@inline
function bitsOf(places: i32): i32 {
  return max(33 - clz<i32>(places - 1), 1);
}

/** The slot of a row's chain, or the free one that it would take: no more than half of them are taken. */
@inline
function slotOf(index: usize, slots: usize, bits: i32, row: i32): usize {
  let slot = (<u32>row * GOLDEN_RATIO) >> <u32>(32 - bits);
  let at = slots + (<usize>slot << 2);
  for (let place = load<i32>(at); place != NO_PLACE && load<i32>(index + (<usize>place << 2)) != row; place = load<i32>(at)) {
    slot = (slot + 1) & ((1 << bits) - 1);
    at = slots + (<usize>slot << 2);
  }
  return at;
}

/** Writes Σ of the δ's at a chain's places to `to`, a row. */
export function sumChain(to: usize, delta: usize, place: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  if (load<i32>(threadScratch() + (<usize>place << 2)) == NO_PLACE) {
    mapRun(Step.add, delta + bytes * place, 0, to, columns, constant(0), constant(0));
    return;
  }
  let rest = columns;
  for (; rest >= 16; rest -= 16, to += 64, delta += 64) sumStrip(to, delta, bytes, place);
  for (; rest > 0; rest -= 4, to += 16, delta += 16) sumPart(to, delta, bytes, place, rest);
}

/** 16 columns of a chain's rows, which are `bytes` apart. */
function sumStrip(to: usize, delta: usize, bytes: usize, place: i32): void {
  const next = threadScratch();
  const trees = blockSums();
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; place != NO_PLACE; place = load<i32>(next + (<usize>place << 2))) {
    const from = delta + bytes * place;
    p0 = sum(p0, v128.load(from));
    p1 = sum(p1, v128.load(from, 16));
    p2 = sum(p2, v128.load(from, 32));
    p3 = sum(p3, v128.load(from, 48));
    if (--room > 0) continue;
    addBlock(trees, blocks++, p0, p1, p2, p3);
    p0 = p1 = p2 = p3 = constant(0);
    room = BLOCK_STEPS;
  }
  v128.store(to, blocks ? withBlocks(trees, blocks, p0) : p0);
  v128.store(to, blocks ? withBlocks(trees + 16, blocks, p1) : p1, 16);
  v128.store(to, blocks ? withBlocks(trees + 32, blocks, p2) : p2, 32);
  v128.store(to, blocks ? withBlocks(trees + 48, blocks, p3) : p3, 48);
}

/** Up to four of the columns. */
function sumPart(to: usize, delta: usize, bytes: usize, place: i32, n: i32): void {
  const none = constant(0);
  const next = threadScratch();
  let sums = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; place != NO_PLACE; place = load<i32>(next + (<usize>place << 2))) {
    sums = sum(sums, load4(delta + bytes * place, n));
    if (--room > 0) continue;
    addBlock(blockSums(), blocks++, sums, none, none, none);
    sums = none;
    room = BLOCK_STEPS;
  }
  store4(to, withBlocks(blockSums(), blocks, sums), n);
}
