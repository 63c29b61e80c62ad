// The multiply-add peak of the running instruction set, the measure of a matrix product's speed.
#pragma once

#include "isa.h"

namespace chainrule {

// GFLOP/s of `threads` threads at once, from registers alone; takes some 20 ms. 0 where the system gives no threads.
double measurePeak(const Isa& isa, int threads);

}  // namespace chainrule
