// Kernels for a share of an instruction where smaller sizes do not suffice: the range says which outputs. A share's elements have the same
// bits as in the whole.
#pragma once

#include "../isa.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Some of the inner elements; of one block only, where they are not all of them. Or some of the terms of sums along memory, with other
// threads that have the rest.
inline void sum(Range terms, Range elements, const float* x, float* out, int64_t outer, int64_t reduced, int64_t inner) {
  if (terms.count < reduced) return sumParts(terms, x, out, outer, reduced);
  if (elements.count == inner) return sum(x, out, outer, reduced, inner);
  sumRows(x + elements.first, out + elements.first, reduced, elements.count, inner);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
