/** A thread's share of one instruction, as src/program/divide.ts says. */
import { Context } from './context';
import { dispatch, dispatchPart } from './generated/dispatch';
import { instructionPlace } from './scratch';

/** Words of an instruction before its operands. */
const HEADER_WORDS: i32 = 2;

@inline
function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

/**
 * Executes thread `index`'s share, of `threads`, of the instruction at `at`; `division` points to the words beside it. Shares are whole
 * granules, as evenly as they go. A size that counts the batch has a unit for each row.
 */
export function dispatchShare(context: Context, at: usize, division: usize, index: i32, threads: i32): void {
  const over = word(division, 1);
  if (over == 0) {
    if (index == 0) dispatch(context, at);
    return;
  }
  const size = word(at, over);
  const granule = word(division, over);
  const unit = size < 0 ? -size : 1;
  const units = size < 0 ? context.rows : size;
  const granules = (units + granule - 1) / granule;
  const from = min(units, boundary(granules, index, threads) * granule);
  const count = min(units, boundary(granules, index + 1, threads) * granule) - from;
  if (count == 0 || dispatchPart(context, at, over, from * unit, count * unit)) return;
  dispatch(context, moved(context, at, division, over, from, count * unit));
}

@inline
function boundary(granules: i32, index: i32, threads: i32): i32 {
  return <i32>((<i64>granules * index) / threads);
}

/** The instruction with a smaller size, and its operands moved by `from` units: the scalars' words of a division hold 0. */
function moved(context: Context, at: usize, division: usize, over: i32, from: i32, size: i32): usize {
  const place = instructionPlace();
  const words = word(at, 1);
  for (let i = 0; i < words; i++) {
    let value = word(at, i);
    const step = i < HEADER_WORDS || i >= over || value < 0 ? 0 : word(division, i);
    if (step) value += from * (step < 0 ? -step * context.rows : step);
    store<i32>(place + (<usize>i << 2), i == over ? size : value);
  }
  return place;
}
