// The order of every sum, which is part of the contract: it depends on the number of terms alone, never on the vector width or the
// number of threads, and WebAssembly keeps it too (assembly/kernels/sums.ts).
//
//   A sum takes steps. Along memory a step is 16 neighbouring terms, each added to a partial sum of its own; zeros fill up the last
//   step of a run. Down the rows of a matrix, or through a window, a step is one term.
//   Sixteen steps, one after the other from +0, make a block; the last block may be shorter.
//   The sums of blocks are added as a binary counter carries: two blocks to a pair, two pairs to four blocks, and so on. In the end the
//   last block is added to what stands, the least first.
//   The 16 partial sums are then added by halves: sum j to sum j + 8 for j < 8, the results j to j + 4, to j + 2, to j + 1.
//
// So no term passes more than 15 + log2(blocks) + 4 additions: the error of n terms of one sign is below 2e-7·log2(n) of their sum. A
// partial sum is never −0, so that zeros change nothing.
#pragma once

#include <stdint.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int PARTIAL_SUMS = 16;
constexpr int VECTORS_OF_STEP = PARTIAL_SUMS / LANES;
constexpr int64_t BLOCK_STEPS = 16;

// The sums of whole blocks, COUNT vectors side by side, in the tree.
template <int COUNT>
class BlockSums {
 public:
  // Takes a whole block's sums and clears them.
  void add(Vector sums[COUNT]) {
    int level = 0;
    for (int64_t carries = blocks_++; carries % 2 == 1; carries /= 2, level++) {
      for (int c = 0; c < COUNT; c++) sums[c] = levels_[level][c] + sums[c];
    }
    for (int c = 0; c < COUNT; c++) {
      levels_[level][c] = sums[c];
      sums[c] = zero();
    }
  }

  // Forgets all blocks.
  void clear() { blocks_ = 0; }

  // Adds all blocks before to the last one's sums.
  void addTo(Vector sums[COUNT]) const {
    int level = 0;
    for (int64_t standing = blocks_; standing > 0; standing /= 2, level++) {
      if (standing % 2 == 0) continue;
      for (int c = 0; c < COUNT; c++) sums[c] = levels_[level][c] + sums[c];
    }
  }

 private:
  // Of more blocks than a memory holds.
  static constexpr int LEVELS = 40;
  int64_t blocks_ = 0;
  Vector levels_[LEVELS][COUNT];
};

// COUNT sums over the same steps: add(step, sums) adds a step's terms. Unrolled, each of a block's rows would want a register for its
// address.
template <int COUNT, typename Add>
inline void sumSteps(int64_t steps, Vector sums[COUNT], Add add) {
  BlockSums<COUNT> blocks;
  for (int c = 0; c < COUNT; c++) sums[c] = zero();
  int64_t step = 0;
  for (; steps - step > BLOCK_STEPS; step += BLOCK_STEPS) {
#pragma GCC unroll 1
    for (int64_t s = step; s < step + BLOCK_STEPS; s++) add(s, sums);
    blocks.add(sums);
  }
  for (; step < steps; step++) add(step, sums);
  blocks.addTo(sums);
}

// A sum for each lane, a vector a step, of as many steps as come.
class SumOfVectors {
 public:
  void add(Vector terms) {
    sum_[0] = sum_[0] + terms;
    if (++steps_ < BLOCK_STEPS) return;
    blocks_.add(sum_);
    steps_ = 0;
  }

  // Once all terms are added.
  Vector total() {
    blocks_.addTo(sum_);
    return sum_[0];
  }

 private:
  int64_t steps_ = 0;
  Vector sum_[1] = {zero()};
  BlockSums<1> blocks_;
};

// One sum, a term a step, in all lanes alike.
class SumOfTerms {
 public:
  void add(float term) { sum_.add(broadcast(term)); }

  // Once all terms are added.
  float total() { return first(sum_.total()); }

 private:
  SumOfVectors sum_;
};

// The 16 partial sums, in vectors, added by halves.
inline float totalOf(const Vector sums[VECTORS_OF_STEP]) {
  Vector partial[VECTORS_OF_STEP];
  for (int v = 0; v < VECTORS_OF_STEP; v++) partial[v] = sums[v];
  for (int half = VECTORS_OF_STEP / 2; half > 0; half /= 2) {
    for (int v = 0; v < half; v++) partial[v] = partial[v] + partial[v + half];
  }
  return sumOfLanes(partial[0]);
}

