// Rows of A times rows of Bᵀ, both where they lie: a layer's forward pass over so few samples that packing would not pay. Vectors
// run along k, so that each element of the output is a sum along memory, in the order that sums.h states.
#pragma once

#include <stdint.h>

#include "gemm_pack.h"
#include "gemm_product.h"
#include "loops.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The shortest k that fills enough vectors to pay for adding up their lanes.
constexpr int64_t LEAST_DOT_DEPTH = 24;
// With this many multiplications, packed operands are read faster.
constexpr int64_t MOST_DOT_WORK = int64_t{1} << 22;
// So they are with this many rows of A and of Bᵀ, and this many times as many elements of the output as each sums products: then packing B
// takes a small part of the time. Measured with k from 32 to 784: up to 3 times as fast where k is short.
constexpr int64_t MANY_DOT_ROWS = 16;
constexpr int64_t MANY_DOT_SUMS = 8;

// Whether packing B pays.
inline bool isWorthPacking(const Product& s) { return s.m >= MANY_DOT_ROWS && s.n >= MANY_DOT_ROWS && s.m * s.n >= MANY_DOT_SUMS * s.k; }

// Whether a product is computed so. It depends on nothing but the whole product's shape: the order of a sum must not depend on the
// instruction set, nor on which region of the output a thread computes.
inline bool isDotted(const Product& s) {
  return LANES > 1 && !s.a.transposed && s.b.transposed && !s.accumulate && s.m > 1 && s.n > 1 && s.k >= LEAST_DOT_DEPTH &&
         s.m * s.n * s.k <= MOST_DOT_WORK && !isWorthPacking(s);
}

// sums[r][c] += a[r][p]·b[c][p] for PARTIAL_SUMS steps of k, or the first `steps` of them.
template <Numerics NUMERICS, bool Whole, int ROWS, int COLUMNS>
inline void addDots(const float* a, int64_t strideA, const float* b, int64_t strideB, int64_t steps,
                    Vector sums[ROWS][COLUMNS][VECTORS_OF_STEP]) {
  unrolled<VECTORS_OF_STEP>([&](auto v) {
    const int64_t left = steps - v.value * LANES;
    if (!Whole && left <= 0) return;
    Vector right[COLUMNS];
    unrolled<COLUMNS>([&](auto c) {
      const float* const from = b + c.value * strideB + v.value * LANES;
      right[c.value] = Whole ? load(from) : loadUpTo(from, left);
    });
    unrolled<ROWS>([&](auto r) {
      const float* const from = a + r.value * strideA + v.value * LANES;
      const Vector one = Whole ? load(from) : loadUpTo(from, left);
      unrolled<COLUMNS>([&](auto c) {
        Vector& sum = sums[r.value][c.value][v.value];
        sum = multiplyAdd<NUMERICS>(one, right[c.value], sum);
      });
    });
  });
}

// ROWS × COLUMNS elements of the output.
template <Numerics NUMERICS, int ROWS, int COLUMNS>
CHAINRULE_KERNEL void multiplyDots(const float* a, int64_t strideA, const float* b, int64_t strideB, int64_t k, float* out,
                                   int64_t strideOut) {
  Vector sums[ROWS][COLUMNS][VECTORS_OF_STEP];
  unrolled<ROWS * COLUMNS * VECTORS_OF_STEP>([&](auto i) { (&sums[0][0][0])[i.value] = zero(); });
  int64_t p = 0;
  for (; p + PARTIAL_SUMS <= k; p += PARTIAL_SUMS) {
    addDots<NUMERICS, true, ROWS, COLUMNS>(a + p, strideA, b + p, strideB, PARTIAL_SUMS, sums);
  }
  if (p < k) addDots<NUMERICS, false, ROWS, COLUMNS>(a + p, strideA, b + p, strideB, k - p, sums);
  unrolled<ROWS>([&](auto r) { unrolled<COLUMNS>([&](auto c) { out[r.value * strideOut + c.value] = totalOf(sums[r.value][c.value]); }); });
}

using DotKernel = void (*)(const float* a, int64_t strideA, const float* b, int64_t strideB, int64_t k, float* out, int64_t strideOut);

// The kernel of exactly `rows` × `columns`.
template <Numerics NUMERICS, int ROWS = DOTS.rows, int COLUMNS = DOTS.columns>
inline DotKernel dotsOf(int64_t rows, int64_t columns) {
  if constexpr (COLUMNS > 1) {
    if (columns < COLUMNS) return dotsOf<NUMERICS, ROWS, COLUMNS - 1>(rows, columns);
  }
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return dotsOf<NUMERICS, ROWS - 1, COLUMNS>(rows, columns);
  }
  return multiplyDots<NUMERICS, ROWS, COLUMNS>;
}

// A few rows of Bᵀ stay in the L1 cache while all of A passes by.
template <Numerics NUMERICS>
inline void multiplyDotted(const Product& s) {
  const Split strips(s.m, DOTS.rows);
  const Split groups(s.n, DOTS.columns);
  int64_t column = 0;
  for (int64_t group = 0; group < groups.parts; group++) {
    const int64_t columns = groups.size(group);
    int64_t row = 0;
    for (int64_t strip = 0; strip < strips.parts; strip++) {
      const int64_t rows = strips.size(strip);
      dotsOf<NUMERICS>(rows, columns)(s.a.at(row, 0), s.a.stride, s.b.at(0, column), s.b.stride, s.k, s.out + row * s.strideOut + column,
                                      s.strideOut);
      row += rows;
    }
    column += columns;
  }
  if (s.epilogue) finishRows(s, 0, s.m);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
