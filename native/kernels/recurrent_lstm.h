// The long short-term memory over all steps of a sequence; see recurrent.h.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "recurrent_steps.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// gates: the sums, where there are any, become the gates, which lie `units` apart; `size` units of each.
CHAINRULE_KERNEL void lstmCell(const float* projected, bool hasSums, const float* before, float* gates, float* cell, float* hidden,
                               int64_t units, int64_t size) {
  const float* const sums = hasSums ? gates : nullptr;
  forEachVector(size, [=](int64_t j, int64_t n) {
    const Vector input = math::sigmoid(loadSum(projected, sums, j, n));
    const Vector forget = math::sigmoid(loadSum(projected, sums, units + j, n));
    const Vector candidate = math::tanh(loadSum(projected, sums, 2 * units + j, n));
    const Vector output = math::sigmoid(loadSum(projected, sums, 3 * units + j, n));
    const Vector c = math::lstmState(input, forget, candidate, loadOrZero(before, j, n));
    storeUpTo(gates + j, input, n);
    storeUpTo(gates + units + j, forget, n);
    storeUpTo(gates + 2 * units + j, candidate, n);
    storeUpTo(gates + 3 * units + j, output, n);
    storeUpTo(cell + j, c, n);
    storeUpTo(hidden + j, output * math::tanh(c), n);
  });
}

inline void lstm(bool reproducible, Range own, const LstmArguments& args) {
  const Recurrence s = {args.sizes, reproducible, own, args.mask};
  StepProduct product = stateProduct(s, args.weight, 4, 4);
  for (int64_t i = 0; i < s.steps; i++) {
    if (i > 0) s.meet();
    const States before = s.before(i, args.hidden, args.initialHidden);
    const States cellBefore = s.before(i, args.cell, args.initialCell);
    sumStates(s, i, before, args.gates, 4, product);
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 1);
      const int64_t gatesAt = s.at(b, i, 4);
      if (s.isMasked(b, i)) {
        clearGates(s, args.gates + gatesAt, 4);
        copyOrClear(cellBefore.row(b), args.cell + at, own.count);
        copyOrClear(before.row(b), args.hidden + at, own.count);
      } else {
        lstmCell(args.projected + gatesAt, before.data != nullptr, cellBefore.row(b), args.gates + gatesAt, args.cell + at,
                 args.hidden + at, s.units, own.count);
      }
    }
  }
}

// What the δ's of one row's step are made of; delta, deltaCell and cellBefore may be absent. Gates lie `units` apart.
struct LstmStep {
  const float* delta;
  const float* deltaCell;
  const float* gates;
  const float* cell;
  const float* cellBefore;
  int64_t units;
};

CHAINRULE_KERNEL void lstmDeltas(const LstmStep& step, const float* carried, float* carriedCell, float* deltas, int64_t size) {
  const int64_t units = step.units;
  forEachVector(size, [=](int64_t j, int64_t n) {
    const Vector input = loadUpTo(step.gates + j, n);
    const Vector forget = loadUpTo(step.gates + units + j, n);
    const Vector candidate = loadUpTo(step.gates + 2 * units + j, n);
    const Vector output = loadUpTo(step.gates + 3 * units + j, n);
    const Vector squashed = math::tanh(loadUpTo(step.cell + j, n));
    const Vector received = loadSum(carried, step.delta, j, n);
    const Vector c = loadSum(carriedCell, step.deltaCell, j, n) + math::candidateDelta(received, output, squashed);
    storeUpTo(deltas + j, math::gateDelta(c, candidate, input), n);
    storeUpTo(deltas + units + j, math::gateDelta(c, loadOrZero(step.cellBefore, j, n), forget), n);
    storeUpTo(deltas + 2 * units + j, math::candidateDelta(c, input, candidate), n);
    storeUpTo(deltas + 3 * units + j, math::gateDelta(received, squashed, output), n);
    storeUpTo(carriedCell + j, c * forget, n);
  });
}

inline void lstmGradient(bool reproducible, Range own, const LstmGradientArguments& args) {
  const Recurrence s = {args.sizes, reproducible, own, args.mask, args.truncate};
  clearStates(s, args.deltaInitialCell);
  backThroughSteps(s, args.weight, args.deltaProjected, 4, args.deltaInitialHidden, [&](int64_t i) {
    const States cellBefore = s.before(i, args.cell, args.initialCell);
    for (int64_t b = 0; b < s.rows; b++) {
      const int64_t at = s.at(b, i, 1);
      const LstmStep step = {args.delta ? args.delta + at : nullptr,
                             args.deltaCell ? args.deltaCell + at : nullptr,
                             args.gates + s.at(b, i, 4),
                             args.cell + at,
                             cellBefore.row(b),
                             s.units};
      const float* const carried = args.deltaInitialHidden + s.stateAt(b);
      float* const carriedCell = args.deltaInitialCell + s.stateAt(b);
      float* const deltas = args.deltaProjected + s.at(b, i, 4);
      if (s.isMasked(b, i)) {
        clearGates(s, deltas, 4);
        addTo(step.delta, carried, deltas, own.count);
        addTo(step.deltaCell, carriedCell, carriedCell, own.count);
      } else {
        lstmDeltas(step, carried, carriedCell, deltas, own.count);
      }
    }
    if (s.cuts(i)) clearStates(s, args.deltaInitialCell);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
