// Looks for NaN and infinities.
#pragma once

#include <stdint.h>

namespace chainrule {

// The index of the first value that is NaN or infinite; -1 if all are finite. Many are divided among
// `threads` threads.
int64_t firstNotFinite(const float* values, int64_t count, int32_t threads);

}  // namespace chainrule
