// Ops that move, repeat or scale elements without combining them.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../sizes.h"
#include "gemm_pack.h"
#include "loops.h"
#include "pairs.h"

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

// out = x with each element twice, as nearest neighbours enlarge an image.
CHAINRULE_KERNEL void copyTwice(const float* CHAINRULE_RESTRICT x, float* CHAINRULE_RESTRICT out, int64_t size) {
  forEachVector(size, [=](int64_t i, int64_t n) {
    const Vector own = loadUpTo(x + i, n);
    storePairs(out + 2 * i, own, own, 2 * n);
  });
}

// out[i·stride + j] = x[i + j·step] for i < rows, j < columns: whole cache lines are read and written.
inline void transpose(const float* x, int64_t step, int64_t rows, int64_t columns, float* out, int64_t stride) {
  for (int64_t i = 0; i < rows; i += LANES) {
    const int64_t height = least(rows - i, LANES);
    for (int64_t j = 0; j < columns; j += LANES) {
      const int64_t width = least(columns - j, LANES);
      Vector lines[LANES];
      loadTransposedFirst(x + j * step + i, step, width, height, lines);
      for (int64_t r = 0; r < height; r++) storeUpTo(out + (i + r) * stride + j, lines[r], width);
    }
  }
}

constexpr int COPY_LEVELS = 6;

// A level of a loop nest: how often it turns, and how far x and out then move.
struct CopyLevel {
  int64_t size;
  int64_t step;
  int64_t stride;
};

// Whether a level has enough elements for a transposition by vectors: half of one.
inline bool fillsVectors(const CopyLevel& level) { return 2 * level.size > LANES; }

// The level outside of the innermost in which neighbours of x follow one another, where they do not in the innermost: the two transpose.
inline int transposedLevel(const CopyLevel levels[COPY_LEVELS]) {
  constexpr int INNERMOST = COPY_LEVELS - 1;
  if (LANES == 1 || levels[INNERMOST].step <= 1 || !fillsVectors(levels[INNERMOST])) return INNERMOST;
  for (int level = 0; level < INNERMOST; level++) {
    if (levels[level].step == 1 && fillsVectors(levels[level])) return level;
  }
  return INNERMOST;
}

inline void copyLevels(const CopyLevel levels[COPY_LEVELS], int level, int transposed, const float* x, float* out) {
  const CopyLevel& inner = levels[COPY_LEVELS - 1];
  if (level == COPY_LEVELS - 1) {
    if (transposed == level) return copyRun(x, out, inner.size, inner.step);
    return transpose(x, inner.step, levels[transposed].size, inner.size, out, levels[transposed].stride);
  }
  if (level == COPY_LEVELS - 2 && levels[level].step == 1 && inner.step == 0 && inner.size == 2)
    return copyTwice(x, out, levels[level].size);
  const int64_t turns = level == transposed ? 1 : levels[level].size;
  for (int64_t i = 0; i < turns; i++) {
    copyLevels(levels, level + 1, transposed, x + i * levels[level].step, out + i * levels[level].stride);
  }
}

// A loop nest of six levels that writes `out` in order; level l moves `step_l` elements of x a turn.
inline void stridedCopy(const StridedCopyArguments& args) {
  CopyLevel levels[COPY_LEVELS] = {{args.size0, args.step0, 0}, {args.size1, args.step1, 0}, {args.size2, args.step2, 0},
                                   {args.size3, args.step3, 0}, {args.size4, args.step4, 0}, {args.size5, args.step5, 1}};
  for (int level = COPY_LEVELS - 1; level > 0; level--) levels[level - 1].stride = levels[level].stride * levels[level].size;
  copyLevels(levels, 0, transposedLevel(levels), args.x, args.out);
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
