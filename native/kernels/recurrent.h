// Recurrent cells over all steps of a sequence, forward and back. Sequences are rows × steps × width; `mask` and initial states may be
// absent (nullptr), an absent state is zeros. A share of the rows is independent: no step waits for other rows. Threads that compute the
// same rows together, each a range `own` of the units, meet after each step. The operations and their order are those of
// assembly/kernels/recurrent.ts.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../generated/functions.h"
#include "recurrent_gru.h"
#include "recurrent_lstm.h"
#include "recurrent_steps.h"

namespace chainrule {
namespace CHAINRULE_ISA {

template <typename F>
CHAINRULE_KERNEL void rnnCell(const float* projected, const float* sums, float* hidden, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) { storeUpTo(hidden + j, F::value(loadSum(projected, sums, j, n), zero()), n); });
}

inline void rnn(Numerics numerics, Range own, const RnnArguments& args) {
  const Recurrence s = {args.sizes, numerics, own, args.mask};
  const auto cell = args.relu ? rnnCell<functions::relu> : rnnCell<functions::tanh>;
  StepProduct product = stateProduct(s, args.weight, 1, 1);
  for (int64_t i = 0; i < s.steps; i++) {
    if (i > 0) s.meet();
    const States before = s.before(i, args.hidden, args.initial);
    sumStates(s, i, before, args.hidden, 1, product);
    for (int64_t b = 0; b < s.rows; b++) {
      float* const h = args.hidden + s.at(b, i, 1);
      if (s.isMasked(b, i)) {
        copyOrClear(before.row(b), h, own.count);
      } else {
        cell(args.projected + s.at(b, i, 1), before.data ? h : nullptr, h, own.count);
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

inline void rnnGradient(Numerics numerics, Range own, const RnnGradientArguments& args) {
  const Recurrence s = {args.sizes, numerics, own, args.mask, args.truncate};
  const auto deltasOf = args.relu ? rnnDeltas<functions::relu> : rnnDeltas<functions::tanh>;
  backThroughSteps(s, args.weight, args.deltaProjected, 1, args.deltaInitial, [&](int64_t i) {
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 1);
      const float* const carried = args.deltaInitial + s.stateAt(b);
      if (s.isMasked(b, i)) {
        addTo(args.delta + at, carried, args.deltaProjected + at, own.count);
      } else {
        deltasOf(args.delta + at, carried, args.hidden + at, args.deltaProjected + at, own.count);
      }
    }
  });
}

inline void previousStates(const PreviousStatesArguments& args) {
  const SequenceSizes& s = args.sizes;
  const int64_t size = s.steps * s.units;
  const int64_t rest = size - s.units;
  for (int64_t b = 0; b < s.rows; b++) {
    const float* const hidden = args.hidden + b * size;
    float* const out = args.out + b * size;
    copy(s.reverse ? hidden + s.units : hidden, s.reverse ? out : out + s.units, rest);
    copyOrClear(args.initial ? args.initial + b * s.units : nullptr, s.reverse ? out + rest : out, s.units);
  }
}

inline void sequenceMask(const SequenceMaskArguments& args) {
  float* out = args.out;
  for (int64_t r = 0; r < args.rows; r++, out += args.steps) {
    for (int64_t t = 0; t < args.steps; t++) out[t] = static_cast<float>(t) < args.lengths[r] ? 1.0f : 0.0f;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
