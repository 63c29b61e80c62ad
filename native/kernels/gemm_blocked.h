// The matrix product by blocks: BLIS's five loops around the register tile, with the operands' parts exchanged because out lies
// by rows. Vectors run along n, so it is a block of B that is packed and stays in L2, and a strip of A that stays in L1.
//
//   5  columns, as many as a block of B has
//   4  steps of k, as many as a block has: here what no tile copies of the block is packed
//   3  rows, as many as a tile has
//   2  panels of the block, as wide as a tile
//   1  steps of k in the block: the tile itself
//
// A B that lies by rows is packed by the tiles of the first strip, and the strip of a transposed A by the tile of the first panel, while
// they multiply.
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
constexpr int64_t PACK_PANELS = 2;

// What a packed block of B takes at most, in floats.
constexpr int64_t BLOCK_FLOATS = BLOCK_DEPTH * TILING.blockColumns;
// Rows that the workspace has room for beside it: a packed strip of A, or the sums of a swapped product (gemm_swapped.h), which keeps more
// rows than a tile has.
constexpr int64_t STRIP_ROWS = 96;
constexpr int64_t STRIP_FLOATS = BLOCK_DEPTH * STRIP_ROWS;
// What a packed block takes at most while strips of A and rows of the output pass by: an L2 cache of 1 MB has to hold some of them as well.
constexpr int64_t REPEATED_FLOATS = least(BLOCK_FLOATS, BLOCK_DEPTH * 192);
static_assert(TILING.rows[0] <= STRIP_ROWS, "a packed strip does not fit");
static_assert(BLOCK_FLOATS + STRIP_FLOATS <= WORKSPACE_FLOATS, "the packed operands do not fit");

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
  // By all strips: too few for a copy.
  bool inPlace;
};

// Rows [row, row + rows) of A at a block's steps of k.
struct Strip {
  int64_t row;
  int64_t rows;
  Matrix a;
  // Where it is packed to; null where it is read as it lies.
  float* packed;
};

// The width of panels for `rows` rows: less than it could be where a higher tile then takes them all at once.
inline int64_t panelVectors(int64_t rows) {
  constexpr int most = TILING.vectors;
  return rows > TILING.rows[most - 1] && rows <= TILING.rows[most - 2] ? most - 1 : most;
}

// Whether a panel can be read where it lies.
inline bool liesByRows(const Product& s, int64_t columns, int64_t width) { return !s.b.transposed && columns == width; }

// Packs the panels that no tile can read where they lie.
inline void packBlock(const Product& s, const Block& block) {
  const Matrix b = s.b.from(block.step, block.column);
  const int64_t depth = block.depth;
  float* to = block.packed;
  int64_t j = 0;
  for (int64_t panel = 0; panel < block.panels.parts; panel++) {
    const int64_t vectors = block.panels.size(panel);
    const int64_t width = vectors * LANES;
    const int64_t columns = least(block.columns - j, width);
    const bool lies = liesByRows(s, columns, width);
    if (!lies) packPanel(b.from(0, j), depth, columns, vectors, to);
    if (!lies || !block.inPlace) to += depth * width;
    j += columns;
  }
}

// Loop 2.
template <Numerics NUMERICS, bool TransposedA>
inline void multiplyStrip(const Product& s, const Block& block, const Strip& strip) {
  float* packed = block.packed;
  const float* const b = s.b.at(block.step, block.column);
  Tile tile;
  tile.a = strip.a.data;
  tile.strideA = strip.a.stride;
  tile.depth = block.depth;
  tile.strideOut = s.strideOut;
  tile.accumulate = s.accumulate || block.step > 0;
  tile.copyA = strip.packed;
  const int64_t nextRow = strip.row + strip.rows;
  int64_t j = 0;
  for (int64_t panel = 0; panel < block.panels.parts; panel++) {
    const int64_t vectors = block.panels.size(panel);
    const int64_t width = vectors * LANES;
    tile.columns = least(block.columns - j, width);
    tile.out = s.out + strip.row * s.strideOut + block.column + j;
    const bool lies = liesByRows(s, tile.columns, width);
    const bool inPlace = lies && (block.inPlace || strip.row == 0);
    tile.b = inPlace ? b + j : packed;
    tile.strideB = inPlace ? s.b.stride : width;
    tile.copyB = inPlace && !block.inPlace ? packed : nullptr;
    if (!lies || !block.inPlace) packed += block.depth * width;
    if (panel == block.panels.parts - 1 && nextRow < s.m) tile.nextA = s.a.at(nextRow, block.step);
    tileOf<NUMERICS, TransposedA>(strip.rows, vectors)(tile);
    if (tile.copyA) {
      tile.a = tile.copyA;
      tile.strideA = strip.rows;
      tile.copyA = nullptr;
    }
    j += width;
  }
}

// Loop 3.
template <Numerics NUMERICS>
inline void multiplyBlock(const Product& s, const Block& block, float* packedStrip) {
  const Split strips(s.m, TILING.rows[block.panels.size(0) - 1]);
  const bool packA = s.a.transposed && block.panels.parts >= PACK_PANELS;
  const auto multiply = s.a.transposed ? multiplyStrip<NUMERICS, true> : multiplyStrip<NUMERICS, false>;
  int64_t row = 0;
  for (int64_t strip = 0; strip < strips.parts; strip++) {
    const int64_t rows = strips.size(strip);
    multiply(s, block, {row, rows, s.a.from(row, block.step), packA ? packedStrip : nullptr});
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
template <Numerics NUMERICS>
inline void multiplyBlocked(const Product& s) {
  float* const packedBlock = packingWorkspace();
  float* const packedStrip = packedBlock + BLOCK_FLOATS;
  const int64_t deepest = blockDepth(s.k, 0);
  const Split blocks(ceilDivide(s.n, LANES), REPEATED_FLOATS / (deepest * LANES));
  const bool inPlace = !s.b.transposed && s.m < PACK_ROWS;
  int64_t column = 0;
  for (int64_t part = 0; part < blocks.parts; part++) {
    const int64_t vectors = blocks.size(part);
    const int64_t columns = least(s.n - column, vectors * LANES);
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      const Block block = {column, columns, step, depth, Split(vectors, panelVectors(s.m)), packedBlock, inPlace};
      packBlock(s, block);
      multiplyBlock<NUMERICS>(s, block, packedStrip);
    }
    column += columns;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
