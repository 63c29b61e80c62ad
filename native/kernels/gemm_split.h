// A·B on matrix registers that multiply bfloat16. Each number is split into three of them, exactly, and of the nine products of two
// numbers' parts the six largest are added in float32: the others are together less than 2⁻²⁵ of the product, so that the result is as
// near as with floats (G. Henry, P. T. P. Tang, A. Heinecke, "Leveraging the bfloat16 artificial intelligence datatype for
// higher-precision computations", 2019).
//
// The contract of its numbers: for each 32 steps of k an element gets six sums, of the products of A's and B's parts (first, third),
// (first, second), (second, second), (second, first), (third, first), (first, first). Each is that of steps 0 to 15, a fused multiply-add
// after the other, and that of steps 16 to 31. Parts and results that are subnormal count as zero: of numbers below 2⁻¹⁰⁹ or so the
// lower bits are lost. A region with a number that is infinite, NaN or about to overflow is multiplied as floats instead. Else no
// division among threads can change a result.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "../workspace.h"
#include "gemm_pack.h"
#include "gemm_product.h"
#include "gemm_split_pack.h"
#include "gemm_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Steps of k that are packed together; out is read and written once for each.
constexpr int64_t SPLIT_DEPTH = 256;
constexpr int64_t floatsOf(int64_t strands, int64_t depth) { return strands * depth * Splitter::PARTS / 2; }
// What the packed rows of A take, and the packed columns of B: the block stays in L2.
constexpr int64_t ROWS_FLOATS = floatsOf(GROUP, SPLIT_DEPTH);
constexpr int64_t COLUMNS_FLOATS = floatsOf(512, SPLIT_DEPTH);
static_assert(ROWS_FLOATS + COLUMNS_FLOATS <= WORKSPACE_FLOATS, "the packed operands do not fit");

// About what a product takes, in units of 4 ps: 2 for a multiplication of parts and 50 to split a number, or 3 for one of floats.
inline bool splitPays(const Product& s) {
  const auto whole = [](int64_t size, int64_t slice) { return slicesOf(size, slice) * slice; };
  const int64_t split = 2 * whole(s.m, MATRIX_ROWS) * whole(s.n, MATRIX_COLUMNS) * whole(s.k, SLICE_STEPS) + 50 * (s.m + s.n) * s.k;
  return !s.accumulate && split < 3 * s.m * whole(s.n, LANES) * s.k;
}

// The same where both are rounded: a multiplication, and 12 to round a number; or a dot product of pairs instead of two multiplications of floats.
inline bool roundingPays(const Product& s) {
  const int64_t paired = 3 * s.m * roundUp(s.n, LANES) * s.k / 2;
  const int64_t products = roundUp(s.m, MATRIX_ROWS) * roundUp(s.n, MATRIX_COLUMNS) * roundUp(s.k, SLICE_STEPS) / 3;
  return !s.accumulate && products + 12 * (s.m + s.n) * s.k < paired;
}

// Matrix registers: the sums of up to 2 × 2 matrices of the output, a part of A for each of their rows, and one of B for each column.
constexpr int SUMS = 0;
constexpr int OF_A = 4;
constexpr int OF_B = 6;

// Rows and columns of the output that are summed at a time, GROUP of each at most.
struct Square {
  int64_t rows = 0;
  int64_t columns = 0;

  bool operator==(const Square& other) const { return rows == other.rows && columns == other.columns; }
};

inline void shapeFor(const Square& square) {
  MatrixShapes shapes;
  for (int i = 0; i * MATRIX_ROWS < square.rows; i++) {
    const int64_t left = square.rows - i * MATRIX_ROWS;
    const int64_t rows = least(left, MATRIX_ROWS);
    shapes.set(OF_A + i, rows, MATRIX_COLUMNS);
    for (int j = 0; j * MATRIX_COLUMNS < square.columns; j++) {
      const int64_t right = square.columns - j * MATRIX_COLUMNS;
      const int64_t columns = least(right, MATRIX_COLUMNS);
      shapes.set(OF_B + j, MATRIX_ROWS, columns);
      shapes.set(SUMS + 2 * i + j, rows, columns);
    }
  }
  shapeMatrices(shapes);
}

// Which parts of A and of B are multiplied, in this order. Where there is but one part, the last product alone.
constexpr int PRODUCTS = 6;
constexpr int PRODUCT_PARTS[PRODUCTS][2] = {{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}};

// A part of COUNT slices, into the registers from FIRST on.
template <int PARTS, int FIRST, int COUNT>
inline void loadParts(const float* slices, int part) {
  unrolled<COUNT>(
      [&](auto i) { loadMatrix<FIRST + i.value>(slices + i.value * sliceFloats(PARTS) + part * MATRIX_FLOATS, MATRIX_COLUMNS); });
}

// The products of a slice of ROWS × COLUMNS matrices. A part is loaded where another one was before.
template <int PARTS, int ROWS, int COLUMNS>
inline void addSlice(const float* a, const float* b) {
  constexpr int FIRST = PARTS == 1 ? PRODUCTS - 1 : 0;
  unrolled<PRODUCTS - FIRST>([&](auto product) {
    constexpr int at = FIRST + product.value;
    constexpr int before = at > FIRST ? at - 1 : at;
    if constexpr (at == FIRST || PRODUCT_PARTS[at][0] != PRODUCT_PARTS[before][0]) loadParts<PARTS, OF_A, ROWS>(a, PRODUCT_PARTS[at][0]);
    if constexpr (at == FIRST || PRODUCT_PARTS[at][1] != PRODUCT_PARTS[before][1]) loadParts<PARTS, OF_B, COLUMNS>(b, PRODUCT_PARTS[at][1]);
    unrolled<ROWS>([&](auto i) {
      unrolled<COLUMNS>([&](auto j) { multiplyMatrices<SUMS + 2 * i.value + j.value, OF_A + i.value, OF_B + j.value>(); });
    });
  });
}

