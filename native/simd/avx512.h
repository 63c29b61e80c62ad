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

#include <stdint.h>

#include "tiling.h"

namespace chainrule {
namespace avx512 {

using Vector = __m512;
constexpr int LANES = 16;

// Of the 32 registers up to 24 accumulate. The packed block of B is 768 KiB: it shares an L2 of 1 or 2 MiB.
constexpr Tiling TILING = {3, {12, 12, 8}, 384};

inline Vector load(const float* from) { return _mm512_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
inline Vector broadcast(float x) { return _mm512_set1_ps(x); }
inline Vector zero() { return _mm512_setzero_ps(); }
inline Vector add(Vector x, Vector y) { return _mm512_add_ps(x, y); }

// x·y + sum, in one rounding or in two.
template <bool Fused>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (Fused) return _mm512_fmadd_ps(x, y, sum);
  return _mm512_add_ps(_mm512_mul_ps(x, y), sum);
}
template <bool Fused>
inline float multiplyAdd(float x, float y, float sum) {
  if constexpr (Fused) return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(x), _mm_set_ss(y), _mm_set_ss(sum)));
  return x * y + sum;
}

// The first `count` lanes, 1 to LANES; the others are 0 and not touched in memory.
inline __mmask16 firstLanes(int64_t count) { return static_cast<__mmask16>((1u << count) - 1); }
inline Vector loadFirst(const float* from, int64_t count) { return _mm512_maskz_loadu_ps(firstLanes(count), from); }
inline void storeFirst(float* to, Vector x, int64_t count) { _mm512_mask_storeu_ps(to, firstLanes(count), x); }

inline void prefetch(const float* from) { _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0); }

// Rows r, r + 4, r + 8, r + 12, four elements of each. Inserting from memory spares the shuffle unit half of the work.
inline Vector loadQuarters(const float* from, int64_t stride) {
  const __m512 first = _mm512_castps128_ps512(_mm_loadu_ps(from));
  const __m512 second = _mm512_insertf32x4(first, _mm_loadu_ps(from + 4 * stride), 1);
  const __m512 third = _mm512_insertf32x4(second, _mm_loadu_ps(from + 8 * stride), 2);
  return _mm512_insertf32x4(third, _mm_loadu_ps(from + 12 * stride), 3);
}

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t stride, Vector columns[LANES]) {
  for (int p = 0; p < LANES; p += 4) {
    const Vector a = loadQuarters(from + p, stride);
    const Vector b = loadQuarters(from + p + stride, stride);
    const Vector c = loadQuarters(from + p + 2 * stride, stride);
    const Vector d = loadQuarters(from + p + 3 * stride, stride);
    const __m512d lowAB = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
    const __m512d lowCD = _mm512_castps_pd(_mm512_unpacklo_ps(c, d));
    const __m512d highAB = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
    const __m512d highCD = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    columns[p] = _mm512_castpd_ps(_mm512_unpacklo_pd(lowAB, lowCD));
    columns[p + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(lowAB, lowCD));
    columns[p + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(highAB, highCD));
    columns[p + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(highAB, highCD));
  }
}

}  // namespace avx512
}  // namespace chainrule
