// Looks for numbers that are none.
#pragma once

#include <stdint.h>

namespace chainrule {

// The index of the first value that is NaN or infinite; -1 where there is none.
int64_t firstNotFinite(const float* values, int64_t count);

}  // namespace chainrule
