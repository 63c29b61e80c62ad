// The order in which the system gives threads a core.
#pragma once

namespace chainrule {

// This thread gives way to the process's others from now on, for as long as it lives. Where the system refuses, it goes on as it is.
void lowerPriority();

}  // namespace chainrule
