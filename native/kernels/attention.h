// Scaled dot-product attention. Heads lie side by side in the features. Scores exist for one tile of keys and queries at a time
// (attention_tile.h). The contract of the numbers: a query takes the tiles of its keys in order. A tile's exponentials are added one after
// the other; with each tile the sum and the mean of values so far are brought to the new largest score. Each product has the order of sums
// of gemm.h; δ of queries is, tile by tile in the order of the keys, the sum of the tiles' products, that of keys and values in the order
// of the queries. On the diagonal of a causal attention the later half of a tile's keys is left out of all sums of its earlier half of
// queries, whatever numbers lie there.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../sizes.h"
#include "../workspace.h"
#include "attention_tile.h"
#include "movement.h"
#include "reductions.h"
#include "with_numerics.h"

namespace chainrule {
namespace CHAINRULE_ISA {

struct Attention {
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t features;
  bool causal;
  float scale;

  // From one row of queries, keys or values to the next.
  int64_t stride() const { return heads * features; }
  // Room for a tile's rows of a head, packed.
  int64_t packed() const { return ATTENTION_TILE * roundUp(features, CACHE_LINE); }
};

// Rows [first, first + rows) of queries or keys.
struct Rows {
  int64_t first;
  int64_t count;
};

inline Rows tileFrom(int64_t first, int64_t size) {
  const int64_t left = size - first;
  return {first, least(left, ATTENTION_TILE)};
}

// The keys that a tile of queries may see any of, counted from the first one on.
inline int64_t keysOf(const Attention& s, Rows queries) {
  const int64_t seen = queries.first + queries.count;
  return s.causal ? least(seen, s.keys) : s.keys;
}

inline Scores scoresOf(const Attention& s, Rows queries, Rows keys, const float* mask) {
  const bool diagonal = s.causal && keys.first == queries.first;
  const bool halved = diagonal && keys.count == ATTENTION_TILE && queries.count == ATTENTION_TILE;
  return {s.scale, mask ? mask + keys.first : nullptr, keys.count, diagonal, halved};
}

// A head's operands.
struct AttentionHead {
  const float* q;
  const float* k;
  const float* v;
  // May be absent (nullptr).
  const float* mask;
  float* out;
  float* logSums;
};

// Rows of out times a number each.
inline void scaleRows(float* out, int64_t stride, const float* factors, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, out += stride) {
    const Vector factor = broadcast(factors[r]);
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(out + i, n) * factor, n); });
  }
}

// Asks for rows of a head before they are needed. Heads lie side by side, so that only a few cache lines of each row are read: the processor
// does not foresee them.
inline void fetchRows(const Attention& s, const float* x, Rows rows) {
  const int64_t stride = s.stride();
  const float* row = x + rows.first * stride;
  for (int64_t r = 0; r < rows.count; r++, row += stride) {
    for (int64_t i = 0; i < s.features; i += CACHE_LINE) prefetch(row + i);
  }
}

// ln Σ e^score of each query, 0 for one that sees no key.
inline void storeLogSums(const Running& running, int64_t queries, float* logSums) {
  const Vector unseen = broadcast(UNSEEN);
  forEachVector(queries, [=](int64_t i, int64_t n) {
    const Vector largest = load(running.largest + i);
    const Vector log = largest + math::log(load(running.totals + i));
    storeUpTo(logSums + i, select(lessOrEqual(largest, unseen), zero(), log), n);
  });
}

template <Numerics NUMERICS>
inline void attendTile(const Attention& s, Rows queries, const AttentionHead& p) {
  const int64_t stride = s.stride();
  float* const scores = threadScratch();
  float* const ofQueries = scores + ATTENTION_TILE * ATTENTION_TILE;
  float* const ofValues = ofQueries + s.packed();
  float* const sums = ofValues + s.packed();
  const Running running = {sums, sums + ATTENTION_TILE, sums + 2 * ATTENTION_TILE};
  fillRun(running.largest, ATTENTION_TILE, UNSEEN);
  fillRun(running.totals, ATTENTION_TILE, 0.0f);
  const int64_t seen = keysOf(s, queries);
  fetchRows(s, p.q, queries);
  fetchRows(s, p.k, tileFrom(0, seen));
  packPanels({p.q + queries.first * stride, stride, true}, s.features, queries.count, ofQueries);
  float* const out = p.out + queries.first * stride;
  for (int64_t first = 0; first < seen; first += ATTENTION_TILE) {
    const Rows keys = tileFrom(first, seen);
    const Scores tile = scoresOf(s, queries, keys, p.mask);
    const int64_t width = vectorsOf(queries.count) * LANES;
    multiplyScores<NUMERICS>(
        {{p.k + first * stride, stride, false}, ofQueries, scores, ATTENTION_TILE, keys.count, width, s.features, false}, tile.halved);
    fetchRows(s, p.v, keys);
    if (first + ATTENTION_TILE < seen) fetchRows(s, p.k, tileFrom(first + ATTENTION_TILE, seen));
    takeKeys(tile, scores, queries.count, running);
    if (first > 0) scaleRows(out, stride, running.kept, queries.count, s.features);
    packPanels({p.v + first * stride, stride, false}, keys.count, s.features, ofValues);
    multiplyOverKeys<NUMERICS>({{scores, ATTENTION_TILE, true}, ofValues, out, stride, queries.count, s.features, keys.count, first > 0},
                               tile.halved);
  }
  storeLogSums(running, queries.count, p.logSums + queries.first);
}

