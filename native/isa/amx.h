// Whether this compiler, and the assembler that belongs to it, know AMX: CHAINRULE_AMX is defined then.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && ((defined(__clang__) && __clang_major__ >= 11) || (!defined(__clang__) && __GNUC__ >= 11))
#define CHAINRULE_AMX
#endif
