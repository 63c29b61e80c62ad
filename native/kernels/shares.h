// Kernels for a share of an instruction, where computing less of the same would not do: the range says which of the outputs. A
// share's elements have the same bits as in the whole.
#pragma once

#include "../isa.h"
#include "matmul.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Some rows of every product. `epilogue` counts elements as in the whole output.
inline void multiplyRows(Range rows, const float* a, const float* b, float* out, const Product& s, const Epilogue* epilogue) {
  const int64_t rowA = s.transposeA ? 1 : s.k;
  Matrices part = {a, b, out, rows.count, s.n, s.k, rowA, s.transposeA ? s.m : 1, s.transposeB ? 1 : s.n, s.transposeB ? s.k : 1};
  for (int64_t batch = 0; batch < s.batches; batch++) {
    const int64_t first = (batch * s.m + rows.first) * s.n;
    part.a = a + batch * s.strideA + rows.first * rowA;
    part.b = b + batch * s.strideB;
    part.out = out + first;
    gemm(part, [=](float* sums, int64_t columns, int64_t column, int64_t index) {
      if (epilogue) epilogue->apply(*epilogue, sums, columns, column, first + index);
    });
  }
}

inline void matmul(Range rows, const float* a, const float* b, float* out, int64_t batches, int64_t m, int64_t n, int64_t k,
                   int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB) {
  multiplyRows(rows, a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, nullptr);
}

template <typename F>
inline void affine(Range rows, const float* a, const float* b, const float* bias, float* out, int64_t batches, int64_t m,
                   int64_t n, int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB, float alpha) {
  const Epilogue epilogue = {activate<F>, bias, alpha};
  multiplyRows(rows, a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

template <typename F>
inline void deltaMatmul(Range rows, const float* a, const float* b, const float* saved, float* out, int64_t batches, int64_t m,
                        int64_t n, int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB,
                        float alpha) {
  const Epilogue epilogue = {multiplyByDerivative<F>, saved, alpha};
  multiplyRows(rows, a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

// Some of the inner elements; of one block only, where they are not all of them.
inline void sum(Range elements, const float* x, float* out, int64_t outer, int64_t reduced, int64_t inner) {
  if (elements.count == inner) return sum(x, out, outer, reduced, inner);
  sumRows(x + elements.first, out + elements.first, reduced, elements.count, inner);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
