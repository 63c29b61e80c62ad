#include "barrier.h"

#include <thread>

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace chainrule {

namespace {

// Waking a sleeper costs 16 µs: spinning for a few times as long loses little.
constexpr std::chrono::microseconds LONGEST_SPIN(50);
// Looks at the value between two looks at the clock.
constexpr int LOOKS = 64;

// Tells the processor that this thread only waits.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// A thread that goes to sleep counts itself, then looks at the value; this one changes the value, then looks at the count. Both
// in the one order of sequential consistency: at least one sees the other. The lock waits for a sleeper between look and sleep.
void Signal::raise() {
  value_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
  { const std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_all();
}

Clock::duration Signal::waitWhile(uint32_t seen) {
  if (differsSoon(seen)) return {};
  const auto began = Clock::now();
  while (Clock::now() < began + LONGEST_SPIN) {
    // The thread that is waited for may have been put on this one's core: then it goes on now, and the system sees two threads that
    // want one core, and moves one of them. Of two that sleep in turn it sees one at a time.
    std::this_thread::yield();
    if (differsSoon(seen)) return {};
  }
  std::unique_lock<std::mutex> lock(mutex_);
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  changed_.wait(lock, [&] { return value_.load(std::memory_order_seq_cst) != seen; });
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
  return Clock::now() - began;
}

bool Signal::differsSoon(uint32_t seen) const {
  for (int i = 0; i < LOOKS; i++) {
    if (value() != seen) return true;
    pause();
  }
  return false;
}

// The last to arrive opens the barrier. It empties the count first: nobody arrives again before seeing the turn change.
Clock::duration Barrier::meet(int32_t members) {
  const uint32_t seen = turn_.value();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < members) return turn_.waitWhile(seen);
  arrived_.store(0, std::memory_order_relaxed);
  turn_.raise();
  return {};
}

}  // namespace chainrule
