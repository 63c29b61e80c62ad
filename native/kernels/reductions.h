// Sums, and the row-wise ops built on them. The order of every sum depends on the sizes alone, never on the vector width.
#pragma once

#include <math.h>
#include <stdint.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Partial sums of a contiguous run: as many as the widest instruction set has lanes.
constexpr int PARTIAL_SUMS = 16;

// Σ term(i): element i goes to partial sum i mod 16; the partial sums are then added pairwise, halves first.
template <typename Term>
inline float sumOf(int64_t size, Term term) {
  float partial[PARTIAL_SUMS] = {};
  int64_t i = 0;
  for (; i + PARTIAL_SUMS <= size; i += PARTIAL_SUMS) {
    for (int lane = 0; lane < PARTIAL_SUMS; lane++) partial[lane] += term(i + lane);
  }
  for (int lane = 0; i < size; i++, lane++) partial[lane] += term(i);
  for (int half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; lane++) partial[lane] += partial[lane + half];
  }
  return partial[0];
}

inline void addRow(const float* CHAINRULE_RESTRICT x, float* CHAINRULE_RESTRICT out, int64_t size) {
  for (int64_t i = 0; i < size; i++) out[i] += x[i];
}

// x seen as [outer, reduced, inner]. With one element inside, each sum runs along memory; else whole rows are added in order.
inline void sum(const float* x, float* out, int64_t outer, int64_t reduced, int64_t inner) {
  for (int64_t o = 0; o < outer; o++) {
    const float* block = x + o * reduced * inner;
    if (inner == 1) {
      out[o] = sumOf(reduced, [=](int64_t i) { return block[i]; });
      continue;
    }
    float* row = out + o * inner;
    for (int64_t i = 0; i < inner; i++) row[i] = 0.0f;
    for (int64_t r = 0; r < reduced; r++) addRow(block + r * inner, row, inner);
  }
}

inline float largestOf(const float* x, int64_t size) {
  float largest = x[0];
  for (int64_t i = 1; i < size; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// x may be out.
inline void softmax(const float* x, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, x += columns, out += columns) {
    const float largest = largestOf(x, columns);
    for (int64_t j = 0; j < columns; j++) out[j] = ::expf(x[j] - largest);
    const float total = sumOf(columns, [=](int64_t j) { return out[j]; });
    for (int64_t j = 0; j < columns; j++) out[j] /= total;
  }
}

// delta or y may be out.
inline void softmaxGradient(const float* delta, const float* y, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, delta += columns, y += columns, out += columns) {
    const float dot = sumOf(columns, [=](int64_t j) { return delta[j] * y[j]; });
    CHAINRULE_ELEMENTWISE
    for (int64_t j = 0; j < columns; j++) out[j] = y[j] * (delta[j] - dot);
  }
}

// x may be out.
inline void logSoftmax(const float* x, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, x += columns, out += columns) {
    const float largest = largestOf(x, columns);
    const float log = ::logf(sumOf(columns, [=](int64_t j) { return ::expf(x[j] - largest); }));
    CHAINRULE_ELEMENTWISE
    for (int64_t j = 0; j < columns; j++) out[j] = x[j] - largest - log;
  }
}

// delta or y may be out.
inline void logSoftmaxGradient(const float* delta, const float* y, float* out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, delta += columns, y += columns, out += columns) {
    const float total = sumOf(columns, [=](int64_t j) { return delta[j]; });
    for (int64_t j = 0; j < columns; j++) out[j] = delta[j] - ::expf(y[j]) * total;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
