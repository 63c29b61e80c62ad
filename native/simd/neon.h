// NEON of 64-bit ARM: 4 floats.
#pragma once

#include <arm_neon.h>
#include <stdint.h>

#include "../numerics.h"
#include "tiling.h"

namespace chainrule {
namespace neon {

using Vector = float32x4_t;
using Integers = int32x4_t;
// All bits of a lane, or none.
using Mask = uint32x4_t;
constexpr int LANES = 4;

// Of the 32 registers up to 24 accumulate. The packed block of B is 384 KiB: server cores have 1 or 2 MiB, smaller ones 512 KiB.
constexpr Tiling TILING = {3, {16, 12, 8}, 192};
constexpr DotTile DOTS = {2, 3};
// How `fast` numerics add a product.
constexpr Numerics FAST_STEPS = Numerics::fused;

// Lanes below n.
inline Mask firstLanes(int n) {
  const int32_t lanes[LANES] = {0, 1, 2, 3};
  return vcltq_s32(vld1q_s32(lanes), vdupq_n_s32(n));
}

inline Vector load(const float* from) { return vld1q_f32(from); }
inline void store(float* to, Vector x) { vst1q_f32(to, x); }
// The first n lanes alone, 0 < n < LANES; the others are zeros.
inline Vector loadPart(const float* from, int n) {
  float lanes[LANES] = {};
  for (int i = 0; i < n; i++) lanes[i] = from[i];
  return vld1q_f32(lanes);
}
inline void storePart(float* to, Vector x, int n) {
  float lanes[LANES];
  vst1q_f32(lanes, x);
  for (int i = 0; i < n; i++) to[i] = lanes[i];
}
// Floats of their upper halves; and the upper halves of lanes.
inline Vector loadUpperHalves(const uint16_t* from) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16)); }
inline void storeUpperHalves(uint16_t* to, Vector x) { vst1_u16(to, vshrn_n_u32(vreinterpretq_u32_f32(x), 16)); }
inline Vector broadcast(float x) { return vdupq_n_f32(x); }
inline Vector zero() { return vdupq_n_f32(0.0f); }
inline float first(Vector x) { return vgetq_lane_f32(x, 0); }

inline Vector add(Vector x, Vector y) { return vaddq_f32(x, y); }
inline Vector subtract(Vector x, Vector y) { return vsubq_f32(x, y); }
inline Vector multiply(Vector x, Vector y) { return vmulq_f32(x, y); }
inline Vector divide(Vector x, Vector y) { return vdivq_f32(x, y); }
inline Vector squareRoot(Vector x) { return vsqrtq_f32(x); }
inline Vector absolute(Vector x) { return vabsq_f32(x); }
// |x| with the sign of y.
inline Vector withSign(Vector x, Vector y) { return vbslq_f32(vdupq_n_u32(0x80000000u), y, x); }
// x < limit ? limit : x, and x > limit ? limit : x: NaN comes through.
inline Vector atLeast(Vector x, Vector limit) { return vbslq_f32(vcltq_f32(x, limit), limit, x); }
inline Vector atMost(Vector x, Vector limit) { return vbslq_f32(vcgtq_f32(x, limit), limit, x); }

// x·y + sum, in one rounding where it is fused, in two where not.
template <Numerics NUMERICS>
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) {
  if constexpr (NUMERICS == Numerics::fused) return vfmaq_f32(sum, x, y);
  return vaddq_f32(vmulq_f32(x, y), sum);
}
template <Numerics NUMERICS>
inline float multiplyAdd(float x, float y, float sum) {
  if constexpr (NUMERICS == Numerics::fused) return vgetq_lane_f32(vfmaq_f32(vdupq_n_f32(sum), vdupq_n_f32(x), vdupq_n_f32(y)), 0);
  return x * y + sum;
}

