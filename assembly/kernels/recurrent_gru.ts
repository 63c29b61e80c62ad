/** The gated recurrent unit over all steps of a sequence; see recurrent.ts. */
import { GruArguments, GruGradientArguments } from '../generated/arguments';
import { unarySigmoid, unaryTanh } from '../generated/families';
import { candidateDelta, gateDelta, gruState } from '../generated/vector_functions';
import { addTo, begin, clear, clearGates, clearStates, copy, copyOrClear, loadOrZero, loadSum, sumDeltas, sumStates } from './recurrent_steps';
import { Recurrence } from './recurrence';
import { constant, difference, load4, product, store4, sum } from './vector';

/** W·h + bias: either may be absent. */
@inline
function loadRecurrent(sums: usize, bias: usize, at: usize, n: i32): v128 {
  return sums ? loadSum(sums, bias, at, n) : loadOrZero(bias, at, n);
}

/** The sums of a gate, with its bias and projection, become the gate. */
function gateOf(projected: usize, sums: usize, bias: usize, gate: usize, size: i32): void {
  for (let j = 0, at: usize = 0; j < size; j += 4, at += 16) {
    const n = size - j;
    store4(gate + at, sum(load4(projected + at, n), loadRecurrent(sums, bias, at, n)), n);
  }
  unarySigmoid(gate, gate, size, 0);
}

/**
 * gates: the sums of r, z and n, where there are any, become r, z, n and the recurrent part of n, which lie `units` apart; `size` units of
 * each.
 */
function gruCell(projected: usize, sums: usize, bias: usize, before: usize, gates: usize, hidden: usize, units: i32, size: i32): void {
  const width = <usize>units << 2;
  if (size == units) {
    gateOf(projected, sums, bias, gates, 2 * units);
  } else {
    gateOf(projected, sums, bias, gates, size);
    gateOf(projected + width, sums ? sums + width : 0, bias ? bias + width : 0, gates + width, size);
  }
  for (let j = 0, at: usize = 2 * width; j < size; j += 4, at += 16) {
    const n = size - j;
    const part = loadRecurrent(sums, bias, at, n);
    store4(gates + at + width, part, n);
    store4(gates + at, sum(load4(projected + at, n), product(load4(gates + at - 2 * width, n), part)), n);
  }
  unaryTanh(gates + 2 * width, gates + 2 * width, size, 0);
  for (let j = 0, at: usize = 0; j < size; j += 4, at += 16) {
    const n = size - j;
    const candidate = load4(gates + at + 2 * width, n);
    store4(hidden + at, gruState(load4(gates + at + width, n), candidate, loadOrZero(before, at, n)), n);
  }
}

export function gru(first: i32, count: i32, args: GruArguments): void {
  const s = begin(first, count, args.sizes, args.mask, 0);
  const ownBias = args.bias ? args.bias + (<usize>first << 2) : 0;
  for (let i = 0; i < s.steps; i++) {
    if (i > 0 && !s.meet()) return;
    sumStates(s, i, args.hidden, args.initial, args.weight, 3, args.gates, 4);
    for (let b = 0; b < s.rows; b++) {
      const before = s.before(b, i, args.hidden, args.initial);
      const at = s.at(b, i, 1);
      const own = args.gates + s.at(b, i, 4);
      if (s.isMasked(b, i)) {
        clearGates(s, own, 4);
        copyOrClear(before, args.hidden + at, count);
      } else {
        gruCell(args.projected + s.at(b, i, 3), before ? own : 0, ownBias, before, own, args.hidden + at, s.units, count);
      }
    }
  }
}

/** The δ's of W·h + bias, and of the projection: there, until they are finished, in place of r's what goes to the step before directly. */
function gruDeltas(
  delta: usize,
  carried: usize,
  gates: usize,
  before: usize,
  projected: usize,
  recurrent: usize,
  units: i32,
  size: i32,
): void {
  const width = <usize>units << 2;
  for (let j = 0; j < size; j += 4) {
    const n = size - j;
    const at = <usize>j << 2;
    const reset = load4(gates + at, n);
    const update = load4(gates + at + width, n);
    const candidate = load4(gates + at + 2 * width, n);
    const received = sum(load4(delta + at, n), load4(carried + at, n));
    const c = candidateDelta(received, difference(constant(1), update), candidate);
    const towards = difference(loadOrZero(before, at, n), candidate);
    store4(recurrent + at, gateDelta(c, load4(gates + at + 3 * width, n), reset), n);
    store4(recurrent + at + width, gateDelta(received, towards, update), n);
    store4(recurrent + at + 2 * width, product(c, reset), n);
    store4(projected + at, product(received, update), n);
    store4(projected + at + 2 * width, c, n);
  }
}

/** Finishes one row's step. */
function gruCarry(s: Recurrence, b: i32, i: i32, projected: usize, recurrent: usize, carried: usize): void {
  const width = <usize>s.units << 2;
  if (s.cuts(i)) clear(carried, s.count);
  else if (s.isMasked(b, i)) copy(projected, carried, s.count);
  else addTo(projected, carried, carried, s.count);
  copy(recurrent, projected, s.count);
  copy(recurrent + width, projected + width, s.count);
}

export function gruGradient(first: i32, count: i32, args: GruGradientArguments): void {
  const s = begin(first, count, args.sizes, args.mask, args.truncate);
  clearStates(s, args.deltaInitial);
  for (let i = s.steps - 1; i >= 0; i--) {
    for (let b = 0; b < s.rows; b++) {
      const at = s.at(b, i, 1);
      const carried = args.deltaInitial + s.stateAt(b);
      const projected = args.deltaProjected + s.at(b, i, 3);
      const recurrent = args.deltaRecurrent + s.at(b, i, 3);
      if (s.isMasked(b, i)) {
        clearGates(s, recurrent, 3);
        clearGates(s, projected, 3);
        addTo(args.delta + at, carried, projected, count);
      } else {
        const before = s.before(b, i, args.hidden, args.initial);
        gruDeltas(args.delta + at, carried, args.gates + s.at(b, i, 4), before, projected, recurrent, s.units, count);
      }
    }
    if (!s.meet()) return;
    if (!s.cuts(i)) sumDeltas(s, i, args.deltaRecurrent, args.weight, 3, args.deltaInitial);
    for (let b = 0; b < s.rows; b++) {
      const at = s.at(b, i, 3);
      gruCarry(s, b, i, args.deltaProjected + at, args.deltaRecurrent + at, args.deltaInitial + s.stateAt(b));
    }
  }
}
