// Elements by turns: every other one of a row, and two rows put together.
#pragma once

#include <stdint.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Elements 0, 2, … and 1, 3, … of `size` neighbours, at most 2·LANES; zeros in the other lanes.
struct Pairs {
  Vector even;
  Vector odd;

  Pairs(const float* from, int64_t size) {
    deinterleave(loadUpTo(from, size), size > LANES ? loadUpTo(from + LANES, size - LANES) : zero(), even, odd);
  }
};

// The elements of two vectors by turns, `size` of them, at most 2·LANES.
inline void storePairs(float* to, Vector even, Vector odd, int64_t size) {
  Vector low, high;
  interleave(even, odd, low, high);
  storeUpTo(to, low, size);
  if (size > LANES) storeUpTo(to + LANES, high, size - LANES);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
