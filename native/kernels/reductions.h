// Sums, and the row-wise ops built on them.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "pairs.h"
#include "row_parts.h"
#include "sums.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Columns that one walk down the rows sums: enough vectors to hide the latency of an addition.
constexpr int STRIP_VECTORS = 4;

template <int VECTORS>
inline void sumStrip(const float* x, float* out, int64_t reduced, int64_t stride) {
  Vector sums[VECTORS];
  sumSteps<VECTORS>(reduced, sums, [=](int64_t r, Vector* sum) {
    for (int v = 0; v < VECTORS; v++) sum[v] = sum[v] + load(x + r * stride + v * LANES);
  });
  for (int v = 0; v < VECTORS; v++) store(out + v * LANES, sums[v]);
}

// Rows of `size` elements, `stride` apart.
CHAINRULE_KERNEL void sumRows(const float* x, float* out, int64_t reduced, int64_t size, int64_t stride) {
  int64_t i = 0;
  for (; i + STRIP_VECTORS * LANES <= size; i += STRIP_VECTORS * LANES) sumStrip<STRIP_VECTORS>(x + i, out + i, reduced, stride);
  for (; i + LANES <= size; i += LANES) sumStrip<1>(x + i, out + i, reduced, stride);
  if (i == size) return;
  const int64_t rest = size - i;
  Vector sum[1];
  sumSteps<1>(reduced, sum, [=](int64_t r, Vector* own) { own[0] = own[0] + loadUpTo(x + r * stride + i, rest); });
  storeUpTo(out + i, sum[0], rest);
}

// Sums of two neighbours, `count` of them: each is a partial sum before.
CHAINRULE_KERNEL void sumPairs(const float* x, float* out, int64_t count) {
  forEachVector(count, [=](int64_t i, int64_t n) {
    const Pairs pairs(x + 2 * i, 2 * n);
    storeUpTo(out + i, (zero() + pairs.even) + (zero() + pairs.odd), n);
  });
}

// x seen as [outer, reduced, inner]. With one element inside, each sum runs along memory; else down the rows.
inline void sum(const SumArguments& args) {
  if (args.reduced == 2 && args.inner == 1) return sumPairs(args.x, args.out, args.outer);
  for (int64_t o = 0; o < args.outer; o++) {
    const float* block = args.x + o * args.reduced * args.inner;
    if (args.inner == 1) {
      args.out[o] = sumOf(args.reduced, [=](int64_t i, int64_t n) { return loadUpTo(block + i, n); });
    } else {
      sumRows(block, args.out + o * args.inner, args.reduced, args.inner, args.inner);
    }
  }
}

// A single result of a row is written by the thread that has the row's first element.
inline bool hasFirst(Range own) { return own.first == 0 && own.count > 0; }

// The sums of rows that threads compute in parts.
inline void sumParts(Range own, const float* x, float* out, int64_t rows, int64_t columns) {
  RowParts row(own, columns);
  for (int64_t r = 0; r < rows; r++, x += columns) {
    const float total = row.sum([=](int64_t i, int64_t n) { return loadUpTo(x + i, n); });
    if (hasFirst(own)) out[r] = total;
  }
}

// A power of two of the size of a number, −126 to 126.
inline float powerNear(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int32_t exponent = (bits >> 23) - 127;
  const int32_t field = (exponent < -126 ? -126 : exponent > 126 ? 126 : exponent) + 127;
  const int32_t power = field << 23;
  float result;
  memcpy(&result, &power, sizeof result);
  return result;
}

inline float largestMagnitude(const float* x, int64_t size) {
  Vector largest = zero();
  forEachVector(size, [&](int64_t i, int64_t n) { largest = atLeast(largest, absolute(loadUpTo(x + i, n))); });
  return largestLane(largest);
}

inline float sumOfSquares(const float* x, int64_t size, float factor) {
  const Vector scale = broadcast(factor);
  return sumOf(size, [=](int64_t i, int64_t n) { return math::scaledSquare(loadUpTo(x + i, n), scale); });
}

// √Σx². Where the sum of the squares is out of range, the numbers are scaled by a power of two.
inline void norm(const NormArguments& args) {
  float* out = args.out;
  const float squares = sumOfSquares(args.x, args.size, 1.0f);
  if (squares >= LEAST_SQUARES && squares <= LARGEST) {
    *out = sqrtf(squares);
    return;
  }
  const float power = powerNear(largestMagnitude(args.x, args.size));
  const float result = sqrtf(sumOfSquares(args.x, args.size, 1.0f / power)) * power;
  *out = result <= LARGEST ? result : NAN;
}

