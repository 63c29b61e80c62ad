#include "workspace.h"

namespace chainrule {

float* packingWorkspace() {
  // The pages of a thread that multiplies nothing, or nothing large, are never touched.
  alignas(64) static thread_local float memory[WORKSPACE_FLOATS];
  return memory;
}

namespace {
thread_local float* scratchOfThread = nullptr;
}

void useScratch(float* scratch) { scratchOfThread = scratch; }

float* threadScratch() { return scratchOfThread; }

}  // namespace chainrule
