// AVX2 with FMA: 8 floats.
#pragma once

#include <immintrin.h>
#include <stdint.h>

#include "tiling.h"

namespace chainrule {
namespace avx2 {

using Vector = __m256;
constexpr int LANES = 8;

// Of the 16 registers up to 12 accumulate. The packed block of B is 384 KiB: processors without AVX-512 have 256 to 2048.
constexpr Tiling TILING = {2, {12, 6}, 192};

inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
inline Vector broadcast(float x) { return _mm256_set1_ps(x); }
inline Vector zero() { return _mm256_setzero_ps(); }
inline Vector add(Vector x, Vector y) { return _mm256_add_ps(x, y); }

// x·y + sum, in one rounding or in two.
template <bool Fused>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (Fused) return _mm256_fmadd_ps(x, y, sum);
  return _mm256_add_ps(_mm256_mul_ps(x, y), sum);
}
template <bool Fused>
inline float multiplyAdd(float x, float y, float sum) {
  if constexpr (Fused) return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(x), _mm_set_ss(y), _mm_set_ss(sum)));
  return x * y + sum;
}

// The first `count` lanes, 1 to LANES; the others are 0 and not touched in memory.
inline __m256i firstLanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vector loadFirst(const float* from, int64_t count) { return _mm256_maskload_ps(from, firstLanes(count)); }
inline void storeFirst(float* to, Vector x, int64_t count) { _mm256_maskstore_ps(to, firstLanes(count), x); }

inline void prefetch(const float* from) { _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0); }

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

}  // namespace avx2
}  // namespace chainrule
