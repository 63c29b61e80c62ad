// Scaled dot-product attention. Heads lie side by side in the features. Scores exist for one tile of queries at a time. Each product has
// the order of sums of gemm.h; δ of keys and values is, tile by tile in the order of the queries, the sum of the tiles' products.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../workspace.h"
#include "gemm.h"
#include "movement.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Queries whose scores exist at a time, as in src/ops/attention.ts.
constexpr int64_t QUERY_TILE = 64;
// The score of a key that a query may not see.
constexpr float UNSEEN = -1e30f;

struct Attention {
  bool reproducible;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t features;
  bool causal;
  float scale;

  // From one row of queries, keys or values to the next.
  int64_t stride() const { return heads * features; }
  int64_t tile() const { return queries < QUERY_TILE ? queries : QUERY_TILE; }
};

// Queries [first, first + rows) of one head of one batch, and the keys that any of them may see: `keys` from the first one on.
struct QueryTile {
  int64_t first;
  int64_t rows;
  int64_t keys;
};

inline QueryTile tileFrom(const Attention& s, int64_t first) {
  const int64_t left = s.queries - first;
  const int64_t rows = left < QUERY_TILE ? left : QUERY_TILE;
  const int64_t seen = first + rows;
  return {first, rows, s.causal && seen < s.keys ? seen : s.keys};
}

// The keys that a query may see, counted from the first one on.
inline int64_t keysOf(const Attention& s, int64_t query) { return s.causal && query + 1 < s.keys ? query + 1 : s.keys; }

inline void product(bool reproducible, Matrix a, Matrix b, float* out, int64_t strideOut, int64_t m, int64_t n, int64_t k) {
  const Product whole = {a, b, out, strideOut, m, n, k, false, nullptr, {}};
  const Region region = {0, m, 0, n};
  if (reproducible) {
    gemm<false>(whole, region);
  } else {
    gemm<true>(whole, region);
  }
}

// scores ← scores · scale, UNSEEN where the mask (which may be absent) is 0.
inline void scaleScores(float* scores, const float* mask, int64_t keys, float scale) {
  const Vector factor = broadcast(scale);
  const Vector unseen = broadcast(UNSEEN);
  forEachVector(keys, [=](int64_t i, int64_t n) {
    const Vector score = loadUpTo(scores + i, n) * factor;
    storeUpTo(scores + i, mask ? select(equal(loadUpTo(mask + i, n), zero()), unseen, score) : score, n);
  });
}

// A query's scores ← their probabilities; returns ln Σ e^score, 0 for a query that sees no key.
inline float probabilities(float* scores, int64_t keys) {
  const float largest = largestOf(scores, keys);
  if (largest <= UNSEEN) {
    fillRun(scores, keys, 0.0f);
    return 0.0f;
  }
  const float total = exponentials(scores, scores, keys, largest);
  divideBy(scores, keys, total);
  return largest + logOf(total);
}

inline void attendTile(const Attention& s, const QueryTile& t, const float* q, const float* k, const float* v, const float* mask, float* out,
                       float* logSums, float* scores) {
  const int64_t stride = s.stride();
  const Matrix queries = {q + t.first * stride, stride, false};
  product(s.reproducible, queries, {k, stride, true}, scores, s.keys, t.rows, t.keys, s.features);
  for (int64_t r = 0; r < t.rows; r++) {
    float* row = scores + r * s.keys;
    const int64_t seen = keysOf(s, t.first + r);
    scaleScores(row, mask, seen, s.scale);
    logSums[t.first + r] = probabilities(row, seen);
    if (seen < t.keys) fillRun(row + seen, t.keys - seen, 0.0f);
  }
  product(s.reproducible, {scores, s.keys, false}, {v, stride, false}, out + t.first * stride, stride, t.rows, s.features, t.keys);
}

// The heads of the range alone.
inline void attention(bool reproducible, Range headRange, const AttentionArguments& args) {
  const float scale = static_cast<float>(args.scale);
  const Attention s = {reproducible, args.heads, args.queries, args.keys, args.features, args.causal != 0, scale};
  for (int64_t batch = 0; batch < args.batches; batch++) {
    const int64_t row = batch * args.queries * s.stride();
    const int64_t other = batch * args.keys * s.stride();
    for (int64_t head = headRange.first; head < headRange.first + headRange.count; head++) {
      const int64_t at = row + head * args.features;
      const int64_t to = other + head * args.features;
      for (int64_t first = 0; first < args.queries; first += QUERY_TILE) {
        attendTile(s, tileFrom(s, first), args.q + at, args.k + to, args.v + to, args.mask ? args.mask + batch * args.keys : nullptr, args.out + at,
                   args.logSums + (batch * args.heads + head) * args.queries, threadScratch());
      }
    }
  }
}

