// One optimiser step over a run of parameters, in place. What depends only on the hyper-parameters is computed in double
// precision and rounded once. What is computed of an element is written in src/codegen/functions/update.ts.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "loops.h"
#include "rounded_states.h"
#include "vector_math.h"

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

inline Vector numberOf(double x) { return broadcast(static_cast<float>(x)); }

CHAINRULE_KERNEL void sgd(const SgdArguments& args) {
  float* const parameter = args.parameter;
  const float* const gradient = args.gradient;
  const Vector rate = broadcast(*args.learningRate);
  const Vector decay = numberOf(args.weightDecay);
  forEachVector(args.size, [=](int64_t i, int64_t n) {
    const Vector p = loadUpTo(parameter + i, n);
    storeUpTo(parameter + i, math::descended(p, math::decayed(loadUpTo(gradient + i, n), p, decay), rate), n);
  });
}

// What the elements of a step with momentum share; the arguments are those of any kernel that takes such steps.
struct MomentumStep {
  Vector rate, momentum, decay;
  bool nesterov;

  template <typename Arguments>
  explicit MomentumStep(const Arguments& args)
      : rate(broadcast(*args.learningRate)),
        momentum(numberOf(args.momentum)),
        decay(numberOf(args.weightDecay)),
        nesterov(args.nesterov != 0) {}

  // Of n elements; the state is one of rounded_states.h.
  template <typename State>
  void take(float* parameter, Vector gradient, const State& velocity, int64_t n) const {
    const Vector p = loadUpTo(parameter, n);
    const Vector g = math::decayed(gradient, p, decay);
    const Vector v = math::rolled(velocity.load(n), g, momentum);
    velocity.store(v, n);
    storeUpTo(parameter, math::descended(p, nesterov ? math::lookahead(v, g, momentum) : v, rate), n);
  }
};

CHAINRULE_KERNEL void momentum(const MomentumArguments& args) {
  float* const parameter = args.parameter;
  const float* const gradient = args.gradient;
  float* const velocity = args.velocity;
  const MomentumStep step(args);
  forEachVector(args.size, [=](int64_t i, int64_t n) { step.take(parameter + i, loadUpTo(gradient + i, n), FloatState{velocity + i}, n); });
}

CHAINRULE_KERNEL void adagrad(const AdagradArguments& args) {
  float* const parameter = args.parameter;
  const float* const gradient = args.gradient;
  float* const squares = args.squares;
  const Vector rate = broadcast(*args.learningRate);
  const Vector epsilon = numberOf(args.epsilon);
  const Vector decay = numberOf(args.weightDecay);
  const Vector one = broadcast(1.0f);
  forEachVector(args.size, [=](int64_t i, int64_t n) {
    const Vector p = loadUpTo(parameter + i, n);
    const Vector g = math::decayed(loadUpTo(gradient + i, n), p, decay);
    const Vector s = math::averagedSquare(loadUpTo(squares + i, n), g, one, one);
    storeUpTo(squares + i, s, n);
    storeUpTo(parameter + i, math::adapted(p, g, s, rate, epsilon), n);
  });
}

CHAINRULE_KERNEL void rmsprop(const RmspropArguments& args) {
  float* const parameter = args.parameter;
  const float* const gradient = args.gradient;
  float* const squares = args.squares;
  const Vector rate = broadcast(*args.learningRate);
  const Vector keep = numberOf(args.decay);
  const Vector take = numberOf(1.0 - args.decay);
  const Vector epsilon = numberOf(args.epsilon);
  const Vector decay = numberOf(args.weightDecay);
  forEachVector(args.size, [=](int64_t i, int64_t n) {
    const Vector p = loadUpTo(parameter + i, n);
    const Vector g = math::decayed(loadUpTo(gradient + i, n), p, decay);
    const Vector s = math::averagedSquare(loadUpTo(squares + i, n), g, keep, take);
    storeUpTo(squares + i, s, n);
    storeUpTo(parameter + i, math::adapted(p, g, s, rate, epsilon), n);
  });
}

// What the elements of a step of Adam share; the arguments are those of any kernel that takes such steps, whose `step` holds t, an integer.
struct AdamStep {
  Vector rate, correction, shrink, decay, keepMean, takeMean, keepVariance, takeVariance, epsilon;

  template <typename Arguments>
  explicit AdamStep(const Arguments& args) {
    const int64_t t = stepNumber(*args.step);
    const double eta = *args.learningRate;
    rate = numberOf(eta / (1.0 - integerPower(args.beta1, t)));
    correction = numberOf(1.0 / ::sqrt(1.0 - integerPower(args.beta2, t)));
    shrink = numberOf(args.decoupled ? 1.0 - eta * args.weightDecay : 1.0);
    decay = numberOf(args.decoupled ? 0.0 : args.weightDecay);
    keepMean = numberOf(args.beta1);
    takeMean = numberOf(1.0 - args.beta1);
    keepVariance = numberOf(args.beta2);
    takeVariance = numberOf(1.0 - args.beta2);
    epsilon = numberOf(args.epsilon);
  }

  // Of n elements.
  template <typename Mean, typename Variance>
  void take(float* parameter, Vector gradient, const Mean& mean, const Variance& variance, int64_t n) const {
    const Vector p = loadUpTo(parameter, n);
    const Vector g = math::decayed(gradient, p, decay);
    const Vector m = math::averaged(mean.load(n), g, keepMean, takeMean);
    const Vector v = math::averagedSquare(variance.load(n), g, keepVariance, takeVariance);
    mean.store(m, n);
    variance.store(v, n);
    storeUpTo(parameter, math::adamStep(p, m, v, rate, correction, shrink, epsilon), n);
  }
};

CHAINRULE_KERNEL void adam(const AdamArguments& args) {
  float* const parameter = args.parameter;
  const float* const gradient = args.gradient;
  float* const mean = args.mean;
  float* const variance = args.variance;
  const AdamStep step(args);
  forEachVector(args.size, [=](int64_t i, int64_t n) {
    step.take(parameter + i, loadUpTo(gradient + i, n), FloatState{mean + i}, FloatState{variance + i}, n);
  });
}

CHAINRULE_KERNEL void momentumBfloat16(const Context& context, Range elements, const MomentumBfloat16Arguments& args) {
  float* const parameter = args.parameter + elements.first;
  const float* const gradient = args.gradient + elements.first;
  uint16_t* const velocity = halvesOf(args.velocity) + elements.first;
  const MomentumStep step(args);
  const StepBits bits(context, args.stream, args.step);
  forEachVector(elements.count, [=](int64_t i, int64_t n) {
    step.take(parameter + i, loadUpTo(gradient + i, n), FirstState{velocity + i, bits.of(elements.first + i)}, n);
  });
}

CHAINRULE_KERNEL void adamBfloat16(const Context& context, Range elements, const AdamBfloat16Arguments& args) {
  float* const parameter = args.parameter + elements.first;
  const float* const gradient = args.gradient + elements.first;
  uint16_t* const mean = halvesOf(args.mean) + elements.first;
  uint16_t* const variance = halvesOf(args.variance) + elements.first;
  const AdamStep step(args);
  const StepBits bits(context, args.stream, args.step);
  forEachVector(elements.count, [=](int64_t i, int64_t n) {
    const Integers random = bits.of(elements.first + i);
    step.take(parameter + i, loadUpTo(gradient + i, n), FirstState{mean + i, random}, SecondState{variance + i, random}, n);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
