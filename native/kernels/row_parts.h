// Sums and largest elements of a row that one thread takes alone, or several together, each a range of whole parts of it: the same bits.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The largest of `start` and of the elements; NaN is passed over, unless `start` is it.
inline float largestOf(const float* x, int64_t size, float start) {
  const Vector first = broadcast(start);
  Vector largest = first;
  forEachVector(size, [&](int64_t i, int64_t n) { largest = atLeast(largest, keepUpTo(loadUpTo(x + i, n), n, first)); });
  return largestLane(largest);
}

// The largest of a row; NaN is passed over unless it comes first (sums over such a row are NaN anyway).
inline float largestOf(const float* x, int64_t size) { return largestOf(x, size, x[0]); }

// Σ of a row of parts, of which each has 16 partial sums, `stride` floats from those of the next. Parts are powers of two of whole blocks:
// their sums enter the tree as nodes of that height.
inline float totalOfParts(const float* parts, int64_t count, int64_t stride) {
  BlockSums<VECTORS_OF_STEP> tree;
  Vector sums[VECTORS_OF_STEP];
  for (int64_t part = 0; part < count - 1; part++, parts += stride) {
    for (int v = 0; v < VECTORS_OF_STEP; v++) sums[v] = load(parts + v * LANES);
    tree.add(sums);
  }
  for (int v = 0; v < VECTORS_OF_STEP; v++) sums[v] = load(parts + v * LANES);
  tree.addTo(sums);
  return totalOf(sums);
}

// Rows of `size` elements; this thread takes the range `own`. All threads call each function: they write the results of their parts into
// shared memory, meet, and add them up in the same order. The memory is there twice, since one thread may write for the next row while
// another still reads.
class RowParts {
 public:
  RowParts(Range own, int64_t size) : own_(own), size_(size), parts_(ceilDivide(size, ROW_PART)) {}

  // Σ of the terms that term(i, n) gives of the row, the way of sumOf: it is asked for those of this thread.
  template <typename Term>
  float sum(Term term) {
    if (isWhole()) return sumOf(size_, term);
    float* const parts = shared();
    for (int64_t at = own_.first; at < end(); at += ROW_PART) {
      Vector sums[VECTORS_OF_STEP];
      sumsOfRun<1>(lengthAt(at), sums, [=](int64_t i, int64_t n, Vector* sum) { sum[0] = sum[0] + term(at + i, n); });
      for (int v = 0; v < VECTORS_OF_STEP; v++) store(parts + at / ROW_PART * PARTIAL_SUMS + v * LANES, sums[v]);
    }
    meet();
    return totalOfParts(parts, parts_, PARTIAL_SUMS);
  }

  float largest(const float* x) {
    if (isWhole()) return largestOf(x, size_);
    // Another thread may write over it once all have met.
    const float start = x[0];
    float* const parts = shared();
    for (int64_t at = own_.first; at < end(); at += ROW_PART) parts[at / ROW_PART] = largestOf(x + at, lengthAt(at), start);
    meet();
    return largestOf(parts, parts_, start);
  }

 private:
  Range own_;
  int64_t size_;
  int64_t parts_;
  int64_t turn_ = 0;

  bool isWhole() const { return own_.count == size_; }
  int64_t end() const { return own_.first + own_.count; }
  int64_t lengthAt(int64_t at) const { return least(size_ - at, ROW_PART); }
  float* shared() const { return sharedScratch() + turn_ * parts_ * PARTIAL_SUMS; }

  void meet() {
    meetOthers();
    turn_ = 1 - turn_;
  }
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
