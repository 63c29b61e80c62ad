/** Sums, and the row-wise ops built on them: the orders of operations are those of native/kernels/reductions.h. */
import { LogSoftmaxArguments, LogSoftmaxGradientArguments, NormArguments, SoftmaxArguments, SoftmaxGradientArguments, SumArguments } from '../generated/arguments';
import { blockSums } from '../scratch';
import { beginParts, largestLane, largestOfParts, sumOfParts } from './row_parts';
import { mapRun, Step } from './runs';
import { addBlock, BLOCK_STEPS, sumColumn, sumOf, Term, withBlocks } from './sums';
import { LARGEST, LEAST_SQUARES } from '../generated/coefficients';
import { log, logSoftmaxDelta, shiftedExponential } from '../generated/vector_functions';
import { atLeast, constant, load4, store4, sum as plus } from './vector';

/** Columns that one walk down the rows sums: a cache line of them. */
const STRIP = 16;

/**
 * x seen as [outer, reduced, inner]. With one element inside, each sum runs along memory; else down the rows: `count` of the inner
 * elements from `first` on, all of them where there are several outer ones. Along memory, `terms` of the elements from `firstTerm` on are
 * this thread's.
 */
export function sum(firstTerm: i32, terms: i32, first: i32, count: i32, args: SumArguments): void {
  let x = args.x;
  let out = args.out;
  const outer = args.outer;
  const reduced = args.reduced;
  const inner = args.inner;
  const row = <usize>inner << 2;
  x += <usize>first << 2;
  out += <usize>first << 2;
  beginParts();
  for (let o = 0; o < outer; o++, x += row * reduced, out += row) {
    if (inner == 1) {
      const total = sumOfParts(Term.value, x, x, firstTerm, terms, reduced, constant(0), constant(0));
      if (firstTerm == 0 && terms > 0) store<f32>(out, total);
    } else sumRows(x, out, reduced, count, inner);
  }
}

export function sumOfRow(x: usize, size: i32): f32 {
  return sumOf(Term.value, x, x, size, constant(0), constant(0));
}

function sumRows(x: usize, out: usize, reduced: i32, columns: i32, stride: i32): void {
  const row = <usize>stride << 2;
  let rest = columns;
  for (; rest >= STRIP; rest -= STRIP, x += STRIP << 2, out += STRIP << 2) sumStrip(x, out, reduced, row);
  for (; rest > 0; rest -= 4, x += 16, out += 16) store4(out, sumColumn(x, reduced, row, rest), rest);
}

function sumStrip(x: usize, out: usize, reduced: i32, row: usize): void {
  let a = constant(0);
  let b = a;
  let c = a;
  let d = a;
  let blocks: u32 = 0;
  for (let rest = reduced; ; rest -= BLOCK_STEPS) {
    for (let r = min(rest, BLOCK_STEPS); r > 0; r--, x += row) {
      a = plus(a, v128.load(x));
      b = plus(b, v128.load(x, 16));
      c = plus(c, v128.load(x, 32));
      d = plus(d, v128.load(x, 48));
    }
    if (rest <= BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, a, b, c, d);
    a = b = c = d = constant(0);
  }
  v128.store(out, withBlocks(blockSums(), blocks, a));
  v128.store(out, withBlocks(blockSums() + 16, blocks, b), 16);
  v128.store(out, withBlocks(blockSums() + 32, blocks, c), 32);
  v128.store(out, withBlocks(blockSums() + 48, blocks, d), 48);
}

/** A power of two of the size of a number, −126 to 126. */
function powerNear(x: f32): f32 {
  const exponent = (reinterpret<i32>(x) >> 23) - 127;
  return reinterpret<f32>((min(max(exponent, -126), 126) + 127) << 23);
}

function largestMagnitude(x: usize, size: i32): f32 {
  let largest = constant(0);
  for (let rest = size; rest > 0; rest -= 4, x += 16) largest = atLeast(largest, f32x4.abs(load4(x, rest)));
  return largestLane(largest);
}

function sumOfSquares(x: usize, size: i32, factor: f32): f32 {
  const scale = f32x4.splat(factor);
  return sumOf(Term.scaledSquare, x, x, size, scale, scale);
}