// A head's operands in the backward pass.
struct AttentionGradient {
  const float* delta;
  // May be absent (nullptr).
  const float* ofLogSums;
  const float* q;
  const float* k;
  const float* v;
  // May be absent (nullptr).
  const float* mask;
  const float* out;
  const float* logSums;
  float* ofQ;
  float* ofK;
  float* ofV;
  // tile × keys each, and keys × features.
  float* scores;
  float* deltas;
  float* sums;
};

// out += sums, rows of `columns` that lie densely in sums.
inline void addRows(float* out, int64_t stride, const float* sums, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, out += stride, sums += columns) {
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(out + i, n) + loadUpTo(sums + i, n), n); });
  }
}

// A query's scores ← probabilities, and δ of the probabilities ← δ of the scores before they were scaled.
inline void scoreDeltas(float* scores, float* deltas, int64_t keys, float logSum, float shift, float scale) {
  const Vector log = broadcast(logSum);
  const Vector by = broadcast(shift);
  const Vector factor = broadcast(scale);
  forEachVector(keys, [=](int64_t i, int64_t n) {
    const Vector probability = math::exp(loadUpTo(scores + i, n) - log);
    storeUpTo(scores + i, probability, n);
    storeUpTo(deltas + i, probability * (loadUpTo(deltas + i, n) - by) * factor, n);
  });
}

inline float dotOf(const float* a, const float* b, int64_t size) {
  return sumOf(size, [=](int64_t i, int64_t n) { return loadUpTo(a + i, n) * loadUpTo(b + i, n); });
}

inline void attendTileGradient(const Attention& s, const QueryTile& t, const AttentionGradient& p) {
  const int64_t stride = s.stride();
  const int64_t at = t.first * stride;
  const bool exact = s.reproducible;
  product(exact, {p.q + at, stride, false}, {p.k, stride, true}, p.scores, s.keys, t.rows, t.keys, s.features);
  product(exact, {p.delta + at, stride, false}, {p.v, stride, true}, p.deltas, s.keys, t.rows, t.keys, s.features);
  for (int64_t r = 0; r < t.rows; r++) {
    const int64_t query = t.first + r;
    const int64_t seen = keysOf(s, query);
    const float dot = dotOf(p.delta + query * stride, p.out + query * stride, s.features);
    float* scores = p.scores + r * s.keys;
    float* deltas = p.deltas + r * s.keys;
    scaleScores(scores, p.mask, seen, s.scale);
    scoreDeltas(scores, deltas, seen, p.logSums[query], p.ofLogSums ? dot - p.ofLogSums[query] : dot, s.scale);
    if (seen < t.keys) {
      fillRun(scores + seen, t.keys - seen, 0.0f);
      fillRun(deltas + seen, t.keys - seen, 0.0f);
    }
  }
  product(exact, {p.deltas, s.keys, false}, {p.k, stride, false}, p.ofQ + at, stride, t.rows, s.features, t.keys);
  product(exact, {p.deltas, s.keys, true}, {p.q + at, stride, false}, p.sums, s.features, t.keys, s.features, t.rows);
  addRows(p.ofK, stride, p.sums, t.keys, s.features);
  product(exact, {p.scores, s.keys, true}, {p.delta + at, stride, false}, p.sums, s.features, t.keys, s.features, t.rows);
  addRows(p.ofV, stride, p.sums, t.keys, s.features);
}

inline void clearHead(const Attention& s, float* x, int64_t rows) {
  for (int64_t r = 0; r < rows; r++, x += s.stride()) fillRun(x, s.features, 0.0f);
}

// The heads of the range alone.
inline void attentionGradient(bool reproducible, Range headRange, const AttentionGradientArguments& args) {
  const float scale = static_cast<float>(args.scale);
  const Attention s = {reproducible, args.heads, args.queries, args.keys, args.features, args.causal != 0, scale};
  const int64_t tileSize = s.tile() * args.keys;
  float* const scratch = threadScratch();
  for (int64_t batch = 0; batch < args.batches; batch++) {
    const int64_t row = batch * args.queries * s.stride();
    const int64_t other = batch * args.keys * s.stride();
    for (int64_t head = headRange.first; head < headRange.first + headRange.count; head++) {
      const int64_t at = row + head * args.features;
      const int64_t to = other + head * args.features;
      const int64_t sum = (batch * args.heads + head) * args.queries;
      const AttentionGradient p = {args.delta + at, args.ofLogSums ? args.ofLogSums + sum : nullptr, args.q + at, args.k + to, args.v + to,
                                   args.mask ? args.mask + batch * args.keys : nullptr, args.out + at, args.logSums + sum, args.ofQ + at, args.ofK + to, args.ofV + to,
                                   scratch, scratch + tileSize, scratch + 2 * tileSize};
      clearHead(s, p.ofK, args.keys);
      clearHead(s, p.ofV, args.keys);
      for (int64_t first = 0; first < args.queries; first += QUERY_TILE) attendTileGradient(s, tileFrom(s, first), p);
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
