// AVX2 with FMA: 8 floats.
#pragma once

#include <immintrin.h>

namespace chainrule {
namespace avx2 {

using Vector = __m256;
constexpr int LANES = 8;
// The register tile of the matrix product: 12 of the 16 registers accumulate.
constexpr int TILE_ROWS = 6;
constexpr int TILE_VECTORS = 2;

inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
inline Vector broadcast(float x) { return _mm256_set1_ps(x); }
inline Vector zero() { return _mm256_setzero_ps(); }
inline Vector add(Vector x, Vector y) { return _mm256_add_ps(x, y); }
// x·y + sum, in one rounding.
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) { return _mm256_fmadd_ps(x, y, sum); }

}  // namespace avx2
}  // namespace chainrule
