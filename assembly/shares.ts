/** A thread's share of one instruction, or a part of it that a single thread runs before the next, as src/backends/wasm/code.ts writes it beside the code. */
import { Context } from './context';
import { HEADER_WORDS } from './generated/constants';
import { dispatch, dispatchPart } from './generated/dispatch';
import { setTogether } from './meeting';
import { instructionPlace } from './scratch';
import { ceilDivide } from './sizes';

/** The bits of a division's first word. */
const MEETS: i32 = 1;
const TOGETHER: i32 = 2;
const TAKES_RANGE: i32 = 4;
const OVER_SHIFT: i32 = 3;
const OVER_MASK: i32 = 0x1fff;
const WITHIN_SHIFT: i32 = 16;

@inline
function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

/** Whether the threads meet before an instruction. */
@inline
export function meetsBefore(division: usize): bool {
  return (load<i32>(division) & MEETS) != 0;
}

/** Whether the threads compute it together, and meet in its kernel: else no thread waits for another. */
@inline
export function isTogether(division: usize): bool {
  return (load<i32>(division) & TOGETHER) != 0;
}

/**
 * Executes thread `member`'s share, of `members`, of one of `parts` parts of the instruction at `at`; `division` points to the words beside
 * it. Shares are whole granules, as evenly as they go.
 */
export function dispatchShare(context: Context, at: usize, division: usize, part: i32, parts: i32, member: i32, members: i32): void {
  const how = load<i32>(division);
  const over = (how >> OVER_SHIFT) & OVER_MASK;
  const within = how >> WITHIN_SHIFT;
  if (how & TOGETHER) {
    dispatchTogether(context, at, division, over, within, part, parts, member, members);
    return;
  }
  const index = part * members + member;
  const threads = parts * members;
  if (over == 0) {
    if (index == 0) dispatch(context, at);
    return;
  }
  if (within) {
    dispatchWithin(context, at, division, over, within, index, threads);
    return;
  }
  const unit = word(division, 1);
  const granule = word(division, over);
  const units = word(at, over) / unit;
  const granules = ceilDivide(units, granule);
  const from = min(units, boundary(granules, index, threads) * granule);
  const count = min(units, boundary(granules, index + 1, threads) * granule) - from;
  if (count == 0) return;
  if (how & TAKES_RANGE) dispatchPart(context, at, over, from * unit, count * unit);
  else dispatch(context, moved(at, division, over, from, count * unit));
}

/**
 * The same for an instruction whose units the threads compute together: a part is some of the units, a share a range of the size within
 * them, which may be empty. What is but one granule with these rows the first thread computes alone, and meets nobody. Where the two sizes
 * are one, the whole is computed together, as a single unit.
 */
function dispatchTogether(
  context: Context,
  at: usize,
  division: usize,
  over: i32,
  within: i32,
  part: i32,
  parts: i32,
  member: i32,
  members: i32,
): void {
  const unit = word(division, 1);
  const units = over == within ? 1 : word(at, over) / unit;
  const from = boundary(units, part, parts);
  const count = boundary(units, part + 1, parts) - from;
  if (count == 0) return;
  const size = word(at, within);
  const granule = word(division, within);
  const granules = ceilDivide(size, granule);
  if (granules < 2) members = 1;
  if (member >= members) return;
  const first = min(size, boundary(granules, member, members) * granule);
  const end = min(size, boundary(granules, member + 1, members) * granule);
  setTogether(members > 1);
  dispatchPart(context, count == units ? at : moved(at, division, over, from, count * unit), within, first, end - first);
  setTogether(false);
}

/**
 * The same for an instruction whose units' elements are divided: the rest of the unit that the share begins in, whole units, and a part
 * of the one that it ends in.
 */
function dispatchWithin(context: Context, at: usize, division: usize, over: i32, within: i32, index: i32, threads: i32): void {
  const unit = word(division, 1);
  const inner = word(at, within);
  const elements = (word(at, over) / unit) * inner;
  const from = boundary(elements, index, threads);
  const to = boundary(elements, index + 1, threads);
  const firstWhole = ceilDivide(from, inner);
  const end = to / inner;
  const rest = min(to, firstWhole * inner) - from;
  if (rest > 0) dispatchPart(context, moved(at, division, over, from / inner, unit), within, from % inner, rest);
  if (end > firstWhole) dispatch(context, moved(at, division, over, firstWhole, (end - firstWhole) * unit));
  if (end >= firstWhole && to % inner) dispatchPart(context, moved(at, division, over, end, unit), within, 0, to % inner);
}

@inline
function boundary(count: i32, index: i32, threads: i32): i32 {
  return <i32>((<i64>count * index) / threads);
}

/** The instruction with a smaller size, and its operands moved by `from` units. */
function moved(at: usize, division: usize, over: i32, from: i32, size: i32): usize {
  const place = instructionPlace();
  memory.copy(place, at, <usize>word(at, 1) << 2);
  for (let i = HEADER_WORDS; i < over; i++) {
    const value = word(at, i);
    if (value) store<i32>(place + (<usize>i << 2), value + from * word(division, i));
  }
  store<i32>(place + (<usize>over << 2), size);
  return place;
}
