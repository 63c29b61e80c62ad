// One optimiser step over a run of parameters, in place. What depends only on the hyper-parameters is computed in double
// precision and rounded once. The loops are left to the compiler: nothing but correctly rounded operations in one order.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// xⁿ by repeated squaring in double precision: the same bits on every backend.
inline double integerPower(double x, int64_t n) {
  double result = 1.0;
  double square = x;
  for (int64_t rest = n; rest > 0; rest /= 2) {
    if (rest % 2 == 1) result *= square;
    square *= square;
  }
  return result;
}

inline void sgd(const SgdArguments& args) {
  float* CHAINRULE_RESTRICT parameter = args.parameter;
  const float* CHAINRULE_RESTRICT gradient = args.gradient;
  const float weightDecay = static_cast<float>(args.weightDecay);
  const float rate = *args.learningRate;
  for (int64_t i = 0; i < args.size; i++) parameter[i] -= rate * (gradient[i] + weightDecay * parameter[i]);
}

inline void momentum(const MomentumArguments& args) {
  float* CHAINRULE_RESTRICT parameter = args.parameter;
  const float* CHAINRULE_RESTRICT gradient = args.gradient;
  float* CHAINRULE_RESTRICT velocity = args.velocity;
  const float momentum = static_cast<float>(args.momentum);
  const float weightDecay = static_cast<float>(args.weightDecay);
  const float rate = *args.learningRate;
  for (int64_t i = 0; i < args.size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float v = momentum * velocity[i] + g;
    velocity[i] = v;
    parameter[i] -= rate * (args.nesterov ? g + momentum * v : v);
  }
}

inline void adagrad(const AdagradArguments& args) {
  float* CHAINRULE_RESTRICT parameter = args.parameter;
  const float* CHAINRULE_RESTRICT gradient = args.gradient;
  float* CHAINRULE_RESTRICT squares = args.squares;
  const float epsilon = static_cast<float>(args.epsilon);
  const float weightDecay = static_cast<float>(args.weightDecay);
  const float rate = *args.learningRate;
  for (int64_t i = 0; i < args.size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float s = squares[i] + g * g;
    squares[i] = s;
    parameter[i] -= (rate * g) / (::sqrtf(s) + epsilon);
  }
}

inline void rmsprop(const RmspropArguments& args) {
  float* CHAINRULE_RESTRICT parameter = args.parameter;
  const float* CHAINRULE_RESTRICT gradient = args.gradient;
  float* CHAINRULE_RESTRICT squares = args.squares;
  const float epsilon = static_cast<float>(args.epsilon);
  const float weightDecay = static_cast<float>(args.weightDecay);
  const float rate = *args.learningRate;
  const float keep = static_cast<float>(args.decay);
  const float take = static_cast<float>(1.0 - args.decay);
  for (int64_t i = 0; i < args.size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float s = keep * squares[i] + take * g * g;
    squares[i] = s;
    parameter[i] -= (rate * g) / (::sqrtf(s) + epsilon);
  }
}

// `step` holds t, an integer.
inline void adam(const AdamArguments& args) {
  float* CHAINRULE_RESTRICT parameter = args.parameter;
  const float* CHAINRULE_RESTRICT gradient = args.gradient;
  float* CHAINRULE_RESTRICT mean = args.mean;
  float* CHAINRULE_RESTRICT variance = args.variance;
  const float epsilon = static_cast<float>(args.epsilon);
  const int64_t t = static_cast<int64_t>(*args.step);
  const double eta = *args.learningRate;
  const float rate = static_cast<float>(eta / (1.0 - integerPower(args.beta1, t)));
  const float correction = static_cast<float>(1.0 / ::sqrt(1.0 - integerPower(args.beta2, t)));
  const float shrink = static_cast<float>(args.decoupled ? 1.0 - eta * args.weightDecay : 1.0);
  const float decay = static_cast<float>(args.decoupled ? 0.0 : args.weightDecay);
  const float keep1 = static_cast<float>(args.beta1);
  const float take1 = static_cast<float>(1.0 - args.beta1);
  const float keep2 = static_cast<float>(args.beta2);
  const float take2 = static_cast<float>(1.0 - args.beta2);
  for (int64_t i = 0; i < args.size; i++) {
    const float g = gradient[i] + decay * parameter[i];
    const float m = keep1 * mean[i] + take1 * g;
    const float v = keep2 * variance[i] + take2 * g * g;
    mean[i] = m;
    variance[i] = v;
    parameter[i] = parameter[i] * shrink - (rate * m) / (::sqrtf(v) * correction + epsilon);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
