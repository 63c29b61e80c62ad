// Recurrent cells over all steps of a sequence, forward and back. Sequences are rows × steps × width; `mask` and initial states may be
// absent (nullptr), an absent state is zeros. A share of the rows is an instruction of its own: no step waits for other rows. The
// operations and their order are those of assembly/kernels/recurrent.ts.
#pragma once

#include <stdint.h>
#include <string.h>

#include "functions.h"
#include "loops.h"
#include "recurrent_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// One state for each row, `stride` apart; or none.
struct States {
  const float* data;
  int64_t stride;

  const float* row(int64_t b) const { return data ? data + b * stride : nullptr; }
};

// The sizes of a recurrence, and the order of its steps.
struct Recurrence {
  bool reproducible;
  int64_t rows;
  int64_t steps;
  int64_t units;
  bool reverse;
  const float* mask;
  // No δ passes to the step before from every so many-th step on; 0: it always passes.
  int64_t truncate = 0;

  // Which step of the sequence comes i-th.
  int64_t step(int64_t i) const { return reverse ? steps - 1 - i : i; }
  // Where row b's i-th step stands among all rows' steps.
  int64_t place(int64_t b, int64_t i) const { return b * steps + step(i); }
  bool isMasked(int64_t b, int64_t i) const { return mask && mask[place(b, i)] == 0.0f; }
  bool cuts(int64_t i) const { return truncate > 0 && i > 0 && i % truncate == 0; }

  // What the i-th step begins with.
  States before(int64_t i, const float* states, const float* initial) const {
    if (i == 0) return {initial, units};
    return {states + step(i - 1) * units, steps * units};
  }
};

// states · Wᵀ into the rows' gates, which lie `width` apart from step to step.
inline StepProduct stateProduct(const Recurrence& s, const float* weight, int64_t gates, int64_t width) {
  return {s.reproducible, {weight, s.units, true}, s.rows, gates, s.units, s.steps * width};
}

// Nothing where there are no states: they are zeros.
inline void sumStates(const Recurrence& s, int64_t i, const States& states, float* sums, int64_t width, StepProduct& product) {
  if (states.data) product.multiply({states.data, states.stride, false}, sums + s.step(i) * width);
}

// δgates · W, the δ of the states that a step began with.
inline StepProduct deltaProduct(const Recurrence& s, const float* weight, int64_t gates) {
  return {s.reproducible, {weight, s.units, false}, s.rows, s.units, gates, s.units};
}

inline void sumDeltas(const Recurrence& s, int64_t i, const float* deltas, int64_t gates, float* carried, StepProduct& product) {
  product.multiply({deltas + s.step(i) * gates, s.steps * gates, false}, carried);
}

inline void clear(float* x, int64_t size) { memset(x, 0, static_cast<size_t>(size) * sizeof(float)); }

inline void copy(const float* from, float* to, int64_t size) { memcpy(to, from, static_cast<size_t>(size) * sizeof(float)); }

inline void copyOrClear(const float* from, float* to, int64_t size) {
  if (from) {
    copy(from, to, size);
  } else {
    clear(to, size);
  }
}

inline Vector loadOrZero(const float* from, int64_t j, int64_t n) { return from ? loadUpTo(from + j, n) : zero(); }

// x + y, of which y may be absent.
inline Vector loadSum(const float* x, const float* y, int64_t j, int64_t n) {
  return y ? loadUpTo(x + j, n) + loadUpTo(y + j, n) : loadUpTo(x + j, n);
}

// out = x + y; x may be absent.
inline void addTo(const float* x, const float* y, float* out, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) { storeUpTo(out + j, loadSum(y, x, j, n), n); });
}

template <typename F>
CHAINRULE_KERNEL void rnnCell(const float* projected, const float* sums, float* hidden, int64_t units) {
  forEachVector(units, [=](int64_t j, int64_t n) { storeUpTo(hidden + j, F::value(loadSum(projected, sums, j, n), zero()), n); });
}

