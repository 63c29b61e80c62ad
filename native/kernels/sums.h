// The order of every sum along memory, which is part of the contract: it depends on the number of terms alone, never on the
// vector width or the number of threads, and WebAssembly keeps it too (assembly/kernels/sums.ts).
//
//   Term i is added to partial sum i mod 16, in the order of i, from +0; then the 16 partial sums are added by halves: sum j to
//   sum j + 8 for j < 8, the results j to j + 4, to j + 2, to j + 1.
//
// A partial sum is never −0, so that the zeros which fill up a last vector change nothing.
#pragma once

#include <stdint.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int PARTIAL_SUMS = 16;

// The 16 partial sums, in vectors, added by halves.
inline float totalOf(const Vector sums[PARTIAL_SUMS / LANES]) {
  constexpr int VECTORS = PARTIAL_SUMS / LANES;
  Vector partial[VECTORS];
  for (int v = 0; v < VECTORS; v++) partial[v] = sums[v];
  for (int half = VECTORS / 2; half > 0; half /= 2) {
    for (int v = 0; v < half; v++) partial[v] = partial[v] + partial[v + half];
  }
  return sumOfLanes(partial[0]);
}

class Sums {
 public:
  Sums() {
    for (Vector& partial : partial_) partial = zero();
  }

  // Adds the terms from number i on, a whole vector of them; i is a multiple of LANES.
  void add(int64_t i, Vector terms) {
    Vector& partial = partial_[(i / LANES) % VECTORS];
    partial = partial + terms;
  }

  float total() const { return totalOf(partial_); }

 private:
  static constexpr int VECTORS = PARTIAL_SUMS / LANES;
  Vector partial_[VECTORS];
};

// Σ of the terms that term(i, n) gives: those from i on, n of them, zeros in the other lanes.
template <typename Term>
inline float sumOf(int64_t size, Term term) {
  Sums sums;
  int64_t i = 0;
  for (; i + PARTIAL_SUMS <= size; i += PARTIAL_SUMS) {
    for (int64_t lane = 0; lane < PARTIAL_SUMS; lane += LANES) sums.add(lane, term(i + lane, static_cast<int64_t>(LANES)));
  }
  for (int64_t lane = 0; i + lane < size; lane += LANES) sums.add(lane, term(i + lane, size - i - lane));
  return sums.total();
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
