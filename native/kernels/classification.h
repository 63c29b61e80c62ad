// Ops that know about classes. Class indices are floats; one that is no class of the row yields NaN, never a stray access.
#pragma once

#include <float.h>
#include <math.h>
#include <stdint.h>

#include "../generated/ops.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline bool isClass(float index, int64_t columns) {
  return index >= 0.0f && index < static_cast<float>(columns) && index == ::truncf(index);
}

// The first of the largest; NaN is passed over, unless it is the first element: nothing is larger then.
inline int64_t argmax(const float* x, int64_t columns) {
  const float largest = largestOf(x, columns);
  const Vector sought = broadcast(largest);
  int64_t j = 0;
  while (j + LANES <= columns && !anyOf(equal(load(x + j), sought))) j += LANES;
  for (; j < columns; j++) {
    if (x[j] == largest) return j;
  }
  return 0;
}

inline void pick(const float* x, const float* index, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    out[r] = isClass(index[r], columns) ? x[r * columns + static_cast<int64_t>(index[r])] : NAN;
  }
}

inline void scatter(const float* x, const float* index, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, out += columns) {
    const bool valid = isClass(index[r], columns);
    for (int64_t j = 0; j < columns; j++) out[j] = valid ? 0.0f : NAN;
    if (valid) out[static_cast<int64_t>(index[r])] = x[r];
  }
}

// probabilities = e^(logits − largest) divided by the sum of it; returns that sum. Rows of a vector or less stay in it: reading back
// what was stored in part would cost more than all the rest.
inline float normalise(const float* logits, float* probabilities, int64_t columns, float largest) {
  if (columns > LANES) {
    const float total = exponentials(logits, probabilities, columns, largest);
    divideBy(probabilities, columns, total);
    return total;
  }
  const Vector e = shiftedExponentials(logits, columns, broadcast(largest));
  const float total = sumOf(columns, [=](int64_t, int64_t) { return e; });
  storeUpTo(probabilities, e / broadcast(total), columns);
  return total;
}

// How far a logit lies below the largest: finite for all finite logits.
inline float below(float largest, float logit) {
  const float distance = largest - logit;
  return distance > FLT_MAX ? FLT_MAX : distance;
}

// The loss is (largest − logit) + ln Σ e^(logit − largest), so that saturated logits stay finite. Logarithms are taken of a vector of
// rows.
CHAINRULE_KERNEL void sparseCrossEntropy(const float* logits, const float* target, float* losses, float* probabilities,
                                         int64_t rows, int64_t columns) {
  float totals[LANES];
  for (int64_t first = 0; first < rows; first += LANES) {
    const int64_t count = rows - first < LANES ? rows - first : LANES;
    for (int64_t r = 0; r < count; r++, logits += columns, probabilities += columns) {
      const float largest = largestOf(logits, columns);
      const float index = target[first + r];
      losses[first + r] = isClass(index, columns) ? below(largest, logits[static_cast<int64_t>(index)]) : NAN;
      totals[r] = normalise(logits, probabilities, columns, largest);
    }
    storeUpTo(losses + first, loadUpTo(losses + first, count) + math::log(loadUpTo(totals, count)), count);
  }
}

CHAINRULE_KERNEL void denseCrossEntropy(const float* logits, const float* target, float* losses, float* probabilities,
                                        int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, logits += columns, target += columns, probabilities += columns) {
    const float largest = largestOf(logits, columns);
    const float log = logOf(normalise(logits, probabilities, columns, largest));
    const Vector most = broadcast(FLT_MAX);
    losses[r] = sumOf(columns, [=](int64_t j, int64_t n) {
      return loadUpTo(target + j, n) * (atMost(largest - loadUpTo(logits + j, n), most) + log);
    });
  }
}

inline void softmaxCrossEntropy(const float* logits, const float* target, float* losses, float* probabilities, int64_t rows,
                                int64_t columns, int32_t sparse) {
  const auto compute = sparse ? sparseCrossEntropy : denseCrossEntropy;
  compute(logits, target, losses, probabilities, rows, columns);
}

// out = δ · (probabilities · total − target), where target is 1 in column `index` and 0 elsewhere.
inline void sparseDelta(float delta, const float* probabilities, float index, float* out, int64_t columns) {
  const bool valid = isClass(index, columns);
  const Vector d = broadcast(delta);
  const Vector total = broadcast(valid ? 1.0f : NAN);
  const float hot = valid ? delta * (probabilities[static_cast<int64_t>(index)] - 1.0f) : NAN;
  forEachVector(columns, [=](int64_t j, int64_t n) { storeUpTo(out + j, d * (loadUpTo(probabilities + j, n) * total), n); });
  if (valid) out[static_cast<int64_t>(index)] = hot;
}

// out = δ · (probabilities · Σ target − target).
inline void denseDelta(float delta, const float* probabilities, const float* target, float* out, int64_t columns) {
  const Vector d = broadcast(delta);
  const Vector total = broadcast(sumOf(columns, [=](int64_t j, int64_t n) { return loadUpTo(target + j, n); }));
  forEachVector(columns, [=](int64_t j, int64_t n) {
    storeUpTo(out + j, d * (loadUpTo(probabilities + j, n) * total - loadUpTo(target + j, n)), n);
  });
}

// probabilities may be out. δ is one number (deltaStep 0) or one a row (1).
inline void softmaxCrossEntropyGradient(const float* delta, const float* probabilities, const float* target, float* out,
                                        int64_t rows, int64_t columns, int32_t sparse, int32_t deltaStep) {
  for (int64_t r = 0; r < rows; r++, probabilities += columns, out += columns) {
    if (sparse) {
      sparseDelta(delta[r * deltaStep], probabilities, target[r], out, columns);
    } else {
      denseDelta(delta[r * deltaStep], probabilities, target + r * columns, out, columns);
    }
  }
}

inline bool sameSides(const float* prediction, const float* target, int64_t columns, double threshold) {
  for (int64_t j = 0; j < columns; j++) {
    if ((prediction[j] > threshold) != (target[j] > 0.5f)) return false;
  }
  return true;
}

// How many rows are right, by one of the three comparisons.
inline void correct(const float* prediction, const float* target, float* out, int64_t rows, int64_t columns,
                    int32_t comparison, double threshold) {
  int64_t right = 0;
  for (int64_t r = 0; r < rows; r++, prediction += columns) {
    switch (static_cast<Comparison>(comparison)) {
      case Comparison::index:
        right += static_cast<float>(argmax(prediction, columns)) == target[r];
        break;
      case Comparison::largest:
        right += argmax(prediction, columns) == argmax(target + r * columns, columns);
        break;
      case Comparison::threshold:
        right += sameSides(prediction, target + r * columns, columns, threshold);
        break;
    }
  }
  *out = static_cast<float>(right);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
