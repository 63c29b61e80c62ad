// Philox 4×32-10 (Salmon et al. 2011), bit-equal to src/random/philox.ts.
#pragma once

#include <stdint.h>

#include "../generated/ops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline uint32_t multiplyHigh(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((static_cast<uint64_t>(a) * b) >> 32);
}

// BLOCKS neighbouring blocks of four words each, from the counter's on: several at once are vectorised.
template <int BLOCKS>
inline void philox(const uint32_t counter[4], uint32_t key0, uint32_t key1, uint32_t out[4 * BLOCKS]) {
  constexpr int ROUNDS = 10;
  constexpr uint32_t MULTIPLIER_0 = 0xd2511f53u;
  constexpr uint32_t MULTIPLIER_1 = 0xcd9e8d57u;
  uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
  for (int b = 0; b < BLOCKS; b++) {
    c0[b] = counter[0] + static_cast<uint32_t>(b);
    c1[b] = counter[1];
    c2[b] = counter[2];
    c3[b] = counter[3];
  }
  for (int round = 0; round < ROUNDS; round++) {
    for (int b = 0; b < BLOCKS; b++) {
      const uint32_t high0 = multiplyHigh(MULTIPLIER_0, c0[b]);
      const uint32_t low0 = MULTIPLIER_0 * c0[b];
      const uint32_t high1 = multiplyHigh(MULTIPLIER_1, c2[b]);
      const uint32_t low1 = MULTIPLIER_1 * c2[b];
      c0[b] = high1 ^ c1[b] ^ key0;
      c1[b] = low1;
      c2[b] = high0 ^ c3[b] ^ key1;
      c3[b] = low0;
    }
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  for (int b = 0; b < BLOCKS; b++) {
    out[4 * b] = c0[b];
    out[4 * b + 1] = c1[b];
    out[4 * b + 2] = c2[b];
    out[4 * b + 3] = c3[b];
  }
}

// The words of one stream: key = (seed's low 32 bits, seed's high bits + purpose · 2²⁴), counter = (block, stream, step's low 32
// bits, step's high 32 bits).
class RandomStream {
 public:
  RandomStream(int64_t seed, Purpose purpose, uint32_t stream, int64_t step)
      : key0_(static_cast<uint32_t>(seed)),
        key1_(static_cast<uint32_t>(seed >> 32) + (static_cast<uint32_t>(purpose) << 24)),
        counter_{0, stream, static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)} {}

  // Words 4·index … 4·(index + BLOCKS) − 1 of the stream.
  template <int BLOCKS>
  void blocks(uint32_t index, uint32_t out[4 * BLOCKS]) {
    counter_[0] = index;
    philox<BLOCKS>(counter_, key0_, key1_, out);
  }

 private:
  uint32_t key0_;
  uint32_t key1_;
  uint32_t counter_[4];
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
