// Ops that move, repeat or scale elements without combining them.
#pragma once

#include <stdint.h>
#include <string.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

CHAINRULE_KERNEL void fill(float* out, int64_t size, float value) {
  const Vector x = broadcast(value);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, x, n); });
}

// x may be out. The factor is divided in double precision, then rounded once.
CHAINRULE_KERNEL void scale(const float* x, float* out, int64_t size, double factor, int64_t count) {
  const Vector ratio = broadcast(static_cast<float>(factor / static_cast<double>(count)));
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(x + i, n) * ratio, n); });
}

inline void copyRun(const float* CHAINRULE_RESTRICT x, float* CHAINRULE_RESTRICT out, int64_t size, int64_t step) {
  if (step == 1) {
    memcpy(out, x, static_cast<size_t>(size) * sizeof(float));
  } else if (step == 0) {
    fill(out, size, *x);
  } else {
    for (int64_t i = 0; i < size; i++) out[i] = x[i * step];
  }
}

// A loop nest of six levels that writes `out` in order; level l moves `step_l` elements of x a turn.
inline void stridedCopy(const float* x, float* out, int64_t size0, int64_t size1, int64_t size2, int64_t size3, int64_t size4,
                        int64_t size5, int64_t step0, int64_t step1, int64_t step2, int64_t step3, int64_t step4,
                        int64_t step5) {
  for (int64_t i0 = 0; i0 < size0; i0++) {
    for (int64_t i1 = 0; i1 < size1; i1++) {
      for (int64_t i2 = 0; i2 < size2; i2++) {
        for (int64_t i3 = 0; i3 < size3; i3++) {
          const float* from = x + i0 * step0 + i1 * step1 + i2 * step2 + i3 * step3;
          for (int64_t i4 = 0; i4 < size4; i4++) {
            copyRun(from + i4 * step4, out, size5, step5);
            out += size5;
          }
        }
      }
    }
  }
}

// Each of `outer` rows of `stride` elements holds the slice at start … start + length.
inline void slice(const float* x, float* out, int64_t outer, int64_t stride, int64_t start, int64_t length) {
  const size_t bytes = static_cast<size_t>(length) * sizeof(float);
  for (int64_t o = 0; o < outer; o++) memcpy(out + o * length, x + o * stride + start, bytes);
}

// base may be out; then only the part is written.
inline void insert(const float* base, const float* x, float* out, int64_t outer, int64_t stride, int64_t start,
                   int64_t length) {
  if (base != out) memcpy(out, base, static_cast<size_t>(outer * stride) * sizeof(float));
  const size_t bytes = static_cast<size_t>(length) * sizeof(float);
  for (int64_t o = 0; o < outer; o++) memcpy(out + o * stride + start, x + o * length, bytes);
}

// x may be kept, of this and of the next.
inline void assign(float* kept, const float* x, int64_t size) {
  if (kept != x) memcpy(kept, x, static_cast<size_t>(size) * sizeof(float));
}

CHAINRULE_KERNEL void accumulate(float* kept, const float* x, int64_t size, int64_t weight) {
  const Vector factor = broadcast(static_cast<float>(weight));
  forEachVector(size, [=](int64_t i, int64_t n) {
    storeUpTo(kept + i, loadUpTo(kept + i, n) + factor * loadUpTo(x + i, n), n);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
