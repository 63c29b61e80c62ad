#include "finite.h"

#include <string.h>

#include <algorithm>

namespace chainrule {

namespace {

constexpr uint32_t EXPONENT = 0x7f800000u;
constexpr uint32_t LOWEST_OF_EXPONENT = 0x00800000u;
// Looked at together before one is asked whether it was there.
constexpr int64_t BLOCK = 1024;

// The sign bit where all bits of the exponent are set.
uint32_t signOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (bits & EXPONENT) + LOWEST_OF_EXPONENT;
}

}  // namespace

int64_t firstNotFinite(const float* values, int64_t count) {
  const auto isNone = [](float value) { return signOf(value) >> 31 != 0; };
  for (int64_t start = 0; start < count; start += BLOCK) {
    const int64_t end = std::min(start + BLOCK, count);
    uint32_t signs = 0;
    for (int64_t i = start; i < end; i++) signs |= signOf(values[i]);
    if (signs >> 31) return std::find_if(values + start, values + end, isNone) - values;
  }
  return -1;
}

}  // namespace chainrule
