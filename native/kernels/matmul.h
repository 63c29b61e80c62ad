// Matrix products, alone and with what a dense layer does next in their epilogue. No operand may be the output.
#pragma once

#include <stdint.h>

#include "functions.h"
#include "gemm.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch.
struct Products {
  int64_t batches;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t strideA;
  int64_t strideB;
  int32_t transposeA;
  int32_t transposeB;
};

inline void multiply(const float* a, const float* b, float* out, const Products& s, const Epilogue* epilogue) {
  const Matrix left = {a, s.transposeA ? s.m : s.k, s.transposeA != 0};
  const Matrix right = {b, s.transposeB ? s.k : s.n, s.transposeB != 0};
  Product product = {left, right, out, s.n, s.m, s.n, s.k, false, epilogue};
  gemm<true>(product);
  for (int64_t batch = 1; batch < s.batches; batch++) {
    product.a.data += s.strideA;
    product.b.data += s.strideB;
    product.out += s.m * s.n;
    Epilogue shifted;
    if (epilogue) {
      shifted = epilogue->from(batch * s.m, 0);
      product.epilogue = &shifted;
    }
    gemm<true>(product);
  }
}

inline void matmul(const float* a, const float* b, float* out, int64_t batches, int64_t m, int64_t n, int64_t k,
                   int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB) {
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, nullptr);
}

template <typename F>
inline void activate(float* sums, const float* bias, int64_t columns, float alpha) {
  if (bias) {
    CHAINRULE_ELEMENTWISE
    for (int64_t j = 0; j < columns; j++) sums[j] = F::value(sums[j] + bias[j], alpha);
  } else {
    for (int64_t j = 0; j < columns; j++) sums[j] = F::value(sums[j], alpha);
  }
}

// bias may be absent (nullptr).
template <typename F>
inline void affine(const float* a, const float* b, const float* bias, float* out, int64_t batches, int64_t m, int64_t n,
                   int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB, float alpha) {
  const Epilogue epilogue = {activate<F>, bias, 0, alpha};
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

template <typename F>
inline void multiplyByDerivative(float* sums, const float* saved, int64_t columns, float alpha) {
  CHAINRULE_ELEMENTWISE
  for (int64_t j = 0; j < columns; j++) sums[j] *= F::derivative(saved[j], alpha);
}

template <typename F>
inline void deltaMatmul(const float* a, const float* b, const float* saved, float* out, int64_t batches, int64_t m, int64_t n,
                        int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB, float alpha) {
  const Epilogue epilogue = {multiplyByDerivative<F>, saved, n, alpha};
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
