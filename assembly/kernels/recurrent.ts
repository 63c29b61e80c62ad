/**
 * Recurrent cells over all steps of a sequence, forward and back: what native/kernels/recurrent.h says, the same operations in the same
 * order. An absent operand is 0, an absent state is zeros. `count` units from `first` on are this thread's.
 */
import { unaryGradientRelu, unaryGradientTanh, unaryRelu, unaryTanh } from '../generated/families';
import { addTo, begin, carryOn, clearMasked, clearStates, copy, copyOrClear, sumStates } from './recurrent_steps';

export { gru, gruGradient } from './recurrent_gru';
export { lstm, lstmGradient } from './recurrent_lstm';

function rnnCell(projected: usize, sums: usize, hidden: usize, size: i32, isRelu: i32): void {
  addTo(sums, projected, hidden, size);
  if (isRelu) unaryRelu(hidden, hidden, size, 0);
  else unaryTanh(hidden, hidden, size, 0);
}

export function rnn(
  first: i32,
  count: i32,
  projected: usize,
  weight: usize,
  initial: usize,
  mask: usize,
  hidden: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
  isRelu: i32,
): void {
  const s = begin(first, count, rows, steps, units, reverse, mask, 0);
  for (let i = 0; i < steps; i++) {
    if (i > 0 && !s.meet()) return;
    sumStates(s, i, hidden, initial, weight, 1, hidden, 1);
    for (let b = 0; b < rows; b++) {
      const before = s.before(b, i, hidden, initial);
      const at = s.at(b, i, 1);
      if (s.isMasked(b, i)) copyOrClear(before, hidden + at, count);
      else rnnCell(projected + at, before ? hidden + at : 0, hidden + at, count, isRelu);
    }
  }
}

function rnnDeltas(delta: usize, carried: usize, hidden: usize, deltas: usize, size: i32, isRelu: i32): void {
  addTo(delta, carried, deltas, size);
  if (isRelu) unaryGradientRelu(deltas, hidden, deltas, size, 0);
  else unaryGradientTanh(deltas, hidden, deltas, size, 0);
}

export function rnnGradient(
  first: i32,
  count: i32,
  delta: usize,
  hidden: usize,
  weight: usize,
  mask: usize,
  deltaProjected: usize,
  deltaInitial: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
  truncate: i32,
  isRelu: i32,
): void {
  const s = begin(first, count, rows, steps, units, reverse, mask, truncate);
  clearStates(s, deltaInitial);
  for (let i = steps - 1; i >= 0; i--) {
    for (let b = 0; b < rows; b++) {
      const at = s.at(b, i, 1);
      const carried = deltaInitial + s.stateAt(b);
      if (s.isMasked(b, i)) addTo(delta + at, carried, deltaProjected + at, count);
      else rnnDeltas(delta + at, carried, hidden + at, deltaProjected + at, count, isRelu);
    }
    if (!s.meet()) return;
    if (i + 1 < steps) clearMasked(s, i + 1, deltaProjected, 1);
    carryOn(s, i, deltaProjected, weight, 1, deltaInitial);
  }
  if (mask && s.meet()) clearMasked(s, 0, deltaProjected, 1);
}

export function previousStates(hidden: usize, initial: usize, out: usize, rows: i32, steps: i32, units: i32, reverse: i32): void {
  const rest = (steps - 1) * units;
  const state = <usize>units << 2;
  const row = state * steps;
  for (let b = 0; b < rows; b++, hidden += row, out += row) {
    copy(reverse ? hidden + state : hidden, reverse ? out : out + state, rest);
    copyOrClear(initial ? initial + <usize>b * state : 0, reverse ? out + row - state : out, units);
  }
}

export function sequenceMask(lengths: usize, out: usize, rows: i32, steps: i32): void {
  for (let r = 0; r < rows; r++, lengths += 4) {
    for (let i = 0; i < steps; i++, out += 4) store<f32>(out, <f32>i < load<f32>(lengths) ? 1 : 0);
  }
}
