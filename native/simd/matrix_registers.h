// The processor's matrix registers (AMX), tmm0 to tmm7. native/driver/matrix_registers.h has the same in software.
#pragma once

#include "matrix_shapes.h"

namespace chainrule {
namespace amx {

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

}  // namespace amx
}  // namespace chainrule
