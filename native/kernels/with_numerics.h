// From the numerics that a session runs with to code that is compiled for them.
#pragma once

#include "../numerics.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// How products are added one after the other, as a constant: separate or fused.
template <Numerics NUMERICS>
struct Steps {
  static constexpr Numerics value = NUMERICS;
};

// Calls `body` with the steps of such numerics. What takes longer than the order of sums lets it, `body` decides by the numerics.
template <typename Body>
inline void withSteps(Numerics numerics, const Body& body) {
  if (numerics == Numerics::separate || (numerics == Numerics::fast && FAST_STEPS == Numerics::separate)) {
    body(Steps<Numerics::separate>{});
  } else {
    body(Steps<Numerics::fused>{});
  }
}

// The same; subnormals count as zero meanwhile, where they may.
template <typename Body>
inline void withNumerics(Numerics numerics, const Body& body) {
  if (numerics != Numerics::fast) return withSteps(numerics, body);
  [[maybe_unused]] const FlushSubnormals flush;
  body(Steps<FAST_STEPS>{});
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
