// Matrix registers in software, for processors that have none: what Intel's manual says of LDTILECFG, TILELOADD, TILESTORED, TILEZERO and
// TDPBF16PS, on AVX-512. What the processor refuses ends the process.
#pragma once

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#include "../simd/matrix_shapes.h"

namespace chainrule {
namespace amx {

constexpr int MATRICES = 8;

struct EmulatedRegisters {
  bool shaped = false;
  MatrixShapes shapes;
  alignas(64) float elements[MATRICES][MATRIX_ROWS][MATRIX_COLUMNS];

  int rows(int matrix) const { return shapes.rows[matrix]; }
  int columns(int matrix) const { return shapes.rowBytes[matrix] / static_cast<int>(sizeof(float)); }

  void require(bool allowed) const {
    if (!allowed) abort();
  }
  void requireShape(int matrix) const { require(shaped && rows(matrix) > 0 && columns(matrix) > 0); }
};

inline EmulatedRegisters& registers() {
  static thread_local EmulatedRegisters own;
  return own;
}

inline void shapeMatrices(const MatrixShapes& shapes) {
  EmulatedRegisters& own = registers();
  for (int i = 0; i < MATRICES; i++) {
    own.require(shapes.rows[i] <= MATRIX_ROWS && shapes.rowBytes[i] <= MATRIX_COLUMNS * sizeof(float));
    own.require((shapes.rows[i] == 0) == (shapes.rowBytes[i] == 0));
  }
  own.require(shapes.palette == 1 && shapes.start == 0);
  own.shapes = shapes;
  own.shaped = true;
  memset(own.elements, 0, sizeof own.elements);
}

inline void releaseMatrices() { registers().shaped = false; }

template <int MATRIX>
inline void clearMatrix() {
  EmulatedRegisters& own = registers();
  own.requireShape(MATRIX);
  memset(own.elements[MATRIX], 0, sizeof own.elements[MATRIX]);
}

// Rows of memory lie `stride` elements apart. What a register does not use is zeros.
template <int MATRIX>
inline void loadMatrix(const float* from, int64_t stride) {
  clearMatrix<MATRIX>();
  EmulatedRegisters& own = registers();
  for (int i = 0; i < own.rows(MATRIX); i++) memcpy(own.elements[MATRIX][i], from + i * stride, own.shapes.rowBytes[MATRIX]);
}

template <int MATRIX>
inline void storeMatrix(float* to, int64_t stride) {
  const EmulatedRegisters& own = registers();
  own.requireShape(MATRIX);
  for (int i = 0; i < own.rows(MATRIX); i++) memcpy(to + i * stride, own.elements[MATRIX][i], own.shapes.rowBytes[MATRIX]);
}

// Subnormal numbers count as zero, of the sign that they have.
inline __m512 flushed(__m512 x) {
  const __m512 sign = _mm512_set1_ps(-0.0f);
  const __mmask16 subnormal = _mm512_cmp_ps_mask(_mm512_andnot_ps(sign, x), _mm512_set1_ps(0x1p-126f), _CMP_LT_OQ);
  return _mm512_mask_and_ps(x, subnormal, x, sign);
}

// SUM += A·B: an element of A is two numbers, those of steps 2p and 2p + 1 of a row; one of B those of a column. The even steps are summed
// apart from the odd ones, a fused multiply-add after the other.
template <int SUM, int A, int B>
inline void multiplyMatrices() {
  EmulatedRegisters& own = registers();
  own.requireShape(SUM);
  own.requireShape(A);
  own.requireShape(B);
  own.require(own.rows(SUM) == own.rows(A) && own.columns(SUM) == own.columns(B) && own.columns(A) == own.rows(B));
  const auto even = [](__m512i pairs) { return flushed(_mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16))); };
  const auto odd = [](__m512i pairs) { return flushed(_mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(-0x10000)))); };
  for (int i = 0; i < own.rows(SUM); i++) {
    __m512 evens = _mm512_setzero_ps();
    __m512 odds = _mm512_setzero_ps();
    for (int p = 0; p < own.columns(A); p++) {
      const __m512i a = _mm512_castps_si512(_mm512_set1_ps(own.elements[A][i][p]));
      const __m512i b = _mm512_castps_si512(_mm512_load_ps(own.elements[B][p]));
      evens = flushed(_mm512_fmadd_ps(even(a), even(b), evens));
      odds = flushed(_mm512_fmadd_ps(odd(a), odd(b), odds));
    }
    float* const sums = own.elements[SUM][i];
    const __mmask16 used = static_cast<__mmask16>((1u << own.columns(SUM)) - 1);
    const __m512 total = flushed(_mm512_add_ps(flushed(_mm512_load_ps(sums)), flushed(_mm512_add_ps(evens, odds))));
    _mm512_mask_store_ps(sums, used, total);
  }
}

}  // namespace amx
}  // namespace chainrule
