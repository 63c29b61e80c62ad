// One float at a time: the kernels for machines without any of the other instruction sets.
#pragma once

#include <stdint.h>

#include "tiling.h"

namespace chainrule {
namespace scalar {

using Vector = float;
constexpr int LANES = 1;

// Of 16 registers up to 12 accumulate. The packed block of B is 128 KiB.
constexpr Tiling TILING = {2, {8, 6}, 64};

inline Vector load(const float* from) { return *from; }
inline void store(float* to, Vector x) { *to = x; }
inline Vector broadcast(float x) { return x; }
inline Vector zero() { return 0.0f; }
inline Vector add(Vector x, Vector y) { return x + y; }

// x·y + sum in two roundings: without an instruction for it, one rounding would be too slow.
template <bool Fused>
inline float multiplyAdd(float x, float y, float sum) {
  return x * y + sum;
}

// The first `count` lanes: here the only one.
inline Vector loadFirst(const float* from, int64_t) { return *from; }
inline void storeFirst(float* to, Vector x, int64_t) { *to = x; }

inline void prefetch(const float*) {}

// columns[p] has element p of LANES rows, `stride` elements apart.
inline void loadTransposed(const float* from, int64_t, Vector columns[LANES]) { columns[0] = *from; }

}  // namespace scalar
}  // namespace chainrule
