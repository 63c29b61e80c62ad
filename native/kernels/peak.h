// The processor's limit: multiply-adds that touch nothing but registers.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// `rounds` multiply-adds of `factor`² to each of the sums, which fill as many registers as the largest tile does; returns the
// floating-point operations. The sums and the factor come from memory and the sums go back: nothing can be left out.
inline int64_t multiplyRegisters(int64_t rounds, float factor, float* sums) {
  constexpr int REGISTERS = TILING.rows[TILING.vectors - 1] * TILING.vectors;
  static_assert(REGISTERS * LANES <= PEAK_FLOATS, "the sums do not fit");
  Vector totals[REGISTERS];
  unrolled<REGISTERS>([&](auto i) { totals[i.value] = load(sums + i.value * LANES); });
  const Vector x = broadcast(factor);
  for (int64_t round = 0; round < rounds; round++) {
    unrolled<REGISTERS>([&](auto i) { totals[i.value] = multiplyAdd<true>(x, x, totals[i.value]); });
  }
  unrolled<REGISTERS>([&](auto i) { store(sums + i.value * LANES, totals[i.value]); });
  return rounds * REGISTERS * LANES * 2;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
