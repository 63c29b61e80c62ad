// Mean and variance. Variances take a second walk over the elements, which by then often lie in a cache; it also tells what rounding left in
// the mean.
#pragma once

#include <stdint.h>

#include "loops.h"
#include "sums.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline Vector reciprocalDeviation(Vector variance, double epsilon) {
  return math::reciprocalDeviation(variance, broadcast(static_cast<float>(epsilon)));
}
inline float reciprocalDeviationOf(float variance, double epsilon) { return first(reciprocalDeviation(broadcast(variance), epsilon)); }

struct Moments {
  float mean;
  float variance;
};

// Of `size` elements: sum(term) adds up term(x) of them, x being a vector. The mean is one as far as a sum of floats tells; where it is
// far from 0, the mean of the deviations from it tells the rest (Chan, Golub & LeVeque 1983). So equal elements lie on their mean.
template <typename Sum>
inline Moments momentsOf(float size, bool centred, Sum sum) {
  const float mean = centred ? sum([](Vector x) { return x; }) / size : 0.0f;
  const Vector m = broadcast(mean);
  const float variance = sum([=](Vector x) { return math::squaredDeviation(x, m); }) / size;
  if (!(mean * mean > FAR * FAR * variance)) return {mean, variance};
  const float rest = sum([=](Vector x) { return x - m; }) / size;
  return {mean + rest, first(math::correctedVariance(broadcast(variance), broadcast(rest)))};
}

// The mean is 0 unless centred.
inline Moments momentsOfRow(const float* x, int64_t columns, bool centred) {
  return momentsOf(static_cast<float>(columns), centred, [=](auto term) {
    return sumOf(columns, [=](int64_t i, int64_t n) { return keepUpTo(term(loadUpTo(x + i, n)), n, zero()); });
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
