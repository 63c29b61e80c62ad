// Ops that know about classes. An index that is no class of the row yields NaN, never a stray access.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "../generated/ops.h"
#include "../sizes.h"
#include "indices.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

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

inline void pick(const PickArguments& args) {
  for (int64_t r = 0; r < args.rows; r++) {
    const int64_t picked = indexAt(args.index, r, args.columns);
    args.out[r] = picked >= 0 ? args.x[r * args.columns + picked] : NAN;
  }
}

inline void scatter(const ScatterArguments& args) {
  float* out = args.out;
  for (int64_t r = 0; r < args.rows; r++, out += args.columns) {
    const int64_t hot = indexAt(args.index, r, args.columns);
    for (int64_t j = 0; j < args.columns; j++) out[j] = hot >= 0 ? 0.0f : NAN;
    if (hot >= 0) out[hot] = args.x[r];
  }
}

// probabilities = e^(logits − largest) divided by the sum of it; returns that sum. Rows of a vector or less stay in it: reading back
// what was stored in part would cost more than all the rest.
inline float normalise(RowParts& row, Range own, const float* logits, float* probabilities, int64_t columns, float largest) {
  const Vector shift = broadcast(largest);
  if (columns > LANES) {
    const float total = row.sum([=](int64_t i, int64_t n) {
      const Vector e = shiftedExponentials(logits + i, n, shift);
      storeUpTo(probabilities + i, e, n);
      return e;
    });
    divideBy(probabilities + own.first, own.count, total);
    return total;
  }
  const Vector e = shiftedExponentials(logits, columns, shift);
  const float total = sumOf(columns, [=](int64_t, int64_t) { return e; });
  storeUpTo(probabilities, e / broadcast(total), columns);
  return total;
}

inline float below(float largest, float logit) { return first(math::below(broadcast(largest), broadcast(logit))); }

// The loss is (largest − logit) + ln Σ e^(logit − largest), so that saturated logits stay finite. Logarithms are taken of a vector of
// rows. Of these ops a thread computes the range `own` of each row.
CHAINRULE_KERNEL void sparseCrossEntropy(Range own, const float* logits, const float* target, float* losses, float* probabilities,
                                         int64_t rows, int64_t columns) {
  RowParts row(own, columns);
  float totals[LANES];
  float distances[LANES];
  for (int64_t first = 0; first < rows; first += LANES) {
    const int64_t count = least(rows - first, LANES);
    for (int64_t r = 0; r < count; r++, logits += columns, probabilities += columns) {
      const float largest = row.largest(logits);
      const int64_t index = indexAt(target, first + r, columns);
      distances[r] = index >= 0 ? below(largest, logits[index]) : NAN;
      totals[r] = normalise(row, own, logits, probabilities, columns, largest);
    }
    if (hasFirst(own)) storeUpTo(losses + first, loadUpTo(distances, count) + math::log(loadUpTo(totals, count)), count);
  }
}

CHAINRULE_KERNEL void denseCrossEntropy(Range own, const float* logits, const float* target, float* losses, float* probabilities,
                                        int64_t rows, int64_t columns) {
  RowParts row(own, columns);
  for (int64_t r = 0; r < rows; r++, logits += columns, target += columns, probabilities += columns) {
    const float most = row.largest(logits);
    const Vector log = broadcast(logOf(normalise(row, own, logits, probabilities, columns, most)));
    const Vector largest = broadcast(most);
    const float loss = row.sum(
        [=](int64_t j, int64_t n) { return math::crossEntropyTerm(loadUpTo(logits + j, n), loadUpTo(target + j, n), largest, log); });
    if (hasFirst(own)) losses[r] = loss;
  }
}

inline void softmaxCrossEntropy(Range own, const SoftmaxCrossEntropyArguments& args) {
  const auto compute = args.sparse ? sparseCrossEntropy : denseCrossEntropy;
  compute(own, args.logits, args.target, args.losses, args.probabilities, args.rows, args.columns);
}

