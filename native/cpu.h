// Which instruction sets this binary has kernels for, and this processor can run.
#pragma once

#include <string>
#include <vector>

#include "isa.h"

namespace chainrule {

// Fastest first; `scalar` is always last.
std::vector<const Isa*> availableIsas();

// The one that `forced` names, or the fastest where it is null or empty. Null, with the reason in `error`, for an unknown name.
const Isa* chooseIsa(const char* forced, std::string& error);

}  // namespace chainrule
