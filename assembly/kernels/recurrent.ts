/**
 * Recurrent cells over all steps of a sequence, forward and back: what native/kernels/recurrent.h says, the same operations in the same
 * order. An absent operand is 0, an absent state is zeros.
 */
import { unaryGradientRelu, unaryGradientTanh, unaryRelu, unaryTanh } from '../generated/families';
import { addTo, beginSteps, carryOn, clear, copy, copyOrClear, isMasked, placeOf, stateBefore, sumStates } from './recurrent_steps';

export { gru, gruGradient } from './recurrent_gru';
export { lstm, lstmGradient } from './recurrent_lstm';

function rnnCell(projected: usize, sums: usize, hidden: usize, units: i32, isRelu: i32): void {
  addTo(sums, projected, hidden, units);
  if (isRelu) unaryRelu(hidden, hidden, units, 0);
  else unaryTanh(hidden, hidden, units, 0);
}

export function rnn(
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
  beginSteps();
  for (let i = 0; i < steps; i++) {
    sumStates(i, hidden, initial, weight, units, hidden, units, rows, steps, units, reverse);
    for (let b = 0; b < rows; b++) {
      const before = stateBefore(b, i, steps, reverse, units, hidden, initial);
      const at = placeOf(b, i, steps, reverse, units);
      if (isMasked(mask, b, i, steps, reverse)) copyOrClear(before, hidden + at, units);
      else rnnCell(projected + at, before ? hidden + at : 0, hidden + at, units, isRelu);
    }
  }
}

function rnnDeltas(delta: usize, carried: usize, hidden: usize, deltas: usize, units: i32, isRelu: i32): void {
  addTo(delta, carried, deltas, units);
  if (isRelu) unaryGradientRelu(deltas, hidden, deltas, units, 0);
  else unaryGradientTanh(deltas, hidden, deltas, units, 0);
}

export function rnnGradient(
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
  beginSteps();
  clear(deltaInitial, rows * units);
  for (let i = steps - 1; i >= 0; i--) {
    for (let b = 0; b < rows; b++) {
      const at = placeOf(b, i, steps, reverse, units);
      const carried = deltaInitial + ((<usize>b * units) << 2);
      if (isMasked(mask, b, i, steps, reverse)) addTo(delta + at, carried, deltaProjected + at, units);
      else rnnDeltas(delta + at, carried, hidden + at, deltaProjected + at, units, isRelu);
    }
    carryOn(i, deltaProjected, weight, mask, units, deltaInitial, rows, steps, units, reverse, truncate);
  }
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
