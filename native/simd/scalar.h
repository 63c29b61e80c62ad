// One float at a time: the kernels for machines without any of the other instruction sets.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../numerics.h"
#include "tiling.h"

namespace chainrule {
namespace scalar {

using Vector = float;
using Integers = int32_t;
using Mask = bool;
constexpr int LANES = 1;

// Of 16 registers up to 12 accumulate. The packed block of B is 128 KiB.
constexpr Tiling TILING = {2, {8, 6}, 64};
constexpr DotTile DOTS = {1, 1};
// How `fast` numerics add a product: without an instruction for it, one rounding takes several times as long as two.
constexpr Numerics FAST_STEPS = Numerics::separate;

// Lanes below n.
inline Mask firstLanes(int n) { return n > 0; }

inline Vector load(const float* from) { return *from; }
inline void store(float* to, Vector x) { *to = x; }
// One lane has no parts: these functions are never called.
inline Vector loadPart(const float*, int) { return 0.0f; }
inline void storePart(float*, Vector, int) {}
// A float of its upper half; and its upper half.
inline Vector loadUpperHalves(const uint16_t* from) {
  const uint32_t bits = uint32_t{*from} << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
inline void storeUpperHalves(uint16_t* to, Vector x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  *to = static_cast<uint16_t>(bits >> 16);
}
inline Vector broadcast(float x) { return x; }
inline Vector zero() { return 0.0f; }
inline float first(Vector x) { return x; }

inline Vector add(Vector x, Vector y) { return x + y; }
inline Vector subtract(Vector x, Vector y) { return x - y; }
inline Vector multiply(Vector x, Vector y) { return x * y; }
inline Vector divide(Vector x, Vector y) { return x / y; }
inline Vector squareRoot(Vector x) { return ::sqrtf(x); }
inline Vector absolute(Vector x) { return ::fabsf(x); }
// |x| with the sign of y.
inline Vector withSign(Vector x, Vector y) { return ::copysignf(x, y); }
// NaN comes through.
inline Vector atLeast(Vector x, Vector limit) { return x < limit ? limit : x; }
inline Vector atMost(Vector x, Vector limit) { return x > limit ? limit : x; }

// x·y + sum, in one rounding where it is fused, in two where not. The C library fuses, right to the bit, where the processor cannot.
template <Numerics NUMERICS>
inline float multiplyAdd(float x, float y, float sum) {
  if constexpr (NUMERICS == Numerics::fused) return ::fmaf(x, y, sum);
  return x * y + sum;
}

// Subnormals stay: without vectors their cost is small.
class FlushSubnormals {};

inline void prefetch(const float*) {}
inline void prefetchFar(const float*) {}

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t, Vector columns[LANES]) { columns[0] = *from; }

// Lanes 0, 2, … and 1, 3, … of low and high together; and back.
inline void deinterleave(Vector low, Vector high, Vector& even, Vector& odd) {
  even = low;
  odd = high;
}
inline void interleave(Vector even, Vector odd, Vector& low, Vector& high) {
  low = even;
  high = odd;
}

inline float sumOfLanes(Vector x) { return x; }
inline float largestLane(Vector x) { return x; }

// Comparisons are false where a side is NaN.
inline Mask less(Vector x, Vector y) { return x < y; }
inline Mask lessOrEqual(Vector x, Vector y) { return x <= y; }
inline Mask equal(Vector x, Vector y) { return x == y; }
inline Mask both(Mask a, Mask b) { return a && b; }
inline bool anyOf(Mask a) { return a; }
inline Vector select(Mask a, Vector x, Vector y) { return a ? x : y; }

inline Integers broadcastInteger(int32_t n) { return n; }
inline Integers bitsOf(Vector x) {
  int32_t n;
  memcpy(&n, &x, sizeof n);
  return n;
}
inline Vector fromBits(Integers n) {
  float x;
  memcpy(&x, &n, sizeof x);
  return x;
}
inline Vector toFloats(Integers n) { return static_cast<float>(n); }
// Modulo 2³², as vector units count.
inline Integers addIntegers(Integers m, Integers n) { return static_cast<int32_t>(static_cast<uint32_t>(m) + static_cast<uint32_t>(n)); }
inline Integers subtractIntegers(Integers m, Integers n) {
  return static_cast<int32_t>(static_cast<uint32_t>(m) - static_cast<uint32_t>(n));
}
inline Integers andIntegers(Integers m, Integers n) { return m & n; }
// m ^ n; and of the product of unsigned numbers, the low and the high half.
inline Integers xorIntegers(Integers m, Integers n) { return m ^ n; }
inline Integers multiplyLow(Integers m, Integers n) { return static_cast<int32_t>(static_cast<uint32_t>(m) * static_cast<uint32_t>(n)); }
inline Integers multiplyHigh(Integers m, Integers n) {
  return static_cast<int32_t>((uint64_t{static_cast<uint32_t>(m)} * static_cast<uint32_t>(n)) >> 32);
}
template <int BITS>
inline Integers shiftLeft(Integers n) {
  return static_cast<int32_t>(static_cast<uint32_t>(n) << BITS);
}
// Rounds towards −∞.
template <int BITS>
inline Integers shiftRight(Integers n) {
  return n >> BITS;
}

// Sums of products of bytes: of four neighbours, of A without a sign, of B with one. Sums are exact.
struct WidenedBytes {
  static constexpr int ROWS = 1;
  static constexpr int PANELS = 1;
  static Integers left(Integers a) { return a; }
  static Integers right(Integers b) { return b; }
  static Integers add(Integers sums, Integers a, Integers b) {
    for (int p = 0; p < 4; p++) sums += ((a >> (8 * p)) & 0xff) * static_cast<int8_t>(b >> (8 * p));
    return sums;
  }
};

}  // namespace scalar
}  // namespace chainrule
