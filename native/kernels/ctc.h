// Connectionist temporal classification (Graves et al. 2006): src/ops/ctc.ts has the states and the paths through them. Logarithms of
// probabilities are those of a step relative to its likeliest state; what this leaves out of a row's probability is added in float64.
// The operations and their order are those of assembly/kernels/ctc.ts.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../workspace.h"
#include "indices.h"
#include "movement.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

struct Ctc {
  int64_t steps;
  int64_t classes;
  int64_t length;
  int32_t blank;
  bool zeroInfinity;
};

// The states of a row: `count` of them, a blank before, between and behind its labels; 0 where a label is no class.
struct CtcStates {
  const float* labels;
  int64_t count;
  int32_t blank;

  int64_t classOf(int64_t state) const { return state & 1 ? loadIndex(labels, state >> 1) : blank; }
};

// A row's scratch memory. Two states that cannot be are before `leading` and behind `following`, which share their memory, and behind `passes`.
struct CtcScratch {
  // 0 for a state that may be reached past the blank before it, −∞ for the others.
  float* passes;
  float* leading;
  float* following;
  float* row;
  // What leads to each state at each step.
  float* all;

  explicit CtcScratch(int64_t length) {
    const int64_t most = 2 * length + 1;
    passes = threadScratch();
    following = passes + most + 2;
    leading = following + 2;
    row = following + most + 2;
    all = row + most;
  }
};

inline CtcStates statesOf(const Ctc& s, const float* labels) {
  int64_t length = 0;
  for (; length < s.length && loadIndex(labels, length) >= 0; length++) {
    if (loadIndex(labels, length) >= s.classes) return {labels, 0, s.blank};
  }
  return {labels, 2 * length + 1, s.blank};
}

// The steps of a row: all where there is no length; of a length that is no whole number, the steps that begin below it.
inline int64_t stepsOf(const Ctc& s, const float* lengths, int64_t r) {
  if (!lengths) return s.steps;
  const float length = lengths[r];
  if (length >= static_cast<float>(s.steps)) return s.steps;
  return length > 0.0f ? static_cast<int64_t>(ceilf(length)) : 0;
}

inline void notePasses(const CtcStates& states, float* passes) {
  fillRun(passes, states.count + 2, -INFINITY);
  for (int64_t i = 3; i < states.count; i += 2) {
    if (states.classOf(i) != states.classOf(i - 2)) passes[i] = 0.0f;
  }
}

// out = ln(e^x + e^y + e^(z + pass)), state by state; −∞ where all are.
CHAINRULE_KERNEL void mergePaths(const float* x, const float* y, const float* z, const float* pass, float* out, int64_t count) {
  forEachVector(count, [=](int64_t i, int64_t n) {
    const Vector third = loadUpTo(z + i, n) + loadUpTo(pass + i, n);
    storeUpTo(out + i, math::logOfExponentials(loadUpTo(x + i, n), loadUpTo(y + i, n), third), n);
  });
}

// row += the logarithms of the states' classes at a step.
inline void addLogs(const CtcStates& states, const float* logs, float* row) {
  const float blank = logs[states.blank];
  for (int64_t i = 0; i < states.count; i += 2) row[i] += blank;
  for (int64_t i = 1; i < states.count; i += 2) row[i] += logs[states.classOf(i)];
}

inline void copyLess(const float* x, float by, float* out, int64_t count) {
  const Vector shift = broadcast(by);
  forEachVector(count, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(x + i, n) - shift, n); });
}

