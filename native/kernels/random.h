// Ops that draw the initial values of parameters: element i of a drawing depends on the seed, the stream and i alone. In double
// precision, the sequence of operations of src/random/normal.ts, then rounded once.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../context.h"
#include "../generated/coefficients.h"
#include "../isa.h"
#include "../sizes.h"
#include "philox.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr double WORD_STEP = 1.0 / 4294967296.0;

// Exact; unlike a conversion from an unsigned integer it is vectorised on every instruction set.
inline double doubleOfWord(uint32_t word) { return math::fromBits(word | INTEGER_BITS_64) - 4503599627370496.0; }

struct Uniform {
  double limit;

  template <int WORDS>
  void operator()(const uint32_t* words, float* out) const {
    for (int i = 0; i < WORDS; i++) {
      out[i] = static_cast<float>(limit * ((doubleOfWord(words[i]) + 0.5) * (2.0 * WORD_STEP) - 1.0));
    }
  }
};

// Two variates of two words, see src/random/normal.ts.
struct Normal {
  double deviation;

  template <int WORDS>
  void operator()(const uint32_t* words, float* out) const {
    constexpr int PAIRS = WORDS / 2;
    double radii[PAIRS];
    double sines[PAIRS];
    double cosines[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      radii[i] = ::sqrt(-2.0 * math::logOfDouble((doubleOfWord(words[2 * i]) + 0.5) * WORD_STEP));
    }
    for (int i = 0; i < PAIRS; i++) {
      const double angle = (static_cast<double>(static_cast<int32_t>(words[2 * i + 1]) >> 2) + 0.5) * ANGLE;
      const double z = angle * angle;
      double p = SINE_13;
      p = p * z + SINE_11;
      p = p * z + SINE_9;
      p = p * z + SINE_7;
      p = p * z + SINE_5;
      p = p * z + SINE_3;
      double q = COSINE_14;
      q = q * z + COSINE_12;
      q = q * z + COSINE_10;
      q = q * z + COSINE_8;
      q = q * z + COSINE_6;
      q = q * z + COSINE_4;
      sines[i] = angle + angle * z * p;
      cosines[i] = 1.0 - 0.5 * z + z * z * q;
    }
    for (int i = 0; i < PAIRS; i++) {
      const uint32_t word = words[2 * i + 1];
      const double cosine = math::fromBits(math::bitsOf(cosines[i]) ^ (uint64_t{word & 2} << 62));
      const float across = static_cast<float>(deviation * (radii[i] * cosine));
      const float along = static_cast<float>(deviation * (radii[i] * sines[i]));
      const bool swaps = word & 1;
      out[2 * i] = swaps ? along : across;
      out[2 * i + 1] = swaps ? across : along;
    }
  }
};

// `distribution` makes one element of each word. Element i of the range is that of word first + i.
template <typename Distribution>
inline void draw(const Context& context, Range elements, float* out, int32_t first, int32_t stream, Distribution distribution) {
  constexpr int BLOCKS = 64;
  constexpr int WORDS = 4 * BLOCKS;
  RandomStream random(context.seed, Purpose::initialize, static_cast<uint32_t>(stream), 0);
  uint32_t words[WORDS];
  float values[WORDS];
  const int64_t end = elements.first + elements.count;
  for (int64_t block = elements.first / 4; 4 * block < end; block += BLOCKS) {
    random.blocks<BLOCKS>(static_cast<uint32_t>(first / 4 + block), words);
    distribution.template operator()<WORDS>(words, values);
    const int64_t start = 4 * block;
    const int64_t from = greatest(start, elements.first);
    const int64_t to = end < start + WORDS ? end : start + WORDS;
    memcpy(out + from, values + (from - start), static_cast<size_t>(to - from) * sizeof(float));
  }
}

inline void drawUniform(const Context& context, Range elements, const DrawUniformArguments& args) {
  draw(context, elements, args.out, args.first, args.stream, Uniform{args.limit});
}

inline void drawNormal(const Context& context, Range elements, const DrawNormalArguments& args) {
  draw(context, elements, args.out, args.first, args.stream, Normal{args.deviation});
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
