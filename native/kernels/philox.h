// Philox 4×32-10 (Salmon et al. 2011), bit-equal to src/random/philox.ts.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../generated/ops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int PHILOX_ROUNDS = 10;
constexpr uint32_t PHILOX_MULTIPLIERS[2] = {0xd2511f53u, 0xcd9e8d57u};
constexpr uint32_t PHILOX_STEPS[2] = {0x9e3779b9u, 0xbb67ae85u};

inline uint32_t highWord(uint32_t a, uint32_t b) { return static_cast<uint32_t>((uint64_t{a} * b) >> 32); }
inline Integers wordInAll(uint32_t word) { return broadcastInteger(static_cast<int32_t>(word)); }

// The block of four words at a counter.
inline void philox(const uint32_t counter[4], uint32_t key0, uint32_t key1, uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  for (int round = 0; round < PHILOX_ROUNDS; round++, key0 += PHILOX_STEPS[0], key1 += PHILOX_STEPS[1]) {
    const uint32_t high0 = highWord(PHILOX_MULTIPLIERS[0], c0);
    const uint32_t high1 = highWord(PHILOX_MULTIPLIERS[1], c2);
    const uint32_t low0 = PHILOX_MULTIPLIERS[0] * c0;
    const uint32_t low1 = PHILOX_MULTIPLIERS[1] * c2;
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// LANES blocks, of which each vector has a word, one after the other.
inline void storeBlocks(Vector first, Vector second, Vector third, Vector fourth, uint32_t* out) {
  Vector odd[2];
  Vector even[2];
  Vector lines[4];
  interleave(first, third, even[0], even[1]);
  interleave(second, fourth, odd[0], odd[1]);
  interleave(even[0], odd[0], lines[0], lines[1]);
  interleave(even[1], odd[1], lines[2], lines[3]);
  float words[4 * LANES];
  for (int i = 0; i < 4; i++) store(words + i * LANES, lines[i]);
  memcpy(out, words, sizeof words);
}

// BLOCKS neighbouring blocks from the counter's on, a lane each; BLOCKS is a multiple of LANES.
template <int BLOCKS>
inline void philoxBlocks(const uint32_t counter[4], uint32_t key0, uint32_t key1, uint32_t out[4 * BLOCKS]) {
  constexpr int VECTORS = BLOCKS / LANES;
  const Integers multiplier0 = wordInAll(PHILOX_MULTIPLIERS[0]);
  const Integers multiplier1 = wordInAll(PHILOX_MULTIPLIERS[1]);
  uint32_t numbers[BLOCKS];
  float first[BLOCKS];
  for (int b = 0; b < BLOCKS; b++) numbers[b] = counter[0] + static_cast<uint32_t>(b);
  memcpy(first, numbers, sizeof numbers);
  Integers c0[VECTORS], c1[VECTORS], c2[VECTORS], c3[VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    c0[v] = bitsOf(load(first + v * LANES));
    c1[v] = wordInAll(counter[1]);
    c2[v] = wordInAll(counter[2]);
    c3[v] = wordInAll(counter[3]);
  }
  for (int round = 0; round < PHILOX_ROUNDS; round++, key0 += PHILOX_STEPS[0], key1 += PHILOX_STEPS[1]) {
    for (int v = 0; v < VECTORS; v++) {
      const Integers high0 = multiplyHigh(multiplier0, c0[v]);
      const Integers high1 = multiplyHigh(multiplier1, c2[v]);
      const Integers low0 = multiplyLow(multiplier0, c0[v]);
      const Integers low1 = multiplyLow(multiplier1, c2[v]);
      c0[v] = xorIntegers(xorIntegers(high1, c1[v]), wordInAll(key0));
      c1[v] = low1;
      c2[v] = xorIntegers(xorIntegers(high0, c3[v]), wordInAll(key1));
      c3[v] = low0;
    }
  }
  for (int v = 0; v < VECTORS; v++) storeBlocks(fromBits(c0[v]), fromBits(c1[v]), fromBits(c2[v]), fromBits(c3[v]), out + 4 * v * LANES);
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

  // Words 4·index … 4·(index + BLOCKS) − 1 of the stream.
  template <int BLOCKS>
  void blocks(uint32_t index, uint32_t out[4 * BLOCKS]) {
    counter_[0] = index;
    philoxBlocks<BLOCKS>(counter_, key0_, key1_, out);
  }

 private:
  uint32_t key0_;
  uint32_t key1_;
  uint32_t counter_[4];
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
