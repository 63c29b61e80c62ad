// From an op to the kernel that computes it. Included once by each ISA's spine, after the kernels.
#pragma once

#include "generated/ops.h"
#include "isa.h"

namespace chainrule {
namespace CHAINRULE_ISA {

#include "generated/activations.inc"

// An op with an activation has a kernel for each; others ignore it.
inline Kernel kernelOf(Op op, Activation activation) {
  (void)activation;
  switch (op) {
#include "generated/dispatch.inc"
  }
  return nullptr;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
