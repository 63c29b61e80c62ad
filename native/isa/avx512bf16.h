// Whether this compiler knows AVX512_BF16: CHAINRULE_AVX512BF16 is defined then.
#pragma once

#if defined(__x86_64__) && ((defined(__clang__) && __clang_major__ >= 11) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 10))
#define CHAINRULE_AVX512BF16
#endif
