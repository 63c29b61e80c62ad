// Products of bytes, for predictions: src/ops/quantization.ts says how a weight lies. All sums are exact integers, so that every instruction
// set has the same bits; what follows them is one multiplication and one addition of floats each.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../byte_products.h"
#include "../generated/arguments.h"
#include "../generated/functions.h"
#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Steps of k in a word.
constexpr int64_t WORD_BYTES = 4;

inline int64_t wordsOf(int64_t k) { return ceilDivide(k, WORD_BYTES); }
inline int64_t panelsOf(int64_t n) { return ceilDivide(n, BYTE_PANEL); }

// x to the nearest integer from low to high, to the even one of two; 0 where it is no number. |low| and |high| are below 2²².
inline int32_t nearestInteger(float x, float low, float high) {
  // From here on a float has no digits behind the point.
  constexpr float WHOLE = 12582912.0f;
  x = x == x ? x : 0.0f;
  x = x < low ? low : x;
  x = x > high ? high : x;
  return static_cast<int32_t>((x + WHOLE) - WHOLE);
}

// A row of activations as bytes, zeros behind them up to a whole word.
CHAINRULE_KERNEL void quantizeRow(const float* CHAINRULE_RESTRICT x, int64_t k, float inverse, int32_t zero,
                                  uint8_t* CHAINRULE_RESTRICT to) {
  const float low = static_cast<float>(-zero);
  const float high = static_cast<float>(MOST_ACTIVATION - zero);
  for (int64_t p = 0; p < k; p++) to[p] = static_cast<uint8_t>(nearestInteger(x[p] * inverse, low, high) + zero);
  for (int64_t p = k; p < wordsOf(k) * WORD_BYTES; p++) to[p] = 0;
}

// The panel of a weight's columns [first, first + columns); `at(p)` is where their elements of step p lie, `stride` apart.
template <typename At>
inline void quantizePanel(const QuantizeWeightArguments& args, int64_t first, int64_t columns, int64_t stride, At at) {
  constexpr float LEAST = 0x1p-100f;
  float largest[BYTE_PANEL] = {};
  float inverse[BYTE_PANEL] = {};
  int32_t sums[BYTE_PANEL] = {};
  for (int64_t p = 0; p < args.k; p++) {
    for (int64_t j = 0; j < columns; j++) {
      const float magnitude = ::fabsf(at(p)[j * stride]);
      if (magnitude > largest[j]) largest[j] = magnitude;
    }
  }
  for (int64_t j = 0; j < columns; j++) inverse[j] = largest[j] >= LEAST ? MOST_WEIGHT / largest[j] : 0.0f;
  int8_t* const words = reinterpret_cast<int8_t*>(args.words) + first * wordsOf(args.k) * WORD_BYTES;
  memset(words, 0, static_cast<size_t>(wordsOf(args.k) * WORD_BYTES * BYTE_PANEL));
  for (int64_t p = 0; p < args.k; p++) {
    for (int64_t j = 0; j < columns; j++) {
      const int32_t number = nearestInteger(at(p)[j * stride] * inverse[j], -MOST_WEIGHT, MOST_WEIGHT);
      words[(p / WORD_BYTES * BYTE_PANEL + j) * WORD_BYTES + p % WORD_BYTES] = static_cast<int8_t>(number);
      sums[j] += number;
    }
  }
  const float step = static_cast<float>(args.step);
  for (int64_t j = 0; j < BYTE_PANEL; j++) {
    const int32_t start = -static_cast<int32_t>(args.zero) * sums[j];
    memcpy(args.starts + first + j, &start, sizeof start);
    args.scales[first + j] = step * (largest[j] / MOST_WEIGHT);
  }
}

// Only when a weight has changed.
inline void quantizeWeight(const QuantizeWeightArguments& args) {
  const bool transposed = args.transposed != 0;
  for (int64_t j = 0; j < args.n; j += BYTE_PANEL) {
    const int64_t columns = least(args.n - j, BYTE_PANEL);
    const float* const weight = args.weight + (transposed ? j * args.k : j);
    const int64_t step = transposed ? 1 : args.n;
    quantizePanel(args, j, columns, transposed ? args.k : 1, [=](int64_t p) { return weight + p * step; });
  }
}

// Rows of A as words, and the panels of B that follow one another, by which they are multiplied.
struct ByteTile {
  const uint8_t* a;
  // Words of a row of A, and of a column of B.
  int64_t steps;
  const float* b;
  const float* starts;
  // Of ROWS rows of PANELS panels.
  int32_t* sums;
};

using ByteTileKernel = void (*)(const ByteTile& tile);

