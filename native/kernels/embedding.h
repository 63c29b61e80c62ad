// Rows of a table, chosen by index. An index that is none of the table's rows yields NaN, never a stray access.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "../workspace.h"
#include "indices.h"
#include "movement.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline void embed(const EmbedArguments& args) {
  float* out = args.out;
  const size_t bytes = static_cast<size_t>(args.columns) * sizeof(float);
  for (int64_t r = 0; r < args.rows; r++, out += args.columns) {
    const int64_t row = indexAt(args.index, r, args.count);
    if (row >= 0) {
      memcpy(out, args.table + row * args.columns, bytes);
    } else {
      fillRun(out, args.columns, NAN);
    }
  }
}

// Where indices stand, in the order of their places: a chain for each that occurs in a range, found by hashing. It lies in the thread's
// scratch, as src/ops/embedding.ts says: the place after each place, then the slots.
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

// The range says which of the table's rows: all see all indices.
CHAINRULE_KERNEL void embedGradient(Range range, const EmbedGradientArguments& args) {
  const float* const delta = args.delta;
  float* const out = args.out;
  const int64_t columns = args.columns;
  fillRun(out + range.first * columns, range.count * columns, 0.0f);
  const Occurrences occurrences(range, args.index, args.rows, args.count);
  occurrences.forEachRow([&](int64_t row, int64_t first) {
    float* const to = out + row * columns;
    forEachVector(columns, [&](int64_t i, int64_t n) { storeUpTo(to + i, occurrences.sumOf(delta, columns, first, i, n), n); });
  });
}

// The range says which of the table's rows: all see all indices.
CHAINRULE_KERNEL void embedSgd(Range range, const EmbedSgdArguments& args) {
  float* const table = args.table;
  const float* const delta = args.delta;
  const int64_t columns = args.columns;
  const Vector rate = broadcast(*args.learningRate);
  const Occurrences occurrences(range, args.index, args.rows, args.count);
  occurrences.forEachRow([&](int64_t row, int64_t first) {
    float* const to = table + row * columns;
    forEachVector(columns, [&](int64_t i, int64_t n) {
      storeUpTo(to + i, loadUpTo(to + i, n) - rate * occurrences.sumOf(delta, columns, first, i, n), n);
    });
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
