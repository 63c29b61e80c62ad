// Factors rounded to bfloat16, in the order in which the product by pairs reads them: a lane has a pair, the numbers of two steps of k. A last
// step that is alone has a zero beside it.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "gemm_pack.h"
#include "gemm_product.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// How far ahead packing asks for what it reads, in steps of k: rows that are long leave the processor's own prefetching no time.
constexpr int64_t PAIRS_AHEAD = 8;

constexpr int64_t pairsIn(int64_t steps) { return ceilDivide(steps, 2); }

inline Vector loadAny(const float* from, int64_t n) { return n <= 0 ? zero() : loadUpTo(from, n); }

// to[p][j] = from[2p][j], from[2p + 1][j] for j < columns, and zeros for columns ≤ j < width; rows `strideFrom` and `width` apart.
CHAINRULE_KERNEL void pairRows(const float* CHAINRULE_RESTRICT from, int64_t strideFrom, int64_t depth, int64_t columns, int64_t width,
                               float* CHAINRULE_RESTRICT to) {
  for (int64_t p = 0; p < depth; p += 2, from += 2 * strideFrom, to += width) {
    const bool isPair = p + 1 < depth;
    for (int64_t j = 0; j < width; j += LANES) {
      prefetch(from + PAIRS_AHEAD * strideFrom + j);
      prefetch(from + (PAIRS_AHEAD + 1) * strideFrom + j);
      const Vector second = isPair ? loadAny(from + strideFrom + j, columns - j) : zero();
      store(to + j, pairsOf(loadAny(from + j, columns - j), second));
    }
  }
}

// to[p] = from[2p], from[2p + 1], for `depth` neighbours.
inline void pairNeighbours(const float* CHAINRULE_RESTRICT from, int64_t depth, float* CHAINRULE_RESTRICT to) {
  int64_t p = 0;
  for (; p + 2 * LANES <= depth; p += 2 * LANES, to += LANES) store(to, pairsAlong(load(from + p), load(from + p + LANES)));
  const int64_t left = depth - p;
  if (left > 0) storeUpTo(to, pairsAlong(loadAny(from + p, left), loadAny(from + p + LANES, left - LANES)), pairsIn(left));
}

// to[p][j] = from[j][2p], from[j][2p + 1] for j < columns, and zeros for columns ≤ j < width.
CHAINRULE_KERNEL void pairColumns(const float* CHAINRULE_RESTRICT from, int64_t strideFrom, int64_t depth, int64_t columns, int64_t width,
                                  float* CHAINRULE_RESTRICT to) {
  float square[LANES * LANES];
  for (int64_t j = 0; j < width; j += LANES) {
    const int64_t count = least(columns - j, LANES);
    for (int64_t p = 0; p < depth; p += 2 * LANES) {
      const int64_t steps = least(depth - p, 2 * LANES);
      for (int64_t i = 0; i < LANES; i++) {
        const float* const row = from + (j + i) * strideFrom + p;
        store(square + i * LANES, i < count ? pairsAlong(loadAny(row, steps), loadAny(row + LANES, steps - LANES)) : zero());
      }
      Vector lines[LANES];
      loadTransposed(square, LANES, lines);
      for (int64_t i = 0; i < pairsIn(steps); i++) store(to + (p / 2 + i) * width + j, lines[i]);
    }
  }
}

// A panel of B, `width` wide.
inline void packPairPanel(const Matrix& b, int64_t depth, int64_t columns, int64_t width, float* panel) {
  (b.transposed ? pairColumns : pairRows)(b.data, b.stride, depth, columns, width, panel);
}

// Rows of A that are packed together.
constexpr int64_t PAIR_ROWS = 144;
// From one packed row of A to the next: a cache line more than it takes, or rows would compete for the same few places of the L1 cache.
constexpr int64_t pairPitch(int64_t depth) { return pairsIn(depth) + CACHE_LINE; }

// `rows` rows of A, in the form that it lies in.
inline Matrix packPairedRows(const Matrix& a, int64_t rows, int64_t depth, float* to) {
  if (a.transposed) {
    const int64_t pitch = roundUp(rows, LANES);
    pairRows(a.data, a.stride, depth, rows, pitch, to);
    return {to, pitch, true};
  }
  const int64_t pitch = pairPitch(depth);
  for (int64_t i = 0; i < rows; i++) pairNeighbours(a.data + i * a.stride, depth, to + i * pitch);
  return {to, pitch, false};
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
