// The sums of an `elementwise` instruction: elements come block by block, and each sum is that of the op `sum` (sums.h).
#pragma once

#include <stdint.h>

#include "../generated/ops.h"
#include "../isa.h"
#include "row_parts.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// A sum for each output, over one row or part of a row at a time.
class ElementSums {
 public:
  // Before the first elements of a row or part.
  void begin() {
    for (BlockSums<VECTORS_OF_STEP>& tree : trees_) tree.clear();
  }

  // Adds the next elements of sum j: ELEMENT_BLOCK of them, whole blocks of the sum, or the last ones.
  void add(int j, const float* x, int64_t size, bool areLast) {
    constexpr int64_t BLOCK_TERMS = BLOCK_STEPS * PARTIAL_SUMS;
    const auto term = [x](int64_t i, int64_t n, Vector* sum) { sum[0] = sum[0] + loadUpTo(x + i, n); };
    Vector sums[VECTORS_OF_STEP];
    for (Vector& sum : sums) sum = zero();
    int64_t i = 0;
    for (const int64_t whole = areLast ? (size - 1) / BLOCK_TERMS * BLOCK_TERMS : size; i < whole; i += BLOCK_TERMS) {
      for (int64_t step = 0; step < BLOCK_TERMS; step += PARTIAL_SUMS) addStep<1>(i + step, sums, term);
      trees_[j].add(sums);
    }
    if (!areLast) return;
    for (; i + PARTIAL_SUMS <= size; i += PARTIAL_SUMS) addStep<1>(i, sums, term);
    if (i < size) addLastStep<1>(i, size - i, sums, term);
    trees_[j].addTo(sums);
    for (int v = 0; v < VECTORS_OF_STEP; v++) sums_[j][v] = sums[v];
  }

  // Once the last elements are added: the sum, or the 16 partial sums of a part.
  float total(int j) const { return totalOf(sums_[j]); }
  void storePart(int j, float* to) const {
    for (int v = 0; v < VECTORS_OF_STEP; v++) store(to + v * LANES, sums_[j][v]);
  }

 private:
  BlockSums<VECTORS_OF_STEP> trees_[ELEMENT_OUTPUTS];
  Vector sums_[ELEMENT_OUTPUTS][VECTORS_OF_STEP];
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
