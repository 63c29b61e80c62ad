// Ops that move, repeat or scale elements without combining them.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

CHAINRULE_KERNEL void fillRun(float* out, int64_t size, float value) {
  const Vector x = broadcast(value);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, x, n); });
}

inline void fill(const FillArguments& args) { fillRun(args.out, args.size, static_cast<float>(args.value)); }

// x may be out. The factor is divided in double precision, then rounded once.
CHAINRULE_KERNEL void scale(const ScaleArguments& args) {
  const float* const x = args.x;
  float* const out = args.out;
  const Vector ratio = broadcast(static_cast<float>(args.factor / static_cast<double>(args.count)));
  forEachVector(args.size, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(x + i, n) * ratio, n); });
}

inline void copyRun(const float* CHAINRULE_RESTRICT x, float* CHAINRULE_RESTRICT out, int64_t size, int64_t step) {
  if (step == 1) {
    memcpy(out, x, static_cast<size_t>(size) * sizeof(float));
  } else if (step == 0) {
    fillRun(out, size, *x);
  } else {
    for (int64_t i = 0; i < size; i++) out[i] = x[i * step];
  }
}

// A loop nest of six levels that writes `out` in order; level l moves `step_l` elements of x a turn.
inline void stridedCopy(const StridedCopyArguments& args) {
  float* out = args.out;
  for (int64_t i0 = 0; i0 < args.size0; i0++) {
    for (int64_t i1 = 0; i1 < args.size1; i1++) {
      for (int64_t i2 = 0; i2 < args.size2; i2++) {
        for (int64_t i3 = 0; i3 < args.size3; i3++) {
          const float* from = args.x + i0 * args.step0 + i1 * args.step1 + i2 * args.step2 + i3 * args.step3;
          for (int64_t i4 = 0; i4 < args.size4; i4++) {
            copyRun(from + i4 * args.step4, out, args.size5, args.step5);
            out += args.size5;
          }
        }
      }
    }
  }
}

// Each of `outer` rows of `stride` elements holds the slice at start … start + length.
inline void slice(const SliceArguments& args) {
  const size_t bytes = static_cast<size_t>(args.length) * sizeof(float);
  for (int64_t o = 0; o < args.outer; o++) memcpy(args.out + o * args.length, args.x + o * args.stride + args.start, bytes);
}

// base may be out; then only the part is written.
inline void insert(const InsertArguments& args) {
  if (args.base != args.out) memcpy(args.out, args.base, static_cast<size_t>(args.outer * args.stride) * sizeof(float));
  const size_t bytes = static_cast<size_t>(args.length) * sizeof(float);
  for (int64_t o = 0; o < args.outer; o++) memcpy(args.out + o * args.stride + args.start, args.x + o * args.length, bytes);
}

// x may be kept, of this and of the next.
inline void assign(const AssignArguments& args) {
  if (args.kept != args.x) memcpy(args.kept, args.x, static_cast<size_t>(args.size) * sizeof(float));
}

CHAINRULE_KERNEL void accumulate(const AccumulateArguments& args) {
  float* const kept = args.kept;
  const float* const x = args.x;
  const Vector factor = broadcast(static_cast<float>(args.weight));
  forEachVector(args.size, [=](int64_t i, int64_t n) { storeUpTo(kept + i, loadUpTo(kept + i, n) + factor * loadUpTo(x + i, n), n); });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
