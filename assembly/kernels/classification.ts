/** Ops that know about classes. A class index that is no class of its row yields NaN rather than a stray read or write. */
import { ArgmaxArguments, CorrectArguments, HistogramArguments, PickArguments, RankArguments, ScatterArguments, SoftmaxCrossEntropyArguments, SoftmaxCrossEntropyGradientArguments } from '../generated/arguments';
import { Comparison } from '../generated/constants';
import { indexAt } from './indices';
import { divideBy, exponentialsOfParts, logOf } from './reductions';
import { beginParts, largestOf, largestOfParts, sumOfParts } from './row_parts';
import { fillVectors, mapRun, Step } from './runs';
import { Term } from './sums';
import * as vector from '../generated/vector_functions';
import { constant, load4, splat, store4 } from './vector';

export function pick(args: PickArguments): void {
  let x = args.x;
  let index = args.index;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  for (let r = 0; r < rows; r++, index += 4, out += 4, x += <usize>columns << 2) {
    const picked = indexAt(index, columns);
    store<f32>(out, picked < 0 ? f32.NaN : load<f32>(x + (<usize>picked << 2)));
  }
}

export function scatter(args: ScatterArguments): void {
  let x = args.x;
  let index = args.index;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  for (let r = 0; r < rows; r++, index += 4, x += 4, out += <usize>columns << 2) {
    const hot = indexAt(index, columns);
    fillVectors(out, columns, splat(hot < 0 ? NaN : 0));
    if (hot >= 0) store<f32>(out + (<usize>hot << 2), load<f32>(x));
  }
}

@inline
function below(largest: f32, logit: f32): f32 {
  return f32x4.extract_lane(vector.below(f32x4.splat(largest), f32x4.splat(logit)), 0);
}

/**
 * The loss is (largest − logit) + ln Σ e^(logit − largest), so that saturated logits stay finite. A thread computes `count` elements of each
 * row from `first` on; the loss is written by the one that has the first.
 */
export function softmaxCrossEntropy(first: i32, count: i32, args: SoftmaxCrossEntropyArguments): void {
  let logits = args.logits;
  let target = args.target;
  let losses = args.losses;
  let probabilities = args.probabilities;
  const rows = args.rows;
  const columns = args.columns;
  const sparse = args.sparse;
  beginParts();
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, logits += row, losses += 4, probabilities += row) {
    const largest = largestOfParts(logits, first, count, columns);
    const total = exponentialsOfParts(logits, probabilities, first, count, columns, largest);
    const log = logOf(total);
    divideBy(probabilities + (<usize>first << 2), count, total);
    let loss: f32;
    if (sparse) {
      const index = indexAt(target, columns);
      loss = index < 0 ? f32.NaN : below(largest, load<f32>(logits + (<usize>index << 2))) + log;
      target += 4;
    } else {
      loss = sumOfParts(Term.crossEntropy, logits, target, first, count, columns, f32x4.splat(largest), f32x4.splat(log));
      target += row;
    }
    if (first == 0 && count > 0) store<f32>(losses, loss);
  }
}

/** `out` may be `probabilities`. */
export function softmaxCrossEntropyGradient(first: i32, count: i32, args: SoftmaxCrossEntropyGradientArguments): void {
  let delta = args.delta;
  let probabilities = args.probabilities;
  let target = args.target;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  const sparse = args.sparse;
  const deltaBytes = <usize>args.deltaStep << 2;
  beginParts();
  const row = <usize>columns << 2;
  const own = <usize>first << 2;
  for (let r = 0; r < rows; r++, delta += deltaBytes, probabilities += row, out += row) {
    if (sparse) {
      const index = indexAt(target, columns);
      const total: f32 = index < 0 ? f32.NaN : 1;
      indexDelta(load<f32>(delta), probabilities + own, total, index - first, out + own, count);
      target += 4;
    } else {
      const total = sumOfParts(Term.value, target, target, first, count, columns, constant(0), constant(0));
      probabilityDelta(load<f32>(delta), probabilities + own, target + own, total, out + own, count);
      target += row;
    }
  }
}

/** out = δ · (probabilities · total − target), where target is 1 in column `index`, if that is one of these, and 0 elsewhere. */
function indexDelta(delta: f32, probabilities: usize, total: f32, index: i32, out: usize, columns: i32): void {
  const isOwn = index >= 0 && index < columns;
  const at: usize = isOwn ? <usize>index << 2 : 0;
  const hot = isOwn ? delta * (load<f32>(probabilities + at) - 1) : 0;
  mapRun(Step.otherClassDelta, probabilities, 0, out, columns, f32x4.splat(delta), f32x4.splat(total));
  if (isOwn) store<f32>(out + at, hot);
}

/** out = δ · (probabilities · total − target). */
function probabilityDelta(delta: f32, probabilities: usize, target: usize, total: f32, out: usize, columns: i32): void {
  const d = f32x4.splat(delta);
  const totals = f32x4.splat(total);
  for (let rest = columns; rest > 0; rest -= 4, probabilities += 16, target += 16, out += 16) {
    store4(out, vector.crossEntropyDelta(d, load4(probabilities, rest), totals, load4(target, rest)), rest);
  }
}

