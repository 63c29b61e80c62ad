// The body of an ISA file whose products alone are its own: all other kernels are AVX-512's.

#include "../kernels/matmul.h"
#include "../kernels/peak.h"

#define CHAINRULE_TEXT_OF(name) #name
#define CHAINRULE_TEXT(name) CHAINRULE_TEXT_OF(name)

namespace chainrule {

namespace avx512 {
extern const Isa isa;
}

namespace CHAINRULE_ISA {

#include "../generated/activations.inc"

static Kernel kernelOf(Op op, Activation activation) {
  switch (op) {
#include "../generated/dispatch_products.inc"
    default: return avx512::isa.kernelOf(op, activation);
  }
}

extern const Isa isa;
const Isa isa = {CHAINRULE_TEXT(CHAINRULE_ISA), kernelOf, copyLength, copy, multiplyRegisters, MULTIPLIES_BFLOAT16};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
