// How threads wait for one another.
#pragma once

#include <stdint.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace chainrule {

using Clock = std::chrono::steady_clock;

// A counter that one thread raises and others wait for: they spin for a while, then sleep.
class Signal {
 public:
  // What the raising thread wrote before is visible to whoever reads the new value.
  uint32_t value() const { return value_.load(std::memory_order_acquire); }

  void raise();

  // Returns when the value is no longer `seen`: the time that took, where it took sleeping, else zero.
  Clock::duration waitWhile(uint32_t seen);

 private:
  // Whether the value differs within a few looks at it.
  bool differsSoon(uint32_t seen) const;

  alignas(64) std::atomic<uint32_t> value_{0};
  // Written only by threads that go to sleep, on a line that spinning threads do not read.
  alignas(64) std::atomic<int32_t> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Where threads wait for one another. What any of them wrote before is visible to all after.
class Barrier {
 public:
  // Returns when `members` threads have called it, all with the same number: the time that the caller waited, where it had to
  // sleep, else zero.
  Clock::duration meet(int32_t members);

 private:
  alignas(64) std::atomic<int32_t> arrived_{0};
  Signal turn_;
};

}  // namespace chainrule
