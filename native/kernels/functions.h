// The scalar functions of src/ops/functions.ts, each a type that the element-wise kernels are instantiated with. `derivative`
// takes what the function saves: y for sigmoid, tanh, relu and hardSigmoid, x for the others.
#pragma once

#include <math.h>

namespace chainrule {
namespace CHAINRULE_ISA {
namespace functions {

constexpr float SELU_ALPHA = 1.6732632423543772f;
constexpr float SELU_SCALE = 1.0507009873554805f;
constexpr float SQRT_HALF = 0.7071067811865476f;
constexpr float SQRT_TWO_OVER_PI = 0.7978845608028654f;
constexpr float INVERSE_SQRT_TWO_PI = 0.3989422804014327f;
constexpr float GELU_CUBIC = 0.044715f;
// Smallest logarithm that bernoulliError takes, and smallest variance its derivative divides by.
constexpr float LOG_FLOOR = -100.0f;
constexpr float PROBABILITY_FLOOR = 1e-12f;

// Comparisons are written so that NaN comes through, as Math.max and Math.min let it.
inline float atLeast(float x, float limit) { return x < limit ? limit : x; }
inline float atMost(float x, float limit) { return x > limit ? limit : x; }
inline float clampTo(float x, float limit) { return x > limit ? limit : x < -limit ? -limit : x; }
inline float stepOf(float x) { return x > 0.0f ? 1.0f : 0.0f; }
inline float signOf(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f; }

// e^-|x| cannot overflow, so that both tails keep their precision.
inline float sigmoidOf(float x) {
  const float e = ::expf(-::fabsf(x));
  return (x >= 0.0f ? 1.0f : e) / (1.0f + e);
}

inline float softplusOf(float x) { return atLeast(x, 0.0f) + ::log1pf(::expf(-::fabsf(x))); }

// scale where x > 0, else alpha·eˣ.
inline float exponentialUnitDerivative(float x, float scale, float alpha) {
  return x > 0.0f ? scale : alpha * ::expf(atMost(x, 0.0f));
}

struct identity {
  static float value(float x, float) { return x; }
  static float derivative(float, float) { return 1.0f; }
};

struct sigmoid {
  static float value(float x, float) { return sigmoidOf(x); }
  static float derivative(float y, float) { return y * (1.0f - y); }
};

struct tanh {
  static float value(float x, float) { return ::tanhf(x); }
  static float derivative(float y, float) { return 1.0f - y * y; }
};

struct relu {
  static float value(float x, float) { return x <= 0.0f ? 0.0f : x; }
  static float derivative(float y, float) { return stepOf(y); }
};

struct leakyRelu {
  static float value(float x, float alpha) { return x > 0.0f ? x : alpha * x; }
  static float derivative(float x, float alpha) { return x > 0.0f ? 1.0f : alpha; }
};

struct elu {
  static float value(float x, float alpha) { return x > 0.0f ? x : alpha * ::expm1f(x); }
  static float derivative(float x, float alpha) { return exponentialUnitDerivative(x, 1.0f, alpha); }
};

struct selu {
  static float value(float x, float) { return SELU_SCALE * (x > 0.0f ? x : SELU_ALPHA * ::expm1f(x)); }
  static float derivative(float x, float) {
    return exponentialUnitDerivative(x, SELU_SCALE, SELU_SCALE * SELU_ALPHA);
  }
};

// Φ by erfc, which does not cancel in the left tail.
struct gelu {
  static float value(float x, float) { return 0.5f * x * ::erfcf(-x * SQRT_HALF); }
  static float derivative(float x, float) {
    return 0.5f * ::erfcf(-x * SQRT_HALF) + x * INVERSE_SQRT_TWO_PI * ::expf(-0.5f * x * x);
  }
};

struct geluTanh {
  static float value(float x, float) {
    return 0.5f * x * (1.0f + ::tanhf(SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x)));
  }
  static float derivative(float x, float) {
    const float square = x * x;
    const float t = ::tanhf(x * SQRT_TWO_OVER_PI * (1.0f + GELU_CUBIC * square));
    const float inner = SQRT_TWO_OVER_PI * (1.0f + 3.0f * GELU_CUBIC * square);
    return 0.5f * (1.0f + t + x * (1.0f - t * t) * inner);
  }
};

struct silu {
  static float value(float x, float) { return x * sigmoidOf(x); }
  static float derivative(float x, float) {
    const float s = sigmoidOf(x);
    return s * (1.0f + x * (1.0f - s));
  }
};

struct softplus {
  static float value(float x, float) { return softplusOf(x); }
  static float derivative(float x, float) { return sigmoidOf(x); }
};

struct hardSigmoid {
  static float value(float x, float) { return atMost(atLeast(x + 3.0f, 0.0f), 6.0f) / 6.0f; }
  static float derivative(float y, float) { return stepOf(y) * stepOf(1.0f - y) / 6.0f; }
};

struct hardSwish {
  static float value(float x, float) { return x * atMost(atLeast(x + 3.0f, 0.0f), 6.0f) / 6.0f; }
  static float derivative(float x, float) {
    const float above = stepOf(x - 3.0f);
    const float inside = stepOf(x + 3.0f) - above;
    return above + inside * ((2.0f * clampTo(x, 3.0f) + 3.0f) / 6.0f);
  }
};

struct negate {
  static float value(float x, float) { return -x; }
};

struct exp {
  static float value(float x, float) { return ::expf(x); }
};

struct log {
  static float value(float x, float) { return ::logf(x); }
};

struct sqrt {
  static float value(float x, float) { return ::sqrtf(x); }
};

struct square {
  static float value(float x, float) { return x * x; }
};

struct abs {
  static float value(float x, float) { return ::fabsf(x); }
};

struct sign {
  static float value(float x, float) { return signOf(x); }
};

struct step {
  static float value(float x, float) { return stepOf(x); }
};

struct erf {
  static float value(float x, float) { return ::erff(x); }
};

struct clamp {
  static float value(float x, float alpha) { return clampTo(x, alpha); }
};

struct add {
  static float value(float x, float y, float) { return x + y; }
};

struct subtract {
  static float value(float x, float y, float) { return x - y; }
};

struct multiply {
  static float value(float x, float y, float) { return x * y; }
};

struct divide {
  static float value(float x, float y, float) { return x / y; }
};

// JavaScript's power is NaN where |x| is 1 and y is not finite; C's is 1.
struct power {
  static float value(float x, float y, float) {
    return ::fabsf(x) == 1.0f && !isfinite(y) ? NAN : ::powf(x, y);
  }
};

struct maximum {
  static float value(float x, float y, float) { return x > y || x != x ? x : y; }
};

struct minimum {
  static float value(float x, float y, float) { return x < y || x != x ? x : y; }
};

// The element losses. `partial` is ∂f/∂x.

struct squaredError {
  static float value(float x, float y, float) { return 0.5f * (x - y) * (x - y); }
  static float partial(float x, float y, float) { return x - y; }
};

struct absoluteError {
  static float value(float x, float y, float) { return ::fabsf(x - y); }
  static float partial(float x, float y, float) { return signOf(x - y); }
};

struct huberError {
  static float value(float x, float y, float alpha) {
    const float distance = ::fabsf(x - y);
    return distance <= alpha ? 0.5f * distance * distance : alpha * (distance - 0.5f * alpha);
  }
  static float partial(float x, float y, float alpha) { return clampTo(x - y, alpha); }
};

struct logisticError {
  static float value(float x, float y, float) {
    return atLeast(x, 0.0f) - x * y + ::log1pf(::expf(-::fabsf(x)));
  }
  static float partial(float x, float y, float) { return sigmoidOf(x) - y; }
};

struct bernoulliError {
  static float value(float x, float y, float) {
    return -(y * atLeast(::logf(x), LOG_FLOOR) + (1.0f - y) * atLeast(::log1pf(-x), LOG_FLOOR));
  }
  static float partial(float x, float y, float) {
    return (x - y) / atLeast(x * (1.0f - x), PROBABILITY_FLOOR);
  }
};

struct relativeEntropy {
  static float value(float x, float y, float) { return y > 0.0f ? y * (::logf(y) - x) : 0.0f; }
  static float partial(float, float y, float) { return -atLeast(y, 0.0f); }
};

}  // namespace functions
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
