#define CHAINRULE_ISA avx512
#include "../simd/avx512.h"
#include "spine.h"
