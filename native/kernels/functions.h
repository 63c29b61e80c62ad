// The scalar functions of src/ops/functions.ts on vectors, each a type that the element-wise kernels are instantiated with.
// `derivative` takes what the function saves: y for sigmoid, tanh, relu and hardSigmoid, x for the others. The operations and
// their order are those of assembly/kernels/functions.ts.
#pragma once

#include "power.h"
#include "transcendental.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace functions {

// Comparisons are written so that NaN comes through, as Math.max and Math.min let it.
inline Vector clampTo(Vector x, Vector limit) { return select(less(limit, x), limit, atLeast(x, -limit)); }
inline Vector stepOf(Vector x) { return select(less(zero(), x), broadcast(1.0f), zero()); }
inline Vector signOf(Vector x) { return select(less(x, zero()), broadcast(-1.0f), stepOf(x)); }

// min(max(x + 3, 0), 6).
inline Vector rampOf(Vector x) { return atMost(atLeast(x + 3.0f, zero()), broadcast(6.0f)); }

// x > 0 ? x : alpha·(eˣ − 1).
inline Vector exponentialUnit(Vector x, Vector alpha) { return select(less(zero(), x), x, alpha * math::expm1(x)); }

// scale where x > 0, else alpha·eˣ.
inline Vector exponentialUnitDerivative(Vector x, Vector scale, Vector alpha) {
  return select(less(zero(), x), scale, alpha * math::exp(x));
}

// ½·(1 + tanh u) = sigmoid(2u) for u = √(2/π)·(x + 0.044715·x³), from x and x²: no cancellation where tanh is near −1.
inline Vector geluGate(Vector x, Vector square) { return math::sigmoid((x * GELU_RATE) * (square * GELU_CUBIC + 1.0f)); }

struct identity {
  static Vector value(Vector x, Vector) { return x; }
  static Vector derivative(Vector, Vector) { return broadcast(1.0f); }
};

struct sigmoid {
  static Vector value(Vector x, Vector) { return math::sigmoid(x); }
  static Vector derivative(Vector y, Vector) { return y * (1.0f - y); }
};

struct tanh {
  static Vector value(Vector x, Vector) { return math::tanh(x); }
  static Vector derivative(Vector y, Vector) { return 1.0f - y * y; }
};

struct relu {
  static Vector value(Vector x, Vector) { return select(lessOrEqual(x, zero()), zero(), x); }
  static Vector derivative(Vector y, Vector) { return stepOf(y); }
};

struct leakyRelu {
  static Vector value(Vector x, Vector alpha) { return select(less(zero(), x), x, alpha * x); }
  static Vector derivative(Vector x, Vector alpha) { return select(less(zero(), x), broadcast(1.0f), alpha); }
};

struct elu {
  static Vector value(Vector x, Vector alpha) { return exponentialUnit(x, alpha); }
  static Vector derivative(Vector x, Vector alpha) { return exponentialUnitDerivative(x, broadcast(1.0f), alpha); }
};

struct selu {
  static Vector value(Vector x, Vector) { return SELU_SCALE * exponentialUnit(x, broadcast(SELU_ALPHA)); }
  static Vector derivative(Vector x, Vector) { return exponentialUnitDerivative(x, broadcast(SELU_SCALE), broadcast(SELU_SLOPE)); }
};

struct gelu {
  static Vector value(Vector x, Vector) { return atLeast(x, broadcast(-GELU_SATURATION)) * math::normal(x).cumulative; }
  static Vector derivative(Vector x, Vector) {
    const math::Normal normal = math::normal(x);
    return normal.cumulative + clampTo(x, broadcast(GELU_SATURATION)) * (INVERSE_SQRT_TWO_PI * normal.density);
  }
};

struct geluTanh {
  static Vector value(Vector x, Vector) { return atLeast(x, broadcast(-GELU_SATURATION)) * geluGate(x, x * x); }
  static Vector derivative(Vector input, Vector) {
    const Vector x = clampTo(input, broadcast(GELU_SATURATION));
    const Vector square = x * x;
    const Vector gate = geluGate(x, square);
    const Vector slope = (square * GELU_CUBIC_SLOPE + 1.0f) * GELU_RATE;
    return gate + (x * slope) * (gate * (1.0f - gate));
  }
};

struct silu {
  static Vector value(Vector x, Vector) { return atLeast(x, broadcast(-SILU_SATURATION)) * math::sigmoid(x); }
  static Vector derivative(Vector x, Vector) {
    const Vector s = math::sigmoid(x);
    return s * (clampTo(x, broadcast(SILU_SATURATION)) * (1.0f - s) + 1.0f);
  }
};

