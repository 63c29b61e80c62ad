/**
 * Scaled dot-product attention: the orders of operations are those of native/kernels/attention.h. Heads lie side by side in the
 * features; the scores exist for one tile of keys and queries at a time.
 */
import { AttentionArguments, AttentionGradientArguments } from '../generated/arguments';
import { ATTENTION_TILE } from '../generated/constants';
import { log } from '../generated/vector_functions';
import { threadScratch } from '../scratch';
import { addRows, HALF_TILE, isHalved, takeDeltas, takeKeys, TILE_BYTES, TILE_ROW, UNSEEN } from './attention_tile';
import { gemm } from './gemm';
import { theProduct } from './gemm_product';
import { fillRun } from './movement';
import { Epilogue } from './product';
import { sumOf, Term } from './sums';
import { constant, select, store4, sum } from './vector';

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

/** Scores, or δ of them: rows of keys times rows of queries. */
function multiplyScores(keys: usize, queries: usize, stride: usize, scores: usize, m: i32, n: i32, features: i32, halved: bool): void {
  const first = halved ? HALF_TILE : m;
  multiply(keys, stride, false, queries, stride, true, scores, TILE_ROW, first, n, features);
  if (!halved) return;
  const half = stride * HALF_TILE;
  const later = scores + (TILE_ROW + 4) * HALF_TILE;
  multiply(keys + half, stride, false, queries + half, stride, true, later, TILE_ROW, HALF_TILE, HALF_TILE, features);
}

/** Sums over the keys, of scores times rows of keys: a row for each query. */
function multiplyOverKeys(scores: usize, x: usize, stride: usize, out: usize, strideOut: usize, queries: i32, features: i32, keys: i32, halved: bool): void {
  const first = halved ? HALF_TILE : queries;
  multiply(scores, TILE_ROW, true, x, stride, false, out, strideOut, first, features, halved ? HALF_TILE : keys);
  if (!halved) return;
  multiply(scores + 4 * HALF_TILE, TILE_ROW, true, x, stride, false, out + strideOut * HALF_TILE, strideOut, HALF_TILE, features, keys);
}

/** Sums over the queries, of scores times rows of queries: a row for each key. */
function multiplyOverQueries(scores: usize, x: usize, stride: usize, out: usize, strideOut: usize, keys: i32, features: i32, queries: i32, halved: bool): void {
  const first = halved ? HALF_TILE : keys;
  multiply(scores, TILE_ROW, false, x, stride, false, out, strideOut, first, features, queries);
  if (!halved) return;
  const later = scores + (TILE_ROW + 4) * HALF_TILE;
  multiply(later, TILE_ROW, false, x + stride * HALF_TILE, stride, false, out + strideOut * HALF_TILE, strideOut, HALF_TILE, features, HALF_TILE);
}

/** `count` heads from `firstHead` on alone. */
export function attention(firstHead: i32, count: i32, args: AttentionArguments): void {
  const queries = args.queries;
  const keys = args.keys;
  const features = args.features;
  const stride = (<usize>args.heads * features) << 2;
  for (let batch = 0; batch < args.batches; batch++) {
    const mask = args.mask ? args.mask + ((<usize>batch * keys) << 2) : 0;
    for (let head = firstHead; head < firstHead + count; head++) {
      const at = stride * queries * batch + ((<usize>head * features) << 2);
      const to = stride * keys * batch + ((<usize>head * features) << 2);
      let logSums = args.logSums + ((<usize>queries * (batch * args.heads + head)) << 2);
      for (let first = 0; first < queries; first += ATTENTION_TILE, logSums += TILE_ROW) {
        const rows = min(queries - first, ATTENTION_TILE);
        const seen = args.causal ? min(first + rows, keys) : keys;
        const from = at + stride * first;
        attendTile(args.q + from, args.k + to, args.v + to, mask, args.out + from, logSums, stride, first, rows, seen, features, args);
      }
    }
  }
}

function attendTile(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  out: usize,
  logSums: usize,
  stride: usize,
  firstQuery: i32,
  queries: i32,
  keys: i32,
  features: i32,
  args: AttentionArguments,
): void {
  const scores = threadScratch();
  const largest = scores + TILE_BYTES;
  const totals = largest + TILE_ROW;
  const kept = totals + TILE_ROW;
  const sums = kept + TILE_ROW;
  fillRun(largest, ATTENTION_TILE, UNSEEN);
  fillRun(totals, ATTENTION_TILE, 0);
  for (let first = 0; first < keys; first += ATTENTION_TILE) {
    const count = min(keys - first, ATTENTION_TILE);
    const at = stride * first;
    const seen = mask ? mask + (<usize>first << 2) : 0;
    const diagonal = args.causal != 0 && first == firstQuery;
    const halved = isHalved(diagonal, count, queries);
    multiplyScores(k + at, q, stride, scores, count, queries, features, halved);
    takeKeys(args.scale, seen, count, queries, diagonal, scores, largest, totals, kept);
    const own = first == 0 ? out : sums;
    multiplyOverKeys(scores, v + at, stride, own, first == 0 ? stride : <usize>features << 2, queries, features, count, halved);
    if (first > 0) addRows(out, stride, kept, sums, queries, features);
  }
  storeLogSums(largest, totals, queries, logSums);
}

