// NEON of 64-bit ARM: 4 floats.
#pragma once

#include <arm_neon.h>

namespace chainrule {
namespace neon {

using Vector = float32x4_t;
constexpr int LANES = 4;
// The register tile of the matrix product: 24 of the 32 registers accumulate.
constexpr int TILE_ROWS = 8;
constexpr int TILE_VECTORS = 3;

inline Vector load(const float* from) { return vld1q_f32(from); }
inline void store(float* to, Vector x) { vst1q_f32(to, x); }
inline Vector broadcast(float x) { return vdupq_n_f32(x); }
inline Vector zero() { return vdupq_n_f32(0.0f); }
inline Vector add(Vector x, Vector y) { return vaddq_f32(x, y); }
// x·y + sum, in one rounding.
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) { return vfmaq_f32(sum, x, y); }

}  // namespace neon
}  // namespace chainrule