// Adds a step, or of the last one of a run its `size` terms, to the COUNT sums of each of its vectors. add(i, n, sums) adds terms of the n
// elements from i on (of LANES, where n is more), zeros in the other lanes.
template <int COUNT, typename Add>
inline void addStep(int64_t i, Vector sums[VECTORS_OF_STEP * COUNT], Add add) {
  for (int v = 0; v < VECTORS_OF_STEP; v++) add(i + v * LANES, static_cast<int64_t>(LANES), sums + v * COUNT);
}

template <int COUNT, typename Add>
inline void addLastStep(int64_t i, int64_t size, Vector sums[VECTORS_OF_STEP * COUNT], Add add) {
  for (int v = 0; v < VECTORS_OF_STEP; v++) {
    if (v * LANES < size) add(i + v * LANES, size - v * LANES, sums + v * COUNT);
  }
}

// The COUNT sums of a step's vectors, as `addStep` leaves them.
template <int COUNT>
inline void totalsOf(const Vector sums[VECTORS_OF_STEP * COUNT], float totals[COUNT]) {
  for (int c = 0; c < COUNT; c++) {
    Vector sum[VECTORS_OF_STEP];
    for (int v = 0; v < VECTORS_OF_STEP; v++) sum[v] = sums[v * COUNT + c];
    totals[c] = totalOf(sum);
  }
}

// COUNT sums over the same elements, which lie in runs along memory.
template <int COUNT>
class SumsOfRuns {
 public:
  SumsOfRuns() {
    for (Vector& sum : sums_) sum = zero();
  }

  // Adds a run, the way of `addStep`.
  template <typename Add>
  void add(int64_t size, Add add) {
    int64_t i = 0;
    for (; i + PARTIAL_SUMS <= size; i += PARTIAL_SUMS) {
      addStep<COUNT>(i, sums_, add);
      endStep();
    }
    if (i == size) return;
    addLastStep<COUNT>(i, size - i, sums_, add);
    endStep();
  }

  // Once all runs are added.
  void totals(float to[COUNT]) {
    blocks_.addTo(sums_);
    totalsOf<COUNT>(sums_, to);
  }

 private:
  void endStep() {
    if (++steps_ < BLOCK_STEPS) return;
    blocks_.add(sums_);
    steps_ = 0;
  }

  int64_t steps_ = 0;
  Vector sums_[VECTORS_OF_STEP * COUNT];
  BlockSums<VECTORS_OF_STEP * COUNT> blocks_;
};

// The partial sums of COUNT sums over one run, the way of `addStep`. Most rows are no longer than a block.
template <int COUNT, typename Add>
inline void sumsOfRun(int64_t size, Vector sums[VECTORS_OF_STEP * COUNT], Add add) {
  constexpr int64_t BLOCK_TERMS = BLOCK_STEPS * PARTIAL_SUMS;
  for (int v = 0; v < VECTORS_OF_STEP * COUNT; v++) sums[v] = zero();
  BlockSums<VECTORS_OF_STEP * COUNT> blocks;
  int64_t i = 0;
  for (; size - i > BLOCK_TERMS; i += BLOCK_TERMS) {
    for (int64_t step = 0; step < BLOCK_TERMS; step += PARTIAL_SUMS) addStep<COUNT>(i + step, sums, add);
    blocks.add(sums);
  }
  for (; i + PARTIAL_SUMS <= size; i += PARTIAL_SUMS) addStep<COUNT>(i, sums, add);
  if (i < size) addLastStep<COUNT>(i, size - i, sums, add);
  if (size > BLOCK_TERMS) blocks.addTo(sums);
}

template <int COUNT, typename Add>
inline void sumRun(int64_t size, float totals[COUNT], Add add) {
  Vector sums[VECTORS_OF_STEP * COUNT];
  sumsOfRun<COUNT>(size, sums, add);
  totalsOf<COUNT>(sums, totals);
}

// Σ of the terms that term(i, n) gives: those from i on, n of them (LANES, where n is more), zeros in the other lanes.
template <typename Term>
CHAINRULE_KERNEL float sumOf(int64_t size, Term term) {
  float total[1];
  sumRun<1>(size, total, [=](int64_t i, int64_t n, Vector* sum) { sum[0] = sum[0] + term(i, n); });
  return total[0];
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
