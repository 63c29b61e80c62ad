// The memory that kernels use for the length of one call, besides their operands.
#pragma once

#include <stdint.h>

#include "generated/ops.h"

namespace chainrule {

class Member;

// What the largest block of B (384 columns) and the highest strips of A that are packed together (8 of 12 rows, a cache line
// between them) take.
constexpr int64_t WORKSPACE_FLOATS = BLOCK_DEPTH * (384 + 8 * 12) + 8 * 16;

// What a matrix product packs its operands into: WORKSPACE_FLOATS floats on a cache line, the calling thread's own, until it ends. Compiled once, outside the ISA files.
float* packingWorkspace();

// What the calling thread's kernels use besides, for the length of one call: as many floats as the session's program needs (src/ops/spec.ts,
// `scratch`). Whoever runs a program on a thread says where.
void useScratch(float* scratch);
float* threadScratch();

// Where the calling thread meets the others of its run, within an instruction that they compute together: `meetOthers` returns when all
// of them have called it, and what any of them wrote before is visible to all after. Whoever runs a program on several threads says where.
void useMember(Member* member);
void meetOthers();

// As many floats as threadScratch has, which all of these threads use.
float* sharedScratch();

}  // namespace chainrule