struct softplus {
  static Vector value(Vector x, Vector) { return atLeast(x, zero()) + math::softplusTail(x); }
  static Vector derivative(Vector x, Vector) { return math::sigmoid(x); }
};

struct hardSigmoid {
  static Vector value(Vector x, Vector) { return rampOf(x) / 6.0f; }
  static Vector derivative(Vector y, Vector) { return stepOf(y) * stepOf(1.0f - y) / 6.0f; }
};

struct hardSwish {
  // Divided first: the product of a large x and 6 would be infinite.
  static Vector value(Vector x, Vector) { return atLeast(x, broadcast(-3.0f)) * (rampOf(x) / 6.0f); }
  static Vector derivative(Vector x, Vector) {
    const Vector above = stepOf(x - 3.0f);
    const Vector inside = stepOf(x + 3.0f) - above;
    return above + inside * ((2.0f * clampTo(x, broadcast(3.0f)) + 3.0f) / 6.0f);
  }
};

struct negate {
  static Vector value(Vector x, Vector) { return -x; }
};

struct exp {
  static Vector value(Vector x, Vector) { return math::exp(x); }
};

struct log {
  static Vector value(Vector x, Vector) { return math::log(x); }
};

struct sqrt {
  static Vector value(Vector x, Vector) { return squareRoot(x); }
};

struct square {
  static Vector value(Vector x, Vector) { return x * x; }
};

struct abs {
  static Vector value(Vector x, Vector) { return absolute(x); }
};

struct sign {
  static Vector value(Vector x, Vector) { return signOf(x); }
};

struct step {
  static Vector value(Vector x, Vector) { return stepOf(x); }
};

struct erf {
  static Vector value(Vector x, Vector) { return math::erf(x); }
};

struct clamp {
  static Vector value(Vector x, Vector alpha) { return clampTo(x, alpha); }
};

struct add {
  static Vector value(Vector x, Vector y, Vector) { return x + y; }
};

struct subtract {
  static Vector value(Vector x, Vector y, Vector) { return x - y; }
};

struct multiply {
  static Vector value(Vector x, Vector y, Vector) { return x * y; }
};

struct divide {
  static Vector value(Vector x, Vector y, Vector) { return x / y; }
};

// Lane by lane: a power needs double precision.
struct power {
  static Vector value(Vector x, Vector y, Vector) {
    float base[LANES];
    float exponent[LANES];
    store(base, x);
    store(exponent, y);
    float result[LANES];
    for (int i = 0; i < LANES; i++) result[i] = math::power(base[i], exponent[i]);
    return load(result);
  }
};

// Of two zeros, y.
struct maximum {
  static Vector value(Vector x, Vector y, Vector) { return select(lessOrEqual(x, y), y, select(less(y, x), x, x + y)); }
};

struct minimum {
  static Vector value(Vector x, Vector y, Vector) { return select(lessOrEqual(y, x), y, select(less(x, y), x, x + y)); }
};

// The element losses. `partial` is ∂f/∂x.

struct squaredError {
  static Vector value(Vector x, Vector y, Vector) {
    const Vector d = x - y;
    return (0.5f * d) * d;
  }
  static Vector partial(Vector x, Vector y, Vector) { return x - y; }
};

struct absoluteError {
  static Vector value(Vector x, Vector y, Vector) { return absolute(x - y); }
  static Vector partial(Vector x, Vector y, Vector) { return signOf(x - y); }
};

struct huberError {
  static Vector value(Vector x, Vector y, Vector alpha) {
    const Vector d = absolute(x - y);
    return select(lessOrEqual(d, alpha), (0.5f * d) * d, alpha * (d - 0.5f * alpha));
  }
  static Vector partial(Vector x, Vector y, Vector alpha) { return clampTo(x - y, alpha); }
};

struct logisticError {
  static Vector value(Vector x, Vector y, Vector) { return (atLeast(x, zero()) - x * y) + math::softplusTail(x); }
  static Vector partial(Vector x, Vector y, Vector) { return math::sigmoid(x) - y; }
};

struct bernoulliError {
  static Vector value(Vector x, Vector y, Vector) {
    const Vector yes = y * atLeast(math::log(x), broadcast(LOG_FLOOR));
    const Vector no = (1.0f - y) * atLeast(math::log1p(-x), broadcast(LOG_FLOOR));
    return -(yes + no);
  }
  static Vector partial(Vector x, Vector y, Vector) {
    return (x - y) / atLeast(x * (1.0f - x), broadcast(PROBABILITY_FLOOR));
  }
};

struct relativeEntropy {
  static Vector value(Vector x, Vector y, Vector) { return select(less(zero(), y), y * (math::log(y) - x), zero()); }
  static Vector partial(Vector, Vector y, Vector) { return -atLeast(y, zero()); }
};

}  // namespace functions
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
