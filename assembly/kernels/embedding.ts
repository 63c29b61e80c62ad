/** Rows of a table, chosen by index. An index that is none of the table's rows yields NaN rather than a stray read or write. */
import { EmbedArguments, EmbedGradientArguments, EmbedSgdArguments } from '../generated/arguments';
import { blockSums, threadScratch } from '../scratch';
import { indexAt } from './indices';
import { fillRun } from './movement';
import { addBlock, BLOCK_STEPS, withBlocks } from './sums';
import { constant, load4, store4, sum } from './vector';

export function embed(args: EmbedArguments): void {
  const table = args.table;
  let index = args.index;
  let out = args.out;
  const rows = args.rows;
  const count = args.count;
  const columns = args.columns;
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, index += 4, out += bytes) {
    const row = indexAt(index, count);
    if (row < 0) fillRun(out, columns, NaN);
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
  memory.fill(slots, 0xff, slotsEnd(places) - slots);
  for (let place = places - 1; place >= 0; place--) {
    const row = indexAt(index + (<usize>place << 2), count);
    if (row < first || row >= first + taken) continue;
    const slot = slotOf(index, places, row);
    store<i32>(next + (<usize>place << 2), load<i32>(slot));
    store<i32>(slot, place);
  }
}

@inline
function slotsOf(places: i32): usize {
  return threadScratch() + (<usize>places << 2);
}

/** Behind the slots lies a row of `embedSgd`'s. */
@inline
function slotsEnd(places: i32): usize {
  return slotsOf(places) + (<usize>1 << (bitsOf(places) + 2));
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

/** Writes Σ of the δ's at a chain's places to `to`, a row. */
function sumChain(to: usize, delta: usize, place: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
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

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedGradient(first: i32, taken: i32, args: EmbedGradientArguments): void {
  const delta = args.delta;
  const index = args.index;
  const out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  const bytes = <usize>columns << 2;
  fillRun(out + bytes * first, taken * columns, 0);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place != NO_PLACE) sumChain(out + bytes * load<i32>(index + (<usize>place << 2)), delta, place, columns);
  }
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedSgd(first: i32, taken: i32, args: EmbedSgdArguments): void {
  const table = args.table;
  const delta = args.delta;
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  const bytes = <usize>columns << 2;
  const rate = v128.load32_splat(args.learningRate);
  const row = slotsEnd(rows);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows); slot < row; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    sumChain(row, delta, place, columns);
    const to = table + bytes * load<i32>(index + (<usize>place << 2));
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(to + at, f32x4.sub(load4(to + at, rest), f32x4.mul(rate, load4(row + at, rest))), rest);
    }
  }
}
