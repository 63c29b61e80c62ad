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

// One of the threads that meet at a barrier, and how long it waited there.
class Member {
 public:
  // Number `index` of them. `shared`: memory that all of them use in an instruction which they compute together.
  Member(Barrier& barrier, int32_t index, int32_t members, float* shared)
      : barrier_(barrier), index_(index), members_(members), shared_(shared) {}

  void meet() {
    const Clock::duration time = barrier_.meet(members_);
    sleeps_ += time > Clock::duration::zero();
    waited_ += time;
  }

  int32_t members() const { return members_; }
  bool leads() const { return index_ == 0; }
  float* shared() const { return shared_; }
  // How often it had to sleep, and how long it waited for that.
  int64_t sleeps() const { return sleeps_; }
  Clock::duration waited() const { return waited_; }

 private:
  Barrier& barrier_;
  int32_t index_;
  int32_t members_;
  float* shared_;
  int64_t sleeps_ = 0;
  Clock::duration waited_{};
};

}  // namespace chainrule