template <typename Bytes, int ROWS, int PANELS>
CHAINRULE_KERNEL void multiplyBytes(const ByteTile& tile) {
  constexpr int OF_PANEL = static_cast<int>(BYTE_PANEL) / LANES;
  constexpr int VECTORS = PANELS * OF_PANEL;
  const int64_t steps = tile.steps;
  const int64_t panel = steps * BYTE_PANEL;
  Integers sums[ROWS][VECTORS];
  unrolled<VECTORS>([&](auto v) {
    const Integers start = bitsOf(load(tile.starts + v.value * LANES));
    unrolled<ROWS>([&](auto r) { sums[r.value][v.value] = start; });
  });
  const uint8_t* a = tile.a;
  const float* b = tile.b;
  for (int64_t left = steps; left > 0; left--, a += WORD_BYTES, b += BYTE_PANEL) {
    decltype(Bytes::right(Integers{})) right[VECTORS];
    unrolled<VECTORS>(
        [&](auto v) { right[v.value] = Bytes::right(bitsOf(load(b + v.value / OF_PANEL * panel + v.value % OF_PANEL * LANES))); });
    unrolled<ROWS>([&](auto r) {
      int32_t word;
      memcpy(&word, a + r.value * steps * WORD_BYTES, sizeof word);
      const auto left4 = Bytes::left(broadcastInteger(word));
      unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = Bytes::add(sums[r.value][v.value], left4, right[v.value]); });
    });
  }
  unrolled<ROWS>([&](auto r) {
    unrolled<VECTORS>([&](auto v) {
      const Vector bits = fromBits(sums[r.value][v.value]);
      memcpy(tile.sums + (r.value * VECTORS + v.value) * LANES, &bits, sizeof bits);
    });
  });
}

// The kernel of exactly `rows` × PANELS.
template <typename Bytes, int PANELS, int ROWS = Bytes::ROWS>
inline ByteTileKernel byteTileOf(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return byteTileOf<Bytes, PANELS, ROWS - 1>(rows);
  }
  return multiplyBytes<Bytes, ROWS, PANELS>;
}

// What becomes of sums: rows of them begin `stride` apart, that of `column` at `sums`.
struct ByteEpilogue {
  const float* scales;
  // May be absent (nullptr).
  const float* bias;
  float* out;
  int64_t strideOut;
  float alpha;
};

template <typename F>
CHAINRULE_KERNEL void finishBytes(const int32_t* sums, int64_t stride, int64_t rows, Range columns, const ByteEpilogue& to) {
  const Vector alpha = broadcast(to.alpha);
  const float* const scales = to.scales + columns.first;
  for (int64_t r = 0; r < rows; r++, sums += stride) {
    const float* const own = reinterpret_cast<const float*>(sums);
    float* const out = to.out + r * to.strideOut + columns.first;
    forEachVector(columns.count, [&](int64_t j, int64_t n) {
      Vector x = multiply(toFloats(bitsOf(loadUpTo(own + j, n))), loadUpTo(scales + j, n));
      if (to.bias) x = add(x, loadUpTo(to.bias + columns.first + j, n));
      storeUpTo(out + j, F::value(x, alpha), n);
    });
  }
}

// Some columns of the rows that lie as bytes at `a`: panels that lie partly in the range are computed whole.
template <typename Bytes, typename F>
inline void multiplyRows(const uint8_t* a, int64_t rows, Range columns, const QuantizedAffineArguments& args, const ByteEpilogue& to) {
  const int64_t steps = wordsOf(args.k);
  const int64_t end = columns.first + columns.count;
  int32_t sums[Bytes::ROWS * Bytes::PANELS * BYTE_PANEL];
  for (int64_t at = columns.first; at < end;) {
    const int64_t panel = at / BYTE_PANEL;
    const int64_t panels = panelsOf(end) - panel < Bytes::PANELS ? 1 : Bytes::PANELS;
    const int64_t next = least((panel + panels) * BYTE_PANEL, end);
    const float* const b = args.words + panel * steps * BYTE_PANEL;
    const float* const starts = args.starts + panel * BYTE_PANEL;
    for (int64_t r = 0; r < rows; r += Bytes::ROWS) {
      const int64_t count = least(rows - r, Bytes::ROWS);
      const ByteTile tile = {a + r * steps * WORD_BYTES, steps, b, starts, sums};
      (panels == 1 ? byteTileOf<Bytes, 1>(count) : byteTileOf<Bytes, Bytes::PANELS>(count))(tile);
      ByteEpilogue own = to;
      own.out += r * to.strideOut;
      finishBytes<F>(sums + at - panel * BYTE_PANEL, panels * BYTE_PANEL, count, {at, next - at}, own);
    }
    at = next;
  }
}

template <typename Bytes, typename F>
inline void multiplyQuantized(Range rows, Range columns, const QuantizedAffineArguments& args) {
  uint8_t* const bytes = reinterpret_cast<uint8_t*>(threadScratch());
  const float inverse = static_cast<float>(args.inverse);
  const ByteEpilogue to = {args.scales, args.bias, args.out, args.n, static_cast<float>(args.alpha)};
  for (int64_t r = rows.first; r < rows.first + rows.count; r += BYTE_ROWS) {
    const int64_t count = least(rows.first + rows.count - r, BYTE_ROWS);
    for (int64_t i = 0; i < count; i++)
      quantizeRow(args.a + (r + i) * args.k, args.k, inverse, static_cast<int32_t>(args.zero), bytes + i * wordsOf(args.k) * WORD_BYTES);
    ByteEpilogue own = to;
    own.out += r * args.n;
    multiplyRows<Bytes, F>(bytes, count, columns, args, own);
  }
}

template <typename F>
inline void quantizedAffine(Range rows, Range columns, const QuantizedAffineArguments& args) {
#if defined(__AVX512BW__)
  if (multipliesBytes()) return multiplyQuantized<DotBytes, F>(rows, columns, args);
#endif
  multiplyQuantized<WidenedBytes, F>(rows, columns, args);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
