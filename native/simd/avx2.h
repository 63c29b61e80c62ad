// AVX2 with FMA: 8 floats.
#pragma once

#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#include "../numerics.h"
#include "tiling.h"

namespace chainrule {
namespace avx2 {

using Vector = __m256;
using Integers = __m256i;
// All bits of a lane, or none.
using Mask = __m256;
constexpr int LANES = 8;

// Of the 16 registers up to 12 accumulate. The packed block of B is 384 KiB: processors without AVX-512 have 256 to 2048.
constexpr Tiling TILING = {2, {12, 6}, 192};
constexpr DotTile DOTS = {3, 2};
// How `fast` numerics add a product.
constexpr Numerics FAST_STEPS = Numerics::fused;

// Lanes below n.
inline Mask firstLanes(int n) {
  return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}

inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
// The first n lanes alone, 0 < n < LANES; the others are zeros.
inline Vector loadPart(const float* from, int n) { return _mm256_maskload_ps(from, _mm256_castps_si256(firstLanes(n))); }
inline void storePart(float* to, Vector x, int n) { _mm256_maskstore_ps(to, _mm256_castps_si256(firstLanes(n)), x); }
// Floats of their upper halves; and the upper halves of lanes.
inline Vector loadUpperHalves(const uint16_t* from) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))), 16));
}
inline void storeUpperHalves(uint16_t* to, Vector x) {
  const __m256i halves = _mm256_srli_epi32(_mm256_castps_si256(x), 16);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_packus_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1)));
}
inline Vector broadcast(float x) { return _mm256_set1_ps(x); }
inline Vector zero() { return _mm256_setzero_ps(); }
inline float first(Vector x) { return _mm256_cvtss_f32(x); }

inline Vector add(Vector x, Vector y) { return _mm256_add_ps(x, y); }
inline Vector subtract(Vector x, Vector y) { return _mm256_sub_ps(x, y); }
inline Vector multiply(Vector x, Vector y) { return _mm256_mul_ps(x, y); }
inline Vector divide(Vector x, Vector y) { return _mm256_div_ps(x, y); }
inline Vector squareRoot(Vector x) { return _mm256_sqrt_ps(x); }
inline Vector absolute(Vector x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
// |x| with the sign of y.
inline Vector withSign(Vector x, Vector y) {
  const Vector sign = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(sign, x), _mm256_and_ps(sign, y));
}
// x < limit ? limit : x, and x > limit ? limit : x: NaN comes through.
inline Vector atLeast(Vector x, Vector limit) { return _mm256_max_ps(limit, x); }
inline Vector atMost(Vector x, Vector limit) { return _mm256_min_ps(limit, x); }

// x·y + sum, in one rounding where it is fused, in two where not.
template <Numerics NUMERICS>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (NUMERICS == Numerics::fused) return _mm256_fmadd_ps(x, y, sum);
  return _mm256_add_ps(_mm256_mul_ps(x, y), sum);
}
#include "x86.inc"

// Rows r and r + 4, four elements of each. Inserting from memory spares the shuffle unit a third of the work.
inline Vector loadHalves(const float* from, int64_t stride) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), _mm_loadu_ps(from + 4 * stride), 1);
}

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t stride, Vector columns[LANES]) {
  for (int p = 0; p < LANES; p += 4) {
    const Vector a = loadHalves(from + p, stride);
    const Vector b = loadHalves(from + p + stride, stride);
    const Vector c = loadHalves(from + p + 2 * stride, stride);
    const Vector d = loadHalves(from + p + 3 * stride, stride);
    const __m256d lowAB = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
    const __m256d lowCD = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d highAB = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    const __m256d highCD = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    columns[p] = _mm256_castpd_ps(_mm256_unpacklo_pd(lowAB, lowCD));
    columns[p + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(lowAB, lowCD));
    columns[p + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(highAB, highCD));
    columns[p + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(highAB, highCD));
  }
}

