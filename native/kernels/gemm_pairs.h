// A·B of factors rounded to bfloat16, on processors that multiply pairs of them: two steps of k at once.
//
// The contract of its numbers is that of gemm.h for factors that were rounded before, since a product of two bfloat16 is exact as a float:
// blocks of BLOCK_DEPTH steps, whose products are added one after the other in the order of k. Numbers, products and sums that are
// subnormal count as zero. Matrix registers, where the processor has them, take the large ones, told by the whole product's shape: they add, for
// each 32 steps, the products of steps p and p + 16 for p from 0 to 15.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "gemm.h"
#include "gemm_packed.h"
#include "gemm_pairs_pack.h"
#include "gemm_product.h"
#include "gemm_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int64_t PAIRED_FLOATS = PAIR_ROWS * pairPitch(BLOCK_DEPTH);
static_assert(BLOCK_FLOATS + PAIRED_FLOATS <= WORKSPACE_FLOATS, "the packed operands do not fit");

// Copies of a whole B: as in gemm_packed.h, with pairs for steps.
inline uint64_t packedPairsLength(const MatrixView& matrix) {
  return static_cast<uint64_t>(pairsIn(matrix.k)) * static_cast<uint64_t>(vectorsOf(matrix.n) * LANES);
}

inline void packPairs(const Matrix& b, int64_t depth, int64_t columns, float* to) {
  for (int64_t j = 0; j < columns; j += PANEL_COLUMNS) {
    const int64_t own = least(columns - j, PANEL_COLUMNS);
    const int64_t width = vectorsOf(own) * LANES;
    packPairPanel(b.from(0, j), depth, own, width, to);
    to += pairsIn(depth) * width;
  }
}

inline void packPairs(const MatrixView& matrix, float* to) {
  const Matrix b = {matrix.data, matrix.transposed ? matrix.k : matrix.n, matrix.transposed};
  const int64_t width = vectorsOf(matrix.n) * LANES;
  for (int64_t step = 0; step < matrix.k; step += BLOCK_DEPTH) {
    packPairs(b.from(step, 0), blockDepth(matrix.k, step), matrix.n, to + step / 2 * width);
  }
}

// As multiplyTile: the tile's depth and strides count pairs.
template <bool TransposedA, int ROWS, int VECTORS>
CHAINRULE_KERNEL void multiplyPairedTile(const Tile& tile) {
  Vector sums[ROWS][VECTORS];
  unrolled<ROWS>([&](auto r) { unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = zero(); }); });
  const int64_t rowA = TransposedA ? 1 : tile.strideA;
  const int64_t stepA = TransposedA ? tile.strideA : 1;
  const float* a = tile.a;
  const float* b = tile.b;
  for (int64_t p = 0; p < tile.depth; p++, a += stepA, b += tile.strideB) {
    Vector right[VECTORS];
    unrolled<VECTORS>([&](auto v) { right[v.value] = load(b + v.value * LANES); });
    unrolled<ROWS>([&](auto r) {
      const Vector left = broadcast(a[r.value * rowA]);
      unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = addPairs(left, right[v.value], sums[r.value][v.value]); });
    });
  }
  const bool accumulate = tile.accumulate;
  unrolled<ROWS>([&](auto r) { storeRow<VECTORS>(tile.out + r.value * tile.strideOut, sums[r.value], tile.columns, accumulate); });
}

template <bool TransposedA, int VECTORS, int ROWS = TILING.rows[VECTORS - 1]>
inline TileKernel pairedTileOfRows(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return pairedTileOfRows<TransposedA, VECTORS, ROWS - 1>(rows);
  }
  return multiplyPairedTile<TransposedA, ROWS, VECTORS>;
}

// The kernel of exactly `rows` × `vectors`.
template <bool TransposedA>
inline TileKernel pairedTileOf(int64_t rows, int64_t vectors) {
  if (vectors == 1) return pairedTileOfRows<TransposedA, 1>(rows);
  if (vectors < TILING.vectors) return pairedTileOfRows<TransposedA, 2>(rows);
  return pairedTileOfRows<TransposedA, TILING.vectors>(rows);
}

// One row times whole panels, PANELS at a time: sums of one panel alone would wait for each other.
template <int PANELS>
CHAINRULE_KERNEL void multiplyPairedPanels(const Tile& tile) {
  constexpr int VECTORS = TILING.vectors;
  Vector sums[PANELS * VECTORS];
  unrolled<PANELS * VECTORS>([&](auto v) { sums[v.value] = zero(); });
  const int64_t panel = tile.depth * PANEL_COLUMNS;
  const float* b = tile.b;
  for (int64_t p = 0; p < tile.depth; p++, b += PANEL_COLUMNS) {
    const Vector left = broadcast(tile.a[p]);
    unrolled<PANELS>([&](auto own) {
      unrolled<VECTORS>([&](auto v) {
        Vector& sum = sums[own.value * VECTORS + v.value];
        sum = addPairs(left, load(b + own.value * panel + v.value * LANES), sum);
      });
    });
  }
  storeRow<PANELS * VECTORS>(tile.out, sums, PANELS * PANEL_COLUMNS, tile.accumulate);
}

