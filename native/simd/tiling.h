// The shape of the data that each ISA's header gives the matrix product.
#pragma once

namespace chainrule {

// How an ISA cuts products up. None of it can change a result: the order of accumulation is the same for all.
struct Tiling {
  // Vectors that a register tile is wide at most: 2 or 3.
  int vectors;
  // Rows of a register tile at most, where it is 1, 2, 3 vectors wide: never more where it is wider.
  int rows[3];
  // Columns of a packed block of B: with BLOCK_DEPTH rows it takes a good part of the L2 cache.
  int blockColumns;
};

// Elements of the output that are summed side by side where vectors run along k: as many as fit into registers, 16 partial sums each.
struct DotTile {
  int rows;
  int columns;
};

}  // namespace chainrule
