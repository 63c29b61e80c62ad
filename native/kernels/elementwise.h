// One loop for each family of element-wise ops. Inputs may be the output's own memory, element for element: a vector is read
// before it is written.
#pragma once

#include <stdint.h>

#include "functions.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

template <typename F>
CHAINRULE_KERNEL void unary(const float* x, float* out, int64_t size, float alpha) {
  const Vector a = broadcast(alpha);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, F::value(loadUpTo(x + i, n), a), n); });
}

template <typename F>
CHAINRULE_KERNEL void unaryGradient(const float* delta, const float* saved, float* out, int64_t size, float alpha) {
  const Vector a = broadcast(alpha);
  forEachVector(size, [=](int64_t i, int64_t n) {
    storeUpTo(out + i, loadUpTo(delta + i, n) * F::derivative(loadUpTo(saved + i, n), a), n);
  });
}

// The ways in which an operand accompanies a run of outputs: element by element, one for all, or `step` elements apart.
struct Consecutive {
  const float* from;
  Vector at(int64_t i, int64_t n) const { return loadUpTo(from + i, n); }
};

struct Repeated {
  Vector x;
  Vector at(int64_t, int64_t) const { return x; }
};

struct Strided {
  const float* from;
  int64_t step;
  Vector at(int64_t i, int64_t n) const {
    float lanes[LANES] = {};
    for (int64_t lane = 0; lane < n; lane++) lanes[lane] = from[(i + lane) * step];
    return load(lanes);
  }
};

template <typename F, typename X, typename Y>
inline void combine(X x, Y y, float* out, int64_t size, Vector alpha) {
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, F::value(x.at(i, n), y.at(i, n), alpha), n); });
}

// One run of a broadcasting op. The steps that occur in practice, 1 and 0, have separate loops.
template <typename F>
CHAINRULE_KERNEL void binaryRun(const float* x, const float* y, float* out, int64_t size, int64_t xStep, int64_t yStep,
                                float alpha) {
  const Vector a = broadcast(alpha);
  if (xStep == 1 && yStep == 1) {
    combine<F>(Consecutive{x}, Consecutive{y}, out, size, a);
  } else if (xStep == 1 && yStep == 0) {
    combine<F>(Consecutive{x}, Repeated{broadcast(*y)}, out, size, a);
  } else if (xStep == 0 && yStep == 1) {
    combine<F>(Repeated{broadcast(*x)}, Consecutive{y}, out, size, a);
  } else if (xStep == 0 && yStep == 0) {
    const Vector number = F::value(broadcast(*x), broadcast(*y), a);
    forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, number, n); });
  } else {
    combine<F>(Strided{x, xStep}, Strided{y, yStep}, out, size, a);
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

template <typename F, typename Delta>
inline void multiplyByPartial(Delta delta, const float* x, const float* y, float* out, int64_t size, Vector alpha) {
  forEachVector(size, [=](int64_t i, int64_t n) {
    storeUpTo(out + i, delta.at(i, n) * F::partial(loadUpTo(x + i, n), loadUpTo(y + i, n), alpha), n);
  });
}

template <typename F>
CHAINRULE_KERNEL void binaryGradient(const float* delta, const float* x, const float* y, float* out, int64_t size,
                                     int32_t deltaStep, float alpha) {
  const Vector a = broadcast(alpha);
  if (deltaStep == 0) {
    multiplyByPartial<F>(Repeated{broadcast(*delta)}, x, y, out, size, a);
  } else {
    multiplyByPartial<F>(Consecutive{delta}, x, y, out, size, a);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
