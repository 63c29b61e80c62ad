// What the two ways of a depthwise convolution share: the taps of its window, and when it is one.
#pragma once

#include <stdint.h>

#include "convolution_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace depthwise {

// Taps of a window at most.
constexpr int64_t MOST_WINDOW = 128;
static_assert(MOST_WINDOW <= BLOCK_DEPTH, "the taps are more than a block of k");

// Whether groups have one plane on either side, and a window whose taps are held at once.
inline bool isDepthwise(const Axis& y, const Axis& x, int64_t channels, int64_t rows) {
  return channels == 1 && rows == 1 && y.taps * x.taps <= MOST_WINDOW && y.phases() * x.phases() <= MOST_PHASES;
}

// The taps of one phase of the grid: from `first` on, `count` of them.
struct PhaseTaps {
  Phase y;
  Phase x;
  int64_t first;
  int64_t count;
};

// The taps of all phases: where they find what they multiply, and where their weights lie.
class Taps {
 public:
  // `placeOf` says where position (0, 0) finds what lies at offsets of the reaches, down and across.
  template <typename PlaceOf>
  Taps(const Axis& y, const Axis& x, PlaceOf placeOf) : across_(x.phases()) {
    const Reach down = reachOf(y);
    const Reach across = reachOf(x);
    int64_t filled = 0;
    for (int64_t p = 0; p < y.phases() * across_; p++) {
      PhaseTaps& own = phases_[p];
      own = {phaseOf(y, p / across_), phaseOf(x, p % across_), filled, 0};
      for (int64_t i = 0; i < own.y.axis.taps; i++) {
        for (int64_t j = 0; j < own.x.axis.taps; j++) {
          const int64_t number = (own.y.tap + i * own.y.apart) * x.taps + own.x.tap + j * own.x.apart;
          numbers_[filled] = static_cast<int32_t>(number);
          places_[filled] = static_cast<int32_t>(placeOf(down.offset(own.y, i), across.offset(own.x, j)));
          filled++;
        }
      }
      own.count = filled - own.first;
    }
  }

  const PhaseTaps& at(int64_t down, int64_t across) const { return phases_[down * across_ + across]; }
  const int32_t* numbers(const PhaseTaps& phase) const { return numbers_ + phase.first; }
  const int32_t* places(const PhaseTaps& phase) const { return places_ + phase.first; }

 private:
  int64_t across_;
  PhaseTaps phases_[MOST_PHASES];
  int32_t numbers_[MOST_WINDOW];
  int32_t places_[MOST_WINDOW];
};

}  // namespace depthwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
