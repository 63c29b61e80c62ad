// C = A·B for one pair of matrices in any transposition.
//
// The contract of its numbers: k is cut into blocks of BLOCK_DEPTH steps. Each element of the output is, block by block in the
// order of k, zero plus the block's products one after the other; the blocks' sums are added in order. Neither the instruction
// set nor the path, the tile or the division of the output among threads can change a result; `Fused` alone does: with it (and
// an instruction for it) a product is added in one rounding and subnormals may count as zero, without it in two roundings, bit for
// bit the same for every instruction set.
#pragma once

#include <stdint.h>

#include "gemm_blocked.h"
#include "gemm_packed.h"
#include "gemm_product.h"
#include "gemm_row.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Up to so many multiplications are done one by one: there is less of them than of preparations for vectors.
constexpr int64_t TINY = 48;

template <bool Fused>
inline void multiplyTiny(const Product& s) {
  for (int64_t i = 0; i < s.m; i++) {
    for (int64_t j = 0; j < s.n; j++) {
      float sum = 0.0f;
      for (int64_t p = 0; p < s.k; p++) sum = multiplyAdd<Fused>(*s.a.at(i, p), *s.b.at(p, j), sum);
      float& out = s.out[i * s.strideOut + j];
      out = s.accumulate ? out + sum : sum;
    }
    if (s.epilogue) finish(s, i, 0, s.n);
  }
}

// One column of output whose elements are neighbours is a row too: (A·b)ᵀ = bᵀ·Aᵀ.
template <bool Fused>
inline void multiplyColumn(const Product& s) {
  Product row = s;
  row.a = s.b.transpose();
  row.b = s.a.transpose();
  row.m = 1;
  row.n = s.m;
  row.epilogue = nullptr;
  multiplyRow<Fused>(row);
  if (s.epilogue) {
    for (int64_t i = 0; i < s.m; i++) finish(s, i, 0, 1);
  }
}

template <bool Fused>
inline void gemm(const Product& s) {
  if (s.m * s.n * s.k <= TINY) return multiplyTiny<Fused>(s);
  if (packedPays(s)) return multiplyPacked<Fused>(s);
  if (s.m == 1) return multiplyRow<Fused>(s);
  if (s.n == 1 && s.strideOut == 1) return multiplyColumn<Fused>(s);
  if (swapPays(s)) return multiplySwapped<Fused>(s);
  multiplyBlocked<Fused>(s);
}

// Rows [row, row + rows) × columns [column, column + columns) of the output, all in it.
struct Region {
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
};

// The region of the product's output, the same bits as the whole product has there. Regions that do not overlap may be
// computed at the same time.
template <bool Fused>
inline void gemm(const Product& whole, const Region& region) {
  if (region.rows <= 0 || region.columns <= 0) return;
  Product part = whole;
  part.a = whole.a.from(region.row, 0);
  part.b = whole.b.from(0, region.column);
  part.packed.first += region.column;
  part.out = whole.out + region.row * whole.strideOut + region.column;
  part.m = region.rows;
  part.n = region.columns;
  Epilogue epilogue;
  if (whole.epilogue) {
    epilogue = whole.epilogue->from(region.row, region.column);
    part.epilogue = &epilogue;
  }
  if constexpr (Fused) {
    [[maybe_unused]] const FlushSubnormals flush;
    gemm<Fused>(part);
  } else {
    gemm<Fused>(part);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