template <Numerics NUMERICS>
inline void attendHeads(const Attention& s, Range heads, const AttentionArguments& args) {
  for (int64_t batch = 0; batch < args.batches; batch++) {
    const float* const mask = args.mask ? args.mask + batch * s.keys : nullptr;
    for (int64_t head = heads.first; head < heads.first + heads.count; head++) {
      const int64_t at = batch * s.queries * s.stride() + head * s.features;
      const int64_t to = batch * s.keys * s.stride() + head * s.features;
      float* const logSums = args.logSums + (batch * s.heads + head) * s.queries;
      const AttentionHead p = {args.q + at, args.k + to, args.v + to, mask, args.out + at, logSums};
      for (int64_t first = 0; first < s.queries; first += ATTENTION_TILE) attendTile<NUMERICS>(s, tileFrom(first, s.queries), p);
    }
  }
}

// The heads of the range alone.
inline void attention(Numerics numerics, Range heads, const AttentionArguments& args) {
  const Attention s = {args.heads, args.queries, args.keys, args.features, args.causal != 0, static_cast<float>(args.scale)};
  withNumerics(numerics, [&](auto steps) { attendHeads<steps.value>(s, heads, args); });
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
};

// The scratch memory of the backward pass.
struct GradientMemory {
  // A tile's probabilities, and δ of them.
  float* scores;
  float* deltas;
  // For each query of a tile, with zeros behind the last.
  float* logSums;
  float* shifts;
  // Rows of a tile, packed: queries and δ with the features as steps (transposed), and with the queries as steps; keys.
  float* stepsOfQ;
  float* stepsOfDelta;
  float* rowsOfQ;
  float* rowsOfDelta;
  float* rowsOfK;

  GradientMemory(float* memory, int64_t packed)
      : scores(memory),
        deltas(scores + ATTENTION_TILE * ATTENTION_TILE),
        logSums(deltas + ATTENTION_TILE * ATTENTION_TILE),
        shifts(logSums + ATTENTION_TILE),
        stepsOfQ(shifts + ATTENTION_TILE),
        stepsOfDelta(stepsOfQ + packed),
        rowsOfQ(stepsOfDelta + packed),
        rowsOfDelta(rowsOfQ + packed),
        rowsOfK(rowsOfDelta + packed) {}
};

inline float dotOf(const float* a, const float* b, int64_t size) {
  return sumOf(size, [=](int64_t i, int64_t n) { return loadUpTo(a + i, n) * loadUpTo(b + i, n); });
}

// What a tile of queries has for all tiles of keys.
inline void prepareQueries(const Attention& s, Rows queries, const AttentionGradient& p, const GradientMemory& m) {
  const int64_t stride = s.stride();
  const int64_t at = queries.first * stride;
  fetchRows(s, p.delta, queries);
  fetchRows(s, p.out, queries);
  fetchRows(s, p.q, queries);
  fillRun(m.logSums, ATTENTION_TILE, 0.0f);
  fillRun(m.shifts, ATTENTION_TILE, 0.0f);
  for (int64_t r = 0; r < queries.count; r++) {
    const int64_t query = queries.first + r;
    const float dot = dotOf(p.delta + query * stride, p.out + query * stride, s.features);
    m.logSums[r] = p.logSums[query];
    m.shifts[r] = p.ofLogSums ? dot - p.ofLogSums[query] : dot;
  }
  packPanels({p.q + at, stride, true}, s.features, queries.count, m.stepsOfQ);
  packPanels({p.delta + at, stride, true}, s.features, queries.count, m.stepsOfDelta);
  packPanels({p.q + at, stride, false}, queries.count, s.features, m.rowsOfQ);
  packPanels({p.delta + at, stride, false}, queries.count, s.features, m.rowsOfDelta);
}

