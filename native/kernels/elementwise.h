// One loop for each family of element-wise ops. Inputs may be the output's own memory, element for element.
#pragma once

#include <stdint.h>

#include "functions.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

template <typename F>
inline void unary(const float* x, float* out, int64_t size, float alpha) {
  CHAINRULE_ELEMENTWISE
  for (int64_t i = 0; i < size; i++) out[i] = F::value(x[i], alpha);
}

template <typename F>
inline void unaryGradient(const float* delta, const float* saved, float* out, int64_t size, float alpha) {
  CHAINRULE_ELEMENTWISE
  for (int64_t i = 0; i < size; i++) out[i] = delta[i] * F::derivative(saved[i], alpha);
}

// One run of a broadcasting op. The steps that occur in practice, 1 and 0, get loops that vectorise.
template <typename F>
inline void binaryRun(const float* x, const float* y, float* out, int64_t size, int64_t xStep, int64_t yStep, float alpha) {
  if (xStep == 1 && yStep == 1) {
    CHAINRULE_ELEMENTWISE
    for (int64_t i = 0; i < size; i++) out[i] = F::value(x[i], y[i], alpha);
  } else if (xStep == 1 && yStep == 0) {
    const float repeated = *y;
    CHAINRULE_ELEMENTWISE
    for (int64_t i = 0; i < size; i++) out[i] = F::value(x[i], repeated, alpha);
  } else if (xStep == 0 && yStep == 1) {
    const float repeated = *x;
    CHAINRULE_ELEMENTWISE
    for (int64_t i = 0; i < size; i++) out[i] = F::value(repeated, y[i], alpha);
  } else {
    for (int64_t i = 0; i < size; i++) out[i] = F::value(x[i * xStep], y[i * yStep], alpha);
  }
}

template <typename F>
inline void binary(const float* x, const float* y, float* out, int64_t outer, int64_t middle, int64_t inner, int64_t xOuter,
                   int64_t xMiddle, int64_t xInner, int64_t yOuter, int64_t yMiddle, int64_t yInner, float alpha) {
  for (int64_t a = 0; a < outer; a++) {
    for (int64_t b = 0; b < middle; b++) {
      binaryRun<F>(x + a * xOuter + b * xMiddle, y + a * yOuter + b * yMiddle, out, inner, xInner, yInner, alpha);
      out += inner;
    }
  }
}

template <typename F>
inline void binaryGradient(const float* delta, const float* x, const float* y, float* out, int64_t size, int32_t deltaStep,
                           float alpha) {
  if (deltaStep == 0) {
    const float repeated = *delta;
    CHAINRULE_ELEMENTWISE
    for (int64_t i = 0; i < size; i++) out[i] = repeated * F::partial(x[i], y[i], alpha);
  } else {
    CHAINRULE_ELEMENTWISE
    for (int64_t i = 0; i < size; i++) out[i] = delta[i] * F::partial(x[i], y[i], alpha);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
