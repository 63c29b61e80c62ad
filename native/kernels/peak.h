// The processor's limit: multiply-adds that touch nothing but registers.
#pragma once

#include <stdint.h>

#include "../isa.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// `rounds` multiply-adds of `factor`² to each of the sums, which fill as many registers as the largest tile does; returns the
// floating-point operations. The sums and the factor come from memory and the sums go back: nothing can be left out.
inline int64_t multiplyRegisters(int64_t rounds, float factor, float* sums) {
  constexpr int REGISTERS = TILING.rows[TILING.vectors - 1] * TILING.vectors;
  static_assert(REGISTERS * LANES <= PEAK_FLOATS, "the sums do not fit");
  Vector totals[REGISTERS];
#pragma GCC unroll 32
  for (int i = 0; i < REGISTERS; i++) totals[i] = load(sums + i * LANES);
  const Vector x = broadcast(factor);
  for (int64_t round = 0; round < rounds; round++) {
#pragma GCC unroll 32
    for (int i = 0; i < REGISTERS; i++) totals[i] = multiplyAdd<FAST_STEPS>(x, x, totals[i]);
  }
#pragma GCC unroll 32
  for (int i = 0; i < REGISTERS; i++) store(sums + i * LANES, totals[i]);
  return rounds * REGISTERS * LANES * 2;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
