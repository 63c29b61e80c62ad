// The memory that a matrix product packs its operands into.
#pragma once

#include <stdint.h>

#include "generated/ops.h"

namespace chainrule {

// What the largest block of B (384 columns) and the highest strips of A that are packed together (8 of 12 rows, a cache line
// between them) take.
constexpr int64_t WORKSPACE_FLOATS = BLOCK_DEPTH * (384 + 8 * 12) + 8 * 16;

// WORKSPACE_FLOATS floats on a cache line: the calling thread's own, until it ends. Compiled once, outside the ISA files.
float* packingWorkspace();

}  // namespace chainrule
