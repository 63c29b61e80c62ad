#include "workspace.h"

#include "barrier.h"

namespace chainrule {

float* packingWorkspace() {
  // A thread without large products never touches these pages.
  alignas(64) static thread_local float memory[WORKSPACE_FLOATS];
  return memory;
}

namespace {
thread_local float* scratchOfThread = nullptr;
thread_local Member* memberOfThread = nullptr;
}  // namespace

void useScratch(float* scratch) { scratchOfThread = scratch; }

float* threadScratch() { return scratchOfThread; }

void useMember(Member* member) { memberOfThread = member; }

void meetOthers() { memberOfThread->meet(); }

bool leadsOthers() { return memberOfThread->leads(); }

float* sharedScratch() { return memberOfThread->shared(); }

}  // namespace chainrule
