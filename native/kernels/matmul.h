// Matrix products, alone and with what a dense layer does next in their epilogue. No operand may be the output.
#pragma once

#include <stdint.h>

#include "functions.h"
#include "gemm.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch.
struct Product {
  int64_t batches;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t strideA;
  int64_t strideB;
  int32_t transposeA;
  int32_t transposeB;
};

// What happens to a run of finished sums. A function pointer, so that the product is compiled once and not for each activation.
struct Epilogue {
  void (*apply)(const Epilogue& epilogue, float* sums, int64_t columns, int64_t column, int64_t index);
  const float* operand;
  float alpha;
};

inline void multiply(const float* a, const float* b, float* out, const Product& s, const Epilogue* epilogue) {
  Matrices matrices = {a, b, out, s.m, s.n, s.k, s.transposeA ? 1 : s.k, s.transposeA ? s.m : 1,
                       s.transposeB ? 1 : s.n, s.transposeB ? s.k : 1};
  for (int64_t batch = 0; batch < s.batches; batch++) {
    const int64_t first = batch * s.m * s.n;
    matrices.a = a + batch * s.strideA;
    matrices.b = b + batch * s.strideB;
    matrices.out = out + first;
    gemm(matrices, [=](float* sums, int64_t columns, int64_t column, int64_t index) {
      if (epilogue) epilogue->apply(*epilogue, sums, columns, column, first + index);
    });
  }
}

inline void matmul(const float* a, const float* b, float* out, int64_t batches, int64_t m, int64_t n, int64_t k,
                   int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB) {
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, nullptr);
}

template <typename F>
CHAINRULE_KERNEL void activate(const Epilogue& epilogue, float* sums, int64_t columns, int64_t column, int64_t) {
  const Vector alpha = broadcast(epilogue.alpha);
  if (const float* bias = epilogue.operand) {
    forEachVector(columns, [=](int64_t j, int64_t n) {
      storeUpTo(sums + j, F::value(loadUpTo(sums + j, n) + loadUpTo(bias + column + j, n), alpha), n);
    });
  } else {
    forEachVector(columns, [=](int64_t j, int64_t n) { storeUpTo(sums + j, F::value(loadUpTo(sums + j, n), alpha), n); });
  }
}

// bias may be absent (nullptr).
template <typename F>
inline void affine(const float* a, const float* b, const float* bias, float* out, int64_t batches, int64_t m, int64_t n,
                   int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB, float alpha) {
  const Epilogue epilogue = {activate<F>, bias, alpha};
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

template <typename F>
CHAINRULE_KERNEL void multiplyByDerivative(const Epilogue& epilogue, float* sums, int64_t columns, int64_t, int64_t index) {
  const float* saved = epilogue.operand + index;
  const Vector alpha = broadcast(epilogue.alpha);
  forEachVector(columns, [=](int64_t j, int64_t n) {
    storeUpTo(sums + j, loadUpTo(sums + j, n) * F::derivative(loadUpTo(saved + j, n), alpha), n);
  });
}

template <typename F>
inline void deltaMatmul(const float* a, const float* b, const float* saved, float* out, int64_t batches, int64_t m, int64_t n,
                        int64_t k, int64_t strideA, int64_t strideB, int32_t transposeA, int32_t transposeB, float alpha) {
  const Epilogue epilogue = {multiplyByDerivative<F>, saved, alpha};
  multiply(a, b, out, {batches, m, n, k, strideA, strideB, transposeA, transposeB}, &epilogue);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