/** √Σx². Where the sum of the squares is out of range, it is taken of numbers scaled by a power of two. */
export function norm(args: NormArguments): void {
  const x = args.x;
  const out = args.out;
  const size = args.size;
  const squares = sumOfSquares(x, size, 1);
  if (squares >= LEAST_SQUARES && squares <= LARGEST) {
    store<f32>(out, sqrt<f32>(squares));
    return;
  }
  const power = powerNear(largestMagnitude(x, size));
  const result = sqrt<f32>(sumOfSquares(x, size, 1 / power)) * power;
  store<f32>(out, result <= LARGEST ? result : f32.NaN);
}

/** out = e^(x − shift); returns the sum of it. `out` may be `x`. */
export function exponentials(x: usize, out: usize, columns: i32, shift: f32): f32 {
  shiftedExponentials(x, out, columns, shift);
  return sumOfRow(out, columns);
}

function shiftedExponentials(x: usize, out: usize, columns: i32, shift: f32): void {
  const by = f32x4.splat(shift);
  let rest = columns;
  let to = out;
  for (; rest >= 4; rest -= 4, x += 16, to += 16) v128.store(to, shiftedExponential(v128.load(x), by));
  if (rest > 0) store4(to, shiftedExponential(load4(x, rest), by), rest);
}

/** The same for a row in which `count` elements from `first` on are this thread's. */
export function exponentialsOfParts(x: usize, out: usize, first: i32, count: i32, columns: i32, shift: f32): f32 {
  const own = <usize>first << 2;
  shiftedExponentials(x + own, out + own, count, shift);
  return sumOfParts(Term.value, out, out, first, count, columns, constant(0), constant(0));
}

/** Divides a row by a number, in place. */
export function divideBy(x: usize, columns: i32, divisor: f32): void {
  const d = f32x4.splat(divisor);
  let rest = columns;
  for (; rest >= 4; rest -= 4, x += 16) v128.store(x, f32x4.div(v128.load(x), d));
  if (rest > 0) store4(x, f32x4.div(load4(x, rest), d), rest);
}

export function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}

/** `out` may be `x`. Of these row-wise ops a thread computes `count` elements of each row from `first` on. */
export function softmax(first: i32, count: i32, args: SoftmaxArguments): void {
  let x = args.x;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  beginParts();
  const row = <usize>columns << 2;
  const own = <usize>first << 2;
  for (let r = 0; r < rows; r++, x += row, out += row) {
    const total = exponentialsOfParts(x, out, first, count, columns, largestOfParts(x, first, count, columns));
    divideBy(out + own, count, total);
  }
}

/** `out` may be `delta` or `y`. */
export function softmaxGradient(first: i32, count: i32, args: SoftmaxGradientArguments): void {
  let delta = args.delta;
  let y = args.y;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  beginParts();
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, delta += row, y += row, out += row) {
    const dot = f32x4.splat(sumOfParts(Term.product, delta, y, first, count, columns, constant(0), constant(0)));
    const own = <usize>first << 2;
    mapRun(Step.softmaxDelta, delta + own, y + own, out + own, count, dot, dot);
  }
}

/** `out` may be `x`. */
export function logSoftmax(first: i32, count: i32, args: LogSoftmaxArguments): void {
  let x = args.x;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  beginParts();
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += row, out += row) {
    const largest = f32x4.splat(largestOfParts(x, first, count, columns));
    const log = f32x4.splat(logOf(sumOfParts(Term.exponential, x, x, first, count, columns, largest, constant(0))));
    const own = <usize>first << 2;
    mapRun(Step.logProbability, x + own, 0, out + own, count, largest, log);
  }
}

/** `out` may be `delta` or `y`. */
export function logSoftmaxGradient(first: i32, count: i32, args: LogSoftmaxGradientArguments): void {
  let delta = args.delta;
  let y = args.y;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  beginParts();
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, delta += row, y += row, out += row) {
    const total = f32x4.splat(sumOfParts(Term.value, delta, delta, first, count, columns, constant(0), constant(0)));
    let at = <usize>first << 2;
    for (let rest = count; rest > 0; rest -= 4, at += 16) {
      store4(out + at, logSoftmaxDelta(load4(delta + at, rest), load4(y + at, rest), total), rest);
    }
  }
}
