// Common to the loops of all kernels.
#pragma once

#include <stdint.h>

// A pointer whose memory no other operand of the kernel touches.
#if defined(_MSC_VER)
#define CHAINRULE_RESTRICT __restrict
#else
#define CHAINRULE_RESTRICT __restrict__
#endif

// A kernel with everything that it calls folded into its loops, so that constants stay in registers.
#if defined(_MSC_VER) && !defined(__clang__)
#define CHAINRULE_KERNEL [[msvc::flatten]] inline
#else
#define CHAINRULE_KERNEL __attribute__((flatten)) inline
#endif

// A function that stays out of the kernels' loops.
#if defined(_MSC_VER) && !defined(__clang__)
#define CHAINRULE_RARE __declspec(noinline) inline
#else
#define CHAINRULE_RARE __attribute__((noinline)) inline
#endif

namespace chainrule {
namespace CHAINRULE_ISA {

// Floats in a cache line.
constexpr int64_t CACHE_LINE = 16;

// The first n lanes, or all where n ≥ LANES; lanes that are not read are zeros.
inline Vector loadUpTo(const float* from, int64_t n) { return n >= LANES ? load(from) : loadPart(from, static_cast<int>(n)); }

inline void storeUpTo(float* to, Vector x, int64_t n) {
  if (n >= LANES) {
    store(to, x);
  } else {
    storePart(to, x, static_cast<int>(n));
  }
}

// x in the first n lanes, `otherwise` in the others.
inline Vector keepUpTo(Vector x, int64_t n, Vector otherwise) {
  return n >= LANES ? x : select(firstLanes(static_cast<int>(n)), x, otherwise);
}

// Calls body(i, n) for every vector of a run: its n elements start at element i. All but the last are whole, with a constant n.
// A body computes lane by lane, so that an element's bits do not depend on where in a vector it lies; what it makes of the
// absent lanes is dropped.
template <typename Body>
inline void forEachVector(int64_t size, Body body) {
  int64_t i = 0;
  for (; i + LANES <= size; i += LANES) body(i, static_cast<int64_t>(LANES));
  if (i < size) body(i, size - i);
}

inline void clear(float* to, int64_t size) {
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(to + i, zero(), n); });
}

// A number that is known when the code is compiled.
template <int I>
struct Index {
  static constexpr int value = I;
};

// body(Index<0>), body(Index<1>), … one after the other: a loop that every compiler unrolls, before it asks which arrays fit into
// registers. A function with such a loop is a CHAINRULE_KERNEL or folded into one: a body that is called takes its arrays from
// memory.
template <int COUNT, int I = 0, typename Body>
inline void unrolled(const Body& body) {
  if constexpr (I < COUNT) {
    body(Index<I>{});
    unrolled<COUNT, I + 1>(body);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
