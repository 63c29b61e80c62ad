// Whether the processor multiplies bytes and adds four products to each sum in one instruction (AVX512-VNNI): asked once. Compiled outside
// the ISA files.
#pragma once

namespace chainrule {

bool multipliesBytes();

}  // namespace chainrule
