/**
 * Tiles of attention: up to ATTENTION_TILE keys of one head against up to as many queries, see native/kernels/attention_tile.h. A tile's
 * scores are a matrix with a row for each key and a lane for each query.
 */
import { ATTENTION_TILE } from '../generated/constants';
import { exp } from '../generated/vector_functions';
import { atLeast, constant, difference, load4, product, select, splat, store4, sum } from './vector';

/** The score of a key that a query may not see. */
export const UNSEEN: f32 = -1e30;

/** From one key's scores to the next. */
export const TILE_ROW: usize = ATTENTION_TILE << 2;
export const TILE_BYTES: usize = TILE_ROW * ATTENTION_TILE;

/**
 * A whole tile on the diagonal has four quarters. Its later keys are hidden from its earlier queries: that quarter of the scores is neither
 * made nor read, whatever lies there.
 */
export const HALF_TILE: i32 = ATTENTION_TILE / 2;

@inline
export function isHalved(diagonal: bool, keys: i32, queries: i32): bool {
  return diagonal && keys == ATTENTION_TILE && queries == ATTENTION_TILE;
}

/** The keys that the queries of the vector from i on take. */
@inline
function keysOf(i: i32, keys: i32, queries: i32, diagonal: bool): i32 {
  return isHalved(diagonal, keys, queries) && i < HALF_TILE ? HALF_TILE : keys;
}

/** All bits of the lanes of four queries, from `query` on, that do not see the key. */
function hiddenFrom(query: i32, key: i32, mask: usize, diagonal: bool): v128 {
  if (mask && load<f32>(mask + (<usize>key << 2)) == 0) return i32x4.splat(-1);
  return i32x4.lt_s(i32x4.add(i32x4.splat(query), i32x4(0, 1, 2, 3)), i32x4.splat(diagonal ? key : 0));
}

/** The products of four queries from i on ← their scores; returns the largest of them and of `most`. */
function scoreKeys(scale: f64, mask: usize, keys: i32, diagonal: bool, scores: usize, i: i32, most: v128): v128 {
  const factor = splat(scale);
  const unseen = constant(UNSEEN);
  let row = scores + (<usize>i << 2);
  for (let key = 0; key < keys; key++, row += TILE_ROW) {
    const score = select(hiddenFrom(i, key, mask, diagonal), unseen, product(v128.load(row), factor));
    v128.store(row, score);
    most = atLeast(most, score);
  }
  return most;
}

/**
 * How a tile's scores are made of its products: times `scale`; `mask`, of the tile's keys, may be absent (0) and has 0 where no query sees the
 * key; `diagonal`: queries see no later key, and the tile's keys and queries begin at the same position.
 *
 * The products of a tile ← its keys' shares of the mean of values, e^(score − largest) / total. Of each query: the largest score so far, Σ of
 * the exponentials, and the part of the mean so far that is kept beside this tile's. A query that has seen no key keeps zeros.
 */
export function takeKeys(
  scale: f64,
  mask: usize,
  keys: i32,
  queries: i32,
  diagonal: bool,
  scores: usize,
  largest: usize,
  totals: usize,
  kept: usize,
): void {
  for (let i = 0; i < queries; i += 4) {
    const at = <usize>i << 2;
    const taken = keysOf(i, keys, queries, diagonal);
    const end = scores + at + TILE_ROW * taken;
    const before = v128.load(largest + at);
    const most = scoreKeys(scale, mask, taken, diagonal, scores, i, before);
    let tile = constant(0);
    for (let row = scores + at; row < end; row += TILE_ROW) {
      const e = exp(difference(v128.load(row), most));
      v128.store(row, e);
      tile = sum(tile, e);
    }
    const none = f32x4.le(most, constant(UNSEEN));
    const earlier = product(v128.load(totals + at), exp(difference(before, most)));
    const total = sum(earlier, tile);
    const inverse = select(none, constant(0), f32x4.div(constant(1), total));
    v128.store(largest + at, most);
    v128.store(totals + at, select(none, constant(0), total));
    v128.store(kept + at, product(earlier, inverse));
    for (let row = scores + at; row < end; row += TILE_ROW) v128.store(row, product(v128.load(row), inverse));
  }
}

/** The products of a tile ← probabilities, and δ of the probabilities ← δ of the products. */
export function takeDeltas(
  scale: f64,
  mask: usize,
  keys: i32,
  queries: i32,
  diagonal: bool,
  scores: usize,
  deltas: usize,
  logSums: usize,
  shifts: usize,
): void {
  const factor = splat(scale);
  for (let i = 0; i < queries; i += 4) {
    const logSum = v128.load(logSums + (<usize>i << 2));
    const shift = v128.load(shifts + (<usize>i << 2));
    const taken = keysOf(i, keys, queries, diagonal);
    let at = <usize>i << 2;
    for (let key = 0; key < taken; key++, at += TILE_ROW) {
      const hidden = hiddenFrom(i, key, mask, diagonal);
      const probability = exp(difference(product(v128.load(scores + at), factor), logSum));
      const delta = product(product(probability, difference(v128.load(deltas + at), shift)), factor);
      v128.store(scores + at, v128.andnot(probability, hidden));
      v128.store(deltas + at, v128.andnot(delta, hidden));
    }
  }
}

/** out = out · factor + sums, row by row, of `columns` that lie densely in sums; the factors are ones where there are none (0). */
export function addRows(out: usize, stride: usize, factors: usize, sums: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, out += stride) {
    const factor = factors ? v128.load32_splat(factors + (<usize>r << 2)) : constant(1);
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(out + at, sum(product(load4(out + at, rest), factor), load4(sums + at, rest)), rest);
    }
    sums += <usize>columns << 2;
  }
}