inline void rnn(bool reproducible, const float* projected, const float* weight, const float* initial, const float* mask,
                float* hidden, int64_t rows, int64_t steps, int64_t units, int64_t reverse, int64_t relu) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask};
  const auto cell = relu ? rnnCell<functions::relu> : rnnCell<functions::tanh>;
  StepProduct product = stateProduct(s, weight, units, units);
  for (int64_t i = 0; i < steps; i++) {
    const States before = s.before(i, hidden, initial);
    sumStates(s, i, before, hidden, units, product);
    for (int64_t b = 0; b < rows; b++) {
      float* const h = hidden + s.place(b, i) * units;
      if (s.isMasked(b, i)) {
        copyOrClear(before.row(b), h, units);
      } else {
        cell(projected + s.place(b, i) * units, before.data ? h : nullptr, h, units);
      }
    }
  }
}

template <typename F>
CHAINRULE_KERNEL void rnnDeltas(const float* delta, const float* carried, const float* hidden, float* deltas, int64_t units) {
  forEachVector(units, [=](int64_t j, int64_t n) {
    const Vector received = loadUpTo(delta + j, n) + loadUpTo(carried + j, n);
    storeUpTo(deltas + j, received * F::derivative(loadUpTo(hidden + j, n), zero()), n);
  });
}

// What a step hands to the step before, where its masked rows keep what they received at the start of their `deltas`, until here.
inline void carryOn(const Recurrence& s, int64_t i, float* deltas, int64_t gates, float* carried, StepProduct& product) {
  const bool cuts = s.cuts(i);
  if (cuts) {
    clear(carried, s.rows * s.units);
  } else {
    sumDeltas(s, i, deltas, gates, carried, product);
  }
  for (int64_t b = 0; s.mask && b < s.rows; b++) {
    if (!s.isMasked(b, i)) continue;
    float* const kept = deltas + s.place(b, i) * gates;
    if (!cuts) copy(kept, carried + b * s.units, s.units);
    clear(kept, s.units);
  }
}

inline void rnnGradient(bool reproducible, const float* delta, const float* hidden, const float* weight, const float* mask,
                        float* deltaProjected, float* deltaInitial, int64_t rows, int64_t steps, int64_t units, int64_t reverse,
                        int64_t truncate, int64_t relu) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask, truncate};
  StepProduct product = deltaProduct(s, weight, units);
  const auto deltasOf = relu ? rnnDeltas<functions::relu> : rnnDeltas<functions::tanh>;
  clear(deltaInitial, rows * units);
  for (int64_t i = steps - 1; i >= 0; i--) {
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.place(b, i) * units;
      const float* const carried = deltaInitial + b * units;
      if (s.isMasked(b, i)) {
        addTo(delta + at, carried, deltaProjected + at, units);
      } else {
        deltasOf(delta + at, carried, hidden + at, deltaProjected + at, units);
      }
    }
    carryOn(s, i, deltaProjected, units, deltaInitial, product);
  }
}

// gates: the sums, where there are any, become the gates.
CHAINRULE_KERNEL void lstmCell(const float* projected, bool hasSums, const float* before, float* gates, float* cell, float* hidden,
                               int64_t units) {
  const float* const sums = hasSums ? gates : nullptr;
  forEachVector(units, [=](int64_t j, int64_t n) {
    const Vector input = math::sigmoid(loadSum(projected, sums, j, n));
    const Vector forget = math::sigmoid(loadSum(projected, sums, units + j, n));
    const Vector candidate = math::tanh(loadSum(projected, sums, 2 * units + j, n));
    const Vector output = math::sigmoid(loadSum(projected, sums, 3 * units + j, n));
    const Vector c = forget * loadOrZero(before, j, n) + input * candidate;
    storeUpTo(gates + j, input, n);
    storeUpTo(gates + units + j, forget, n);
    storeUpTo(gates + 2 * units + j, candidate, n);
    storeUpTo(gates + 3 * units + j, output, n);
    storeUpTo(cell + j, c, n);
    storeUpTo(hidden + j, output * math::tanh(c), n);
  });
}

inline void lstm(bool reproducible, const float* projected, const float* weight, const float* initialHidden,
                 const float* initialCell, const float* mask, float* hidden, float* cell, float* gates, int64_t rows, int64_t steps,
                 int64_t units, int64_t reverse) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask};
  StepProduct product = stateProduct(s, weight, 4 * units, 4 * units);
  for (int64_t i = 0; i < steps; i++) {
    const States before = s.before(i, hidden, initialHidden);
    const States cellBefore = s.before(i, cell, initialCell);
    sumStates(s, i, before, gates, 4 * units, product);
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.place(b, i) * units;
      if (s.isMasked(b, i)) {
        clear(gates + 4 * at, 4 * units);
        copyOrClear(cellBefore.row(b), cell + at, units);
        copyOrClear(before.row(b), hidden + at, units);
      } else {
        lstmCell(projected + 4 * at, before.data != nullptr, cellBefore.row(b), gates + 4 * at, cell + at, hidden + at, units);
      }
    }
  }
}

