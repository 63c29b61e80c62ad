// Convolutions, alone and with a layer's bias and activation in their epilogue. No operand may be the output.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "convolution_product.h"
#include "convolution_weight.h"
#include "convolution_winograd.h"
#include "convolution_winograd_weight.h"
#include "matmul.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// As src/ops/convolution.ts says: image [samples, channels, height, width], weight [filters, channels / groups, kernel], result
// [samples, filters, outHeight, outWidth].
struct Convolution {
  int64_t samples;
  int64_t channels;
  int64_t height;
  int64_t width;
  int64_t filters;
  int64_t groups;
  int64_t kernelHeight;
  int64_t kernelWidth;
  int64_t outHeight;
  int64_t outWidth;
  int64_t strideY;
  int64_t strideX;
  int64_t padTop;
  int64_t padLeft;
  int64_t dilationY;
  int64_t dilationX;

  // Positions of the result read the image …
  Axis down() const { return {outHeight, kernelHeight, height, strideY, 1, -padTop, dilationY}; }
  Axis across() const { return {outWidth, kernelWidth, width, strideX, 1, -padLeft, dilationX}; }
  // … and elements of the image the results which they went into.
  Axis up() const { return {height, kernelHeight, outHeight, 1, strideY, padTop, -dilationY}; }
  Axis back() const { return {width, kernelWidth, outWidth, 1, strideX, padLeft, -dilationX}; }
};

inline void correlate(bool reproducible, const Correlation& s) {
  if (reproducible) return correlate<false>(s);
  [[maybe_unused]] const FlushSubnormals flush;
  if (winograd::suits(s.y, s.x, s.channels, s.rows)) return winograd::correlate(s);
  correlate<true>(s);
}

// The filters of the range alone.
inline void toResult(bool reproducible, Range filters, const Convolution& s, const float* image, const float* weight, float* out,
                     const RowEpilogue* epilogue) {
  correlate(reproducible, {s.down(), s.across(), s.samples, s.groups, s.channels / s.groups, s.filters / s.groups, filters, image, weight,
                           false, out, epilogue});
}

// The channels of the range alone.
inline void toImage(bool reproducible, Range channels, const Convolution& s, const float* delta, const float* weight, float* out,
                    const RowEpilogue* epilogue) {
  correlate(reproducible, {s.up(), s.back(), s.samples, s.groups, s.filters / s.groups, s.channels / s.groups, channels, delta, weight,
                           true, out, epilogue});
}

inline void conv2d(bool reproducible, Range filterRange, const float* image, const float* weight, float* out, int64_t samples,
                   int64_t channels, int64_t height, int64_t width, int64_t filters, int64_t groups, int64_t kernelHeight,
                   int64_t kernelWidth, int64_t outHeight, int64_t outWidth, int64_t strideY, int64_t strideX, int64_t padTop,
                   int64_t padLeft, int64_t dilationY, int64_t dilationX) {
  toResult(reproducible, filterRange, {samples, channels, height, width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth, strideY,
                          strideX, padTop, padLeft, dilationY, dilationX}, image, weight, out, nullptr);
}

inline void conv2dInput(bool reproducible, Range channelRange, const float* delta, const float* weight, float* out, int64_t samples, int64_t channels,
                        int64_t height, int64_t width, int64_t filters, int64_t groups, int64_t kernelHeight, int64_t kernelWidth,
                        int64_t outHeight, int64_t outWidth, int64_t strideY, int64_t strideX, int64_t padTop, int64_t padLeft,
                        int64_t dilationY, int64_t dilationX) {
  toImage(reproducible, channelRange, {samples, channels, height, width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth, strideY,
                         strideX, padTop, padLeft, dilationY, dilationX}, delta, weight, out, nullptr);
}

// The filters of the range alone: the others' part of out is left as it is.
inline void conv2dWeight(bool reproducible, Range filterRange, const float* image, const float* delta, float* out, int64_t samples,
                         int64_t channels, int64_t height, int64_t width, int64_t filters, int64_t groups, int64_t kernelHeight,
                         int64_t kernelWidth, int64_t outHeight, int64_t outWidth, int64_t strideY, int64_t strideX, int64_t padTop,
                         int64_t padLeft, int64_t dilationY, int64_t dilationX) {
  const Convolution s = {samples, channels, height, width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth, strideY,
                         strideX, padTop, padLeft, dilationY, dilationX};
  const WeightGradient gradient = {s.down(), s.across(), samples, groups, channels / groups, filters, image, delta, out};
  if (reproducible) return weightGradient<false>(gradient, filterRange.first, filterRange.count);
  [[maybe_unused]] const FlushSubnormals flush;
  if (winograd::suits(gradient.y, gradient.x, gradient.channels, filters / groups)) {
    return winograd::weightGradient(gradient, filterRange.first, filterRange.count);
  }
  weightGradient<true>(gradient, filterRange.first, filterRange.count);
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
inline void conv2dAffine(bool reproducible, Range filterRange, const float* image, const float* weight, const float* bias, float* out, int64_t samples,
                         int64_t channels, int64_t height, int64_t width, int64_t filters, int64_t groups, int64_t kernelHeight,
                         int64_t kernelWidth, int64_t outHeight, int64_t outWidth, int64_t strideY, int64_t strideX, int64_t padTop,
                         int64_t padLeft, int64_t dilationY, int64_t dilationX, float alpha) {
  const RowEpilogue epilogue = {activateRow<F>, bias, true, alpha};
  toResult(reproducible, filterRange, {samples, channels, height, width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth, strideY,
                          strideX, padTop, padLeft, dilationY, dilationX}, image, weight, out, &epilogue);
}

template <typename F>
inline void conv2dDelta(bool reproducible, Range channelRange, const float* delta, const float* weight, const float* saved, float* out, int64_t samples,
                        int64_t channels, int64_t height, int64_t width, int64_t filters, int64_t groups, int64_t kernelHeight,
                        int64_t kernelWidth, int64_t outHeight, int64_t outWidth, int64_t strideY, int64_t strideX, int64_t padTop,
                        int64_t padLeft, int64_t dilationY, int64_t dilationX, float alpha) {
  const RowEpilogue epilogue = {multiplyByDerivative<F>, saved, false, alpha};
  toImage(reproducible, channelRange, {samples, channels, height, width, filters, groups, kernelHeight, kernelWidth, outHeight, outWidth, strideY,
                         strideX, padTop, padLeft, dilationY, dilationX}, delta, weight, out, &epilogue);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
