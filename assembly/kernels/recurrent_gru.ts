/** The gated recurrent unit over all steps of a sequence; see recurrent.ts. */
import { unarySigmoid, unaryTanh } from '../generated/families';
import {
  addTo,
  beginSteps,
  clear,
  copy,
  copyOrClear,
  cuts,
  isMasked,
  loadOrZero,
  loadSum,
  placeOf,
  sigmoidSlope,
  stateBefore,
  sumDeltas,
  sumStates,
  tanhSlope,
} from './recurrent_steps';
import { constant, difference, load4, product, store4, sum } from './vector';

/** W·h + bias: either may be absent. */
@inline
function loadRecurrent(sums: usize, bias: usize, at: usize, n: i32): v128 {
  return sums ? loadSum(sums, bias, at, n) : loadOrZero(bias, at, n);
}

/** gates: the sums of r, z and n, where there are any, become r, z, n and the recurrent part of n. */
function gruCell(projected: usize, sums: usize, bias: usize, before: usize, gates: usize, hidden: usize, units: i32): void {
  const width = <usize>units << 2;
  for (let j = 0, at: usize = 0; j < 2 * units; j += 4, at += 16) {
    const n = 2 * units - j;
    store4(gates + at, sum(load4(projected + at, n), loadRecurrent(sums, bias, at, n)), n);
  }
  unarySigmoid(gates, gates, 2 * units, 0);
  for (let j = 0, at: usize = 2 * width; j < units; j += 4, at += 16) {
    const n = units - j;
    const part = loadRecurrent(sums, bias, at, n);
    store4(gates + at + width, part, n);
    store4(gates + at, sum(load4(projected + at, n), product(load4(gates + at - 2 * width, n), part)), n);
  }
  unaryTanh(gates + 2 * width, gates + 2 * width, units, 0);
  for (let j = 0, at: usize = 0; j < units; j += 4, at += 16) {
    const n = units - j;
    const candidate = load4(gates + at + 2 * width, n);
    const towards = difference(loadOrZero(before, at, n), candidate);
    store4(hidden + at, sum(candidate, product(load4(gates + at + width, n), towards)), n);
  }
}

export function gru(
  projected: usize,
  weight: usize,
  bias: usize,
  initial: usize,
  mask: usize,
  hidden: usize,
  gates: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
): void {
  beginSteps();
  for (let i = 0; i < steps; i++) {
    sumStates(i, hidden, initial, weight, 3 * units, gates, 4 * units, rows, steps, units, reverse);
    for (let b = 0; b < rows; b++) {
      const before = stateBefore(b, i, steps, reverse, units, hidden, initial);
      const at = placeOf(b, i, steps, reverse, units);
      const own = gates + 4 * at;
      if (isMasked(mask, b, i, steps, reverse)) {
        clear(own, 4 * units);
        copyOrClear(before, hidden + at, units);
      } else {
        gruCell(projected + 3 * at, before ? own : 0, bias, before, own, hidden + at, units);
      }
    }
  }
}

/** The δ's of W·h + bias, and of the projection: there, until they are finished, in place of r's what goes to the step before directly. */
function gruDeltas(delta: usize, carried: usize, gates: usize, before: usize, projected: usize, recurrent: usize, units: i32): void {
  const width = <usize>units << 2;
  for (let j = 0; j < units; j += 4) {
    const n = units - j;
    const at = <usize>j << 2;
    const reset = load4(gates + at, n);
    const update = load4(gates + at + width, n);
    const candidate = load4(gates + at + 2 * width, n);
    const received = sum(load4(delta + at, n), load4(carried + at, n));
    const c = product(product(received, difference(constant(1), update)), tanhSlope(candidate));
    const towards = difference(loadOrZero(before, at, n), candidate);
    store4(recurrent + at, product(product(c, load4(gates + at + 3 * width, n)), sigmoidSlope(reset)), n);
    store4(recurrent + at + width, product(product(received, towards), sigmoidSlope(update)), n);
    store4(recurrent + at + 2 * width, product(c, reset), n);
    store4(projected + at, product(received, update), n);
    store4(projected + at + 2 * width, c, n);
  }
}

/** Finishes one row's step. */
function gruCarry(cut: bool, masked: bool, projected: usize, recurrent: usize, carried: usize, units: i32): void {
  if (cut) clear(carried, units);
  else if (masked) copy(projected, carried, units);
  else addTo(projected, carried, carried, units);
  copy(recurrent, projected, 2 * units);
}

export function gruGradient(
  delta: usize,
  hidden: usize,
  gates: usize,
  weight: usize,
  initial: usize,
  mask: usize,
  deltaProjected: usize,
  deltaRecurrent: usize,
  deltaInitial: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
  truncate: i32,
): void {
  beginSteps();
  clear(deltaInitial, rows * units);
  for (let i = steps - 1; i >= 0; i--) {
    const cut = cuts(i, truncate);
    for (let b = 0; b < rows; b++) {
      const at = placeOf(b, i, steps, reverse, units);
      const carried = deltaInitial + ((<usize>b * units) << 2);
      const projected = deltaProjected + 3 * at;
      const recurrent = deltaRecurrent + 3 * at;
      if (isMasked(mask, b, i, steps, reverse)) {
        clear(recurrent, 3 * units);
        clear(projected, 3 * units);
        addTo(delta + at, carried, projected, units);
      } else {
        const before = stateBefore(b, i, steps, reverse, units, hidden, initial);
        gruDeltas(delta + at, carried, gates + 4 * at, before, projected, recurrent, units);
      }
    }
    if (!cut) sumDeltas(i, deltaRecurrent, weight, 3 * units, deltaInitial, rows, steps, units, reverse);
    for (let b = 0; b < rows; b++) {
      const at = placeOf(b, i, steps, reverse, 3 * units);
      const carried = deltaInitial + ((<usize>b * units) << 2);
      gruCarry(cut, isMasked(mask, b, i, steps, reverse), deltaProjected + at, deltaRecurrent + at, carried, units);
    }
  }
}
