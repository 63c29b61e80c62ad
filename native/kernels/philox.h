// Philox 4×32-10 (Salmon et al. 2011), bit-equal to src/random/philox.ts.
#pragma once

#include <stdint.h>

#include "../generated/ops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline uint32_t multiplyHigh(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((static_cast<uint64_t>(a) * b) >> 32);
}

// One block of four words. `out` may be `counter`.
inline void philox(const uint32_t counter[4], uint32_t key0, uint32_t key1, uint32_t out[4]) {
  constexpr int ROUNDS = 10;
  constexpr uint32_t MULTIPLIER_0 = 0xd2511f53u;
  constexpr uint32_t MULTIPLIER_1 = 0xcd9e8d57u;
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  for (int round = 0; round < ROUNDS; round++) {
    const uint32_t high0 = multiplyHigh(MULTIPLIER_0, c0);
    const uint32_t low0 = MULTIPLIER_0 * c0;
    const uint32_t high1 = multiplyHigh(MULTIPLIER_1, c2);
    const uint32_t low1 = MULTIPLIER_1 * c2;
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// The words of one stream: key = (seed's low 32 bits, seed's high bits + purpose · 2²⁴), counter = (block, stream, step's low 32
// bits, step's high 32 bits).
class RandomStream {
 public:
  RandomStream(int64_t seed, Purpose purpose, uint32_t stream, int64_t step)
      : key0_(static_cast<uint32_t>(seed)),
        key1_(static_cast<uint32_t>(seed >> 32) + (static_cast<uint32_t>(purpose) << 24)),
        counter_{0, stream, static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)} {}

  // Words 4·index … 4·index + 3 of the stream.
  void block(uint32_t index, uint32_t out[4]) {
    counter_[0] = index;
    philox(counter_, key0_, key1_, out);
  }

 private:
  uint32_t key0_;
  uint32_t key1_;
  uint32_t counter_[4];
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
