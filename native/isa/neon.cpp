#define CHAINRULE_ISA neon
#include "../simd/neon.h"
#include "spine.h"
