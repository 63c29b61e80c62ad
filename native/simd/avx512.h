// AVX-512 (F, BW, DQ, VL): 16 floats.
#pragma once

#include <immintrin.h>

namespace chainrule {
namespace avx512 {

using Vector = __m512;
constexpr int LANES = 16;
// The register tile of the matrix product: 24 of the 32 registers accumulate.
constexpr int TILE_ROWS = 8;
constexpr int TILE_VECTORS = 3;

inline Vector load(const float* from) { return _mm512_loadu_ps(from); }
inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
inline Vector broadcast(float x) { return _mm512_set1_ps(x); }
inline Vector zero() { return _mm512_setzero_ps(); }
inline Vector add(Vector x, Vector y) { return _mm512_add_ps(x, y); }
// x·y + sum, in one rounding.
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) { return _mm512_fmadd_ps(x, y, sum); }

}  // namespace avx512
}  // namespace chainrule
