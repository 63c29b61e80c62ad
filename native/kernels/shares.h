// Kernels for a share of an instruction where smaller sizes do not suffice: the range says which outputs. A share's elements have the same
// bits as in the whole.
#pragma once

#include "../isa.h"
#include "reductions.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Some of the inner elements; of one block only, where they are not all of them. Or some of the terms of sums along memory, with other
// threads that have the rest.
inline void sum(Range terms, Range elements, const SumArguments& args) {
  if (terms.count < args.reduced) return sumParts(terms, args.x, args.out, args.outer, args.reduced);
  if (elements.count == args.inner) return sum(args);
  sumRows(args.x + elements.first, args.out + elements.first, args.reduced, elements.count, args.inner);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
