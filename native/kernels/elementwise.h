// One loop for each family of element-wise ops. Inputs may be the output's own memory, element for element: a vector is read
// before it is written.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../generated/functions.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

template <typename F>
CHAINRULE_KERNEL void unary(const UnaryArguments& args) {
  const float* const x = args.x;
  float* const out = args.out;
  const Vector a = broadcast(static_cast<float>(args.alpha));
  forEachVector(args.size, [=](int64_t i, int64_t n) { storeUpTo(out + i, F::value(loadUpTo(x + i, n), a), n); });
}

template <typename F>
CHAINRULE_KERNEL void unaryGradient(const UnaryGradientArguments& args) {
  const float* const delta = args.delta;
  const float* const saved = args.saved;
  float* const out = args.out;
  const Vector a = broadcast(static_cast<float>(args.alpha));
  forEachVector(args.size,
                [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(delta + i, n) * F::derivative(loadUpTo(saved + i, n), a), n); });
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
CHAINRULE_KERNEL void binaryRun(const float* x, const float* y, float* out, int64_t size, int64_t xStep, int64_t yStep, float alpha) {
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
inline void binary(const BinaryArguments& args) {
  float* out = args.out;
  for (int64_t a = 0; a < args.outer; a++) {
    for (int64_t b = 0; b < args.middle; b++) {
      const float* const x = args.x + a * args.xOuter + b * args.xMiddle;
      const float* const y = args.y + a * args.yOuter + b * args.yMiddle;
      binaryRun<F>(x, y, out, args.inner, args.xInner, args.yInner, static_cast<float>(args.alpha));
      out += args.inner;
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
CHAINRULE_KERNEL void binaryGradient(const BinaryGradientArguments& args) {
  const Vector a = broadcast(static_cast<float>(args.alpha));
  if (args.deltaStep == 0) {
    multiplyByPartial<F>(Repeated{broadcast(*args.delta)}, args.x, args.y, args.out, args.size, a);
  } else {
    multiplyByPartial<F>(Consecutive{args.delta}, args.x, args.y, args.out, args.size, a);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
