// NEON of 64-bit ARM: 4 floats.
#pragma once

#include <arm_neon.h>
#include <stdint.h>

#include "tiling.h"

namespace chainrule {
namespace neon {

using Vector = float32x4_t;
constexpr int LANES = 4;

// Of the 32 registers up to 24 accumulate. The packed block of B is 384 KiB: server cores have 1 or 2 MiB, smaller ones 512 KiB.
constexpr Tiling TILING = {3, {16, 12, 8}, 192};

inline Vector load(const float* from) { return vld1q_f32(from); }
inline void store(float* to, Vector x) { vst1q_f32(to, x); }
inline Vector broadcast(float x) { return vdupq_n_f32(x); }
inline Vector zero() { return vdupq_n_f32(0.0f); }
inline Vector add(Vector x, Vector y) { return vaddq_f32(x, y); }

// x·y + sum, in one rounding or in two.
template <bool Fused>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (Fused) return vfmaq_f32(sum, x, y);
  return vaddq_f32(vmulq_f32(x, y), sum);
}
template <bool Fused>
inline float multiplyAdd(float x, float y, float sum) {
  if constexpr (Fused) return vgetq_lane_f32(vfmaq_f32(vdupq_n_f32(sum), vdupq_n_f32(x), vdupq_n_f32(y)), 0);
  return x * y + sum;
}

// The first `count` lanes, 1 to LANES; the others are 0 and not touched in memory.
inline Vector loadFirst(const float* from, int64_t count) {
  float lanes[LANES] = {};
  for (int64_t i = 0; i < count; i++) lanes[i] = from[i];
  return load(lanes);
}
inline void storeFirst(float* to, Vector x, int64_t count) {
  float lanes[LANES];
  store(lanes, x);
  for (int64_t i = 0; i < count; i++) to[i] = lanes[i];
}

#if defined(_MSC_VER) && !defined(__clang__)
inline void prefetch(const float* from) { __prefetch(from); }
#else
inline void prefetch(const float* from) { __builtin_prefetch(from); }
#endif

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t stride, Vector columns[LANES]) {
  const float32x4x2_t ab = vtrnq_f32(load(from), load(from + stride));
  const float32x4x2_t cd = vtrnq_f32(load(from + 2 * stride), load(from + 3 * stride));
  columns[0] = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
  columns[1] = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
  columns[2] = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
  columns[3] = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
}

}  // namespace neon
}  // namespace chainrule
