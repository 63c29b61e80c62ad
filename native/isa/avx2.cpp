#define CHAINRULE_ISA avx2
#include "../simd/avx2.h"
#include "spine.h"
