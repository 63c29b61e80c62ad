// States of optimisers as floats, or as numbers of bfloat16, which are rounded at random as src/ops/rounded-states.ts says.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../context.h"
#include "../isa.h"
#include "../sizes.h"
#include "loops.h"
#include "philox.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The number of a step, which memory may hold as any float: what is below 1 or NaN counts as 0, what no integer holds as the largest.
inline int64_t stepNumber(float t) { return t >= 1.0f ? t < 0x1p63f ? static_cast<int64_t>(t) : INT64_MAX : 0; }

// 0, 1, 2 …
inline Integers laneNumbers() {
  const int32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  static_assert(LANES <= 16, "");
  float lanes[LANES];
  memcpy(lanes, numbers, sizeof lanes);
  return bitsOf(load(lanes));
}

// Any that follow have the same random bits.
constexpr int64_t LAST_STEP = int64_t{1} << 52;

// The random bits of a step's elements.
class StepBits {
 public:
  StepBits(const Context& context, int64_t stream, const float* step) {
    uint32_t words[4];
    RandomStream(context.seed, Purpose::rounding, static_cast<uint32_t>(stream), least(stepNumber(*step), LAST_STEP)).block(0, words);
    begin_ = words[0];
    lanes_ = multiplyLow(laneNumbers(), broadcastInteger(WEYL));
  }

  // Of elements `at` on.
  Integers of(int64_t at) const {
    return math::scrambled(addIntegers(lanes_, wordInAll(begin_ + static_cast<uint32_t>(at) * static_cast<uint32_t>(WEYL))));
  }

 private:
  uint32_t begin_;
  Integers lanes_;
};

// A state as floats, from some element on. Of n elements.
struct FloatState {
  float* at;

  Vector load(int64_t n) const { return loadUpTo(at, n); }
  void store(Vector x, int64_t n) const { storeUpTo(at, x, n); }
};

inline Vector widenUpTo(const uint16_t* from, int64_t n) {
  if (n >= LANES) return loadUpperHalves(from);
  uint16_t halves[LANES] = {};
  memcpy(halves, from, static_cast<size_t>(n) * sizeof(uint16_t));
  return loadUpperHalves(halves);
}

inline void narrowUpTo(uint16_t* to, Vector x, int64_t n) {
  if (n >= LANES) return storeUpperHalves(to, x);
  uint16_t halves[LANES];
  storeUpperHalves(halves, x);
  memcpy(to, halves, static_cast<size_t>(n) * sizeof(uint16_t));
}

// Numbers of bfloat16: element i is the i-th half of the words that it lies in, the lower ones first.
inline uint16_t* halvesOf(float* words) { return reinterpret_cast<uint16_t*>(words); }

// A state as such, which takes the lower halves of random bits.
struct FirstState {
  uint16_t* at;
  Integers random;

  Vector load(int64_t n) const { return widenUpTo(at, n); }
  void store(Vector x, int64_t n) const { narrowUpTo(at, math::roundedByLow(x, random), n); }
};

// Another one of the same elements, which takes the upper halves.
struct SecondState {
  uint16_t* at;
  Integers random;

  Vector load(int64_t n) const { return widenUpTo(at, n); }
  void store(Vector x, int64_t n) const { narrowUpTo(at, math::roundedByHigh(x, random), n); }
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
