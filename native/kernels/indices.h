// Indices, which choose rows and classes: integers of 32 bits, each in the place of a float.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../isa.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Memory of the arena is read and written as bytes: its elements have no type.
inline int32_t loadIndex(const float* indices, int64_t i) {
  int32_t index;
  memcpy(&index, indices + i, sizeof index);
  return index;
}

inline void storeIndex(float* indices, int64_t i, int32_t index) { memcpy(indices + i, &index, sizeof index); }

// The index at place i, into `count` things; −1 where it is out of range.
inline int64_t indexAt(const float* indices, int64_t i, int64_t count) {
  const int64_t index = loadIndex(indices, i);
  return index >= 0 && index < count ? index : -1;
}

// x may be out, as in the other two.
inline void toIndex(const ToIndexArguments& args) {
  for (int64_t i = 0; i < args.size; i++) {
    const bool fits = args.x[i] >= -2147483648.0f && args.x[i] < 2147483648.0f;
    const int32_t index = fits ? static_cast<int32_t>(args.x[i]) : NO_INDEX;
    storeIndex(args.out, i, static_cast<float>(index) == args.x[i] ? index : NO_INDEX);
  }
}

inline void toNumber(const ToNumberArguments& args) {
  for (int64_t i = 0; i < args.size; i++) args.out[i] = static_cast<float>(loadIndex(args.x, i));
}

inline void clampIndex(const ClampIndexArguments& args) {
  for (int64_t i = 0; i < args.size; i++) {
    const int32_t index = loadIndex(args.x, i);
    storeIndex(args.out, i, index < 0 ? 0 : index);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
