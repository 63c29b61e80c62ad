// The gated recurrent unit over all steps of a sequence; see recurrent.h.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "recurrent_steps.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// W·h + bias: either may be absent.
inline Vector loadRecurrent(const float* sums, const float* bias, int64_t j, int64_t n) {
  return sums ? loadSum(sums, bias, j, n) : loadOrZero(bias, j, n);
}

// gates: the sums of r, z and n, where there are any, become r, z, n and the recurrent part of n, which lie `units` apart; `size` units
// of each.
CHAINRULE_KERNEL void gruCell(const float* projected, bool hasSums, const float* bias, const float* before, float* gates, float* hidden,
                              int64_t units, int64_t size) {
  const float* const sums = hasSums ? gates : nullptr;
  forEachVector(size, [=](int64_t j, int64_t n) {
    const Vector reset = math::sigmoid(loadUpTo(projected + j, n) + loadRecurrent(sums, bias, j, n));
    const Vector update = math::sigmoid(loadUpTo(projected + units + j, n) + loadRecurrent(sums, bias, units + j, n));
    const Vector part = loadRecurrent(sums, bias, 2 * units + j, n);
    const Vector candidate = math::tanh(loadUpTo(projected + 2 * units + j, n) + reset * part);
    storeUpTo(gates + j, reset, n);
    storeUpTo(gates + units + j, update, n);
    storeUpTo(gates + 2 * units + j, candidate, n);
    storeUpTo(gates + 3 * units + j, part, n);
    storeUpTo(hidden + j, math::gruState(update, candidate, loadOrZero(before, j, n)), n);
  });
}

inline void gru(bool reproducible, Range own, const GruArguments& args) {
  const Recurrence s = {args.sizes, reproducible, own, args.mask};
  const float* const ownBias = args.bias ? args.bias + own.first : nullptr;
  StepProduct product = stateProduct(s, args.weight, 3, 4);
  for (int64_t i = 0; i < s.steps; i++) {
    if (i > 0) s.meet();
    const States before = s.before(i, args.hidden, args.initial);
    sumStates(s, i, before, args.gates, 4, product);
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 1);
      float* const stepGates = args.gates + s.at(b, i, 4);
      if (s.isMasked(b, i)) {
        clearGates(s, stepGates, 4);
        copyOrClear(before.row(b), args.hidden + at, own.count);
      } else {
        gruCell(args.projected + s.at(b, i, 3), before.data != nullptr, ownBias, before.row(b), stepGates, args.hidden + at, s.units,
                own.count);
      }
    }
  }
}

// The δ's of W·h + bias, and of the projection: there, until they are finished, in place of r's what goes to the step before
// directly.
CHAINRULE_KERNEL void gruDeltas(const float* delta, const float* carried, const float* gates, const float* before, float* projected,
                                float* recurrent, int64_t units, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) {
    const Vector reset = loadUpTo(gates + j, n);
    const Vector update = loadUpTo(gates + units + j, n);
    const Vector candidate = loadUpTo(gates + 2 * units + j, n);
    const Vector received = loadUpTo(delta + j, n) + loadUpTo(carried + j, n);
    const Vector c = math::candidateDelta(received, 1.0f - update, candidate);
    storeUpTo(recurrent + j, math::gateDelta(c, loadUpTo(gates + 3 * units + j, n), reset), n);
    storeUpTo(recurrent + units + j, math::gateDelta(received, loadOrZero(before, j, n) - candidate, update), n);
    storeUpTo(recurrent + 2 * units + j, c * reset, n);
    storeUpTo(projected + j, received * update, n);
    storeUpTo(projected + 2 * units + j, c, n);
  });
}

// Finishes one row's step.
inline void gruCarry(const Recurrence& s, int64_t b, int64_t i, float* projected, const float* recurrent, float* carried) {
  if (s.cuts(i)) {
    clear(carried, s.own.count);
  } else if (s.isMasked(b, i)) {
    copy(projected, carried, s.own.count);
  } else {
    addTo(projected, carried, carried, s.own.count);
  }
  copy(recurrent, projected, s.own.count);
  copy(recurrent + s.units, projected + s.units, s.own.count);
}

inline void gruGradient(bool reproducible, Range own, const GruGradientArguments& args) {
  const Recurrence s = {args.sizes, reproducible, own, args.mask, args.truncate};
  StepProduct product = deltaProduct(s, args.weight, 3);
  clearStates(s, args.deltaInitial);
  for (int64_t i = s.steps - 1; i >= 0; i--) {
    const States before = s.before(i, args.hidden, args.initial);
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 1);
      const float* const carried = args.deltaInitial + s.stateAt(b);
      float* const projected = args.deltaProjected + s.at(b, i, 3);
      float* const recurrent = args.deltaRecurrent + s.at(b, i, 3);
      if (s.isMasked(b, i)) {
        clearGates(s, recurrent, 3);
        clearGates(s, projected, 3);
        addTo(args.delta + at, carried, projected, own.count);
      } else {
        gruDeltas(args.delta + at, carried, args.gates + s.at(b, i, 4), before.row(b), projected, recurrent, s.units, own.count);
      }
    }
    s.meet();
    if (!s.cuts(i)) sumDeltas(s, i, args.deltaRecurrent, 3, args.deltaInitial, product);
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 3);
      gruCarry(s, b, i, args.deltaProjected + at, args.deltaRecurrent + at, args.deltaInitial + s.stateAt(b));
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
