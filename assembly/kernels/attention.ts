/**
 * Scaled dot-product attention: the orders of operations are those of native/kernels/attention.h. Heads lie side by side in the
 * features; the scores of a tile of queries exist at a time.
 */
import { AttentionArguments, AttentionGradientArguments } from '../generated/arguments';
import { threadScratch } from '../scratch';
import { gemm } from './gemm';
import { theProduct } from './gemm_product';
import { Epilogue } from './product';
import { fillRun } from './movement';
import { divideBy, exponentials, logOf } from './reductions';
import { largestOf } from './row_parts';
import { sumOf, Term } from './sums';
import { exp } from '../generated/vector_functions';
import { constant, difference, load4, product, select, splat, store4, sum } from './vector';

/** Queries whose scores exist at a time, as in src/ops/attention.ts. */
const QUERY_TILE: i32 = 64;
/** The score of a key that a query may not see. */
const UNSEEN: f32 = -1e30;

/** m×n = m×k · k×n, strides in bytes. */
function multiply(
  a: usize,
  strideA: usize,
  transposedA: bool,
  b: usize,
  strideB: usize,
  transposedB: bool,
  out: usize,
  strideOut: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  const s = theProduct();
  s.a = a;
  s.strideA = strideA;
  s.transposedA = transposedA;
  s.b = b;
  s.strideB = strideB;
  s.transposedB = transposedB;
  s.out = out;
  s.strideOut = strideOut;
  s.m = m;
  s.n = n;
  s.k = k;
  s.epilogue = Epilogue.none;
  s.operand = 0;
  gemm(s);
}

/** scores ← scores · scale, UNSEEN where the mask (which may be absent) is 0. */
function scaleScores(scores: usize, mask: usize, keys: i32, scale: f64): void {
  const factor = splat(scale);
  for (let rest = keys, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    const score = product(load4(scores + at, rest), factor);
    const seen = mask ? select(f32x4.eq(load4(mask + at, rest), constant(0)), constant(UNSEEN), score) : score;
    store4(scores + at, seen, rest);
  }
}

/** A query's scores ← their probabilities; returns ln Σ e^score, 0 for a query that sees no key. */
function probabilities(scores: usize, keys: i32): f32 {
  const largest = largestOf(scores, keys);
  if (largest <= UNSEEN) {
    fillRun(scores, keys, 0);
    return 0;
  }
  const total = exponentials(scores, scores, keys, largest);
  divideBy(scores, keys, total);
  return largest + logOf(total);
}

/** `count` heads from `firstHead` on alone. */
export function attention(firstHead: i32, count: i32, args: AttentionArguments): void {
  const q = args.q;
  const k = args.k;
  const v = args.v;
  const mask = args.mask;
  const out = args.out;
  const logSums = args.logSums;
  const batches = args.batches;
  const heads = args.heads;
  const queries = args.queries;
  const keys = args.keys;
  const features = args.features;
  const causal = args.causal;
  const scale = args.scale;
  const stride = (<usize>heads * features) << 2;
  const sumBytes = <usize>queries << 2;
  for (let batch = 0; batch < batches; batch++) {
    const seen = mask ? mask + ((<usize>batch * keys) << 2) : 0;
    for (let head = firstHead; head < firstHead + count; head++) {
      const at = stride * queries * batch + ((<usize>head * features) << 2);
      const to = stride * keys * batch + ((<usize>head * features) << 2);
      const sums = logSums + sumBytes * (batch * heads + head);
      attendHead(q + at, k + to, v + to, seen, out + at, sums, threadScratch(), stride, queries, keys, features, causal, scale);
    }
  }
}

function attendHead(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  out: usize,
  logSums: usize,
  scores: usize,
  stride: usize,
  queries: i32,
  keys: i32,
  features: i32,
  causal: i32,
  scale: f64,
): void {
  const row = <usize>keys << 2;
  for (let first = 0; first < queries; first += QUERY_TILE) {
    const rows = min(queries - first, QUERY_TILE);
    const tileKeys = causal ? min(first + rows, keys) : keys;
    const at = stride * first;
    multiply(q + at, stride, false, k, stride, true, scores, row, rows, tileKeys, features);
    for (let r = 0, to = scores; r < rows; r++, to += row, logSums += 4) {
      const seen = causal ? min(first + r + 1, keys) : keys;
      scaleScores(to, mask, seen, scale);
      store<f32>(logSums, probabilities(to, seen));
      if (seen < tileKeys) fillRun(to + (<usize>seen << 2), tileKeys - seen, 0);
    }
    multiply(scores, row, false, v, stride, false, out + at, stride, rows, features, tileKeys);
  }
}

