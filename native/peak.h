// The multiply-add peak of the running instruction set: what the speed of a matrix product is measured by.
#pragma once

#include "isa.h"

namespace chainrule {

// GFLOP/s of `threads` threads at once, from registers alone; takes some 20 ms. 0 where the system gives no threads.
double measurePeak(const Isa& isa, int threads);

}  // namespace chainrule
