// The body of every ISA file: the same kernels, compiled with the including file's flags into the namespace CHAINRULE_ISA, on
// the vector type that the file includes first. Nothing here may use the STL or any other inline function with linkage of its
// own: the linker would keep one copy for everyone, and it might be the AVX-512 one.

// No fused multiply-add but where the source asks for it, said here too: Clang's default differs from GCC's, Visual C++ has no flag.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#include "../kernels/attention.h"
#include "../kernels/batch.h"
#include "../kernels/classification.h"
#include "../kernels/convolution.h"
#include "../kernels/ctc.h"
#include "../kernels/elementwise.h"
#include "../kernels/embedding.h"
#include "../kernels/fused.h"
#include "../kernels/indices.h"
#include "../kernels/matmul.h"
#include "../kernels/movement.h"
#include "../kernels/normalization.h"
#include "../kernels/optimizers.h"
#include "../kernels/peak.h"
#include "../kernels/pooling.h"
#include "../kernels/quantization.h"
#include "../kernels/random.h"
#include "../kernels/recurrent.h"
#include "../kernels/reductions.h"
#include "../kernels/row_updates.h"
#include "../dispatch.h"

#define CHAINRULE_TEXT_OF(name) #name
#define CHAINRULE_TEXT(name) CHAINRULE_TEXT_OF(name)

namespace chainrule {
namespace CHAINRULE_ISA {

extern const Isa isa;
const Isa isa = {CHAINRULE_TEXT(CHAINRULE_ISA), kernelOf, copyLength, copy, multiplyRegisters, MULTIPLIES_BFLOAT16};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
