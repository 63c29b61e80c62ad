// AVX-512 with products of pairs of bfloat16 (AVX512_BF16).
#pragma once

#include "avx512.h"

// Asks the matrix product for its path by pairs (gemm_pairs.h).
#define CHAINRULE_PAIRS

namespace chainrule {
namespace avx512bf16 {

using namespace avx512;

// A lane holds a pair: the bfloat16 nearest to two numbers, of two that are as near the even one. Numbers that are subnormal count as zero.
// The first lies in the upper half, since that one is multiplied first.

// Lane i: first[i] and second[i].
inline Vector pairsOf(Vector first, Vector second) {
  const __m512i halves =
      _mm512_inserti64x4(_mm512_castsi256_si512((__m256i)_mm512_cvtneps_pbh(second)), (__m256i)_mm512_cvtneps_pbh(first), 1);
  const __m512i words = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3,
                                         18, 2, 17, 1, 16, 0);
  return fromBits(_mm512_permutexvar_epi16(words, halves));
}

// Lane i: the neighbours 2i and 2i + 1 of low and high together.
inline Vector pairsAlong(Vector low, Vector high) { return fromBits(_mm512_rol_epi32((__m512i)_mm512_cvtne2ps_pbh(high, low), 16)); }

// sum + first·first + second·second, in this order, each added in one rounding.
inline Vector addPairs(Vector x, Vector y, Vector sum) { return _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)y); }

}  // namespace avx512bf16
}  // namespace chainrule
