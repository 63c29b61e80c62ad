// AVX-512 with matrix registers: products use them, all other kernels are AVX-512's.
#include "amx.h"

#if defined(CHAINRULE_AMX)

#define CHAINRULE_ISA amx
#include "../simd/amx.h"
#include "../kernels/matmul.h"
#include "../kernels/peak.h"

namespace chainrule {

namespace avx512 {
extern const Isa isa;
}

namespace amx {

#include "../generated/activations.inc"

static Kernel kernelOf(Op op, Activation activation) {
  switch (op) {
#include "../generated/dispatch_products.inc"
    default: return avx512::isa.kernelOf(op, activation);
  }
}

extern const Isa isa;
const Isa isa = {"amx", kernelOf, packedLength, pack, multiplyRegisters};

}  // namespace amx
}  // namespace chainrule

#endif
