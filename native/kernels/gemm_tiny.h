// Tiny products: preparing for vectors would take longer than the multiplications.
#pragma once

#include <stdint.h>

#include "gemm_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Up to this many multiplications are done one by one.
constexpr int64_t TINY = 64;

inline bool isTiny(const Product& s) { return s.m * s.n * s.k <= TINY; }

template <Numerics NUMERICS>
inline void multiplyOneByOne(const Product& s) {
  const int64_t rowA = s.a.transposed ? 1 : s.a.stride;
  const int64_t stepA = s.a.transposed ? s.a.stride : 1;
  const int64_t columnB = s.b.transposed ? s.b.stride : 1;
  const int64_t stepB = s.b.transposed ? 1 : s.b.stride;
  for (int64_t i = 0; i < s.m; i++) {
    const float* const row = s.a.data + i * rowA;
    float* const out = s.out + i * s.strideOut;
    for (int64_t j = 0; j < s.n; j++) {
      const float* a = row;
      const float* b = s.b.data + j * columnB;
      float sum = 0.0f;
      for (int64_t p = 0; p < s.k; p++, a += stepA, b += stepB) sum = multiplyAdd<NUMERICS>(*a, *b, sum);
      out[j] = s.accumulate ? out[j] + sum : sum;
    }
  }
}

template <Numerics NUMERICS>
inline void multiplyTiny(const Product& s) {
  multiplyOneByOne<NUMERICS>(s);
  if (s.epilogue) finishRows(s, 0, s.m);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
