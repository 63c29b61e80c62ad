// Matrix products, alone and with a dense layer's bias and activation in their epilogue. No operand may be the output.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "../generated/functions.h"
#include "gemm.h"
#if defined(CHAINRULE_PAIRS)
#include "gemm_pairs.h"
#endif

namespace chainrule {
namespace CHAINRULE_ISA {

// How an instruction's products are rounded and added, and which part of each output is computed.
struct Part {
  Numerics numerics;
  Range rows;
  Range columns;
  // Of B, where there is one B for all batches.
  const float* packed;
};

#if defined(CHAINRULE_PAIRS)
constexpr bool MULTIPLIES_BFLOAT16 = true;
#else
constexpr bool MULTIPLIES_BFLOAT16 = false;
#endif

// The copy of a matrix that products read instead of it.
inline uint64_t copyLength(const MatrixView& matrix) {
#if defined(CHAINRULE_PAIRS)
  if (matrix.rounded) return packedPairsLength(matrix);
#endif
  return packedLength(matrix);
}

inline void copy(const MatrixView& matrix, float* to) {
#if defined(CHAINRULE_PAIRS)
  if (matrix.rounded) return packPairs(matrix, to);
#endif
  pack(matrix, to);
}

inline void multiplyPart(const Product& product, const Part& part, [[maybe_unused]] bool rounded) {
  const Region region = {part.rows.first, part.rows.count, part.columns.first, part.columns.count};
#if defined(CHAINRULE_PAIRS)
  if (rounded) return multiplyPairs(product, region);
#endif
  gemm(part.numerics, product, region);
}

// Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch.
inline void multiply(const Part& part, const float* a, const float* b, float* out, const ProductSizes& s, const Epilogue* epilogue) {
  const bool transposedA = s.transposeA != 0;
  const bool transposedB = s.transposeB != 0;
  const Matrix left = {a, transposedA ? s.m : s.k, transposedA};
  const Matrix right = {b, transposedB ? s.k : s.n, transposedB};
  Product product = {left, right, out, s.n, s.m, s.n, s.k, false, epilogue, {part.packed, s.n, 0}};
  multiplyPart(product, part, s.rounded != 0);
  for (int64_t batch = 1; batch < s.batches; batch++) {
    product.a.data += s.strideA;
    product.b.data += s.strideB;
    product.out += s.m * s.n;
    Epilogue shifted;
    if (epilogue) {
      shifted = epilogue->from(batch * s.m, 0);
      product.epilogue = &shifted;
    }
    multiplyPart(product, part, s.rounded != 0);
  }
}

inline void matmul(Numerics numerics, Packed packed, Range rows, Range columns, const MatmulArguments& args) {
  multiply({numerics, rows, columns, *packed}, args.a, args.b, args.out, args.sizes, nullptr);
}

template <typename F>
CHAINRULE_KERNEL void activate(float* sums, const float* bias, int64_t columns, float a) {
  const Vector alpha = broadcast(a);
  if (bias) {
    forEachVector(columns,
                  [=](int64_t j, int64_t n) { storeUpTo(sums + j, F::value(loadUpTo(sums + j, n) + loadUpTo(bias + j, n), alpha), n); });
  } else {
    forEachVector(columns, [=](int64_t j, int64_t n) { storeUpTo(sums + j, F::value(loadUpTo(sums + j, n), alpha), n); });
  }
}

// bias may be absent (nullptr).
template <typename F>
inline void affine(Numerics numerics, Packed packed, Range rows, Range columns, const AffineArguments& args) {
  const Epilogue epilogue = {activate<F>, args.bias, 0, static_cast<float>(args.alpha)};
  multiply({numerics, rows, columns, *packed}, args.a, args.b, args.out, args.sizes, &epilogue);
}

// sums ← f(z) and slopes ← f′(z) for z = sums + bias. What f and f′ share is computed once.
template <typename F>
CHAINRULE_KERNEL void activateWithSlope(float* sums, const float* bias, float* slopes, int64_t columns, float a) {
  const Vector alpha = broadcast(a);
  forEachVector(columns, [=](int64_t j, int64_t n) {
    const Vector z = bias ? loadUpTo(sums + j, n) + loadUpTo(bias + j, n) : loadUpTo(sums + j, n);
    storeUpTo(sums + j, F::value(z, alpha), n);
    storeUpTo(slopes + j, F::derivative(z, alpha), n);
  });
}

template <typename F>
inline void affineSlope(Numerics numerics, Packed packed, Range rows, Range columns, const AffineSlopeArguments& args) {
  Epilogue epilogue = {activate<F>, args.bias, 0, static_cast<float>(args.alpha)};
  epilogue.applyWithSlope = activateWithSlope<F>;
  epilogue.slopes = args.slope;
  epilogue.strideSlopes = args.sizes.n;
  multiply({numerics, rows, columns, *packed}, args.a, args.b, args.out, args.sizes, &epilogue);
}

template <typename F>
CHAINRULE_KERNEL void multiplyByDerivative(float* sums, const float* saved, int64_t columns, float a) {
  const Vector alpha = broadcast(a);
  forEachVector(
      columns, [=](int64_t j, int64_t n) { storeUpTo(sums + j, loadUpTo(sums + j, n) * F::derivative(loadUpTo(saved + j, n), alpha), n); });
}

template <typename F>
inline void deltaMatmul(Numerics numerics, Packed packed, Range rows, Range columns, const DeltaMatmulArguments& args) {
  const Epilogue epilogue = {multiplyByDerivative<F>, args.saved, args.sizes.n, static_cast<float>(args.alpha)};
  multiply({numerics, rows, columns, *packed}, args.a, args.b, args.out, args.sizes, &epilogue);
}

CHAINRULE_KERNEL void multiplyByFactor(float* sums, const float* factor, int64_t columns, float) {
  forEachVector(columns, [=](int64_t j, int64_t n) { storeUpTo(sums + j, loadUpTo(sums + j, n) * loadUpTo(factor + j, n), n); });
}

inline void matmulMultiply(Numerics numerics, Packed packed, Range rows, Range columns, const MatmulMultiplyArguments& args) {
  const Epilogue epilogue = {multiplyByFactor, args.factor, args.sizes.n, 0.0f};
  multiply({numerics, rows, columns, *packed}, args.a, args.b, args.out, args.sizes, &epilogue);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
