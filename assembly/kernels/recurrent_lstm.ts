/** The long short-term memory over all steps of a sequence; see recurrent.ts. */
import { unarySigmoid, unaryTanh } from '../generated/families';
import {
  addTo,
  beginSteps,
  carryOn,
  clear,
  copyOrClear,
  cuts,
  isMasked,
  loadOrZero,
  loadSum,
  placeOf,
  sigmoidSlope,
  stateBefore,
  sumStates,
  tanhSlope,
} from './recurrent_steps';
import { load4, product, store4, sum } from './vector';

/** gates: the sums, where there are any, become the gates. Functions take all units in a loop of their own, the one that layers use. */
function lstmCell(projected: usize, sums: usize, before: usize, gates: usize, cell: usize, hidden: usize, units: i32): void {
  const width = <usize>units << 2;
  addTo(sums, projected, gates, 4 * units);
  unarySigmoid(gates, gates, 2 * units, 0);
  unaryTanh(gates + 2 * width, gates + 2 * width, units, 0);
  unarySigmoid(gates + 3 * width, gates + 3 * width, units, 0);
  for (let j = 0, at: usize = 0; j < units; j += 4, at += 16) {
    const n = units - j;
    const kept = product(load4(gates + at + width, n), loadOrZero(before, at, n));
    store4(cell + at, sum(kept, product(load4(gates + at, n), load4(gates + at + 2 * width, n))), n);
  }
  unaryTanh(cell, hidden, units, 0);
  for (let j = 0, at: usize = 0; j < units; j += 4, at += 16) {
    const n = units - j;
    store4(hidden + at, product(load4(gates + at + 3 * width, n), load4(hidden + at, n)), n);
  }
}

export function lstm(
  projected: usize,
  weight: usize,
  initialHidden: usize,
  initialCell: usize,
  mask: usize,
  hidden: usize,
  cell: usize,
  gates: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
): void {
  beginSteps();
  for (let i = 0; i < steps; i++) {
    sumStates(i, hidden, initialHidden, weight, 4 * units, gates, 4 * units, rows, steps, units, reverse);
    for (let b = 0; b < rows; b++) {
      const before = stateBefore(b, i, steps, reverse, units, hidden, initialHidden);
      const cellBefore = stateBefore(b, i, steps, reverse, units, cell, initialCell);
      const at = placeOf(b, i, steps, reverse, units);
      const own = gates + 4 * at;
      if (isMasked(mask, b, i, steps, reverse)) {
        clear(own, 4 * units);
        copyOrClear(cellBefore, cell + at, units);
        copyOrClear(before, hidden + at, units);
      } else {
        lstmCell(projected + 4 * at, before ? own : 0, cellBefore, own, cell + at, hidden + at, units);
      }
    }
  }
}

/** delta, deltaCell and cellBefore may be absent. */
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
): void {
  const width = <usize>units << 2;
  const squashedCell = deltas + 3 * width;
  unaryTanh(cell, squashedCell, units, 0);
  for (let j = 0, at: usize = 0; j < units; j += 4, at += 16) {
    const n = units - j;
    const input = load4(gates + at, n);
    const forget = load4(gates + at + width, n);
    const candidate = load4(gates + at + 2 * width, n);
    const output = load4(gates + at + 3 * width, n);
    const squashed = load4(squashedCell + at, n);
    const received = loadSum(carried, delta, at, n);
    const c = sum(loadSum(carriedCell, deltaCell, at, n), product(product(received, output), tanhSlope(squashed)));
    store4(deltas + at, product(product(c, candidate), sigmoidSlope(input)), n);
    store4(deltas + at + width, product(product(c, loadOrZero(cellBefore, at, n)), sigmoidSlope(forget)), n);
    store4(deltas + at + 2 * width, product(product(c, input), tanhSlope(candidate)), n);
    store4(deltas + at + 3 * width, product(product(received, squashed), sigmoidSlope(output)), n);
    store4(carriedCell + at, product(c, forget), n);
  }
}

export function lstmGradient(
  delta: usize,
  deltaCell: usize,
  gates: usize,
  cell: usize,
  weight: usize,
  initialCell: usize,
  mask: usize,
  deltaProjected: usize,
  deltaInitialHidden: usize,
  deltaInitialCell: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
  truncate: i32,
): void {
  beginSteps();
  clear(deltaInitialHidden, rows * units);
  clear(deltaInitialCell, rows * units);
  for (let i = steps - 1; i >= 0; i--) {
    for (let b = 0; b < rows; b++) {
      const at = placeOf(b, i, steps, reverse, units);
      const received = delta ? delta + at : 0;
      const receivedCell = deltaCell ? deltaCell + at : 0;
      const carried = deltaInitialHidden + ((<usize>b * units) << 2);
      const carriedCell = deltaInitialCell + ((<usize>b * units) << 2);
      const deltas = deltaProjected + 4 * at;
      if (isMasked(mask, b, i, steps, reverse)) {
        clear(deltas, 4 * units);
        addTo(received, carried, deltas, units);
        addTo(receivedCell, carriedCell, carriedCell, units);
      } else {
        const cellBefore = stateBefore(b, i, steps, reverse, units, cell, initialCell);
        lstmDeltas(received, receivedCell, gates + 4 * at, cell + at, cellBefore, carried, carriedCell, deltas, units);
      }
    }
    carryOn(i, deltaProjected, weight, mask, 4 * units, deltaInitialHidden, rows, steps, units, reverse, truncate);
    if (cuts(i, truncate)) clear(deltaInitialCell, rows * units);
  }
}
