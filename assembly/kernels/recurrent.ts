/**
 * Recurrent cells over all steps of a sequence, forward and back: what native/kernels/recurrent.h says, the same operations in the same
 * order. An absent operand is 0, an absent state is zeros. `count` units from `first` on are this thread's.
 */
import { PreviousStatesArguments, RnnArguments, RnnGradientArguments, SequenceMaskArguments } from '../generated/arguments';
import { unaryGradientRelu, unaryGradientTanh, unaryRelu, unaryTanh } from '../generated/families';
import { fillVectors } from './runs';
import { constant } from './vector';
import { addTo, begin, carryOn, clearMasked, clearStates, copy, copyOrClear, sumStates } from './recurrent_steps';

export { gru, gruGradient } from './recurrent_gru';
export { lstm, lstmGradient } from './recurrent_lstm';

function rnnCell(projected: usize, sums: usize, hidden: usize, size: i32, isRelu: i32): void {
  addTo(sums, projected, hidden, size);
  if (isRelu) unaryRelu(hidden, hidden, size, 0);
  else unaryTanh(hidden, hidden, size, 0);
}

export function rnn(first: i32, count: i32, args: RnnArguments): void {
  const s = begin(first, count, args.sizes, args.mask, 0);
  for (let i = 0; i < s.steps; i++) {
    if (i > 0 && !s.meet()) return;
    sumStates(s, i, args.hidden, args.initial, args.weight, 1, args.hidden, 1);
    for (let b = 0; b < s.rows; b++) {
      const before = s.before(b, i, args.hidden, args.initial);
      const at = s.at(b, i, 1);
      if (s.isMasked(b, i)) copyOrClear(before, args.hidden + at, count);
      else rnnCell(args.projected + at, before ? args.hidden + at : 0, args.hidden + at, count, args.relu);
    }
  }
}

function rnnDeltas(delta: usize, carried: usize, hidden: usize, deltas: usize, size: i32, isRelu: i32): void {
  addTo(delta, carried, deltas, size);
  if (isRelu) unaryGradientRelu(deltas, hidden, deltas, size, 0);
  else unaryGradientTanh(deltas, hidden, deltas, size, 0);
}

export function rnnGradient(first: i32, count: i32, args: RnnGradientArguments): void {
  const s = begin(first, count, args.sizes, args.mask, args.truncate);
  clearStates(s, args.deltaInitial);
  for (let i = s.steps - 1; i >= 0; i--) {
    for (let b = 0; b < s.rows; b++) {
      const at = s.at(b, i, 1);
      const carried = args.deltaInitial + s.stateAt(b);
      if (s.isMasked(b, i)) addTo(args.delta + at, carried, args.deltaProjected + at, count);
      else rnnDeltas(args.delta + at, carried, args.hidden + at, args.deltaProjected + at, count, args.relu);
    }
    if (!s.meet()) return;
    if (i + 1 < s.steps) clearMasked(s, i + 1, args.deltaProjected, 1);
    carryOn(s, i, args.deltaProjected, args.weight, 1, args.deltaInitial);
  }
  if (args.mask && s.meet()) clearMasked(s, 0, args.deltaProjected, 1);
}

export function previousStates(args: PreviousStatesArguments): void {
  const s = args.sizes;
  const rest = (s.steps - 1) * s.units;
  const state = <usize>s.units << 2;
  const row = state * s.steps;
  let hidden = args.hidden;
  let out = args.out;
  for (let b = 0; b < s.rows; b++, hidden += row, out += row) {
    copy(s.reverse ? hidden + state : hidden, s.reverse ? out : out + state, rest);
    copyOrClear(args.initial ? args.initial + <usize>b * state : 0, s.reverse ? out + row - state : out, s.units);
  }
}

/** How many of the steps come before `length`, as floats. */
function stepsWithin(length: f32, steps: i32): i32 {
  if (!(length > 0)) return 0;
  let within = length < <f32>steps ? <i32>ceil<f32>(length) : steps;
  // Beyond 2²⁴ the last ones may round up to the length.
  while (<f32>(within - 1) >= length) within--;
  return within;
}

export function sequenceMask(args: SequenceMaskArguments): void {
  let lengths = args.lengths;
  let out = args.out;
  for (let r = 0; r < args.rows; r++, lengths += 4) {
    const within = stepsWithin(load<f32>(lengths), args.steps);
    fillVectors(out, within, constant(1));
    out += <usize>within << 2;
    fillVectors(out, args.steps - within, constant(0));
    out += <usize>(args.steps - within) << 2;
  }
}
