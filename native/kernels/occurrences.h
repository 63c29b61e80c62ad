// The rows of a table that indices name, each with the places of its index.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../workspace.h"
#include "indices.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Where indices stand, in the order of their places: a chain for each that occurs in a range, found by hashing. It lies in the thread's
// scratch, as src/ops/rows.ts says: the place after each place, then the slots.
class Occurrences {
 public:
  Occurrences(Range range, const float* index, int64_t places, int64_t count)
      : index_(index), next_(threadScratch()), slots_(next_ + places) {
    while ((int64_t{1} << bits_) < 2 * places) bits_++;
    for (int64_t slot = 0; slot < slots(); slot++) storeIndex(slots_, slot, NO_PLACE);
    for (int64_t place = places - 1; place >= 0; place--) {
      const int64_t row = indexAt(index, place, count);
      if (row < range.first || row >= range.first + range.count) continue;
      const int64_t slot = slotOf(row);
      storeIndex(next_, place, loadIndex(slots_, slot));
      storeIndex(slots_, slot, static_cast<int32_t>(place));
    }
  }

  // Calls body(row, first) for each row that occurs: its first place.
  template <typename Body>
  void forEachRow(Body body) const {
    for (int64_t slot = 0; slot < slots(); slot++) {
      const int64_t first = loadIndex(slots_, slot);
      if (first != NO_PLACE) body(loadIndex(index_, first), first);
    }
  }

  // Σ of n columns from column i on of the δ's at a chain's places.
  Vector sumOf(const float* delta, int64_t columns, int64_t first, int64_t i, int64_t n) const {
    SumOfVectors sum;
    for (int64_t place = first; place != NO_PLACE; place = loadIndex(next_, place)) sum.add(loadUpTo(delta + place * columns + i, n));
    return sum.total();
  }

  // The gradient of n columns of a row from column i on: the sum, or the δ at its first place, where δ's of equal indices do not add up.
  Vector gradientOf(bool summed, const float* delta, int64_t columns, int64_t first, int64_t i, int64_t n) const {
    return summed ? sumOf(delta, columns, first, i, n) : loadUpTo(delta + first * columns + i, n);
  }

 private:
  static constexpr int32_t NO_PLACE = -1;

  int64_t slots() const { return int64_t{1} << bits_; }

  // The slot of a row's chain, or the free one that it would take: no more than half of them are taken.
  int64_t slotOf(int64_t row) const {
    uint32_t slot = (static_cast<uint32_t>(row) * GOLDEN_RATIO) >> (32 - bits_);
    for (;; slot = (slot + 1) & (slots() - 1)) {
      const int32_t first = loadIndex(slots_, slot);
      if (first == NO_PLACE || loadIndex(index_, first) == row) return slot;
    }
  }

  // 2³² over the golden ratio scatters neighbours.
  static constexpr uint32_t GOLDEN_RATIO = 2654435769u;

  const float* index_;
  float* next_;
  float* slots_;
  // Two to the power of it are the slots.
  int bits_ = 1;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
