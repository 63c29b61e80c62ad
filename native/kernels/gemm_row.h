// One row times a matrix: B is read once, where it lies, as fast as memory gives it.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "loops.h"

#include "../workspace.h"
#include "gemm_pack.h"
#include "gemm_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Rows of B that are read side by side.
constexpr int ROW_STEPS = 8;

// sums[j] += Σ a[p]·b[p][j] over STEPS steps of k, or = where they are the first.
template <Numerics NUMERICS, int STEPS>
inline void addSteps(const float* a, int64_t stepA, const float* b, int64_t strideB, int64_t n, bool first, float* sums) {
  Vector left[STEPS];
  for (int p = 0; p < STEPS; p++) left[p] = broadcast(a[p * stepA]);
  for (int64_t j = 0; j < n; j += LANES) {
    const int64_t count = n - j;
    if (count >= LANES) {
      Vector sum = first ? zero() : load(sums + j);
      for (int p = 0; p < STEPS; p++) sum = multiplyAdd<NUMERICS>(left[p], load(b + p * strideB + j), sum);
      store(sums + j, sum);
    } else {
      Vector sum = first ? zero() : loadUpTo(sums + j, count);
      for (int p = 0; p < STEPS; p++) sum = multiplyAdd<NUMERICS>(left[p], loadUpTo(b + p * strideB + j, count), sum);
      storeUpTo(sums + j, sum, count);
    }
  }
}

// sums = a·B over one block of k.
template <Numerics NUMERICS>
inline void rowTimesRows(const float* a, int64_t stepA, const float* b, int64_t strideB, int64_t n, int64_t depth, float* sums) {
  int64_t p = 0;
  for (; p + ROW_STEPS <= depth; p += ROW_STEPS) {
    addSteps<NUMERICS, ROW_STEPS>(a + p * stepA, stepA, b + p * strideB, strideB, n, p == 0, sums);
  }
  for (; p < depth; p++) addSteps<NUMERICS, 1>(a + p * stepA, stepA, b + p * strideB, strideB, n, p == 0, sums);
}

// The same where B is transposed: GROUPS·LANES columns of it, at least one of them in the last group.
template <Numerics NUMERICS, int GROUPS>
inline void rowTimesColumns(const float* a, int64_t stepA, const float* b, int64_t strideB, int64_t n, int64_t depth, float* sums) {
  Vector totals[GROUPS];
  for (int g = 0; g < GROUPS; g++) totals[g] = zero();
  const int64_t last = n - (GROUPS - 1) * LANES;
  for (int64_t p = 0; p < depth; p += LANES) {
    const int64_t steps = least(depth - p, LANES);
    for (int g = 0; g < GROUPS; g++) {
      Vector lines[LANES];
      loadTransposedFirst(b + g * LANES * strideB + p, strideB, g < GROUPS - 1 ? LANES : last, steps, lines);
      if (steps == LANES) {
        for (int i = 0; i < LANES; i++) totals[g] = multiplyAdd<NUMERICS>(broadcast(a[(p + i) * stepA]), lines[i], totals[g]);
      } else {
        for (int64_t i = 0; i < steps; i++) totals[g] = multiplyAdd<NUMERICS>(broadcast(a[(p + i) * stepA]), lines[i], totals[g]);
      }
    }
  }
  for (int g = 0; g < GROUPS - 1; g++) store(sums + g * LANES, totals[g]);
  storeUpTo(sums + (GROUPS - 1) * LANES, totals[GROUPS - 1], last);
}

// sums = a·B for the columns and the steps of k that B has here.
template <Numerics NUMERICS>
inline void multiplyRowBlock(const float* a, int64_t stepA, const Matrix& b, int64_t columns, int64_t depth, float* sums) {
  if (!b.transposed) return rowTimesRows<NUMERICS>(a, stepA, b.data, b.stride, columns, depth, sums);
  int64_t j = 0;
  for (; j + LANES < columns; j += 2 * LANES) {
    const int64_t count = columns - j < 2 * LANES ? columns - j : 2 * LANES;
    rowTimesColumns<NUMERICS, 2>(a, stepA, b.at(0, j), b.stride, count, depth, sums + j);
  }
  if (j < columns) rowTimesColumns<NUMERICS, 1>(a, stepA, b.at(0, j), b.stride, columns - j, depth, sums + j);
}

// m is 1.
template <Numerics NUMERICS>
inline void multiplyRow(const Product& s) {
  constexpr int64_t MOST = 4096;
  const int64_t stepA = s.a.transposed ? s.a.stride : 1;
  for (int64_t j = 0; j < s.n; j += MOST) {
    const int64_t columns = least(s.n - j, MOST);
    float* const out = s.out + j;
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      const bool accumulate = s.accumulate || step > 0;
      float* const sums = accumulate ? packingWorkspace() : out;
      multiplyRowBlock<NUMERICS>(s.a.at(0, step), stepA, s.b.from(step, j), columns, depth, sums);
      if (accumulate) {
        for (int64_t i = 0; i < columns; i++) out[i] += sums[i];
      }
    }
    if (s.epilogue) finish(s, 0, j, columns);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
