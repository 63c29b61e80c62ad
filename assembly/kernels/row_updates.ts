/**
 * One optimiser step over the rows of a table that indices name, in place. Rows `first` to `first` + `taken` of the table: each share sees
 * all indices.
 */
import { Context } from '../context';
import {
  EmbedAdamArguments,
  EmbedAdamBfloat16Arguments,
  EmbedMomentumArguments,
  EmbedMomentumBfloat16Arguments,
  EmbedSgdArguments,
} from '../generated/arguments';
import { chain, NO_PLACE, slotsEnd, slotsOf, sumChain } from './occurrences';
import { adamRoundedRun, adamRun, momentumRoundedRun, momentumRun, prepareAdam, sgdRun } from './optimizers';
import { beginningOf } from './rounded_states';
import { splat } from './vector';

/** Where the gradient of the row lies whose chain begins at `place`: its sum is written behind the slots, where δ's add up. */
@inline
function gradientAt(delta: usize, place: i32, rows: i32, columns: i32, summed: i32): usize {
  if (!summed) return delta + ((<usize>place * columns) << 2);
  const to = slotsEnd(rows);
  sumChain(to, delta, place, columns);
  return to;
}

/** Bytes from the table's begin to the row that the index at a place names. */
@inline
function rowAt(index: usize, place: i32, columns: i32): usize {
  return (<usize>load<i32>(index + (<usize>place << 2)) * columns) << 2;
}

export function embedSgd(first: i32, taken: i32, args: EmbedSgdArguments): void {
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  const rate = v128.load32_splat(args.learningRate);
  const decay = splat(args.weightDecay);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    sgdRun(args.table + rowAt(index, place, columns), gradientAt(args.delta, place, rows, columns, args.summed), columns, rate, decay);
  }
}

export function embedMomentum(first: i32, taken: i32, args: EmbedMomentumArguments): void {
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  const rate = v128.load32_splat(args.learningRate);
  const mu = splat(args.momentum);
  const decay = splat(args.weightDecay);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    const at = rowAt(index, place, columns);
    const gradient = gradientAt(args.delta, place, rows, columns, args.summed);
    momentumRun(args.table + at, gradient, args.velocity + at, columns, rate, mu, decay, args.nesterov);
  }
}

export function embedAdam(first: i32, taken: i32, args: EmbedAdamArguments): void {
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  prepareAdam(args.learningRate, args.step, args.beta1, args.beta2, args.epsilon, args.weightDecay, args.decoupled);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    const at = rowAt(index, place, columns);
    const gradient = gradientAt(args.delta, place, rows, columns, args.summed);
    adamRun(args.table + at, gradient, args.mean + at, args.variance + at, columns);
  }
}

export function embedMomentumBfloat16(context: Context, first: i32, taken: i32, args: EmbedMomentumBfloat16Arguments): void {
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  const rate = v128.load32_splat(args.learningRate);
  const mu = splat(args.momentum);
  const decay = splat(args.weightDecay);
  const begin = beginningOf(context, args.stream, args.step);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    const at = rowAt(index, place, columns);
    const gradient = gradientAt(args.delta, place, rows, columns, args.summed);
    momentumRoundedRun(args.table + at, gradient, args.velocity + (at >> 1), begin, <i32>(at >> 2), columns, rate, mu, decay, args.nesterov);
  }
}

export function embedAdamBfloat16(context: Context, first: i32, taken: i32, args: EmbedAdamBfloat16Arguments): void {
  const index = args.index;
  const rows = args.rows;
  const columns = args.columns;
  prepareAdam(args.learningRate, args.step, args.beta1, args.beta2, args.epsilon, args.weightDecay, args.decoupled);
  const begin = beginningOf(context, args.stream, args.step);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place == NO_PLACE) continue;
    const at = rowAt(index, place, columns);
    const gradient = gradientAt(args.delta, place, rows, columns, args.summed);
    adamRoundedRun(args.table + at, gradient, args.mean + (at >> 1), args.variance + (at >> 1), begin, <i32>(at >> 2), columns);
  }
}
