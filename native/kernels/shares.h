// Kernels for a share of an instruction, where computing less of the same would not do: the range says which of the outputs. A
// share's elements have the same bits as in the whole.
#pragma once

#include "../isa.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Some of the inner elements; of one block only, where they are not all of them.
inline void sum(Range elements, const float* x, float* out, int64_t outer, int64_t reduced, int64_t inner) {
  if (elements.count == inner) return sum(x, out, outer, reduced, inner);
  sumRows(x + elements.first, out + elements.first, reduced, elements.count, inner);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
