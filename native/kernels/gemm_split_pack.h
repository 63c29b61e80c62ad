// Operands of the product by parts, as the matrix registers read them: each number as the sum of three bfloat16, or rounded to one.
//
// A group is up to 32 rows of A, or columns of B. For every 32 steps of k it has one or two slices of 16 rows or columns; a slice is a
// matrix of 16 × 16 elements for each part. An element is a pair: the parts of steps p and p + 16 of the 32, which come from
// two vectors without a shuffle. A line of A's is the pairs of a row, a line of B's a pair of each column. Steps that are
// missing are zeros; rows and columns that are missing are anything.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "gemm_pack.h"
#include "gemm_product.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int64_t SLICE_STEPS = 2 * MATRIX_COLUMNS;
constexpr int64_t GROUP = 2 * MATRIX_ROWS;
constexpr int64_t MATRIX_FLOATS = MATRIX_ROWS * MATRIX_COLUMNS;
constexpr int64_t sliceFloats(int64_t parts) { return parts * MATRIX_FLOATS; }
static_assert(LANES == MATRIX_COLUMNS, "a vector is a line of a matrix");

// How far ahead, in elements, rows are asked for that are read a slice at a time.
constexpr int64_t SPLIT_AHEAD = 2 * SLICE_STEPS;

inline int64_t slicesOf(int64_t size, int64_t slice) { return ceilDivide(size, slice); }

// Rows of A, or columns of B.
struct Strands {
  const float* data;
  int64_t stride;
  // Steps of a strand are neighbours in memory, not strands of a step.
  bool along;
  bool ofA;
  int64_t count;
  int64_t depth;

  static Strands rowsOf(const Matrix& a, int64_t count, int64_t depth) { return {a.data, a.stride, !a.transposed, true, count, depth}; }
  static Strands columnsOf(const Matrix& b, int64_t count, int64_t depth) { return {b.data, b.stride, b.transposed, false, count, depth}; }

  // What is left from strand i and step p on, of a slice at most.
  Strands slice(int64_t i, int64_t p) const {
    const float* const from = data + (along ? i * stride + p : p * stride + i);
    return {from, stride, along, ofA, least(count - i, MATRIX_ROWS), least(depth - p, SLICE_STEPS)};
  }
  // The number of slices before slice (i, p).
  int64_t slicesBefore(int64_t i, int64_t p) const {
    const int64_t first = i / GROUP * GROUP;
    const int64_t wide = count - first > MATRIX_ROWS ? 2 : 1;
    return first / MATRIX_ROWS * slicesOf(depth, SLICE_STEPS) + wide * (p / SLICE_STEPS) + (i - first) / MATRIX_ROWS;
  }
  bool linesAsInMemory() const { return along == ofA; }
};

// Splits numbers exactly: each is the sum of its parts, of 8 bits each, and the sign.
class Splitter {
 public:
  static constexpr int PARTS = 3;

  // Line `line` of a slice.
  void split(Vector even, Vector odd, float* slice, int64_t line) {
    float* to = slice + line * MATRIX_COLUMNS;
    for (int part = 0; part < PARTS - 1; part++, to += MATRIX_FLOATS) {
      const Vector first = roundToUpperHalf(even);
      const Vector second = roundToUpperHalf(odd);
      store(to, joinUpperHalves(first, second));
      even = even - first;
      odd = odd - second;
    }
    store(to, joinUpperHalves(even, odd));
    check_ = check_ + even + odd;
  }

  // False once a number had no parts: it was not finite, or would have been rounded up to infinity. What is left of it is NaN or infinite.
  bool allSplit() const {
    const float sum = sumOfLanes(check_);
    return sum - sum == 0.0f;
  }

 private:
  Vector check_ = zero();
};

// The only part of a number that is rounded to bfloat16, whatever it is.
class Rounder {
 public:
  static constexpr int PARTS = 1;

  void split(Vector even, Vector odd, float* slice, int64_t line) { store(slice + line * MATRIX_COLUMNS, pairsOf(odd, even)); }
  bool allSplit() const { return true; }
};

inline Vector loadAtMost(const float* from, int64_t n) { return n <= 0 ? zero() : loadUpTo(from, n); }

// A line for each strand.
template <typename S>
CHAINRULE_KERNEL void splitAlong(const Strands& s, float* slice, S& splitter) {
  S own = splitter;
  const float* from = s.data;
  for (int64_t i = 0; i < s.count; i++, from += s.stride) {
    for (int64_t j = 0; j < SLICE_STEPS; j += CACHE_LINE) prefetch(from + SPLIT_AHEAD + j);
    if (s.depth == SLICE_STEPS) {
      own.split(load(from), load(from + LANES), slice, i);
    } else {
      own.split(loadAtMost(from, s.depth), loadAtMost(from + LANES, s.depth - LANES), slice, i);
    }
  }
  splitter = own;
}

// A line for each pair of steps.
template <typename S>
CHAINRULE_KERNEL void splitAcross(const Strands& s, float* slice, S& splitter) {
  S own = splitter;
  const auto step = [&](int64_t p) { return p < s.depth ? loadUpTo(s.data + p * s.stride, s.count) : zero(); };
  for (int64_t p = 0; p < LANES; p++) own.split(step(p), step(p + LANES), slice, p);
  splitter = own;
}

// lines[p] has element p of `count` rows, for p < size, and zeros in the lanes from `count` on; the other lines are zeros.
inline void loadLines(const float* from, int64_t stride, int64_t count, int64_t size, Vector lines[LANES]) {
  if (count > 0 && size > 0) loadTransposedFirst(from, stride, count, size, lines);
  for (int64_t p = count > 0 && size > 0 ? size : 0; p < LANES; p++) lines[p] = zero();
}

// Lines that lie across those of memory: two squares are transposed, and then split.
template <typename S>
CHAINRULE_KERNEL void splitTransposed(const Strands& s, float* slice, S& splitter) {
  S own = splitter;
  const int64_t first = least(s.depth, LANES);
  const int64_t second = s.depth - first;
  Vector even[LANES];
  Vector odd[LANES];
  if (s.along) {
    loadLines(s.data, s.stride, s.count, first, even);
    loadLines(s.data + LANES, s.stride, s.count, second, odd);
  } else {
    loadLines(s.data, s.stride, first, s.count, even);
    loadLines(s.data + LANES * s.stride, s.stride, second, s.count, odd);
  }
  for (int64_t line = 0; line < LANES; line++) own.split(even[line], odd[line], slice, line);
  splitter = own;
}

template <typename S>
inline void packSlice(const Strands& s, float* to, S& splitter) {
  const auto split = !s.linesAsInMemory() ? splitTransposed<S> : s.along ? splitAlong<S> : splitAcross<S>;
  split(s, to, splitter);
}

// In the order of memory.
template <typename S>
inline void packStrands(const Strands& s, float* to, S& splitter) {
  const auto pack = [&](int64_t i, int64_t p) { packSlice(s.slice(i, p), to + s.slicesBefore(i, p) * sliceFloats(S::PARTS), splitter); };
  if (s.along) {
    for (int64_t i = 0; i < s.count; i += MATRIX_ROWS) {
      for (int64_t p = 0; p < s.depth; p += SLICE_STEPS) pack(i, p);
    }
  } else {
    for (int64_t p = 0; p < s.depth; p += SLICE_STEPS) {
      for (int64_t i = 0; i < s.count; i += MATRIX_ROWS) pack(i, p);
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