// e^(x − shift) of the n elements at x, zeros in the other lanes.
inline Vector shiftedExponentials(const float* x, int64_t n, Vector shift) {
  return keepUpTo(math::shiftedExponential(loadUpTo(x, n), shift), n, zero());
}

// out = e^(x − shift); returns the sum of it. x may be out.
inline float exponentials(const float* x, float* out, int64_t size, float shift) {
  const Vector by = broadcast(shift);
  return sumOf(size, [=](int64_t i, int64_t n) {
    const Vector e = shiftedExponentials(x + i, n, by);
    storeUpTo(out + i, e, n);
    return e;
  });
}

inline void divideBy(float* x, int64_t size, float divisor) {
  const Vector d = broadcast(divisor);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(x + i, loadUpTo(x + i, n) / d, n); });
}

inline float logOf(float x) { return first(math::log(broadcast(x))); }

// x may be out. Of these row-wise ops a thread computes the range `own` of each row.
CHAINRULE_KERNEL void softmax(Range own, const SoftmaxArguments& args) {
  const float* x = args.x;
  float* out = args.out;
  RowParts row(own, args.columns);
  for (int64_t r = 0; r < args.rows; r++, x += args.columns, out += args.columns) {
    const Vector largest = broadcast(row.largest(x));
    const float total = row.sum([=](int64_t i, int64_t n) {
      const Vector e = shiftedExponentials(x + i, n, largest);
      storeUpTo(out + i, e, n);
      return e;
    });
    divideBy(out + own.first, own.count, total);
  }
}

// delta or y may be out.
CHAINRULE_KERNEL void softmaxGradient(Range own, const SoftmaxGradientArguments& args) {
  const float* delta = args.delta;
  const float* y = args.y;
  float* out = args.out;
  RowParts row(own, args.columns);
  for (int64_t r = 0; r < args.rows; r++, delta += args.columns, y += args.columns, out += args.columns) {
    const Vector dot = broadcast(row.sum([=](int64_t i, int64_t n) { return loadUpTo(delta + i, n) * loadUpTo(y + i, n); }));
    const float* const d = delta + own.first;
    const float* const p = y + own.first;
    float* const to = out + own.first;
    forEachVector(own.count,
                  [=](int64_t i, int64_t n) { storeUpTo(to + i, math::softmaxDelta(loadUpTo(d + i, n), loadUpTo(p + i, n), dot), n); });
  }
}

// x may be out.
CHAINRULE_KERNEL void logSoftmax(Range own, const LogSoftmaxArguments& args) {
  const float* x = args.x;
  float* out = args.out;
  RowParts row(own, args.columns);
  for (int64_t r = 0; r < args.rows; r++, x += args.columns, out += args.columns) {
    const Vector largest = broadcast(row.largest(x));
    const Vector log = broadcast(logOf(row.sum([=](int64_t i, int64_t n) { return shiftedExponentials(x + i, n, largest); })));
    const float* const from = x + own.first;
    float* const to = out + own.first;
    forEachVector(own.count,
                  [=](int64_t i, int64_t n) { storeUpTo(to + i, math::logProbability(loadUpTo(from + i, n), largest, log), n); });
  }
}

// delta or y may be out.
CHAINRULE_KERNEL void logSoftmaxGradient(Range own, const LogSoftmaxGradientArguments& args) {
  const float* delta = args.delta;
  const float* y = args.y;
  float* out = args.out;
  RowParts row(own, args.columns);
  for (int64_t r = 0; r < args.rows; r++, delta += args.columns, y += args.columns, out += args.columns) {
    const Vector total = broadcast(row.sum([=](int64_t i, int64_t n) { return loadUpTo(delta + i, n); }));
    const float* const d = delta + own.first;
    const float* const logs = y + own.first;
    float* const to = out + own.first;
    forEachVector(own.count, [=](int64_t i, int64_t n) {
      storeUpTo(to + i, math::logSoftmaxDelta(loadUpTo(d + i, n), loadUpTo(logs + i, n), total), n);
    });
  }
}

// Some of the inner elements; of one block only, where they are not all of them. Or some of the terms of sums along memory, with other
// threads that have the rest.
inline void sum(Range terms, Range elements, const SumArguments& args) {
  if (terms.count < args.reduced) return sumParts(terms, args.x, args.out, args.outer, args.reduced);
  if (elements.count == args.inner) return sum(args);
  sumRows(args.x + elements.first, args.out + elements.first, args.reduced, elements.count, args.inner);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
