#include "finite.h"

#include <string.h>

#include <algorithm>
#include <vector>

#include "pool.h"

namespace chainrule {

namespace {

constexpr uint32_t EXPONENT = 0x7f800000u;
constexpr uint32_t LOWEST_OF_EXPONENT = 0x00800000u;
// Elements tested together before the first bad one is looked for.
constexpr int64_t BLOCK = 1024;
// With this many elements the test takes longer than waking a helper.
constexpr int64_t DIVIDED = 1 << 18;

// The sign bit where all bits of the exponent are set.
uint32_t signOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (bits & EXPONENT) + LOWEST_OF_EXPONENT;
}

int64_t firstOf(const float* values, int64_t count) {
  const auto isNone = [](float value) { return signOf(value) >> 31 != 0; };
  for (int64_t start = 0; start < count; start += BLOCK) {
    const int64_t end = std::min(start + BLOCK, count);
    uint32_t signs = 0;
    for (int64_t i = start; i < end; i++) signs |= signOf(values[i]);
    if (signs >> 31) return std::find_if(values + start, values + end, isNone) - values;
  }
  return -1;
}

struct Search {
  const float* values;
  int64_t count;
  // By thread.
  std::vector<int64_t> found;
};

void searchPart(void* argument, int32_t index, int32_t threads) {
  Search& search = *static_cast<Search*>(argument);
  const int64_t from = search.count * index / threads;
  const int64_t found = firstOf(search.values + from, search.count * (index + 1) / threads - from);
  if (found >= 0) search.found[static_cast<size_t>(index)] = from + found;
}

}  // namespace

int64_t firstNotFinite(const float* values, int64_t count, int32_t threads) {
  if (threads == 1 || count < DIVIDED) return firstOf(values, count);
  Search search = {values, count, std::vector<int64_t>(static_cast<size_t>(threads), -1)};
  Pool::shared()->run(threads, searchPart, &search);
  const auto first = std::find_if(search.found.begin(), search.found.end(), [](int64_t index) { return index >= 0; });
  return first == search.found.end() ? -1 : *first;
}

}  // namespace chainrule
