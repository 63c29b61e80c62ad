// Arithmetic of sizes, the same words in native/ and in assembly/sizes.ts. Each file that includes this has its own copies, made for its
// instruction set.
#pragma once

#include <stdint.h>

#include "generated/ops.h"

namespace chainrule {

static constexpr int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static constexpr int64_t greatest(int64_t a, int64_t b) { return a > b ? a : b; }
// n within [low, high], of which low is the smaller.
static constexpr int64_t limited(int64_t n, int64_t low, int64_t high) { return n < low ? low : least(n, high); }
// ⌈n ÷ unit⌉ for n ≥ 0: how many units hold n.
static constexpr int64_t ceilDivide(int64_t n, int64_t unit) { return (n + unit - 1) / unit; }
// n ≥ 0, or the next larger multiple of the unit.
static constexpr int64_t roundUp(int64_t n, int64_t unit) { return ceilDivide(n, unit) * unit; }
// Steps of k that the block from `step` on has: products sum k in blocks, by contract.
static constexpr int64_t blockDepth(int64_t k, int64_t step) { return least(k - step, BLOCK_DEPTH); }

}  // namespace chainrule
