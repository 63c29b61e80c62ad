// Convolutions, alone and with a layer's bias and activation in their epilogue. No operand may be the output.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "convolution_parts.h"
#include "convolution_path.h"
#include "convolution_product.h"
#include "convolution_weight.h"
#include "convolution_winograd.h"
#include "convolution_winograd_weight.h"
#include "matmul.h"
#include "with_numerics.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// As src/ops/convolution.ts says: image [samples, channels, height, width], weight [filters, channels / groups, kernel], result
// [samples, filters, outHeight, outWidth].
struct Convolution : ConvolutionSizes {
  // Positions of the result read the image …
  Axis down() const { return {outHeight, kernelHeight, height, strideY, 1, -padTop, dilationY}; }
  Axis across() const { return {outWidth, kernelWidth, width, strideX, 1, -padLeft, dilationX}; }
  // … and elements of the image the results which they went into.
  Axis up() const { return {height, kernelHeight, outHeight, 1, strideY, padTop, -dilationY}; }
  Axis back() const { return {width, kernelWidth, outWidth, 1, strideX, padLeft, -dilationX}; }
};

template <Numerics NUMERICS>
inline void correlateBy(Path path, const Correlation& s) {
  if (path == Path::rows) return depthwise::correlateByRows<NUMERICS>(s);
  if (path == Path::planes) return depthwise::correlateByPlanes<NUMERICS>(s);
  if (path == Path::pointwise) return pointwise::correlate<NUMERICS>(s);
  if (path == Path::winograd) return winograd::correlate(s);
  correlate<NUMERICS>(s);
}

// The planes of the correlation, or as large a part of all of its lines.
inline void correlate(Numerics numerics, Correlation s) {
  const Path path = pathOf(numerics, s);
  const int64_t planes = s.groups * s.rows;
  if (s.planes.count < planes && sharesLines(path, s)) {
    s.lines = {s.planes.first, s.planes.first + s.planes.count, planes};
    s.planes = {0, planes};
  }
  withNumerics(numerics, [&](auto steps) { correlateBy<steps.value>(path, s); });
}

// The filters of the range alone, or another part of the result as large as theirs: the parts of several ranges are the whole.
inline void toResult(Numerics numerics, Range filters, const Convolution& s, const float* image, const float* weight, float* out,
                     const RowEpilogue* epilogue) {
  correlate(numerics, {s.down(), s.across(), s.samples, s.groups, s.channels / s.groups, s.filters / s.groups, filters, image, weight,
                       false, out, epilogue});
}

// The channels of the range alone, likewise.
inline void toImage(Numerics numerics, Range channels, const Convolution& s, const float* delta, const float* weight, float* out,
                    const RowEpilogue* epilogue) {
  correlate(numerics, {s.up(), s.back(), s.samples, s.groups, s.filters / s.groups, s.channels / s.groups, channels, delta, weight, true,
                       out, epilogue});
}

inline void conv2d(Numerics numerics, Range filters, const Conv2dArguments& args) {
  toResult(numerics, filters, Convolution{args.sizes}, args.image, args.weight, args.out, nullptr);
}

inline void conv2dInput(Numerics numerics, Range channels, const Conv2dInputArguments& args) {
  toImage(numerics, channels, Convolution{args.sizes}, args.delta, args.weight, args.out, nullptr);
}

template <Numerics NUMERICS>
inline void weightGradientBy(Path path, const WeightGradient& s, Range filters) {
  if (path == Path::planes) return depthwise::weightByPlanes<NUMERICS>(s, filters.first, filters.count);
  if (path == Path::pointwise) return pointwise::weightGradient<NUMERICS>(s, filters.first, filters.count);
  if (path == Path::winograd) return winograd::weightGradient(s, filters.first, filters.count);
  weightGradient<NUMERICS>(s, filters.first, filters.count);
}

// The filters of the range alone; where it is not all of them, this thread and the others compute them together.
inline void conv2dWeight(Numerics numerics, Range filters, const Conv2dWeightArguments& args) {
  const Convolution s{args.sizes};
  const WeightGradient gradient = {s.down(),  s.across(), s.samples,  s.groups, s.channels / s.groups,
                                   s.filters, args.image, args.delta, args.out};
  const Path path = pathOf(numerics, gradient);
  inParts(gradient, filters, [&](const WeightGradient& part, Range own) {
    withNumerics(numerics, [&](auto steps) { weightGradientBy<steps.value>(path, part, own); });
  });
}

// One bias for the whole row; it may be absent (nullptr).
template <typename F>
CHAINRULE_KERNEL void activateRow(float* sums, const float* bias, int64_t columns, float a) {
  const Vector alpha = broadcast(a);
  if (bias) {
    const Vector shift = broadcast(*bias);
    forEachVector(columns, [=](int64_t j, int64_t n) { storeUpTo(sums + j, F::value(loadUpTo(sums + j, n) + shift, alpha), n); });
  } else {
    activate<F>(sums, nullptr, columns, a);
  }
}

// bias may be absent (nullptr).
template <typename F>
inline void conv2dAffine(Numerics numerics, Range filters, const Conv2dAffineArguments& args) {
  const RowEpilogue epilogue = {activateRow<F>, args.bias, true, static_cast<float>(args.alpha)};
  toResult(numerics, filters, Convolution{args.sizes}, args.image, args.weight, args.out, &epilogue);
}

template <typename F>
inline void conv2dDelta(Numerics numerics, Range channels, const Conv2dDeltaArguments& args) {
  const RowEpilogue epilogue = {multiplyByDerivative<F>, args.saved, false, static_cast<float>(args.alpha)};
  toImage(numerics, channels, Convolution{args.sizes}, args.delta, args.weight, args.out, &epilogue);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
