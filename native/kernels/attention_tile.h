// Tiles of attention: up to ATTENTION_TILE keys of one head against up to as many queries. A tile's scores are a matrix with a row for each
// key and a lane for each query, so that a query's largest score and its sums run down the rows, no lane waits for another, and the products
// with the scores read them as they lie.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "gemm_pack.h"
#include "gemm_swapped.h"
#include "gemm_tile.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The score of a key that a query may not see.
constexpr float UNSEEN = -1e30f;

// The tile's own positions, to compare queries with a key.
alignas(64) constexpr float POSITIONS[ATTENTION_TILE] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// `b`, depth × columns, as panels one after the other, each as wide as a register tile at most and filled up with zeros.
inline void packPanels(const Matrix& b, int64_t depth, int64_t columns, float* to) {
  const Split panels(vectorsOf(columns), TILING.vectors);
  int64_t j = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t vectors = panels.size(panel);
    const int64_t width = vectors * LANES;
    packPanel(b.from(0, j), depth, least(columns - j, width), vectors, to);
    to += depth * width;
    j += width;
  }
}

// out = A·B, or out += A·B where it accumulates: B is packed by packPanels. The order of sums is that of gemm.h.
struct PanelProduct {
  Matrix a;
  const float* panels;
  float* out;
  int64_t strideOut;
  int64_t rows;
  int64_t columns;
  int64_t depth;
  bool accumulate;
  // The steps of the panels, of which the product takes those from `firstStep` on; 0: it takes all.
  int64_t panelSteps = 0;
  int64_t firstStep = 0;
  // The columns at the left that nobody reads.
  int64_t unread = 0;

  int64_t panelDepth() const { return panelSteps ? panelSteps : depth; }

  // `count` rows from `row` on, summed over `steps` steps from `step` on.
  PanelProduct part(int64_t row, int64_t count, int64_t step, int64_t steps) const {
    PanelProduct own = *this;
    own.a = a.from(row, step);
    own.out = out + row * strideOut;
    own.rows = count;
    own.depth = steps;
    own.panelSteps = depth;
    own.firstStep = step;
    return own;
  }
};

// The rows of a strip and the columns of a panel.
template <Numerics NUMERICS>
inline void multiplyStripOfPanel(const PanelProduct& s, const float* panel, int64_t vectors, int64_t row, int64_t rows, int64_t column) {
  const int64_t width = vectors * LANES;
  const auto multiply = s.a.transposed ? tileOf<NUMERICS, true>(rows, vectors) : tileOf<NUMERICS, false>(rows, vectors);
  Tile tile;
  tile.strideA = s.a.stride;
  tile.strideB = width;
  tile.out = s.out + row * s.strideOut + column;
  tile.strideOut = s.strideOut;
  tile.columns = least(s.columns - column, width);
  for (int64_t step = 0; step < s.depth; step += BLOCK_DEPTH) {
    tile.a = s.a.at(row, step);
    tile.b = panel + step * width;
    tile.depth = blockDepth(s.depth, step);
    tile.accumulate = s.accumulate || step > 0;
    multiply(tile);
  }
}

template <Numerics NUMERICS>
inline void multiplyPanels(const PanelProduct& s) {
  const Split panels(vectorsOf(s.columns), TILING.vectors);
  const float* at = s.panels;
  int64_t column = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t vectors = panels.size(panel);
    const Split strips(s.rows, TILING.rows[vectors - 1]);
    const int64_t width = vectors * LANES;
    int64_t row = 0;
    for (int64_t strip = 0; strip < strips.parts && column + width > s.unread; strip++) {
      const int64_t rows = strips.size(strip);
      multiplyStripOfPanel<NUMERICS>(s, at + s.firstStep * width, vectors, row, rows, column);
      row += rows;
    }
    at += s.panelDepth() * width;
    column += width;
  }
}

// A tile on the diagonal has four quarters. Its later keys are hidden from its earlier queries: that quarter of the scores is neither made nor
// read, whatever lies there.
constexpr int64_t HALF_TILE = ATTENTION_TILE / 2;

// Scores, or δ of them: a row for each key, a column for each query.
template <Numerics NUMERICS>
inline void multiplyScores(const PanelProduct& s, bool halved) {
  if (!halved) return multiplyPanels<NUMERICS>(s);
  multiplyPanels<NUMERICS>(s.part(0, HALF_TILE, 0, s.depth));
  PanelProduct later = s.part(HALF_TILE, HALF_TILE, 0, s.depth);
  later.unread = HALF_TILE;
  multiplyPanels<NUMERICS>(later);
}

