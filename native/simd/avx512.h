// AVX-512 (F, BW, DQ, VL): 16 floats.
#pragma once

// GCC 12 takes the undefined operands in its own intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <stdint.h>

namespace chainrule {
namespace avx512 {

using Vector = __m512;
using Integers = __m512i;
using Mask = __mmask16;
constexpr int LANES = 16;
// The register tile of the matrix product: 24 of the 32 registers accumulate.
constexpr int TILE_ROWS = 8;
constexpr int TILE_VECTORS = 3;

// Lanes below n.
inline Mask firstLanes(int n) { return static_cast<Mask>((1u << n) - 1); }

inline Vector load(const float* from) { return _mm512_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
// The first n lanes alone, 0 < n < LANES; the others are zeros.
inline Vector loadPart(const float* from, int n) { return _mm512_maskz_loadu_ps(firstLanes(n), from); }
inline void storePart(float* to, Vector x, int n) { _mm512_mask_storeu_ps(to, firstLanes(n), x); }
inline Vector broadcast(float x) { return _mm512_set1_ps(x); }
inline Vector zero() { return _mm512_setzero_ps(); }
inline float first(Vector x) { return _mm512_cvtss_f32(x); }

inline Vector add(Vector x, Vector y) { return _mm512_add_ps(x, y); }
inline Vector subtract(Vector x, Vector y) { return _mm512_sub_ps(x, y); }
inline Vector multiply(Vector x, Vector y) { return _mm512_mul_ps(x, y); }
inline Vector divide(Vector x, Vector y) { return _mm512_div_ps(x, y); }
inline Vector squareRoot(Vector x) { return _mm512_sqrt_ps(x); }
inline Vector absolute(Vector x) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), x); }
// |x| with the sign of y.
inline Vector withSign(Vector x, Vector y) {
  const Vector sign = _mm512_set1_ps(-0.0f);
  return _mm512_or_ps(_mm512_andnot_ps(sign, x), _mm512_and_ps(sign, y));
}
// x < limit ? limit : x, and x > limit ? limit : x: NaN comes through.
inline Vector atLeast(Vector x, Vector limit) { return _mm512_max_ps(limit, x); }
inline Vector atMost(Vector x, Vector limit) { return _mm512_min_ps(limit, x); }
// x·y + sum, in one rounding.
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) { return _mm512_fmadd_ps(x, y, sum); }

// The lanes added by halves: lane j + LANES / 2 to lane j, and so on; and the largest lane.
inline float sumOfLanes(Vector x) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float largestLane(Vector x) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

// Comparisons are false where a side is NaN.
inline Mask less(Vector x, Vector y) { return _mm512_cmp_ps_mask(x, y, _CMP_LT_OQ); }
inline Mask lessOrEqual(Vector x, Vector y) { return _mm512_cmp_ps_mask(x, y, _CMP_LE_OQ); }
inline Mask equal(Vector x, Vector y) { return _mm512_cmp_ps_mask(x, y, _CMP_EQ_OQ); }
inline Mask both(Mask a, Mask b) { return static_cast<Mask>(a & b); }
inline bool anyOf(Mask a) { return a != 0; }
inline Vector select(Mask a, Vector x, Vector y) { return _mm512_mask_blend_ps(a, y, x); }

inline Integers broadcastInteger(int32_t n) { return _mm512_set1_epi32(n); }
inline Integers bitsOf(Vector x) { return _mm512_castps_si512(x); }
inline Vector fromBits(Integers n) { return _mm512_castsi512_ps(n); }
inline Vector toFloats(Integers n) { return _mm512_cvtepi32_ps(n); }
inline Integers addIntegers(Integers m, Integers n) { return _mm512_add_epi32(m, n); }
inline Integers subtractIntegers(Integers m, Integers n) { return _mm512_sub_epi32(m, n); }
inline Integers andIntegers(Integers m, Integers n) { return _mm512_and_si512(m, n); }
template <int BITS>
inline Integers shiftLeft(Integers n) { return _mm512_slli_epi32(n, BITS); }
// Rounds towards −∞.
template <int BITS>
inline Integers shiftRight(Integers n) { return _mm512_srai_epi32(n, BITS); }

#include "operators.inc"

}  // namespace avx512
}  // namespace chainrule
