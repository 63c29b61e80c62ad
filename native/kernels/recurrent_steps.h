// The common part of the recurrent cells: the order of their steps, the products of a step, and sums with terms that may be absent.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../workspace.h"
#include "loops.h"
#include "recurrent_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// One state for each row, `stride` apart; or none.
struct States {
  const float* data;
  int64_t stride;
  // The first of the units that this thread computes.
  int64_t first;

  // Those units of a row's.
  const float* row(int64_t b) const { return data ? data + b * stride + first : nullptr; }
};

// The sizes of a recurrence, the order of its steps, and which units this thread computes: all of them, or its part of those that
// threads compute together.
struct Recurrence : SequenceSizes {
  bool reproducible;
  Range own;
  const float* mask;
  // Every `truncate`-th step passes no δ to the step before; 0: all do.
  int64_t truncate = 0;

  // Which step of the sequence comes i-th.
  int64_t step(int64_t i) const { return reverse ? steps - 1 - i : i; }
  // Where row b's i-th step stands among all rows' steps.
  int64_t place(int64_t b, int64_t i) const { return b * steps + step(i); }
  // Where this thread's units begin there, in a tensor with `gates` gates side by side.
  int64_t at(int64_t b, int64_t i, int64_t gates) const { return place(b, i) * gates * units + own.first; }
  // Where they begin in one state for each row.
  int64_t stateAt(int64_t b) const { return b * units + own.first; }
  bool isMasked(int64_t b, int64_t i) const { return mask && mask[place(b, i)] == 0.0f; }
  bool cuts(int64_t i) const { return truncate > 0 && i > 0 && i % truncate == 0; }

  // The state that the i-th step begins with.
  States before(int64_t i, const float* states, const float* initial) const {
    if (i == 0) return {initial, units, own.first};
    return {states + step(i - 1) * units, steps * units, own.first};
  }

  // What each thread has computed is read by all from here on.
  void meet() const {
    if (own.count < units) meetOthers();
  }
};

inline Columns ownColumns(const Recurrence& s, int64_t gates) {
  if (s.own.count == s.units) return {1, 0, {0, gates * s.units}};
  return {gates, s.units, s.own};
}

// states · Wᵀ into the rows' gates, which lie `width` gates apart from step to step.
inline StepProduct stateProduct(const Recurrence& s, const float* weight, int64_t gates, int64_t width) {
  return {s.reproducible, {weight, s.units, true}, s.rows, ownColumns(s, gates), s.units, s.steps * width * s.units};
}

// Nothing where there are no states: they are zeros.
inline void sumStates(const Recurrence& s, int64_t i, const States& states, float* sums, int64_t width, StepProduct& product) {
  if (states.data) product.multiply({states.data, states.stride, false}, sums + s.step(i) * width * s.units);
}

// δgates · W, the δ of the states that a step began with.
inline StepProduct deltaProduct(const Recurrence& s, const float* weight, int64_t gates) {
  return {s.reproducible, {weight, s.units, false}, s.rows, ownColumns(s, 1), gates * s.units, s.units};
}

inline void sumDeltas(const Recurrence& s, int64_t i, const float* deltas, int64_t gates, float* carried, StepProduct& product) {
  const int64_t width = gates * s.units;
  product.multiply({deltas + s.step(i) * width, s.steps * width, false}, carried);
}

inline void copy(const float* from, float* to, int64_t size) { memcpy(to, from, static_cast<size_t>(size) * sizeof(float)); }

inline void copyOrClear(const float* from, float* to, int64_t size) {
  if (from) {
    copy(from, to, size);
  } else {
    clear(to, size);
  }
}

// This thread's units of `gates` gates.
inline void clearGates(const Recurrence& s, float* x, int64_t gates) {
  for (int64_t gate = 0; gate < gates; gate++, x += s.units) clear(x, s.own.count);
}

// This thread's units of all rows' states.
inline void clearStates(const Recurrence& s, float* states) {
  for (int64_t b = 0; b < s.rows; b++) clear(states + s.stateAt(b), s.own.count);
}

inline Vector loadOrZero(const float* from, int64_t j, int64_t n) { return from ? loadUpTo(from + j, n) : zero(); }

// x + y; y may be absent.
inline Vector loadSum(const float* x, const float* y, int64_t j, int64_t n) {
  return y ? loadUpTo(x + j, n) + loadUpTo(y + j, n) : loadUpTo(x + j, n);
}

// out = x + y; x may be absent.
inline void addTo(const float* x, const float* y, float* out, int64_t size) {
  forEachVector(size, [=](int64_t j, int64_t n) { storeUpTo(out + j, loadSum(y, x, j, n), n); });
}

// What a step hands to the step before, where its masked rows keep what they received at the start of their `deltas`, until all
// threads have multiplied by them.
inline void carryOn(const Recurrence& s, int64_t i, const float* deltas, int64_t gates, float* carried, StepProduct& product) {
  if (s.cuts(i)) return clearStates(s, carried);
  sumDeltas(s, i, deltas, gates, carried, product);
  for (int64_t b = 0; s.mask && b < s.rows; b++) {
    if (s.isMasked(b, i)) copy(deltas + s.at(b, i, gates), carried + s.stateAt(b), s.own.count);
  }
}

// The rows masked at the i-th step have δ's of zero.
inline void clearMasked(const Recurrence& s, int64_t i, float* deltas, int64_t gates) {
  for (int64_t b = 0; s.mask && b < s.rows; b++) {
    if (s.isMasked(b, i)) clear(deltas + s.at(b, i, gates), s.own.count);
  }
}

// Computes the δ's of each step by `deltasOf(i)`, from the last to the first, and carries them on.
template <typename DeltasOf>
inline void backThroughSteps(const Recurrence& s, const float* weight, float* deltas, int64_t gates, float* carried,
                             const DeltasOf& deltasOf) {
  StepProduct product = deltaProduct(s, weight, gates);
  clearStates(s, carried);
  for (int64_t i = s.steps - 1; i >= 0; i--) {
    deltasOf(i);
    s.meet();
    if (i + 1 < s.steps) clearMasked(s, i + 1, deltas, gates);
    carryOn(s, i, deltas, gates, carried, product);
  }
  if (s.mask) s.meet();
  clearMasked(s, 0, deltas, gates);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
