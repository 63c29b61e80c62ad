// Workspace and scratch memory: memory of kernels for the length of one call.
#pragma once

#include <stdint.h>

#include "generated/ops.h"

namespace chainrule {

class Member;

// Room for the largest block of B (384 columns), and beside it for a strip of A or the sums of a swapped product; a convolution takes more.
constexpr int64_t WORKSPACE_FLOATS = BLOCK_DEPTH * (384 + 160);

// The memory into which a matrix product packs its operands: WORKSPACE_FLOATS floats on a cache line, for the calling thread alone, until
// it ends. Compiled once, outside the ISA files.
float* packingWorkspace();

// The calling thread's scratch memory for one call: the floats that the session's program needs (src/ops/spec.ts, `scratch`). Whoever runs
// a program on a thread sets it.
void useScratch(float* scratch);
float* threadScratch();

// The barrier of the calling thread within an instruction that threads compute together: `meetOthers` returns when all of them have called
// it, and all writes before it are visible to all after. Whoever runs a program on several threads sets it.
void useMember(Member* member);
void meetOthers();

// Whether it is the first of them.
bool leadsOthers();

// Scratch memory of the same size that all of these threads share.
float* sharedScratch();

}  // namespace chainrule
