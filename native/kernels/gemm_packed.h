// A·B where B was packed before, once for many products: panels as wide as the widest tile, the last as wide as is left, filled up
// with zeros. Blocks of BLOCK_DEPTH steps of k follow one another; a block is its panels one after the other; a panel has a row for
// each step.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "gemm_blocked.h"
#include "gemm_pack.h"
#include "gemm_product.h"
#include "gemm_swapped.h"
#include "gemm_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int64_t PANEL_COLUMNS = TILING.vectors * LANES;
// Rows of A that take turns with a panel: their part for a block of k shares the L2 cache with it.
constexpr int64_t PACKED_ROWS = 256;

inline uint64_t packedLength(const MatrixView& matrix) {
  return static_cast<uint64_t>(matrix.k) * static_cast<uint64_t>(vectorsOf(matrix.n) * LANES);
}

inline void pack(const MatrixView& matrix, float* to) {
  const Matrix b = {matrix.data, matrix.transposed ? matrix.k : matrix.n, matrix.transposed};
  for (int64_t step = 0; step < matrix.k; step += BLOCK_DEPTH) {
    const int64_t depth = blockDepth(matrix.k, step);
    for (int64_t j = 0; j < matrix.n; j += PANEL_COLUMNS) {
      const int64_t columns = least(matrix.n - j, PANEL_COLUMNS);
      packPanel(b.from(step, j), depth, columns, vectorsOf(columns), to);
      to += depth * vectorsOf(columns) * LANES;
    }
  }
}

// Whether the packed copy serves the product as well as vectors along m would: those waste fewer lanes where n is small.
inline bool packedPays(const Product& s) {
  if (!s.packed.panels || s.packed.first % LANES != 0 || (s.n == 1 && s.strideOut == 1)) return false;
  return s.m == 1 || (!s.a.transposed && 3 * s.m * vectorsOf(s.n) <= costOf(s.n, s.m));
}

// Neighbouring columns of a product that lie within one panel.
struct Piece {
  const float* b;
  int64_t strideB;
  int64_t column;
  int64_t columns;

  int64_t vectors() const { return vectorsOf(columns); }
};

// From column `column` of the product on, in the block of `depth` steps that begins at `step`; no columns behind the last.
inline Piece pieceAt(const Product& s, int64_t step, int64_t depth, int64_t column) {
  const int64_t padded = vectorsOf(s.packed.columns) * LANES;
  const int64_t at = s.packed.first + column;
  const int64_t panel = at - at % PANEL_COLUMNS;
  const int64_t width = least(padded - panel, PANEL_COLUMNS);
  const int64_t room = panel + width - at;
  const int64_t left = s.n - column;
  return {s.packed.panels + step * padded + panel * depth + at - panel, width, column, least(left, room)};
}

// out = a·B, or += where it accumulates, over one block of k for the columns of two pieces, LEFT and RIGHT vectors wide.
template <Numerics NUMERICS, int LEFT, int RIGHT>
void multiplyPieces(const float* a, int64_t stepA, int64_t depth, const Piece& left, const Piece& right, float* out, bool accumulate) {
  constexpr int VECTORS = LEFT + RIGHT;
  Vector sums[VECTORS];
  unrolled<VECTORS>([&](auto v) { sums[v.value] = zero(); });
  const float* b = left.b;
  const float* c = right.b;
  for (int64_t p = 0; p < depth; p++, a += stepA, b += left.strideB, c += right.strideB) {
    const Vector factor = broadcast(*a);
    unrolled<LEFT>([&](auto v) { sums[v.value] = multiplyAdd<NUMERICS>(factor, load(b + v.value * LANES), sums[v.value]); });
    unrolled<RIGHT>([&](auto v) {
      Vector& sum = sums[LEFT + v.value];
      sum = multiplyAdd<NUMERICS>(factor, load(c + v.value * LANES), sum);
    });
  }
  storeRow<VECTORS>(out, sums, left.columns + right.columns, accumulate);
}

using PiecesKernel = void (*)(const float*, int64_t, int64_t, const Piece&, const Piece&, float*, bool);

template <Numerics NUMERICS, int LEFT, int RIGHT = TILING.vectors>
inline PiecesKernel piecesOfRight(int64_t right) {
  if constexpr (RIGHT > 0) {
    if (right < RIGHT) return piecesOfRight<NUMERICS, LEFT, RIGHT - 1>(right);
  }
  return multiplyPieces<NUMERICS, LEFT, RIGHT>;
}

// The kernel for exactly `left` and `right` vectors.
template <Numerics NUMERICS, int LEFT = TILING.vectors>
inline PiecesKernel piecesOf(int64_t left, int64_t right) {
  if constexpr (LEFT > 1) {
    if (left < LEFT) return piecesOf<NUMERICS, LEFT - 1>(left, right);
  }
  return piecesOfRight<NUMERICS, LEFT>(right);
}

// One row: as fast as memory gives B.
template <Numerics NUMERICS>
inline void multiplyPackedRow(const Product& s) {
  const int64_t stepA = s.a.transposed ? s.a.stride : 1;
  for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
    const int64_t depth = blockDepth(s.k, step);
    for (int64_t j = 0; j < s.n;) {
      const Piece left = pieceAt(s, step, depth, j);
      const Piece right = pieceAt(s, step, depth, j + left.columns);
      piecesOf<NUMERICS>(left.vectors(), right.vectors())(s.a.at(0, step), stepA, depth, left, right, s.out + j, s.accumulate || step > 0);
      j += left.columns + right.columns;
    }
  }
  if (s.epilogue) finish(s, 0, 0, s.n);
}

// Rows [row, end) of one piece.
template <Numerics NUMERICS>
inline void multiplyPiece(const Product& s, const Piece& piece, int64_t step, int64_t depth, int64_t row, int64_t end) {
  const int64_t vectors = piece.vectors();
  const Split strips(end - row, TILING.rows[vectors - 1]);
  for (int64_t strip = 0; strip < strips.parts; strip++) {
    const int64_t rows = strips.size(strip);
    const Tile tile = {s.a.at(row, step), s.a.stride,    piece.b,
                       piece.strideB,     depth,         s.out + row * s.strideOut + piece.column,
                       s.strideOut,       piece.columns, s.accumulate || step > 0};
    tileOf<NUMERICS, false>(rows, vectors)(tile);
    if (s.epilogue && step + depth == s.k) {
      for (int64_t i = row; i < row + rows; i++) finish(s, i, piece.column, piece.columns);
    }
    row += rows;
  }
}

// A panel of B comes from memory once for all rows of a group, and from the cache for each of their strips.
template <Numerics NUMERICS>
inline void multiplyPacked(const Product& s) {
  if (s.m == 1) return multiplyPackedRow<NUMERICS>(s);
  const Split groups(s.m, PACKED_ROWS);
  int64_t row = 0;
  for (int64_t group = 0; group < groups.parts; group++) {
    const int64_t end = row + groups.size(group);
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      for (int64_t j = 0; j < s.n;) {
        const Piece piece = pieceAt(s, step, depth, j);
        multiplyPiece<NUMERICS>(s, piece, step, depth, row, end);
        j += piece.columns;
      }
    }
    row = end;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
