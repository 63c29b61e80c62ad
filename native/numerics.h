// How products are added to sums, and whether the order of the sums is fixed; the same names in src/backends/numerics.ts.
#pragma once

#include <stdint.h>

namespace chainrule {

// An order is fixed where it depends on neither the instruction set nor the threads, and WebAssembly has it too (gemm.h states those of
// products). The numbers are those by which a session is told.
enum class Numerics : int32_t {
  // A product is rounded, then its sum, in a fixed order: the same bits everywhere.
  separate = 0,
  // A product and its sum are rounded once, in a fixed order: the same bits wherever multiply-adds can be fused.
  fused = 1,
  // Fused where that is fast, in the order that is fastest for the shape; subnormals may count as zero.
  fast = 2,
};

constexpr int32_t NUMERICS_COUNT = 3;

}  // namespace chainrule
