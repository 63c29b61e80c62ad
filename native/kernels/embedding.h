// Rows of a table, chosen by index. An index that is none of the table's rows yields NaN, never a stray access.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "indices.h"
#include "movement.h"
#include "occurrences.h"

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

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