export function correct(args: CorrectArguments): void {
  let prediction = args.prediction;
  let target = args.target;
  const rows = args.rows;
  const columns = args.columns;
  const comparison = args.comparison;
  const threshold = args.threshold;
  const row = <usize>columns << 2;
  let right = 0;
  for (let r = 0; r < rows; r++, prediction += row) {
    if (comparison == Comparison.index) {
      right += i32(largestAt(prediction, columns) == load<i32>(target));
      target += 4;
    } else {
      if (comparison == Comparison.largest) right += i32(largestAt(prediction, columns) == largestAt(target, columns));
      else right += i32(sameSides(prediction, target, columns, threshold));
      target += row;
    }
  }
  store<f32>(args.out, <f32>right);
}

export function argmax(args: ArgmaxArguments): void {
  let x = args.x;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  for (let r = 0; r < rows; r++, x += <usize>columns << 2, out += 4) store<i32>(out, largestAt(x, columns));
}

export function rank(args: RankArguments): void {
  let x = args.x;
  let index = args.index;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  for (let r = 0; r < rows; r++, x += <usize>columns << 2, index += 4, out += 4) {
    const picked = indexAt(index, columns);
    store<f32>(out, picked < 0 ? f32.NaN : <f32>rankOf(x, columns, picked));
  }
}

/** The bin is found in float64, where the product is exact. */
export function histogram(args: HistogramArguments): void {
  let x = args.x;
  let weight = args.weight;
  const out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  const bins = args.bins;
  memory.fill(out, 0, <usize>bins * <usize>columns << 2);
  const scale = <f64>bins;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, x += 4, weight += 4) {
      const value = load<f32>(x);
      const place: f64 = value > 0 ? <f64>value * scale : 0;
      const bin = place < scale ? <i32>place : bins - 1;
      const at = out + (<usize>(bin * columns + j) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(weight));
    }
  }
}

/** How many columns come before one of them in falling order. Of equal ones the last comes first; before NaN all come. */
function rankOf(x: usize, columns: i32, index: i32): i32 {
  const own = load<f32>(x + (<usize>index << 2));
  const after = <usize>(index + 1) << 2;
  return columns - countBelow(x, index + 1, own, true) - countBelow(x + after, columns - index - 1, own, false);
}

/** How many elements are less than `limit`, or equal to it where `orEqual`. */
function countBelow(x: usize, size: i32, limit: f32, orEqual: bool): i32 {
  const limits = f32x4.splat(limit);
  const equals = i32x4.splat(orEqual ? -1 : 0);
  let even = i32x4.splat(0);
  let odd = even;
  let rest = size;
  if (rest >= 8) {
    do {
      even = i32x4.sub(even, isBelow(v128.load(x), limits, equals));
      odd = i32x4.sub(odd, isBelow(v128.load(x, 16), limits, equals));
      rest -= 8;
      x += 32;
    } while (rest >= 8);
  }
  const four = i32x4.add(even, odd);
  const two = i32x4.add(four, v128.shuffle<i32>(four, four, 2, 3, 2, 3));
  let count = i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1);
  for (; rest > 0; rest--, x += 4) {
    const other = load<f32>(x);
    count += i32(other < limit || (orEqual && other == limit));
  }
  return count;
}

@inline
function isBelow(x: v128, limits: v128, equals: v128): v128 {
  return v128.or(f32x4.lt(x, limits), v128.and(f32x4.eq(x, limits), equals));
}

/** The first of the largest; NaN is passed over, unless it is the first element: nothing is larger then. */
function largestAt(x: usize, columns: i32): i32 {
  const largest = largestOf(x, columns);
  const sought = f32x4.splat(largest);
  let j = 0;
  while (j + 16 <= columns && !holds(x + (<usize>j << 2), sought)) j += 16;
  while (j + 4 <= columns && !v128.any_true(f32x4.eq(v128.load(x + (<usize>j << 2)), sought))) j += 4;
  for (; j < columns; j++) if (load<f32>(x + (<usize>j << 2)) == largest) return j;
  return 0;
}

/** Whether one of sixteen elements is the one sought. */
@inline
function holds(x: usize, sought: v128): bool {
  const low = v128.or(f32x4.eq(v128.load(x), sought), f32x4.eq(v128.load(x, 16), sought));
  const high = v128.or(f32x4.eq(v128.load(x, 32), sought), f32x4.eq(v128.load(x, 48), sought));
  return v128.any_true(v128.or(low, high));
}

function sameSides(prediction: usize, target: usize, columns: i32, threshold: f64): bool {
  for (let j = 0; j < columns; j++, prediction += 4, target += 4) {
    if (<f64>load<f32>(prediction) > threshold != load<f32>(target) > 0.5) return false;
  }
  return true;
}