// ln p of the labels; −∞ where no path reads as them. Keeps what leads to the states of each step where `all` is given.
inline double logProbability(const CtcStates& states, const CtcScratch& scratch, const float* logs, int64_t classes, int64_t steps,
                             float* all) {
  float* const leading = scratch.leading;
  fillRun(scratch.following, states.count + 2, -INFINITY);
  leading[0] = 0.0f;
  double total = 0.0;
  for (int64_t t = 0; t < steps; t++, logs += classes) {
    mergePaths(leading, leading - 1, leading - 2, scratch.passes, scratch.row, states.count);
    addLogs(states, logs, scratch.row);
    const float largest = largestOf(scratch.row, states.count);
    if (largest == -INFINITY) return -INFINITY;
    total += static_cast<double>(largest);
    copyLess(scratch.row, largest, leading, states.count);
    if (all) memcpy(all + t * states.count, leading, static_cast<size_t>(states.count) * sizeof(float));
  }
  const float* const last = leading + states.count - 1;
  mergePaths(last, last - 1, leading - 2, scratch.passes, scratch.row, 1);
  return total + static_cast<double>(scratch.row[0]);
}

// lengths may be absent (nullptr).
inline void ctc(const CtcArguments& args) {
  const float* logs = args.logs;
  const float* labels = args.labels;
  const Ctc s = {args.steps, args.classes, args.length, static_cast<int32_t>(args.blank), args.zeroInfinity != 0};
  const CtcScratch scratch(args.length);
  for (int64_t r = 0; r < args.rows; r++, logs += args.steps * args.classes, labels += args.length) {
    const CtcStates states = statesOf(s, labels);
    if (states.count == 0) {
      args.losses[r] = NAN;
      continue;
    }
    notePasses(states, scratch.passes);
    const double log = logProbability(states, scratch, logs, args.classes, stepsOf(s, args.lengths, r), nullptr);
    args.losses[r] = log == -INFINITY && s.zeroInfinity ? 0.0f : static_cast<float>(-log);
  }
}

// out of one step: `factor` times the probabilities of the states, for the classes of each.
inline void addStates(const CtcStates& states, const float* probabilities, float factor, float* out, int64_t classes) {
  fillRun(out, classes, 0.0f);
  for (int64_t i = 0; i < states.count; i++) {
    float* const to = out + states.classOf(i);
    *to += factor * probabilities[i];
  }
}

// δ of the steps of a row with a path, from the last to the first. Probabilities are made to sum to 1 step by step.
inline void ctcDeltas(const CtcStates& states, const CtcScratch& scratch, float delta, const float* logs, float* out, int64_t classes,
                      int64_t steps) {
  const int64_t count = states.count;
  float* const following = scratch.following;
  float* const row = scratch.row;
  fillRun(following, count + 2, -INFINITY);
  following[count - 1] = 0.0f;
  for (int64_t t = steps - 1; t >= 0; t--) {
    mergePaths(following, following + 1, following + 2, scratch.passes + 2, row, count);
    float* const through = scratch.all + t * count;
    forEachVector(count, [=](int64_t i, int64_t n) { storeUpTo(through + i, loadUpTo(through + i, n) + loadUpTo(row + i, n), n); });
    const float total = exponentials(through, through, count, largestOf(through, count));
    addStates(states, through, -delta / total, out + t * classes, classes);
    addLogs(states, logs + t * classes, row);
    copyLess(row, largestOf(row, count), following, count);
  }
}

// lengths may be absent (nullptr).
inline void ctcGradient(const CtcGradientArguments& args) {
  const float* logs = args.logs;
  const float* labels = args.labels;
  float* out = args.out;
  const Ctc s = {args.steps, args.classes, args.length, static_cast<int32_t>(args.blank), args.zeroInfinity != 0};
  const CtcScratch scratch(args.length);
  const int64_t size = args.steps * args.classes;
  for (int64_t r = 0; r < args.rows; r++, logs += size, out += size, labels += args.length) {
    const CtcStates states = statesOf(s, labels);
    if (states.count == 0) {
      fillRun(out, size, NAN);
      continue;
    }
    notePasses(states, scratch.passes);
    const int64_t own = stepsOf(s, args.lengths, r);
    if (logProbability(states, scratch, logs, args.classes, own, scratch.all) == -INFINITY) {
      fillRun(out, size, s.zeroInfinity ? 0.0f : NAN);
      continue;
    }
    ctcDeltas(states, scratch, args.delta[r], logs, out, args.classes, own);
    fillRun(out + own * args.classes, (args.steps - own) * args.classes, 0.0f);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
