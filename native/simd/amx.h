// AVX-512, and the processor's matrix registers (AMX): eight of 16 rows of 64 bytes each, which are multiplied as bfloat16.
#pragma once

#include "avx512.h"

// Asks the matrix product for its path by parts (gemm_split.h).
#define CHAINRULE_MATRIX_REGISTERS

namespace chainrule {
namespace amx {

using namespace avx512;

// Of a matrix register: its rows, and the 4-byte elements of a row.
constexpr int MATRIX_ROWS = 16;
constexpr int MATRIX_COLUMNS = 16;

// How many rows and columns of each register are used, as the processor wants to be told.
struct alignas(64) MatrixShapes {
  uint8_t palette = 1;
  uint8_t start = 0;
  uint8_t reserved[14] = {};
  uint16_t rowBytes[16] = {};
  uint8_t rows[16] = {};

  void set(int matrix, int64_t usedRows, int64_t usedColumns) {
    rows[matrix] = static_cast<uint8_t>(usedRows);
    rowBytes[matrix] = static_cast<uint16_t>(usedColumns * static_cast<int64_t>(sizeof(float)));
  }
};

// The registers keep their shapes, and the system their contents, until they are released.
inline void shapeMatrices(const MatrixShapes& shapes) { asm volatile("ldtilecfg %0" : : "m"(shapes)); }
inline void releaseMatrices() { asm volatile("tilerelease"); }

template <int MATRIX>
inline void clearMatrix() {
  asm volatile("tilezero %%tmm%c0" : : "i"(MATRIX));
}

// Rows of memory lie `stride` elements apart.
template <int MATRIX>
inline void loadMatrix(const float* from, int64_t stride) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(MATRIX), "r"(from), "r"(stride * static_cast<int64_t>(sizeof(float))) : "memory");
}

template <int MATRIX>
inline void storeMatrix(float* to, int64_t stride) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(MATRIX), "r"(to), "r"(stride * static_cast<int64_t>(sizeof(float))) : "memory");
}

// SUM += A·B: an element of A is two numbers, those of steps 2p and 2p + 1 of a row; one of B those of a column. Subnormal numbers
// count as zero.
template <int SUM, int A, int B>
inline void multiplyMatrices() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(SUM), "i"(A), "i"(B));
}

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
