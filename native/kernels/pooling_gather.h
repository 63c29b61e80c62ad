// The way back through a pooling: each element of a plane gathers from the windows that have it.
#pragma once

#include <stdint.h>

#include "pooling_halving.h"
#include "pooling_windows.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// A sum of no more terms than a block has steps.
class SumOfFew {
 public:
  void add(Vector term) { sum_ = sum_ + term; }
  Vector total() const { return sum_; }

 private:
  Vector sum_ = zero();
};

// What the elements at `column` of a row, padding included, and strideX, 2·strideX, … behind it have from the rows of windows from `begin`
// to `end`: the sum of term(at), `at` counting the windows in rows of a pitch. The steps of the sum are the windows of each row from the
// left; windows beyond the row's ends count, with terms of zero.
template <typename Sum, typename Term>
inline Vector gatherColumns(const Pool& s, int64_t begin, int64_t end, int64_t column, Term term) {
  const int64_t part = column % s.strideX;
  const int64_t before = part < s.kernelWidth ? s.behind(s.kernelWidth - 1 - part) : -1;
  int64_t at = begin * s.windowPitch() + s.behind(s.kernelWidth - 1) + column / s.strideX;
  Sum sum;
  for (int64_t y = begin; y < end; y++, at += s.windowPitch()) {
    for (int64_t k = before; k >= 0; k--) sum.add(term(at - k));
  }
  return sum.total();
}

// out = what each element of a row gathers; termsOf(column) gives the terms of column and those strideX, 2·strideX, … behind it.
template <typename Sum, typename TermsOf>
inline void gatherRow(const Pool& s, int64_t row, float* out, TermsOf termsOf) {
  const int64_t begin = s.firstOverRow(row);
  const int64_t end = s.endOverRow(row);
  const int64_t columns = s.coveredColumns();
  const auto gather = [=](int64_t column) { return gatherColumns<Sum>(s, begin, end, column + s.padLeft, termsOf(column)); };
  if (s.strideX == 1) {
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(out + i, gather(i), n); });
  } else if (s.strideX == 2) {
    for (int64_t i = 0; i < columns; i += 2 * LANES) {
      const int64_t size = columns - i < 2 * LANES ? columns - i : 2 * LANES;
      storePairs(out + i, gather(i), gather(i + 1), size);
    }
  } else {
    float lanes[LANES];
    for (int64_t first = 0; first < s.strideX && first < columns; first++) {
      for (int64_t i = first; i < columns; i += LANES * s.strideX) {
        store(lanes, gather(i));
        for (int64_t lane = 0, to = i; lane < LANES && to < columns; lane++, to += s.strideX) out[to] = lanes[lane];
      }
    }
  }
  for (int64_t i = columns; i < s.width; i++) out[i] = 0.0f;
}

// out = what each element of a plane gathers; termsOf(element) as for a row's columns.
template <typename TermsOf>
inline void gatherPlane(const Pool& s, float* out, TermsOf termsOf) {
  for (int64_t row = 0; row < s.height; row++) {
    const int64_t from = row * s.width;
    const auto termsOfColumn = [=](int64_t column) { return termsOf(from + column); };
    if (s.overlapsFar()) {
      gatherRow<SumOfVectors>(s, row, out + from, termsOfColumn);
    } else {
      gatherRow<SumOfFew>(s, row, out + from, termsOfColumn);
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