// Sums over the keys: a row for each query.
template <Numerics NUMERICS>
inline void multiplyOverKeys(const PanelProduct& s, bool halved) {
  if (!halved) return multiplyPanels<NUMERICS>(s);
  multiplyPanels<NUMERICS>(s.part(0, HALF_TILE, 0, HALF_TILE));
  multiplyPanels<NUMERICS>(s.part(HALF_TILE, HALF_TILE, 0, s.depth));
}

// Sums over the queries: a row for each key.
template <Numerics NUMERICS>
inline void multiplyOverQueries(const PanelProduct& s, bool halved) {
  if (!halved) return multiplyPanels<NUMERICS>(s);
  multiplyPanels<NUMERICS>(s.part(0, HALF_TILE, 0, s.depth));
  multiplyPanels<NUMERICS>(s.part(HALF_TILE, HALF_TILE, HALF_TILE, HALF_TILE));
}

// How a tile's scores are made of its products.
struct Scores {
  float scale;
  // Of the tile's keys; may be absent (nullptr): 0 where no query sees the key.
  const float* mask;
  int64_t keys;
  // Whether queries see no later key: the tile's keys and queries begin at the same position.
  bool diagonal;
  // Of a whole tile on the diagonal: its later half is hidden from the earlier queries.
  bool halved;

  // The keys that the queries of the vector from i on take.
  int64_t keysOf(int64_t i) const { return halved && i < HALF_TILE ? HALF_TILE : keys; }
  bool sees(int64_t key) const { return !mask || mask[key] != 0.0f; }
};

// What a query's keys have come to so far, for each query of a tile.
struct Running {
  // The largest score, UNSEEN at first.
  float* largest;
  // Σ e^(score − largest).
  float* totals;
  // The part of the mean of values so far in the one that has the last tile of keys too.
  float* kept;
};

// The products of LANES queries from i on ← their scores; returns the largest of them and of `most`.
inline Vector scoreKeys(const Scores& s, float* scores, int64_t i, Vector most) {
  const Vector factor = broadcast(s.scale);
  const Vector unseen = broadcast(UNSEEN);
  const Vector queries = load(POSITIONS + i);
  const int64_t keys = s.keysOf(i);
  float* row = scores + i;
  for (int64_t key = 0; key < keys; key++, row += ATTENTION_TILE) {
    Vector score = s.sees(key) ? load(row) * factor : unseen;
    if (s.diagonal) score = select(less(queries, broadcast(static_cast<float>(key))), unseen, score);
    store(row, score);
    most = atLeast(most, score);
  }
  return most;
}

// The products of a tile ← its keys' shares of the mean of values: e^(score − largest) / total, with the running ones. A query that has seen
// no key keeps zeros.
inline void takeKeys(const Scores& s, float* scores, int64_t queries, const Running& running) {
  const Vector unseen = broadcast(UNSEEN);
  for (int64_t i = 0; i < queries; i += LANES) {
    const Vector before = load(running.largest + i);
    const Vector largest = scoreKeys(s, scores, i, before);
    const int64_t keys = s.keysOf(i);
    Vector sum = zero();
    float* row = scores + i;
    for (int64_t key = 0; key < keys; key++, row += ATTENTION_TILE) {
      const Vector e = math::exp(load(row) - largest);
      store(row, e);
      sum = sum + e;
    }
    const auto none = lessOrEqual(largest, unseen);
    const Vector earlier = load(running.totals + i) * math::exp(before - largest);
    const Vector total = earlier + sum;
    const Vector inverse = select(none, zero(), broadcast(1.0f) / total);
    store(running.largest + i, largest);
    store(running.totals + i, select(none, zero(), total));
    store(running.kept + i, earlier * inverse);
    row = scores + i;
    for (int64_t key = 0; key < keys; key++, row += ATTENTION_TILE) store(row, load(row) * inverse);
  }
}

// The products of a tile ← probabilities, and δ of the probabilities ← δ of the products.
inline void takeDeltas(const Scores& s, float* scores, float* deltas, int64_t queries, const float* logSums, const float* shifts) {
  const Vector factor = broadcast(s.scale);
  for (int64_t i = 0; i < queries; i += LANES) {
    const Vector logSum = load(logSums + i);
    const Vector shift = load(shifts + i);
    const Vector positions = load(POSITIONS + i);
    const int64_t keys = s.keysOf(i);
    int64_t at = i;
    for (int64_t key = 0; key < keys; key++, at += ATTENTION_TILE) {
      Vector probability = zero();
      Vector delta = zero();
      if (s.sees(key)) {
        probability = math::exp(load(scores + at) * factor - logSum);
        delta = probability * (load(deltas + at) - shift) * factor;
      }
      if (s.diagonal) {
        const auto later = less(positions, broadcast(static_cast<float>(key)));
        probability = select(later, zero(), probability);
        delta = select(later, zero(), delta);
      }
      store(scores + at, probability);
      store(deltas + at, delta);
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
