// AVX-512, and the processor's matrix registers (AMX): eight of 16 rows of 64 bytes each, which are multiplied as bfloat16.
#pragma once

#include "avx512bf16.h"
#if defined(CHAINRULE_EMULATED_MATRIX_REGISTERS)
#include "../driver/matrix_registers.h"
#else
#include "matrix_registers.h"
#endif

// Asks the matrix product for its path by parts (gemm_split.h).
#define CHAINRULE_MATRIX_REGISTERS

namespace chainrule {
namespace amx {

using namespace avx512bf16;

// The nearest number that the upper half of its bits tells: a bfloat16. Half-way cases go away from zero.
inline Vector roundToUpperHalf(Vector x) {
  const Integers rounded = addIntegers(bitsOf(x), broadcastInteger(0x8000));
  return fromBits(andIntegers(rounded, broadcastInteger(-0x10000)));
}

// Each lane of `low` and `high`, whose lower halves are zeros, in one.
inline Vector joinUpperHalves(Vector low, Vector high) {
  return fromBits(_mm512_or_si512(_mm512_srli_epi32(bitsOf(low), 16), bitsOf(high)));
}

}  // namespace amx
}  // namespace chainrule