// Steps of k of a product whose B is packed: they begin at `panelStep` pairs of the packed copy.
struct PairedBlock {
  int64_t step;
  int64_t depth;
  int64_t panelStep;

  int64_t pairs() const { return pairsIn(depth); }
};

inline Tile pairedTileAt(const Product& s, const PairedBlock& block, const float* a, int64_t strideA, const Piece& piece, int64_t row) {
  return {a,
          strideA,
          piece.b,
          piece.strideB,
          block.pairs(),
          s.out + row * s.strideOut + piece.column,
          s.strideOut,
          piece.columns,
          s.accumulate || block.step > 0};
}

// The only row: whole panels four at a time.
inline void multiplyPairedRow(const Product& s, const PairedBlock& block, const float* a) {
  constexpr int PANELS = 4;
  constexpr int64_t TOGETHER = PANELS * PANEL_COLUMNS;
  for (int64_t j = 0; j < s.n;) {
    const Piece piece = pieceAt(s, block.panelStep, block.pairs(), j);
    const bool isTogether = piece.columns == PANEL_COLUMNS && s.n - j >= TOGETHER;
    const auto kernel = isTogether ? multiplyPairedPanels<PANELS> : pairedTileOf<false>(1, piece.vectors());
    kernel(pairedTileAt(s, block, a, 0, piece, 0));
    j += isTogether ? TOGETHER : piece.columns;
  }
  if (s.epilogue && block.step + block.depth == s.k) finish(s, 0, 0, s.n);
}

// Rows [row, row + rows) of one piece, of the packed rows `a`: the panel stays in the L1 cache.
template <bool TransposedA>
inline void multiplyPairedPiece(const Product& s, const PairedBlock& block, const Matrix& a, const Piece& piece, int64_t row,
                                int64_t rows) {
  const Split strips(rows, TILING.rows[piece.vectors() - 1]);
  int64_t first = 0;
  for (int64_t strip = 0; strip < strips.parts; strip++) {
    const int64_t own = strips.size(strip);
    pairedTileOf<TransposedA>(own, piece.vectors())(pairedTileAt(s, block, a.at(first, 0), a.stride, piece, row + first));
    if (s.epilogue && block.step + block.depth == s.k) {
      for (int64_t i = 0; i < own; i++) finish(s, row + first + i, piece.column, piece.columns);
    }
    first += own;
  }
}

// All rows, by groups that are packed.
inline void multiplyPairedBlock(const Product& s, const PairedBlock& block, float* packedRows) {
  const Split groups(s.m, PAIR_ROWS);
  int64_t row = 0;
  for (int64_t group = 0; group < groups.parts; group++) {
    const int64_t rows = groups.size(group);
    const Matrix a = packPairedRows(s.a.from(row, block.step), rows, block.depth, packedRows);
    if (s.m == 1 && !a.transposed) return multiplyPairedRow(s, block, a.data);
    const auto multiplyPiece = a.transposed ? multiplyPairedPiece<true> : multiplyPairedPiece<false>;
    for (int64_t j = 0; j < s.n;) {
      const Piece piece = pieceAt(s, block.panelStep, block.pairs(), j);
      multiplyPiece(s, block, a, piece, row, rows);
      j += piece.columns;
    }
    row += rows;
  }
}

// Columns [column, column + columns), whose B is packed block by block.
inline void multiplyPairedColumns(const Product& whole, int64_t column, int64_t columns) {
  float* const packed = packingWorkspace();
  Product s = whole;
  s.out += column;
  s.n = columns;
  s.packed = {packed, columns, 0};
  Epilogue epilogue;
  if (whole.epilogue) {
    epilogue = whole.epilogue->from(0, column);
    s.epilogue = &epilogue;
  }
  for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
    const int64_t depth = blockDepth(s.k, step);
    packPairs(whole.b.from(step, column), depth, columns, packed);
    multiplyPairedBlock(s, {step, depth, 0}, packed + BLOCK_FLOATS);
  }
}

inline void multiplyPairs(const Product& s) {
  if (s.packed.panels && s.packed.first % LANES == 0) {
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      multiplyPairedBlock(s, {step, blockDepth(s.k, step), step / 2}, packingWorkspace() + BLOCK_FLOATS);
    }
    return;
  }
  const int64_t deepest = pairsIn(blockDepth(s.k, 0));
  const Split blocks(vectorsOf(s.n), BLOCK_FLOATS / (deepest * LANES));
  int64_t column = 0;
  for (int64_t part = 0; part < blocks.parts; part++) {
    const int64_t columns = least(s.n - column, blocks.size(part) * LANES);
    multiplyPairedColumns(s, column, columns);
    column += columns;
  }
}

// The region of the product's output, the same bits as the whole product has there.
inline void multiplyPairs(const Product& whole, const Region& region) {
  if (region.rows <= 0 || region.columns <= 0) return;
  Epilogue epilogue;
  const Product part = partOf(whole, region, epilogue);
  [[maybe_unused]] const FlushSubnormals flush;
#if defined(CHAINRULE_MATRIX_REGISTERS)
  if (roundingPays(whole)) {
    multiplySplit<Rounder>(part);
    return;
  }
#endif
  multiplyPairs(part);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
