// The shape of the data that each ISA's header gives the matrix product.
#pragma once

namespace chainrule {

// Most vectors that a register tile is wide.
constexpr int TILE_VECTORS = 3;

// How an ISA cuts products up. None of it can change a result: the order of accumulation is the same for all.
struct Tiling {
  // Most rows of a register tile that is 1, 2, 3 vectors wide.
  int rows[TILE_VECTORS];
  // Columns of a packed block of B: with BLOCK_DEPTH rows it takes a good part of the L2 cache.
  int blockColumns;
};

}  // namespace chainrule
