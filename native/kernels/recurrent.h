// Recurrent cells over all steps of a sequence, forward and back. Sequences are rows × steps × width; `mask` and initial states may be
// absent (nullptr), an absent state is zeros. A share of the rows is independent: no step waits for other rows. Threads that compute the
// same rows together, each a range `own` of the units, meet after each step. The operations and their order are those of
// assembly/kernels/recurrent.ts.
#pragma once

#include <stdint.h>

#include "functions.h"
#include "recurrent_gru.h"
#include "recurrent_lstm.h"
#include "recurrent_steps.h"

namespace chainrule {
namespace CHAINRULE_ISA {

template <typename F>
CHAINRULE_KERNEL void rnnCell(const float* projected, const float* sums, float* hidden, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) { storeUpTo(hidden + j, F::value(loadSum(projected, sums, j, n), zero()), n); });
}

inline void rnn(bool reproducible, Range own, const float* projected, const float* weight, const float* initial, const float* mask,
                float* hidden, int64_t rows, int64_t steps, int64_t units, int64_t reverse, int64_t relu) {
  const Recurrence s = {reproducible, own, rows, steps, units, reverse != 0, mask};
  const auto cell = relu ? rnnCell<functions::relu> : rnnCell<functions::tanh>;
  StepProduct product = stateProduct(s, weight, 1, 1);
  for (int64_t i = 0; i < steps; i++) {
    if (i > 0) s.meet();
    const States before = s.before(i, hidden, initial);
    sumStates(s, i, before, hidden, 1, product);
    for (int64_t b = 0; b < rows; b++) {
      float* const h = hidden + s.at(b, i, 1);
      if (s.isMasked(b, i)) {
        copyOrClear(before.row(b), h, own.count);
      } else {
        cell(projected + s.at(b, i, 1), before.data ? h : nullptr, h, own.count);
      }
    }
  }
}

template <typename F>
CHAINRULE_KERNEL void rnnDeltas(const float* delta, const float* carried, const float* hidden, float* deltas, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) {
    const Vector received = loadUpTo(delta + j, n) + loadUpTo(carried + j, n);
    storeUpTo(deltas + j, received * F::derivative(loadUpTo(hidden + j, n), zero()), n);
  });
}

inline void rnnGradient(bool reproducible, Range own, const float* delta, const float* hidden, const float* weight, const float* mask,
                        float* deltaProjected, float* deltaInitial, int64_t rows, int64_t steps, int64_t units, int64_t reverse,
                        int64_t truncate, int64_t relu) {
  const Recurrence s = {reproducible, own, rows, steps, units, reverse != 0, mask, truncate};
  const auto deltasOf = relu ? rnnDeltas<functions::relu> : rnnDeltas<functions::tanh>;
  backThroughSteps(s, weight, deltaProjected, 1, deltaInitial, [&](int64_t i) {
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.at(b, i, 1);
      const float* const carried = deltaInitial + s.stateAt(b);
      if (s.isMasked(b, i)) {
        addTo(delta + at, carried, deltaProjected + at, own.count);
      } else {
        deltasOf(delta + at, carried, hidden + at, deltaProjected + at, own.count);
      }
    }
  });
}

inline void previousStates(const float* hidden, const float* initial, float* out, int64_t rows, int64_t steps, int64_t units,
                           int64_t reverse) {
  const int64_t rest = (steps - 1) * units;
  for (int64_t b = 0; b < rows; b++, hidden += steps * units, out += steps * units) {
    copy(reverse ? hidden + units : hidden, reverse ? out : out + units, rest);
    copyOrClear(initial ? initial + b * units : nullptr, reverse ? out + rest : out, units);
  }
}

inline void sequenceMask(const float* lengths, float* out, int64_t rows, int64_t steps) {
  for (int64_t r = 0; r < rows; r++, out += steps) {
    for (int64_t t = 0; t < steps; t++) out[t] = static_cast<float>(t) < lengths[r] ? 1.0f : 0.0f;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