// out = δ · (probabilities · total − target), where target is 1 in column `index` and 0 elsewhere; NaN where index is −1.
inline void sparseDelta(Range own, float delta, const float* probabilities, int64_t index, float* out) {
  const bool valid = index >= 0;
  const Vector d = broadcast(delta);
  const Vector total = broadcast(valid ? 1.0f : NAN);
  const bool isOwn = index >= own.first && index < own.first + own.count;
  const float hot = isOwn ? delta * (probabilities[index] - 1.0f) : NAN;
  const float* const from = probabilities + own.first;
  float* const to = out + own.first;
  forEachVector(own.count, [=](int64_t j, int64_t n) { storeUpTo(to + j, math::otherClassDelta(d, loadUpTo(from + j, n), total), n); });
  if (isOwn) out[index] = hot;
}

// out = δ · (probabilities · Σ target − target).
inline void denseDelta(RowParts& row, Range own, float delta, const float* probabilities, const float* target, float* out) {
  const Vector d = broadcast(delta);
  const Vector total = broadcast(row.sum([=](int64_t j, int64_t n) { return loadUpTo(target + j, n); }));
  const float* const from = probabilities + own.first;
  const float* const wanted = target + own.first;
  float* const to = out + own.first;
  forEachVector(own.count, [=](int64_t j, int64_t n) {
    storeUpTo(to + j, math::crossEntropyDelta(d, loadUpTo(from + j, n), total, loadUpTo(wanted + j, n)), n);
  });
}

// probabilities may be out. δ is one number (deltaStep 0) or one a row (1).
inline void softmaxCrossEntropyGradient(Range own, const SoftmaxCrossEntropyGradientArguments& args) {
  const float* probabilities = args.probabilities;
  float* out = args.out;
  RowParts row(own, args.columns);
  for (int64_t r = 0; r < args.rows; r++, probabilities += args.columns, out += args.columns) {
    if (args.sparse) {
      sparseDelta(own, args.delta[r * args.deltaStep], probabilities, indexAt(args.target, r, args.columns), out);
    } else {
      denseDelta(row, own, args.delta[r * args.deltaStep], probabilities, args.target + r * args.columns, out);
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
inline void correct(const CorrectArguments& args) {
  const float* prediction = args.prediction;
  float* out = args.out;
  int64_t right = 0;
  for (int64_t r = 0; r < args.rows; r++, prediction += args.columns) {
    switch (static_cast<Comparison>(args.comparison)) {
      case Comparison::index: right += argmax(prediction, args.columns) == loadIndex(args.target, r); break;
      case Comparison::largest: right += argmax(prediction, args.columns) == argmax(args.target + r * args.columns, args.columns); break;
      case Comparison::threshold: right += sameSides(prediction, args.target + r * args.columns, args.columns, args.threshold); break;
    }
  }
  *out = static_cast<float>(right);
}

inline void argmax(const ArgmaxArguments& args) {
  const float* x = args.x;
  for (int64_t r = 0; r < args.rows; r++, x += args.columns) storeIndex(args.out, r, static_cast<int32_t>(argmax(x, args.columns)));
}

// The bin is found in float64, where the product is exact.
inline void histogram(const HistogramArguments& args) {
  const float* x = args.x;
  const float* weight = args.weight;
  clear(args.out, args.bins * args.columns);
  const double scale = static_cast<double>(args.bins);
  for (int64_t r = 0; r < args.rows; r++, x += args.columns, weight += args.columns) {
    for (int64_t j = 0; j < args.columns; j++) {
      const double place = x[j] > 0.0f ? static_cast<double>(x[j]) * scale : 0.0;
      const int64_t bin = place < scale ? static_cast<int64_t>(place) : args.bins - 1;
      args.out[bin * args.columns + j] += weight[j];
    }
  }
}

// How many columns come before one of them in falling order. Of equal ones the last comes first; before NaN all come.
inline int64_t rankOf(const float* x, int64_t columns, int64_t index) {
  const float own = x[index];
  int64_t before = 0;
  for (int64_t j = 0; j < columns; j++) before += !(x[j] < own || (x[j] == own && j <= index));
  return before;
}

inline void rank(const RankArguments& args) {
  const float* x = args.x;
  for (int64_t r = 0; r < args.rows; r++, x += args.columns) {
    const int64_t picked = indexAt(args.index, r, args.columns);
    args.out[r] = picked >= 0 ? static_cast<float>(rankOf(x, args.columns, picked)) : NAN;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
