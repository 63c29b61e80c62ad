// AVX-512 with matrix registers: products use them, all other kernels are AVX-512's.
#include "amx.h"

#if defined(CHAINRULE_AMX)
#define CHAINRULE_ISA amx
#include "../simd/amx.h"
#include "products.h"
#endif
