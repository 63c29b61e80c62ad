// The functions of vectors that kernels share (src/codegen/functions), and what they are made of besides the instruction set's own.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/coefficients.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace math {

// Horner's rule, the highest coefficient first.
template <typename... Rest>
inline Vector polynomial(Vector x, float highest, Rest... rest) {
  Vector p = broadcast(highest);
  ((p = p * x + rest), ...);
  return p;
}

template <typename... Rest>
inline double polynomial(double x, double highest, Rest... rest) {
  double p = highest;
  ((p = p * x + rest), ...);
  return p;
}

inline double absolute(double x) { return ::fabs(x); }
// NaN comes through.
inline double atLeast(double x, double limit) { return x < limit ? limit : x; }
inline double atMost(double x, double limit) { return x > limit ? limit : x; }

inline uint64_t bitsOf(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline double fromBits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

inline bool isNegative(double x) { return bitsOf(x) >> 63; }

// The instruction set's functions of these names beside those of doubles.
using CHAINRULE_ISA::absolute;
using CHAINRULE_ISA::atLeast;
using CHAINRULE_ISA::atMost;
using CHAINRULE_ISA::bitsOf;
using CHAINRULE_ISA::fromBits;

#include "../generated/vector_functions.inc"

// xʸ lane by lane: it needs double precision.
inline Vector power(Vector x, Vector y) {
  float base[LANES];
  float exponent[LANES];
  store(base, x);
  store(exponent, y);
  float result[LANES];
  for (int i = 0; i < LANES; i++) result[i] = static_cast<float>(powerOfDouble(base[i], exponent[i]));
  return load(result);
}

}  // namespace math
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
