// The matrix product by blocks: BLIS's five loops around the register tile, with the operands' parts exchanged because out lies
// by rows. Vectors run along n, so it is a block of B that is packed and stays in L2, and a strip of A that stays in L1.
//
//   5  columns, as many as a block of B has
//   4  steps of k, as many as a block has: here the block of B is packed
//   3  rows, as many as a tile has: here the strip of A is packed
//   2  panels of the block, as wide as a tile
//   1  steps of k in the block: the tile itself
//
// Blocks, panels and strips are cut evenly, so that no remainder is too small to be fast.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "../workspace.h"
#include "gemm_pack.h"
#include "gemm_product.h"
#include "gemm_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Fewer rows read a B that lies by rows where it is, instead of from a packed copy.
constexpr int64_t PACK_ROWS = 32;
// Fewer panels read a transposed A where it is, instead of from a packed copy.
constexpr int64_t PACK_PANELS = 4;
// Strips of A that are packed together, so that whole cache lines are read.
constexpr int64_t PACK_STRIPS = 8;

// What a packed block of B takes at most, in floats.
constexpr int64_t BLOCK_FLOATS = BLOCK_DEPTH * TILING.blockColumns;
// What packed strips of A take at most: they are packed for panels of 2 vectors or more.
constexpr int64_t STRIPS_FLOATS = PACK_STRIPS * stripDistance(BLOCK_DEPTH, TILING.rows[1]);
static_assert(BLOCK_FLOATS + STRIPS_FLOATS <= WORKSPACE_FLOATS, "the packed operands do not fit");

// Columns [column, column + columns) of B at steps [step, step + depth) of k.
struct Block {
  int64_t column;
  int64_t columns;
  int64_t step;
  int64_t depth;
  // In vectors.
  Split panels;
  // The panels, one after the other; or, where the block is read in place, its last panel, if that is not full.
  float* packed;
  bool inPlace;
};

// The width of panels for `rows` rows: less than it could be where a higher tile then takes them all at once.
inline int64_t panelVectors(int64_t rows) {
  constexpr int most = TILING.vectors;
  return rows > TILING.rows[most - 1] && rows <= TILING.rows[most - 2] ? most - 1 : most;
}

inline void packBlock(const Product& s, const Block& block) {
  const Matrix b = s.b.from(block.step, block.column);
  const int64_t depth = block.depth;
  float* to = block.packed;
  int64_t j = 0;
  for (int64_t panel = 0; panel < block.panels.parts; panel++) {
    const int64_t vectors = block.panels.size(panel);
    const int64_t width = vectors * LANES;
    const int64_t columns = block.columns - j < width ? block.columns - j : width;
    if (!block.inPlace || columns < width) {
      packPanel(b.from(0, j), depth, columns, vectors, to);
      to += depth * width;
    }
    j += columns;
  }
}

// Loop 2 for `rows` rows from `row` on.
template <bool Fused, bool TransposedA>
inline void multiplyStrip(const Product& s, const Block& block, int64_t row, int64_t rows, const Matrix& a) {
  const float* packed = block.packed;
  const float* const b = s.b.at(block.step, block.column);
  Tile tile;
  tile.a = a.data;
  tile.strideA = a.stride;
  tile.depth = block.depth;
  tile.strideOut = s.strideOut;
  tile.accumulate = s.accumulate || block.step > 0;
  int64_t j = 0;
  for (int64_t panel = 0; panel < block.panels.parts; panel++) {
    const int64_t vectors = block.panels.size(panel);
    const int64_t width = vectors * LANES;
    tile.columns = block.columns - j < width ? block.columns - j : width;
    tile.out = s.out + row * s.strideOut + block.column + j;
    if (block.inPlace && tile.columns == width) {
      tile.b = b + j;
      tile.strideB = s.b.stride;
    } else {
      tile.b = packed;
      tile.strideB = width;
      packed += block.depth * width;
    }
    tileOf<Fused, TransposedA>(rows, vectors)(tile);
    j += width;
  }
}

// Loop 3.
template <bool Fused>
inline void multiplyBlock(const Product& s, const Block& block, float* packedStrips) {
  const Split strips(s.m, TILING.rows[block.panels.size(0) - 1]);
  const int64_t pitch = strips.size(0);
  const bool packA = s.a.transposed && block.panels.parts >= PACK_PANELS;
  int64_t row = 0;
  for (int64_t strip = 0; strip < strips.parts; strip++) {
    const int64_t rows = strips.size(strip);
    Matrix a = s.a.from(row, block.step);
    if (packA) {
      const int64_t packed = strip % PACK_STRIPS;
      const int64_t end = strip + PACK_STRIPS < strips.parts ? strip + PACK_STRIPS : strips.parts;
      if (packed == 0) packStrips(a, strips, strip, end, block.depth, pitch, packedStrips);
      a = {packedStrips + packed * stripDistance(block.depth, pitch), pitch, true};
    }
    const auto multiply = a.transposed ? multiplyStrip<Fused, true> : multiplyStrip<Fused, false>;
    multiply(s, block, row, rows, a);
    if (s.epilogue && block.step + block.depth == s.k) {
      if (block.columns == s.n) {
        finishRows(s, row, rows);
      } else {
        for (int64_t i = row; i < row + rows; i++) finish(s, i, block.column, block.columns);
      }
    }
    row += rows;
  }
}

// Loops 5 and 4.
template <bool Fused>
inline void multiplyBlocked(const Product& s) {
  float* const packedBlock = packingWorkspace();
  float* const packedStrips = packedBlock + BLOCK_FLOATS;
  const int64_t deepest = blockDepth(s.k, 0);
  const Split blocks(ceilDivide(s.n, LANES), BLOCK_FLOATS / (deepest * LANES));
  const bool inPlace = !s.b.transposed && s.m < PACK_ROWS;
  int64_t column = 0;
  for (int64_t part = 0; part < blocks.parts; part++) {
    const int64_t vectors = blocks.size(part);
    const int64_t columns = s.n - column < vectors * LANES ? s.n - column : vectors * LANES;
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      const Block block = {column, columns, step, depth, Split(vectors, panelVectors(s.m)), packedBlock, inPlace};
      packBlock(s, block);
      multiplyBlock<Fused>(s, block, packedStrips);
    }
    column += columns;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