template <Numerics NUMERICS>
inline void attendTileGradient(const Attention& s, Rows queries, Rows keys, const AttentionGradient& p, const GradientMemory& m) {
  constexpr int64_t TILE = ATTENTION_TILE;
  const int64_t stride = s.stride();
  const int64_t width = vectorsOf(queries.count) * LANES;
  const int64_t at = keys.first * stride;
  const Scores tile = scoresOf(s, queries, keys, p.mask);
  const bool halved = tile.halved;
  fetchRows(s, p.v, keys);
  multiplyScores<NUMERICS>({{p.k + at, stride, false}, m.stepsOfQ, m.scores, TILE, keys.count, width, s.features, false}, halved);
  multiplyScores<NUMERICS>({{p.v + at, stride, false}, m.stepsOfDelta, m.deltas, TILE, keys.count, width, s.features, false}, halved);
  fetchRows(s, p.ofQ, queries);
  fetchRows(s, p.ofK, keys);
  fetchRows(s, p.ofV, keys);
  takeDeltas(tile, m.scores, m.deltas, queries.count, m.logSums, m.shifts);
  packPanels({p.k + at, stride, false}, keys.count, s.features, m.rowsOfK);
  float* const ofQ = p.ofQ + queries.first * stride;
  multiplyOverKeys<NUMERICS>({{m.deltas, TILE, true}, m.rowsOfK, ofQ, stride, queries.count, s.features, keys.count, keys.first > 0},
                             halved);
  multiplyOverQueries<NUMERICS>({{m.deltas, TILE, false}, m.rowsOfQ, p.ofK + at, stride, keys.count, s.features, queries.count, true},
                                halved);
  multiplyOverQueries<NUMERICS>({{m.scores, TILE, false}, m.rowsOfDelta, p.ofV + at, stride, keys.count, s.features, queries.count, true},
                                halved);
}

inline void clearHead(const Attention& s, float* x, int64_t rows) {
  for (int64_t r = 0; r < rows; r++, x += s.stride()) fillRun(x, s.features, 0.0f);
}

template <Numerics NUMERICS>
inline void attendHeadGradient(const Attention& s, const AttentionGradient& p) {
  const GradientMemory memory(threadScratch(), s.packed());
  clearHead(s, p.ofK, s.keys);
  clearHead(s, p.ofV, s.keys);
  for (int64_t first = 0; first < s.queries; first += ATTENTION_TILE) {
    const Rows queries = tileFrom(first, s.queries);
    const int64_t seen = keysOf(s, queries);
    fetchRows(s, p.k, tileFrom(0, seen));
    prepareQueries(s, queries, p, memory);
    for (int64_t key = 0; key < seen; key += ATTENTION_TILE) attendTileGradient<NUMERICS>(s, queries, tileFrom(key, seen), p, memory);
  }
}

template <Numerics NUMERICS>
inline void attendHeadsGradient(const Attention& s, Range heads, const AttentionGradientArguments& args) {
  for (int64_t batch = 0; batch < args.batches; batch++) {
    const float* const mask = args.mask ? args.mask + batch * s.keys : nullptr;
    for (int64_t head = heads.first; head < heads.first + heads.count; head++) {
      const int64_t at = batch * s.queries * s.stride() + head * s.features;
      const int64_t to = batch * s.keys * s.stride() + head * s.features;
      const int64_t sum = (batch * s.heads + head) * s.queries;
      const float* const ofLogSums = args.ofLogSums ? args.ofLogSums + sum : nullptr;
      attendHeadGradient<NUMERICS>(s, {args.delta + at, ofLogSums, args.q + at, args.k + to, args.v + to, mask, args.out + at,
                                       args.logSums + sum, args.ofQ + at, args.ofK + to, args.ofV + to});
    }
  }
}

// The heads of the range alone.
inline void attentionGradient(Numerics numerics, Range heads, const AttentionGradientArguments& args) {
  const Attention s = {args.heads, args.queries, args.keys, args.features, args.causal != 0, static_cast<float>(args.scale)};
  withNumerics(numerics, [&](auto steps) { attendHeadsGradient<steps.value>(s, heads, args); });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
