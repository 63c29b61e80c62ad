#define CHAINRULE_ISA scalar
#include "../simd/scalar.h"
#include "spine.h"