// out = A·B, or += A·B, for `slices` slices of a group of rows and one of columns; out's next columns are asked for meanwhile.
template <int PARTS, int ROWS, int COLUMNS>
CHAINRULE_KERNEL void multiplySquare(const float* a, const float* b, int64_t slices, float* out, int64_t stride, bool accumulate) {
  const auto forEachSum = [&](auto body) {
    unrolled<ROWS>([&](auto i) {
      float* const row = out + i.value * MATRIX_ROWS * stride;
      unrolled<COLUMNS>([&](auto j) { body(Index<SUMS + 2 * i.value + j.value>{}, row + j.value * MATRIX_COLUMNS); });
    });
  };
  forEachSum([&](auto sum, const float* from) { accumulate ? loadMatrix<sum.value>(from, stride) : clearMatrix<sum.value>(); });
  constexpr int64_t ROWS_ASKED = GROUP * SLICE_STEPS / SPLIT_DEPTH;
  const float* next = out + GROUP;
  for (int64_t slice = 0; slice < slices; slice++, a += ROWS * sliceFloats(PARTS), b += COLUMNS * sliceFloats(PARTS)) {
    for (int i = 0; i < ROWS_ASKED; i++, next += stride) {
      prefetch(next);
      prefetch(next + CACHE_LINE);
    }
    addSlice<PARTS, ROWS, COLUMNS>(a, b);
  }
  forEachSum([&](auto sum, float* to) { storeMatrix<sum.value>(to, stride); });
}

using SquareKernel = void (*)(const float*, const float*, int64_t, float*, int64_t, bool);

template <int PARTS>
inline SquareKernel squareOf(const Square& square) {
  if (square.rows > MATRIX_ROWS) return square.columns > MATRIX_COLUMNS ? multiplySquare<PARTS, 2, 2> : multiplySquare<PARTS, 2, 1>;
  return square.columns > MATRIX_COLUMNS ? multiplySquare<PARTS, 1, 2> : multiplySquare<PARTS, 1, 1>;
}

// A block of B, packed by S, and the matrix registers that multiply it; they are given back in the end.
template <typename S>
class SplitBlock {
 public:
  SplitBlock() : rows_(packingWorkspace()), columns_(rows_ + ROWS_FLOATS) {}
  ~SplitBlock() { releaseMatrices(); }
  SplitBlock(const SplitBlock&) = delete;
  SplitBlock& operator=(const SplitBlock&) = delete;

  // `s` is the block's part of the product: all of its steps are packed together. False where a number is not finite.
  bool multiply(const Product& s) {
    packStrands(Strands::columnsOf(s.b, s.n, s.k), columns_, splitter_);
    for (int64_t row = 0; row < s.m; row += GROUP) {
      const int64_t rows = least(s.m - row, GROUP);
      packStrands(Strands::rowsOf(s.a.from(row, 0), rows, s.k), rows_, splitter_);
      if (!splitter_.allSplit()) return false;
      multiplyGroup(s, row, rows);
      if (s.epilogue) {
        for (int64_t i = row; i < row + rows; i++) finish(s, i, 0, s.n);
      }
    }
    return true;
  }

 private:
  void multiplyGroup(const Product& s, int64_t row, int64_t rows) {
    const int64_t slices = slicesOf(s.k, SLICE_STEPS);
    const float* columns = columns_;
    for (int64_t j = 0; j < s.n; j += GROUP) {
      const Square square = {rows, least(s.n - j, GROUP)};
      if (!(square == shaped_)) shapeFor(shaped_ = square);
      squareOf<S::PARTS>(square)(rows_, columns, slices, s.out + row * s.strideOut + j, s.strideOut, s.accumulate);
      columns += slicesOf(square.columns, MATRIX_COLUMNS) * slices * sliceFloats(S::PARTS);
    }
  }

  float* const rows_;
  float* const columns_;
  S splitter_;
  Square shaped_;
};

// False, with anything in out, where a number is not finite, unless it is but rounded.
template <typename S>
inline bool multiplySplit(const Product& s) {
  const int64_t deepest = s.k < SPLIT_DEPTH ? slicesOf(s.k, SLICE_STEPS) * SLICE_STEPS : SPLIT_DEPTH;
  const Split blocks(slicesOf(s.n, GROUP), COLUMNS_FLOATS / floatsOf(GROUP, deepest));
  SplitBlock<S> block;
  int64_t column = 0;
  for (int64_t part = 0; part < blocks.parts; part++) {
    const int64_t columns = s.n - column < blocks.size(part) * GROUP ? s.n - column : blocks.size(part) * GROUP;
    for (int64_t step = 0; step < s.k; step += SPLIT_DEPTH) {
      const int64_t depth = least(s.k - step, SPLIT_DEPTH);
      Epilogue epilogue;
      if (s.epilogue) epilogue = s.epilogue->from(0, column);
      const bool last = step + depth == s.k;
      if (!block.multiply({s.a.from(0, step),
                           s.b.from(step, column),
                           s.out + column,
                           s.strideOut,
                           s.m,
                           columns,
                           depth,
                           step > 0,
                           s.epilogue && last ? &epilogue : nullptr,
                           {}})) {
        return false;
      }
    }
    column += columns;
  }
  return true;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