/** out += sums, rows of `columns` that lie densely in sums. */
function addRows(out: usize, stride: usize, sums: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, out += stride, sums += <usize>columns << 2) {
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(out + at, sum(load4(out + at, rest), load4(sums + at, rest)), rest);
    }
  }
}

/** A query's scores ← probabilities, and δ of the probabilities ← δ of the scores before they were scaled. */
function scoreDeltas(scores: usize, deltas: usize, keys: i32, logSum: f32, shift: f32, scale: f64): void {
  const log = f32x4.splat(logSum);
  const by = f32x4.splat(shift);
  const factor = splat(scale);
  for (let rest = keys, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    const probability = exp(difference(load4(scores + at, rest), log));
    store4(scores + at, probability, rest);
    store4(deltas + at, product(product(probability, difference(load4(deltas + at, rest), by)), factor), rest);
  }
}

function clearHead(x: usize, stride: usize, rows: i32, features: i32): void {
  for (let r = 0; r < rows; r++, x += stride) fillRun(x, features, 0);
}

/** `count` heads from `firstHead` on alone. */
export function attentionGradient(firstHead: i32, count: i32, args: AttentionGradientArguments): void {
  const delta = args.delta;
  const ofLogSums = args.ofLogSums;
  const q = args.q;
  const k = args.k;
  const v = args.v;
  const mask = args.mask;
  const out = args.out;
  const logSums = args.logSums;
  const ofQ = args.ofQ;
  const ofK = args.ofK;
  const ofV = args.ofV;
  const batches = args.batches;
  const heads = args.heads;
  const queries = args.queries;
  const keys = args.keys;
  const features = args.features;
  const causal = args.causal;
  const scale = args.scale;
  const stride = (<usize>heads * features) << 2;
  const tile = <usize>(min(queries, QUERY_TILE) * keys) << 2;
  const sumBytes = <usize>queries << 2;
  const scratch = threadScratch();
  for (let batch = 0; batch < batches; batch++) {
    for (let head = firstHead; head < firstHead + count; head++) {
      const at = stride * queries * batch + ((<usize>head * features) << 2);
      const to = stride * keys * batch + ((<usize>head * features) << 2);
      const sums = sumBytes * (batch * heads + head);
      clearHead(ofK + to, stride, keys, features);
      clearHead(ofV + to, stride, keys, features);
      headGradient(
        delta + at,
        ofLogSums ? ofLogSums + sums : 0,
        q + at,
        k + to,
        v + to,
        mask ? mask + ((<usize>batch * keys) << 2) : 0,
        out + at,
        logSums + sums,
        ofQ + at,
        ofK + to,
        ofV + to,
        scratch,
        scratch + tile,
        scratch + 2 * tile,
        stride,
        queries,
        keys,
        features,
        causal,
        scale,
      );
    }
  }
}

function headGradient(
  delta: usize,
  ofLogSums: usize,
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  out: usize,
  logSums: usize,
  ofQ: usize,
  ofK: usize,
  ofV: usize,
  scores: usize,
  deltas: usize,
  sums: usize,
  stride: usize,
  queries: i32,
  keys: i32,
  features: i32,
  causal: i32,
  scale: f64,
): void {
  const row = <usize>keys << 2;
  const sumsRow = <usize>features << 2;
  for (let first = 0; first < queries; first += QUERY_TILE) {
    const rows = min(queries - first, QUERY_TILE);
    const tileKeys = causal ? min(first + rows, keys) : keys;
    const at = stride * first;
    multiply(q + at, stride, false, k, stride, true, scores, row, rows, tileKeys, features);
    multiply(delta + at, stride, false, v, stride, true, deltas, row, rows, tileKeys, features);
    for (let r = 0; r < rows; r++) {
      const query = first + r;
      const seen = causal ? min(query + 1, keys) : keys;
      const line = row * r;
      const from = stride * query;
      let shift = sumOf(Term.product, delta + from, out + from, features, constant(0), constant(0));
      if (ofLogSums) shift -= load<f32>(ofLogSums + (<usize>query << 2));
      scaleScores(scores + line, mask, seen, scale);
      scoreDeltas(scores + line, deltas + line, seen, load<f32>(logSums + (<usize>query << 2)), shift, scale);
      if (seen < tileKeys) {
        fillRun(scores + line + (<usize>seen << 2), tileKeys - seen, 0);
        fillRun(deltas + line + (<usize>seen << 2), tileKeys - seen, 0);
      }
    }
    multiply(deltas, row, false, k, stride, false, ofQ + at, stride, rows, features, tileKeys);
    multiply(deltas, row, true, q + at, stride, false, sums, sumsRow, tileKeys, features, rows);
    addRows(ofK, stride, sums, tileKeys, features);
    multiply(scores, row, true, delta + at, stride, false, sums, sumsRow, tileKeys, features, rows);
    addRows(ofV, stride, sums, tileKeys, features);
  }
}
