// Rows of a table, chosen by index. An index that is none of the table's rows yields NaN, never a stray access.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../isa.h"
#include "indices.h"
#include "movement.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline void embed(const float* table, const float* index, float* out, int64_t rows, int64_t count, int64_t columns) {
  const size_t bytes = static_cast<size_t>(columns) * sizeof(float);
  for (int64_t r = 0; r < rows; r++, out += columns) {
    const int64_t row = indexAt(index, r, count);
    if (row >= 0) {
      memcpy(out, table + row * columns, bytes);
    } else {
      fill(out, columns, NAN);
    }
  }
}

// The range says which of the table's rows: all see all indices.
CHAINRULE_KERNEL void embedGradient(Range range, const float* delta, const float* index, float* out, int64_t rows, int64_t count,
                                    int64_t columns) {
  fill(out + range.first * columns, range.count * columns, 0.0f);
  for (int64_t r = 0; r < rows; r++, delta += columns) {
    const int64_t row = indexAt(index, r, count);
    if (row < range.first || row >= range.first + range.count) continue;
    float* to = out + row * columns;
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(to + i, n) + loadUpTo(delta + i, n), n); });
  }
}

// The range says which of the table's rows: all see all indices.
CHAINRULE_KERNEL void embedSgd(Range range, float* table, const float* delta, const float* index, const float* learningRate,
                               int64_t rows, int64_t count, int64_t columns) {
  const Vector rate = broadcast(*learningRate);
  for (int64_t r = 0; r < rows; r++, delta += columns) {
    const int64_t row = indexAt(index, r, count);
    if (row < range.first || row >= range.first + range.count) continue;
    float* to = table + row * columns;
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(to + i, n) - rate * loadUpTo(delta + i, n), n); });
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
