// C = A·B for one pair of matrices in any transposition.
//
// The contract of its numbers: k is cut into blocks of BLOCK_DEPTH steps. Each element of the output is, block by block in the
// order of k, zero plus the block's products one after the other; the blocks' sums are added in order. `Fused` changes two things.
// A product is added in one rounding, where the instruction set has an instruction for it, and subnormals may count as zero. And
// some products, told by the whole product's shape alone, have another order: sums along memory in that of sums.h (gemm_dots.h), or,
// where the processor has matrix registers, sums of parts (gemm_split.h). Else neither the instruction set nor the path, the tile or
// the division of the output among threads can change a result; without `Fused` it is bit for bit the same for every instruction set.
#pragma once

#include <stdint.h>

#include "gemm_blocked.h"
#include "gemm_dots.h"
#include "gemm_packed.h"
#include "gemm_product.h"
#include "gemm_row.h"
#if defined(CHAINRULE_MATRIX_REGISTERS)
#include "gemm_split.h"
#endif
#include "gemm_swapped.h"
#include "gemm_tiny.h"

namespace chainrule {
namespace CHAINRULE_ISA {

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

// How the terms of an element are summed: along memory, by parts, or one after the other.
enum class Order { along, parts, steps };

// Of the whole product, by its shape.
template <bool Fused>
inline Order orderOf(const Product& whole) {
  if (isDotted<Fused>(whole)) return Order::along;
#if defined(CHAINRULE_MATRIX_REGISTERS)
  if (Fused && splitPays(whole)) return Order::parts;
#endif
  return Order::steps;
}

// By the path that suits these sizes, in the whole product's order.
template <bool Fused>
inline void multiplyBest(const Product& s, Order order) {
  if (order == Order::along) return multiplyDotted<Fused>(s);
#if defined(CHAINRULE_MATRIX_REGISTERS)
  if (order == Order::parts && multiplySplit<Splitter>(s)) return;
#endif
  if (isTiny(s)) return multiplyTiny<Fused>(s);
  if (packedPays(s)) return multiplyPacked<Fused>(s);
  if (s.m == 1) return multiplyRow<Fused>(s);
  if (s.n == 1 && s.strideOut == 1) return multiplyColumn<Fused>(s);
  if (swapPays(s)) return multiplySwapped<Fused>(s);
  multiplyBlocked<Fused>(s);
}

template <bool Fused>
inline void gemm(const Product& s) {
  multiplyBest<Fused>(s, orderOf<Fused>(s));
}

// Rows [row, row + rows) × columns [column, column + columns) of the output, all in it.
struct Region {
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
};

// The region as a product of its own, whose epilogue is kept in `epilogue`.
inline Product partOf(const Product& whole, const Region& region, Epilogue& epilogue) {
  Product part = whole;
  part.a = whole.a.from(region.row, 0);
  part.b = whole.b.from(0, region.column);
  part.packed.first += region.column;
  part.out = whole.out + region.row * whole.strideOut + region.column;
  part.m = region.rows;
  part.n = region.columns;
  if (whole.epilogue) {
    epilogue = whole.epilogue->from(region.row, region.column);
    part.epilogue = &epilogue;
  }
  return part;
}

// The region of the product's output, the same bits as the whole product has there. Regions that do not overlap may be
// computed at the same time.
template <bool Fused>
inline void gemm(const Product& whole, const Region& region) {
  if (region.rows <= 0 || region.columns <= 0) return;
  if (isTiny(whole) && region.rows == whole.m && region.columns == whole.n) return multiplyTiny<Fused>(whole);
  Epilogue epilogue;
  const Product part = partOf(whole, region, epilogue);
  const Order order = orderOf<Fused>(whole);
  // Changing how the processor rounds takes longer than a tiny product.
  if (!Fused || isTiny(part)) return multiplyBest<Fused>(part, order);
  [[maybe_unused]] const FlushSubnormals flush;
  multiplyBest<Fused>(part, order);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
