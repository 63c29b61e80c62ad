// AVX-512 with products of bfloat16: products that are asked for them use them, all other kernels are AVX-512's.
#include "avx512bf16.h"

#if defined(CHAINRULE_AVX512BF16)
#define CHAINRULE_ISA avx512bf16
#include "../simd/avx512bf16.h"
#include "products.h"
#endif
