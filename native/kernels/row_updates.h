// One optimiser step over the rows of a table that indices name, in place. The range says which of the table's rows: all see all indices.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "occurrences.h"
#include "optimizers.h"
#include "rounded_states.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Calls take(at, gradient, n) for every vector of each row that occurs: its n elements from element `at` of the table on.
template <typename Arguments, typename Take>
inline void updateRows(Range range, const Arguments& args, Take take) {
  const float* const delta = args.delta;
  const int64_t columns = args.columns;
  const bool summed = args.summed != 0;
  const Occurrences occurrences(range, args.index, args.rows, args.count);
  occurrences.forEachRow([&](int64_t row, int64_t first) {
    forEachVector(columns,
                  [&](int64_t i, int64_t n) { take(row * columns + i, occurrences.gradientOf(summed, delta, columns, first, i, n), n); });
  });
}

CHAINRULE_KERNEL void embedSgd(Range range, const EmbedSgdArguments& args) {
  float* const table = args.table;
  const Vector rate = broadcast(*args.learningRate);
  const Vector decay = numberOf(args.weightDecay);
  updateRows(range, args, [=](int64_t at, Vector gradient, int64_t n) {
    const Vector p = loadUpTo(table + at, n);
    storeUpTo(table + at, math::descended(p, math::decayed(gradient, p, decay), rate), n);
  });
}

CHAINRULE_KERNEL void embedMomentum(Range range, const EmbedMomentumArguments& args) {
  float* const table = args.table;
  float* const velocity = args.velocity;
  const MomentumStep step(args);
  updateRows(range, args, [=](int64_t at, Vector gradient, int64_t n) { step.take(table + at, gradient, FloatState{velocity + at}, n); });
}

CHAINRULE_KERNEL void embedAdam(Range range, const EmbedAdamArguments& args) {
  float* const table = args.table;
  float* const mean = args.mean;
  float* const variance = args.variance;
  const AdamStep step(args);
  updateRows(range, args, [=](int64_t at, Vector gradient, int64_t n) {
    step.take(table + at, gradient, FloatState{mean + at}, FloatState{variance + at}, n);
  });
}

CHAINRULE_KERNEL void embedMomentumBfloat16(const Context& context, Range range, const EmbedMomentumBfloat16Arguments& args) {
  float* const table = args.table;
  uint16_t* const velocity = halvesOf(args.velocity);
  const MomentumStep step(args);
  const StepBits bits(context, args.stream, args.step);
  updateRows(range, args, [=](int64_t at, Vector gradient, int64_t n) {
    step.take(table + at, gradient, FirstState{velocity + at, bits.of(at)}, n);
  });
}

CHAINRULE_KERNEL void embedAdamBfloat16(const Context& context, Range range, const EmbedAdamBfloat16Arguments& args) {
  float* const table = args.table;
  uint16_t* const mean = halvesOf(args.mean);
  uint16_t* const variance = halvesOf(args.variance);
  const AdamStep step(args);
  const StepBits bits(context, args.stream, args.step);
  updateRows(range, args, [=](int64_t at, Vector gradient, int64_t n) {
    const Integers random = bits.of(at);
    step.take(table + at, gradient, FirstState{mean + at, random}, SecondState{variance + at, random}, n);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
