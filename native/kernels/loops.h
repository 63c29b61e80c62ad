// What the loops of all kernels share.
#pragma once

// A pointer whose memory no other operand of the kernel touches.
#if defined(_MSC_VER)
#define CHAINRULE_RESTRICT __restrict
#else
#define CHAINRULE_RESTRICT __restrict__
#endif

// Stands before a loop whose iteration i reads and writes only elements i. It is what lets an in-place operand (the same
// memory as the output, element for element) be vectorised: a compiler's own overlap check would choose the scalar loop.
#if defined(__clang__)
#define CHAINRULE_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CHAINRULE_ELEMENTWISE _Pragma("GCC ivdep")
#else
#define CHAINRULE_ELEMENTWISE __pragma(loop(ivdep))
#endif
