// Whether short runs are faster shared or alone, by measurement: how long cores take to reach each other differs by machine, and by hour where
// the machine is virtual. Bits do not depend on it.
#pragma once

#include <stdint.h>

#include <algorithm>

#include "barrier.h"

namespace chainrule {

// Some repeats of a run, one after the other, either way.
struct Turn {
  bool isShared;
  int64_t repeats;
};

// Of runs with about the same rows. Both ways take turns at first; then the faster one has longer and longer ones, between which the other is
// tried again.
class ThreadChoice {
 public:
  // What comes next, with so many repeats to go.
  Turn next(int64_t left) const {
    if (isLong()) return {true, left};
    if (tries_ > 0) return {triesShared(), std::min(left, TRIED)};
    return {prefersShared_, std::min(left, left_)};
  }

  void note(const Turn& turn, Clock::duration time) {
    const Clock::duration each = time / turn.repeats;
    Clock::duration& best = turn.isShared ? shared_ : alone_;
    best = std::min(best, each);
    if (tries_ > 0) {
      tries_--;
      if (tries_ == 0) decide();
    } else {
      left_ -= turn.repeats;
      if (left_ <= 0) tryAgain();
    }
  }

 private:
  // Repeats of a turn that is a try; turns at first, and later.
  static constexpr int64_t TRIED = 4;
  static constexpr int32_t FIRST_TRIES = 8;
  static constexpr int32_t LATER_TRIES = 4;
  // Repeats between tries, at first and at most.
  static constexpr int64_t FEW_REPEATS = 256;
  static constexpr int64_t MOST_REPEATS = 8192;
  // Meetings do not tell in repeats that take longer, and trying one thread would cost much.
  static constexpr std::chrono::microseconds LONG{1000};

  bool isLong() const { return shared_ != Clock::duration::max() && shared_ > LONG; }
  bool triesShared() const { return tries_ % 2 == 0; }

  void decide() {
    const bool wins = shared_ <= alone_;
    period_ = wins == prefersShared_ ? std::min(2 * period_, MOST_REPEATS) : FEW_REPEATS;
    prefersShared_ = wins;
    left_ = period_;
  }

  // Forgets what was: the machine may be another by now.
  void tryAgain() {
    shared_ = alone_ = Clock::duration::max();
    tries_ = LATER_TRIES;
  }

  Clock::duration shared_ = Clock::duration::max();
  Clock::duration alone_ = Clock::duration::max();
  int32_t tries_ = FIRST_TRIES;
  bool prefersShared_ = true;
  int64_t period_ = FEW_REPEATS;
  int64_t left_ = 0;
};

}  // namespace chainrule