// Lanes 0, 2, … and 1, 3, … of low and high together; and back.
inline void deinterleave(Vector low, Vector high, Vector& even, Vector& odd) {
  const __m256d halves = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0x88));
  const __m256d others = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0xDD));
  even = _mm256_castpd_ps(_mm256_permute4x64_pd(halves, 0xD8));
  odd = _mm256_castpd_ps(_mm256_permute4x64_pd(others, 0xD8));
}
inline void interleave(Vector even, Vector odd, Vector& low, Vector& high) {
  const Vector first = _mm256_unpacklo_ps(even, odd);
  const Vector second = _mm256_unpackhi_ps(even, odd);
  low = _mm256_permute2f128_ps(first, second, 0x20);
  high = _mm256_permute2f128_ps(first, second, 0x31);
}

// The lanes added by halves: lane j + LANES / 2 to lane j, and so on; and the largest lane.
inline float sumOfLanes(Vector x) { return sumOfFour(_mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1))); }
inline float largestLane(Vector x) { return largestOfFour(_mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1))); }

// Comparisons are false where a side is NaN.
inline Mask less(Vector x, Vector y) { return _mm256_cmp_ps(x, y, _CMP_LT_OQ); }
inline Mask lessOrEqual(Vector x, Vector y) { return _mm256_cmp_ps(x, y, _CMP_LE_OQ); }
inline Mask equal(Vector x, Vector y) { return _mm256_cmp_ps(x, y, _CMP_EQ_OQ); }
inline Mask both(Mask a, Mask b) { return _mm256_and_ps(a, b); }
inline bool anyOf(Mask a) { return _mm256_movemask_ps(a) != 0; }
inline Vector select(Mask a, Vector x, Vector y) { return _mm256_blendv_ps(y, x, a); }

inline Integers broadcastInteger(int32_t n) { return _mm256_set1_epi32(n); }
inline Integers bitsOf(Vector x) { return _mm256_castps_si256(x); }
inline Vector fromBits(Integers n) { return _mm256_castsi256_ps(n); }
inline Vector toFloats(Integers n) { return _mm256_cvtepi32_ps(n); }
inline Integers addIntegers(Integers m, Integers n) { return _mm256_add_epi32(m, n); }
inline Integers subtractIntegers(Integers m, Integers n) { return _mm256_sub_epi32(m, n); }
inline Integers andIntegers(Integers m, Integers n) { return _mm256_and_si256(m, n); }
// m ^ n; and of the products of unsigned lanes, the low and the high halves.
inline Integers xorIntegers(Integers m, Integers n) { return _mm256_xor_si256(m, n); }
inline Integers multiplyLow(Integers m, Integers n) { return _mm256_mullo_epi32(m, n); }
inline Integers multiplyHigh(Integers m, Integers n) {
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(m, n), 32);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(m, 32), _mm256_srli_epi64(n, 32));
  return _mm256_blend_epi32(even, odd, 0xaa);
}
template <int BITS>
inline Integers shiftLeft(Integers n) {
  return _mm256_slli_epi32(n, BITS);
}
// Rounds towards −∞.
template <int BITS>
inline Integers shiftRight(Integers n) {
  return _mm256_srai_epi32(n, BITS);
}

// Sums of products of bytes: of four neighbours in each lane, of A without a sign, of B with one. Sums are exact. Bytes are widened to 16
// bits first: an instruction that adds two products of bytes in 16 bits would saturate. The tile has 8 sums.
struct WidenedBytes {
  static constexpr int ROWS = 4;
  static constexpr int PANELS = 1;
  // Bytes 0 and 2, and bytes 1 and 3, of each lane.
  struct Halves {
    Integers even;
    Integers odd;
  };
  static Halves left(Integers a) { return {_mm256_and_si256(a, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(a, 8)}; }
  static Halves right(Integers b) { return {_mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8), _mm256_srai_epi16(b, 8)}; }
  static Integers add(Integers sums, Halves a, Halves b) {
    return _mm256_add_epi32(sums, _mm256_add_epi32(_mm256_madd_epi16(a.even, b.even), _mm256_madd_epi16(a.odd, b.odd)));
  }
};

#include "operators.inc"

}  // namespace avx2
}  // namespace chainrule
