// One optimiser step over a run of parameters, in place. What depends only on the hyper-parameters is computed in double
// precision and rounded once. The loops are left to the compiler: nothing but correctly rounded operations in one order.
#pragma once

#include <math.h>
#include <stdint.h>

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

inline void sgd(float* CHAINRULE_RESTRICT parameter, const float* CHAINRULE_RESTRICT gradient, const float* learningRate,
                int64_t size, float weightDecay) {
  const float rate = *learningRate;
  for (int64_t i = 0; i < size; i++) parameter[i] -= rate * (gradient[i] + weightDecay * parameter[i]);
}

inline void momentum(float* CHAINRULE_RESTRICT parameter, const float* CHAINRULE_RESTRICT gradient,
                     float* CHAINRULE_RESTRICT velocity, const float* learningRate, int64_t size, float momentum,
                     float weightDecay, int32_t nesterov) {
  const float rate = *learningRate;
  for (int64_t i = 0; i < size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float v = momentum * velocity[i] + g;
    velocity[i] = v;
    parameter[i] -= rate * (nesterov ? g + momentum * v : v);
  }
}

inline void adagrad(float* CHAINRULE_RESTRICT parameter, const float* CHAINRULE_RESTRICT gradient,
                    float* CHAINRULE_RESTRICT squares, const float* learningRate, int64_t size, float epsilon,
                    float weightDecay) {
  const float rate = *learningRate;
  for (int64_t i = 0; i < size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float s = squares[i] + g * g;
    squares[i] = s;
    parameter[i] -= (rate * g) / (::sqrtf(s) + epsilon);
  }
}

inline void rmsprop(float* CHAINRULE_RESTRICT parameter, const float* CHAINRULE_RESTRICT gradient,
                    float* CHAINRULE_RESTRICT squares, const float* learningRate, int64_t size, double decay, float epsilon,
                    float weightDecay) {
  const float rate = *learningRate;
  const float keep = static_cast<float>(decay);
  const float take = static_cast<float>(1.0 - decay);
  for (int64_t i = 0; i < size; i++) {
    const float g = gradient[i] + weightDecay * parameter[i];
    const float s = keep * squares[i] + take * g * g;
    squares[i] = s;
    parameter[i] -= (rate * g) / (::sqrtf(s) + epsilon);
  }
}

// `step` holds t, an integer.
inline void adam(float* CHAINRULE_RESTRICT parameter, const float* CHAINRULE_RESTRICT gradient, float* CHAINRULE_RESTRICT mean,
                 float* CHAINRULE_RESTRICT variance, const float* learningRate, const float* step, int64_t size,
                 double beta1, double beta2, float epsilon, double weightDecay, int32_t decoupled) {
  const int64_t t = static_cast<int64_t>(*step);
  const double eta = *learningRate;
  const float rate = static_cast<float>(eta / (1.0 - integerPower(beta1, t)));
  const float correction = static_cast<float>(1.0 / ::sqrt(1.0 - integerPower(beta2, t)));
  const float shrink = static_cast<float>(decoupled ? 1.0 - eta * weightDecay : 1.0);
  const float decay = static_cast<float>(decoupled ? 0.0 : weightDecay);
  const float keep1 = static_cast<float>(beta1);
  const float take1 = static_cast<float>(1.0 - beta1);
  const float keep2 = static_cast<float>(beta2);
  const float take2 = static_cast<float>(1.0 - beta2);
  for (int64_t i = 0; i < size; i++) {
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