// What the δ's of one row's step are made of; delta, deltaCell and cellBefore may be absent.
struct LstmStep {
  const float* delta;
  const float* deltaCell;
  const float* gates;
  const float* cell;
  const float* cellBefore;
};

CHAINRULE_KERNEL void lstmDeltas(const LstmStep& step, const float* carried, float* carriedCell, float* deltas, int64_t units) {
  forEachVector(units, [=](int64_t j, int64_t n) {
    const Vector input = loadUpTo(step.gates + j, n);
    const Vector forget = loadUpTo(step.gates + units + j, n);
    const Vector candidate = loadUpTo(step.gates + 2 * units + j, n);
    const Vector output = loadUpTo(step.gates + 3 * units + j, n);
    const Vector squashed = math::tanh(loadUpTo(step.cell + j, n));
    const Vector received = loadSum(carried, step.delta, j, n);
    const Vector c = loadSum(carriedCell, step.deltaCell, j, n) + (received * output) * (1.0f - squashed * squashed);
    storeUpTo(deltas + j, (c * candidate) * (input * (1.0f - input)), n);
    storeUpTo(deltas + units + j, (c * loadOrZero(step.cellBefore, j, n)) * (forget * (1.0f - forget)), n);
    storeUpTo(deltas + 2 * units + j, (c * input) * (1.0f - candidate * candidate), n);
    storeUpTo(deltas + 3 * units + j, (received * squashed) * (output * (1.0f - output)), n);
    storeUpTo(carriedCell + j, c * forget, n);
  });
}

inline void lstmGradient(bool reproducible, const float* delta, const float* deltaCell, const float* gates, const float* cell,
                         const float* weight, const float* initialCell, const float* mask, float* deltaProjected,
                         float* deltaInitialHidden, float* deltaInitialCell, int64_t rows, int64_t steps, int64_t units,
                         int64_t reverse, int64_t truncate) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask, truncate};
  StepProduct product = deltaProduct(s, weight, 4 * units);
  clear(deltaInitialHidden, rows * units);
  clear(deltaInitialCell, rows * units);
  for (int64_t i = steps - 1; i >= 0; i--) {
    const States cellBefore = s.before(i, cell, initialCell);
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.place(b, i) * units;
      const LstmStep step = {delta ? delta + at : nullptr, deltaCell ? deltaCell + at : nullptr, gates + 4 * at, cell + at,
                             cellBefore.row(b)};
      const float* const carried = deltaInitialHidden + b * units;
      float* const carriedCell = deltaInitialCell + b * units;
      float* const deltas = deltaProjected + 4 * at;
      if (s.isMasked(b, i)) {
        clear(deltas, 4 * units);
        addTo(step.delta, carried, deltas, units);
        addTo(step.deltaCell, carriedCell, carriedCell, units);
      } else {
        lstmDeltas(step, carried, carriedCell, deltas, units);
      }
    }
    carryOn(s, i, deltaProjected, 4 * units, deltaInitialHidden, product);
    if (s.cuts(i)) clear(deltaInitialCell, rows * units);
  }
}

// W·h + bias: either may be absent.
inline Vector loadRecurrent(const float* sums, const float* bias, int64_t j, int64_t n) {
  return sums ? loadSum(sums, bias, j, n) : loadOrZero(bias, j, n);
}

// gates: the sums of r, z and n, where there are any, become r, z, n and the recurrent part of n.
CHAINRULE_KERNEL void gruCell(const float* projected, bool hasSums, const float* bias, const float* before, float* gates,
                              float* hidden, int64_t units) {
  const float* const sums = hasSums ? gates : nullptr;
  forEachVector(units, [=](int64_t j, int64_t n) {
    const Vector reset = math::sigmoid(loadUpTo(projected + j, n) + loadRecurrent(sums, bias, j, n));
    const Vector update = math::sigmoid(loadUpTo(projected + units + j, n) + loadRecurrent(sums, bias, units + j, n));
    const Vector part = loadRecurrent(sums, bias, 2 * units + j, n);
    const Vector candidate = math::tanh(loadUpTo(projected + 2 * units + j, n) + reset * part);
    storeUpTo(gates + j, reset, n);
    storeUpTo(gates + units + j, update, n);
    storeUpTo(gates + 2 * units + j, candidate, n);
    storeUpTo(gates + 3 * units + j, part, n);
    storeUpTo(hidden + j, candidate + update * (loadOrZero(before, j, n) - candidate), n);
  });
}

