// The state of a running program besides its arena. Plain data: ISA files see it, the session owns the memory that it points to.
#pragma once

#include <stdint.h>

#include "numerics.h"

namespace chainrule {

// The mini-batch and the clock; the same fields as `Context` in src/ops/spec.ts.
struct Context {
  int64_t rows;
  // The clock: the epoch, and the mini-batch within it.
  int64_t epoch;
  int64_t batch;
  // Which repeat of its run this is, from 0: where its record goes.
  int64_t repeat;
  int64_t seed;
  int64_t batchSize;
  // 0 where no data is bound.
  int64_t batchesPerEpoch;
  // Mini-batches that random streams count before the first of the data; -1 where they are those of the clock's epochs.
  int64_t before;
  bool shuffle;
  Numerics numerics;
  // The epoch that `order` was made for; -1 before the first.
  int64_t orderEpoch;
  // Row numbers of the data, `dataRows` of them; not kept where there is no shuffle, the rows being taken as they lie.
  int32_t* order;
  int64_t dataRows;
  int64_t cursor;
  const float* const* columns;
  // `recordWidth` numbers for each repeat of the run.
  double* records;
  int64_t recordWidth;
};

}  // namespace chainrule
