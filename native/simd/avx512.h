// AVX-512 (F, BW, DQ, VL): 16 floats.
#pragma once

// GCC takes the undefined vectors inside its own shuffles for forgotten ones (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <math.h>
#include <stdint.h>

#include "../numerics.h"
#include "tiling.h"

namespace chainrule {
namespace avx512 {

using Vector = __m512;
using Integers = __m512i;
using Mask = __mmask16;
constexpr int LANES = 16;

// Of the 32 registers up to 24 accumulate. The packed block of B is 768 KiB: it shares an L2 of 1 or 2 MiB.
constexpr Tiling TILING = {3, {12, 12, 8}, 384};
constexpr DotTile DOTS = {4, 6};
// How `fast` numerics add a product.
constexpr Numerics FAST_STEPS = Numerics::fused;

// Lanes below n.
inline Mask firstLanes(int n) { return static_cast<Mask>((1u << n) - 1); }

inline Vector load(const float* from) { return _mm512_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
// The first n lanes alone, 0 < n < LANES; the others are zeros.
inline Vector loadPart(const float* from, int n) { return _mm512_maskz_loadu_ps(firstLanes(n), from); }
inline void storePart(float* to, Vector x, int n) { _mm512_mask_storeu_ps(to, firstLanes(n), x); }
// Floats of their upper halves; and the upper halves of lanes.
inline Vector loadUpperHalves(const uint16_t* from) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))), 16));
}
inline void storeUpperHalves(uint16_t* to, Vector x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_castps_si512(x), 16)));
}
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

// x·y + sum, in one rounding where it is fused, in two where not.
template <Numerics NUMERICS>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (NUMERICS == Numerics::fused) return _mm512_fmadd_ps(x, y, sum);
  return _mm512_add_ps(_mm512_mul_ps(x, y), sum);
}
#include "x86.inc"

// Rows r and r + 4, eight elements of each. Inserting from memory spares the shuffle unit a quarter of the work.
inline Vector loadHalves(const float* from, int64_t stride) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(from)), _mm256_loadu_ps(from + 4 * stride), 1);
}

// Elements p and p + 4 of rows 0 … 3 and of rows 4 … 7, for p < 4.
inline void transposeHalves(const float* from, int64_t stride, Vector columns[4]) {
  const Vector a = loadHalves(from, stride);
  const Vector b = loadHalves(from + stride, stride);
  const Vector c = loadHalves(from + 2 * stride, stride);
  const Vector d = loadHalves(from + 3 * stride, stride);
  const __m512d lowAB = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
  const __m512d lowCD = _mm512_castps_pd(_mm512_unpacklo_ps(c, d));
  const __m512d highAB = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
  const __m512d highCD = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
  columns[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(lowAB, lowCD));
  columns[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(lowAB, lowCD));
  columns[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(highAB, highCD));
  columns[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(highAB, highCD));
}

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t stride, Vector columns[LANES]) {
  for (int p = 0; p < LANES; p += 8) {
    Vector upper[4];
    Vector lower[4];
    transposeHalves(from + p, stride, upper);
    transposeHalves(from + p + 8 * stride, stride, lower);
    for (int q = 0; q < 4; q++) {
      columns[p + q] = _mm512_shuffle_f32x4(upper[q], lower[q], 0x88);
      columns[p + q + 4] = _mm512_shuffle_f32x4(upper[q], lower[q], 0xdd);
    }
  }
}

// Lanes 0, 2, … and 1, 3, … of low and high together; and back.
inline void deinterleave(Vector low, Vector high, Vector& even, Vector& odd) {
  const __m512i lanes = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  even = _mm512_permutex2var_ps(low, lanes, high);
  odd = _mm512_permutex2var_ps(low, _mm512_add_epi32(lanes, _mm512_set1_epi32(1)), high);
}
inline void interleave(Vector even, Vector odd, Vector& low, Vector& high) {
  const __m512i lanes = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  low = _mm512_permutex2var_ps(even, lanes, odd);
  high = _mm512_permutex2var_ps(even, _mm512_add_epi32(lanes, _mm512_set1_epi32(8)), odd);
}

// The lanes added by halves: lane j + LANES / 2 to lane j, and so on; and the largest lane.
inline float sumOfLanes(Vector x) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  return sumOfFour(_mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)));
}
inline float largestLane(Vector x) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  return largestOfFour(_mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)));
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
// m ^ n; and of the products of unsigned lanes, the low and the high halves.
inline Integers xorIntegers(Integers m, Integers n) { return _mm512_xor_si512(m, n); }
inline Integers multiplyLow(Integers m, Integers n) { return _mm512_mullo_epi32(m, n); }
inline Integers multiplyHigh(Integers m, Integers n) {
  const __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(m, n), 32);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(m, 32), _mm512_srli_epi64(n, 32));
  return _mm512_mask_blend_epi32(0xaaaa, even, odd);
}
template <int BITS>
inline Integers shiftLeft(Integers n) {
  return _mm512_slli_epi32(n, BITS);
}
// Rounds towards −∞.
template <int BITS>
inline Integers shiftRight(Integers n) {
  return _mm512_srai_epi32(n, BITS);
}

// Sums of products of bytes: of four neighbours in each lane, of A without a sign, of B with one. Sums are exact. Bytes are widened to 16
// bits first: an instruction that adds two products of bytes in 16 bits would saturate. The tile has 12 sums.
struct WidenedBytes {
  static constexpr int ROWS = 6;
  static constexpr int PANELS = 2;
  // Bytes 0 and 2, and bytes 1 and 3, of each lane.
  struct Halves {
    Integers even;
    Integers odd;
  };
  static Halves left(Integers a) { return {_mm512_and_si512(a, _mm512_set1_epi16(0xff)), _mm512_srli_epi16(a, 8)}; }
  static Halves right(Integers b) { return {_mm512_srai_epi16(_mm512_slli_epi16(b, 8), 8), _mm512_srai_epi16(b, 8)}; }
  static Integers add(Integers sums, Halves a, Halves b) {
    return _mm512_add_epi32(sums, _mm512_add_epi32(_mm512_madd_epi16(a.even, b.even), _mm512_madd_epi16(a.odd, b.odd)));
  }
};

// The same in one instruction, for processors that have it. It is written as text, since the other kernels of this set must not use what
// `multipliesBytes` asks for. The tile has 24 sums.
struct DotBytes {
  static constexpr int ROWS = 6;
  static constexpr int PANELS = 4;
  static Integers left(Integers a) { return a; }
  static Integers right(Integers b) { return b; }
  static Integers add(Integers sums, Integers a, Integers b) {
#if defined(_MSC_VER) && !defined(__clang__)
    return _mm512_dpbusd_epi32(sums, a, b);
#else
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(a), "v"(b));
    return sums;
#endif
  }
};

#include "operators.inc"

}  // namespace avx512
}  // namespace chainrule