/** ln Σ e^score of each query, 0 for one that sees no key. */
function storeLogSums(largest: usize, totals: usize, queries: i32, logSums: usize): void {
  for (let rest = queries, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    const most = v128.load(largest + at);
    const all = sum(most, log(v128.load(totals + at)));
    store4(logSums + at, select(f32x4.le(most, constant(UNSEEN)), constant(0), all), rest);
  }
}

function clearHead(x: usize, stride: usize, rows: i32, features: i32): void {
  for (let r = 0; r < rows; r++, x += stride) fillRun(x, features, 0);
}

/** `count` heads from `firstHead` on alone. */
export function attentionGradient(firstHead: i32, count: i32, args: AttentionGradientArguments): void {
  const queries = args.queries;
  const keys = args.keys;
  const features = args.features;
  const stride = (<usize>args.heads * features) << 2;
  for (let batch = 0; batch < args.batches; batch++) {
    const mask = args.mask ? args.mask + ((<usize>batch * keys) << 2) : 0;
    for (let head = firstHead; head < firstHead + count; head++) {
      const at = stride * queries * batch + ((<usize>head * features) << 2);
      const to = stride * keys * batch + ((<usize>head * features) << 2);
      clearHead(args.ofK + to, stride, keys, features);
      clearHead(args.ofV + to, stride, keys, features);
      for (let first = 0; first < queries; first += ATTENTION_TILE) {
        const sum = (<usize>queries * (batch * args.heads + head) + first) << 2;
        queriesGradient(args, at + stride * first, to, mask, sum, stride, first, min(queries - first, ATTENTION_TILE));
      }
    }
  }
}

/** ln Σ e^score of each query, and what the δ's of its probabilities are less by. */
function prepareQueries(
  delta: usize,
  out: usize,
  logSums: usize,
  ofLogSums: usize,
  stride: usize,
  queries: i32,
  features: i32,
  logs: usize,
  shifts: usize,
): void {
  for (let r = 0; r < queries; r++) {
    const i = <usize>r << 2;
    const from = stride * r;
    let shift = sumOf(Term.product, delta + from, out + from, features, constant(0), constant(0));
    if (ofLogSums) shift -= load<f32>(ofLogSums + i);
    store<f32>(logs + i, load<f32>(logSums + i));
    store<f32>(shifts + i, shift);
  }
}

/** A tile of queries of one head; `at`, `to` and `sum` are where it lies among the queries, the keys and the sums. */
function queriesGradient(
  args: AttentionGradientArguments,
  at: usize,
  to: usize,
  mask: usize,
  sum: usize,
  stride: usize,
  firstQuery: i32,
  queries: i32,
): void {
  const features = args.features;
  const scores = threadScratch();
  const deltas = scores + TILE_BYTES;
  const logs = deltas + TILE_BYTES;
  const shifts = logs + TILE_ROW;
  const sums = shifts + TILE_ROW;
  const sumsRow = <usize>features << 2;
  const keys = args.causal ? min(firstQuery + queries, args.keys) : args.keys;
  const q = args.q + at;
  const delta = args.delta + at;
  const ofLogSums = args.ofLogSums ? args.ofLogSums + sum : 0;
  prepareQueries(delta, args.out + at, args.logSums + sum, ofLogSums, stride, queries, features, logs, shifts);
  for (let first = 0; first < keys; first += ATTENTION_TILE) {
    const count = min(keys - first, ATTENTION_TILE);
    const key = to + stride * first;
    const seen = mask ? mask + (<usize>first << 2) : 0;
    const diagonal = args.causal != 0 && first == firstQuery;
    const halved = isHalved(diagonal, count, queries);
    multiplyScores(args.k + key, q, stride, scores, count, queries, features, halved);
    multiplyScores(args.v + key, delta, stride, deltas, count, queries, features, halved);
    takeDeltas(args.scale, seen, count, queries, diagonal, scores, deltas, logs, shifts);
    const own = first == 0 ? args.ofQ + at : sums;
    multiplyOverKeys(deltas, args.k + key, stride, own, first == 0 ? stride : sumsRow, queries, features, count, halved);
    if (first > 0) addRows(args.ofQ + at, stride, 0, sums, queries, features);
    multiplyOverQueries(deltas, q, stride, sums, sumsRow, count, features, queries, halved);
    addRows(args.ofK + key, stride, 0, sums, count, features);
    multiplyOverQueries(scores, delta, stride, sums, sumsRow, count, features, queries, halved);
    addRows(args.ofV + key, stride, 0, sums, count, features);
  }
}
