// What a running program knows besides its arena. Plain data: ISA files see it, the session owns what it points to.
#pragma once

#include <stdint.h>

namespace chainrule {

// The mini-batch and the counters; the same fields as `Context` in src/ops/spec.ts.
struct Context {
  int64_t rows;
  int64_t iteration;
  int64_t stepBase;
  int64_t epochBase;
  int64_t seed;
  int64_t batchSize;
  int64_t stepsPerEpoch;
  bool shuffle;
  // No fused multiply-adds: the same bits on every instruction set.
  bool reproducible;
  // The epoch that `order` was made for; -1 before the first.
  int64_t orderEpoch;
  // Row numbers of the data, `dataRows` of them; not kept where there is no shuffle, the rows being taken as they lie.
  int32_t* order;
  int64_t dataRows;
  int64_t cursor;
  const float* const* columns;
  double* records;
  int64_t recordBase;
};

}  // namespace chainrule
