/** The long short-term memory over all steps of a sequence; see recurrent.ts. */
import { LstmArguments, LstmGradientArguments } from '../generated/arguments';
import { unarySigmoid, unaryTanh } from '../generated/families';
import { candidateDelta, gateDelta, lstmState } from '../generated/vector_functions';
import {
  addTo,
  begin,
  carryOn,
  clearGates,
  clearMasked,
  clearStates,
  copyOrClear,
  loadOrZero,
  loadSum,
  sumStates,
} from './recurrent_steps';
import { load4, product, store4, sum } from './vector';

/** The gates' sums, `distance` bytes apart, become the gates. Functions take all units in a separate loop, the one that layers use. */
function activateGates(gates: usize, distance: usize, size: i32): void {
  if (distance == <usize>size << 2) {
    unarySigmoid(gates, gates, 2 * size, 0);
  } else {
    unarySigmoid(gates, gates, size, 0);
    unarySigmoid(gates + distance, gates + distance, size, 0);
  }
  unaryTanh(gates + 2 * distance, gates + 2 * distance, size, 0);
  unarySigmoid(gates + 3 * distance, gates + 3 * distance, size, 0);
}

/** gates: the sums, where there are any, become the gates, which lie `units` apart; `size` units of each. */
function lstmCell(projected: usize, sums: usize, before: usize, gates: usize, cell: usize, hidden: usize, units: i32, size: i32): void {
  const width = <usize>units << 2;
  if (size == units) addTo(sums, projected, gates, 4 * units);
  else for (let at: usize = 0; at < 4 * width; at += width) addTo(sums ? sums + at : 0, projected + at, gates + at, size);
  activateGates(gates, width, size);
  for (let j = 0, at: usize = 0; j < size; j += 4, at += 16) {
    const n = size - j;
    const input = load4(gates + at, n);
    const forget = load4(gates + at + width, n);
    const candidate = load4(gates + at + 2 * width, n);
    store4(cell + at, lstmState(input, forget, candidate, loadOrZero(before, at, n)), n);
  }
  unaryTanh(cell, hidden, size, 0);
  for (let j = 0, at: usize = 0; j < size; j += 4, at += 16) {
    const n = size - j;
    store4(hidden + at, product(load4(gates + at + 3 * width, n), load4(hidden + at, n)), n);
  }
}

export function lstm(first: i32, count: i32, args: LstmArguments): void {
  const s = begin(first, count, args.sizes, args.mask, 0);
  for (let i = 0; i < s.steps; i++) {
    if (i > 0 && !s.meet()) return;
    sumStates(s, i, args.hidden, args.initialHidden, args.weight, 4, args.gates, 4);
    for (let b = 0; b < s.rows; b++) {
      const before = s.before(b, i, args.hidden, args.initialHidden);
      const cellBefore = s.before(b, i, args.cell, args.initialCell);
      const at = s.at(b, i, 1);
      const gatesAt = s.at(b, i, 4);
      const own = args.gates + gatesAt;
      if (s.isMasked(b, i)) {
        clearGates(s, own, 4);
        copyOrClear(cellBefore, args.cell + at, count);
        copyOrClear(before, args.hidden + at, count);
      } else {
        lstmCell(args.projected + gatesAt, before ? own : 0, cellBefore, own, args.cell + at, args.hidden + at, s.units, count);
      }
    }
  }
}

/** delta, deltaCell and cellBefore may be absent. Gates lie `units` apart; `size` units of each. */
function lstmDeltas(
  delta: usize,
  deltaCell: usize,
  gates: usize,
  cell: usize,
  cellBefore: usize,
  carried: usize,
  carriedCell: usize,
  deltas: usize,
  units: i32,
  size: i32,
): void {
  const width = <usize>units << 2;
  const squashedCell = deltas + 3 * width;
  unaryTanh(cell, squashedCell, size, 0);
  for (let j = 0, at: usize = 0; j < size; j += 4, at += 16) {
    const n = size - j;
    const input = load4(gates + at, n);
    const forget = load4(gates + at + width, n);
    const candidate = load4(gates + at + 2 * width, n);
    const output = load4(gates + at + 3 * width, n);
    const squashed = load4(squashedCell + at, n);
    const received = loadSum(carried, delta, at, n);
    const c = sum(loadSum(carriedCell, deltaCell, at, n), candidateDelta(received, output, squashed));
    store4(deltas + at, gateDelta(c, candidate, input), n);
    store4(deltas + at + width, gateDelta(c, loadOrZero(cellBefore, at, n), forget), n);
    store4(deltas + at + 2 * width, candidateDelta(c, input, candidate), n);
    store4(deltas + at + 3 * width, gateDelta(received, squashed, output), n);
    store4(carriedCell + at, product(c, forget), n);
  }
}

export function lstmGradient(first: i32, count: i32, args: LstmGradientArguments): void {
  const s = begin(first, count, args.sizes, args.mask, args.truncate);
  clearStates(s, args.deltaInitialHidden);
  clearStates(s, args.deltaInitialCell);
  for (let i = s.steps - 1; i >= 0; i--) {
    for (let b = 0; b < s.rows; b++) {
      const at = s.at(b, i, 1);
      const received = args.delta ? args.delta + at : 0;
      const receivedCell = args.deltaCell ? args.deltaCell + at : 0;
      const carried = args.deltaInitialHidden + s.stateAt(b);
      const carriedCell = args.deltaInitialCell + s.stateAt(b);
      const gatesAt = s.at(b, i, 4);
      const deltas = args.deltaProjected + gatesAt;
      if (s.isMasked(b, i)) {
        clearGates(s, deltas, 4);
        addTo(received, carried, deltas, count);
        addTo(receivedCell, carriedCell, carriedCell, count);
      } else {
        const cellBefore = s.before(b, i, args.cell, args.initialCell);
        lstmDeltas(received, receivedCell, args.gates + gatesAt, args.cell + at, cellBefore, carried, carriedCell, deltas, s.units, count);
      }
    }
    if (s.cuts(i)) clearStates(s, args.deltaInitialCell);
    if (!s.meet()) return;
    if (i + 1 < s.steps) clearMasked(s, i + 1, args.deltaProjected, 4);
    carryOn(s, i, args.deltaProjected, args.weight, 4, args.deltaInitialHidden);
  }
  if (args.mask && s.meet()) clearMasked(s, 0, args.deltaProjected, 4);
}