inline void gru(bool reproducible, const float* projected, const float* weight, const float* bias, const float* initial,
                const float* mask, float* hidden, float* gates, int64_t rows, int64_t steps, int64_t units, int64_t reverse) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask};
  StepProduct product = stateProduct(s, weight, 3 * units, 4 * units);
  for (int64_t i = 0; i < steps; i++) {
    const States before = s.before(i, hidden, initial);
    sumStates(s, i, before, gates, 4 * units, product);
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.place(b, i) * units;
      if (s.isMasked(b, i)) {
        clear(gates + 4 * at, 4 * units);
        copyOrClear(before.row(b), hidden + at, units);
      } else {
        gruCell(projected + 3 * at, before.data != nullptr, bias, before.row(b), gates + 4 * at, hidden + at, units);
      }
    }
  }
}

// The δ's of W·h + bias, and of the projection: there, until they are finished, in place of r's what goes to the step before
// directly.
CHAINRULE_KERNEL void gruDeltas(const float* delta, const float* carried, const float* gates, const float* before, float* projected,
                                float* recurrent, int64_t units) {
  forEachVector(units, [=](int64_t j, int64_t n) {
    const Vector reset = loadUpTo(gates + j, n);
    const Vector update = loadUpTo(gates + units + j, n);
    const Vector candidate = loadUpTo(gates + 2 * units + j, n);
    const Vector received = loadUpTo(delta + j, n) + loadUpTo(carried + j, n);
    const Vector c = (received * (1.0f - update)) * (1.0f - candidate * candidate);
    storeUpTo(recurrent + j, (c * loadUpTo(gates + 3 * units + j, n)) * (reset * (1.0f - reset)), n);
    storeUpTo(recurrent + units + j, (received * (loadOrZero(before, j, n) - candidate)) * (update * (1.0f - update)), n);
    storeUpTo(recurrent + 2 * units + j, c * reset, n);
    storeUpTo(projected + j, received * update, n);
    storeUpTo(projected + 2 * units + j, c, n);
  });
}

// Finishes one row's step.
inline void gruCarry(bool cuts, bool isMasked, float* projected, const float* recurrent, float* carried, int64_t units) {
  if (cuts) {
    clear(carried, units);
  } else if (isMasked) {
    copy(projected, carried, units);
  } else {
    addTo(projected, carried, carried, units);
  }
  copy(recurrent, projected, 2 * units);
}

inline void gruGradient(bool reproducible, const float* delta, const float* hidden, const float* gates, const float* weight,
                        const float* initial, const float* mask, float* deltaProjected, float* deltaRecurrent, float* deltaInitial,
                        int64_t rows, int64_t steps, int64_t units, int64_t reverse, int64_t truncate) {
  const Recurrence s = {reproducible, rows, steps, units, reverse != 0, mask, truncate};
  StepProduct product = deltaProduct(s, weight, 3 * units);
  clear(deltaInitial, rows * units);
  for (int64_t i = steps - 1; i >= 0; i--) {
    const States before = s.before(i, hidden, initial);
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = s.place(b, i) * units;
      const float* const carried = deltaInitial + b * units;
      float* const projected = deltaProjected + 3 * at;
      float* const recurrent = deltaRecurrent + 3 * at;
      if (s.isMasked(b, i)) {
        clear(recurrent, 3 * units);
        clear(projected, 3 * units);
        addTo(delta + at, carried, projected, units);
      } else {
        gruDeltas(delta + at, carried, gates + 4 * at, before.row(b), projected, recurrent, units);
      }
    }
    if (!s.cuts(i)) sumDeltas(s, i, deltaRecurrent, 3 * units, deltaInitial, product);
    for (int64_t b = 0; b < rows; b++) {
      const int64_t at = 3 * s.place(b, i) * units;
      gruCarry(s.cuts(i), s.isMasked(b, i), deltaProjected + at, deltaRecurrent + at, deltaInitial + b * units, units);
    }
  }
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