// While one lives, subnormal inputs and results of this thread count as zero, where the compiler lets us ask for it.
class FlushSubnormals {
#if defined(__GNUC__)
 public:
  FlushSubnormals() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(before_));
    set(before_ | (uint64_t{1} << 24));
  }
  ~FlushSubnormals() { set(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  static void set(uint64_t control) { __asm__ volatile("msr fpcr, %0" : : "r"(control) : "memory"); }

  // FPCR; bit 24 flushes to zero.
  uint64_t before_;
#endif
};

#if defined(_MSC_VER) && !defined(__clang__)
inline void prefetch(const float* from) { __prefetch(from); }
inline void prefetchFar(const float* from) { __prefetch(from); }
#else
inline void prefetch(const float* from) { __builtin_prefetch(from); }
// Into the L2 cache alone.
inline void prefetchFar(const float* from) { __builtin_prefetch(from, 0, 2); }
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

// Lanes 0, 2, … and 1, 3, … of low and high together; and back.
inline void deinterleave(Vector low, Vector high, Vector& even, Vector& odd) {
  even = vuzp1q_f32(low, high);
  odd = vuzp2q_f32(low, high);
}
inline void interleave(Vector even, Vector odd, Vector& low, Vector& high) {
  low = vzip1q_f32(even, odd);
  high = vzip2q_f32(even, odd);
}

// The lanes added by halves: lane j + LANES / 2 to lane j, and so on; and the largest lane.
inline float sumOfLanes(Vector x) {
  const float32x2_t two = vadd_f32(vget_low_f32(x), vget_high_f32(x));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
inline float largestLane(Vector x) { return vmaxvq_f32(x); }

// Comparisons are false where a side is NaN.
inline Mask less(Vector x, Vector y) { return vcltq_f32(x, y); }
inline Mask lessOrEqual(Vector x, Vector y) { return vcleq_f32(x, y); }
inline Mask equal(Vector x, Vector y) { return vceqq_f32(x, y); }
inline Mask both(Mask a, Mask b) { return vandq_u32(a, b); }
inline bool anyOf(Mask a) { return vmaxvq_u32(a) != 0; }
inline Vector select(Mask a, Vector x, Vector y) { return vbslq_f32(a, x, y); }

inline Integers broadcastInteger(int32_t n) { return vdupq_n_s32(n); }
inline Integers bitsOf(Vector x) { return vreinterpretq_s32_f32(x); }
inline Vector fromBits(Integers n) { return vreinterpretq_f32_s32(n); }
inline Vector toFloats(Integers n) { return vcvtq_f32_s32(n); }
// Unsigned, since these wrap around, and GCC's vaddq_s32 is an addition of ints that must not.
inline Integers addIntegers(Integers m, Integers n) {
  return vreinterpretq_s32_u32(vaddq_u32(vreinterpretq_u32_s32(m), vreinterpretq_u32_s32(n)));
}
inline Integers subtractIntegers(Integers m, Integers n) {
  return vreinterpretq_s32_u32(vsubq_u32(vreinterpretq_u32_s32(m), vreinterpretq_u32_s32(n)));
}
inline Integers andIntegers(Integers m, Integers n) { return vandq_s32(m, n); }
// m ^ n; and of the products of unsigned lanes, the low and the high halves.
inline Integers xorIntegers(Integers m, Integers n) { return veorq_s32(m, n); }
inline Integers multiplyLow(Integers m, Integers n) { return vmulq_s32(m, n); }
inline Integers multiplyHigh(Integers m, Integers n) {
  const uint32x4_t x = vreinterpretq_u32_s32(m);
  const uint32x4_t y = vreinterpretq_u32_s32(n);
  const uint64x2_t low = vmull_u32(vget_low_u32(x), vget_low_u32(y));
  const uint64x2_t high = vmull_u32(vget_high_u32(x), vget_high_u32(y));
  return vreinterpretq_s32_u32(vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high)));
}
template <int BITS>
inline Integers shiftLeft(Integers n) {
  return vshlq_n_s32(n, BITS);
}
// Rounds towards −∞.
template <int BITS>
inline Integers shiftRight(Integers n) {
  return vshrq_n_s32(n, BITS);
}

// Sums of products of bytes: of four neighbours in each lane, of A without a sign, of B with one. Sums are exact. Bytes are widened to 16
// bits first: an instruction that adds two products of bytes in 16 bits would saturate. The tile has 16 sums.
struct WidenedBytes {
  static constexpr int ROWS = 4;
  static constexpr int PANELS = 1;
  // Of lanes 0 and 1, and of lanes 2 and 3.
  struct Halves {
    int16x8_t low;
    int16x8_t high;
  };
  static Halves left(Integers a) {
    const uint8x16_t bytes = vreinterpretq_u8_s32(a);
    return {vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes))), vreinterpretq_s16_u16(vmovl_high_u8(bytes))};
  }
  static Halves right(Integers b) {
    const int8x16_t bytes = vreinterpretq_s8_s32(b);
    return {vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)};
  }
  // Neighbours of four products each are added twice.
  static Integers sumsOf(int16x8_t a, int16x8_t b) { return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b)); }
  static Integers add(Integers sums, Halves a, Halves b) {
    return addIntegers(sums, vpaddq_s32(sumsOf(a.low, b.low), sumsOf(a.high, b.high)));
  }
};

#include "operators.inc"

}  // namespace neon
}  // namespace chainrule
