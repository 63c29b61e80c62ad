// Ops that read the context: choosing and gathering the mini-batch, dropout, recording what the step found.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/arguments.h"
#include "../context.h"
#include "../isa.h"
#include "../sizes.h"
#include "loops.h"
#include "philox.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Fisher–Yates: the stream's word i decides the swap of place size − 1 − i.
inline void permutation(int32_t* order, int64_t size, RandomStream stream) {
  uint32_t words[4];
  for (int64_t i = 0; i < size; i++) order[i] = static_cast<int32_t>(i);
  for (int64_t i = size - 1, word = 0; i > 0; i--, word++) {
    if (word % 4 == 0) stream.block(static_cast<uint32_t>(word / 4), words);
    const uint32_t j = highWord(words[word % 4], static_cast<uint32_t>(i + 1));
    const int32_t swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}

inline void makeOrder(Context& context) {
  if (!context.shuffle || context.orderEpoch == context.epoch) return;
  permutation(context.order, context.dataRows, RandomStream(context.seed, Purpose::shuffle, 0, context.epoch));
  context.orderEpoch = context.epoch;
}

// Mini-batches before this one: of the data's, or over all epochs, if each has as many.
inline int64_t stepOf(const Context& context) {
  if (context.before >= 0) return context.before + context.batch;
  return static_cast<int64_t>(static_cast<uint64_t>(context.epoch) * static_cast<uint64_t>(context.batchesPerEpoch) +
                              static_cast<uint64_t>(context.batch));
}

inline void beginStep(Context& context) {
  makeOrder(context);
  context.cursor = context.batch * context.batchSize;
  const int64_t left = context.dataRows - context.cursor;
  context.rows = least(left, context.batchSize);
}

// How many rows ahead a gather asks for: rows anywhere in memory come one after the other, unless they are asked for together.
constexpr int64_t ROWS_AHEAD = 4;

// One row, while another is on its way.
inline void copyRow(const float* from, const float* coming, int64_t width, float* to) {
  forEachVector(width, [=](int64_t j, int64_t n) {
    if (j % CACHE_LINE == 0) prefetchFar(coming + j);
    storeUpTo(to + j, loadUpTo(from + j, n), n);
  });
}

// The elements of a share are whole rows. Rows taken as they lie are one run. Numbers and indices are moved alike.
inline void gather(const Context& context, Range elements, const GatherArguments& args) {
  const int32_t width = static_cast<int32_t>(args.width);
  const float* data = context.columns[args.column];
  if (!context.shuffle) {
    const float* from = data + context.cursor * width + elements.first;
    memcpy(args.out + elements.first, from, static_cast<size_t>(elements.count) * sizeof(float));
    return;
  }
  const int64_t rows = elements.count / width;
  const int32_t* const order = context.order + context.cursor + elements.first / width;
  const auto rowAt = [=](int64_t r) { return data + int64_t{order[r]} * width; };
  float* to = args.out + elements.first;
  for (int64_t r = 0; r < rows; r++, to += width) copyRow(rowAt(r), rowAt(r + ROWS_AHEAD < rows ? r + ROWS_AHEAD : r), width, to);
}

inline void record(const Context& context, const RecordArguments& args) {
  double* to = context.records + context.repeat * context.recordWidth + args.at + args.after;
  for (int64_t i = 0; i < args.size; i++) to[i] = args.x[i];
}

// out = x·factor, 0 where the factor is, whatever x is.
CHAINRULE_KERNEL void multiplyKept(const float* x, const float* factors, float* out, int64_t size) {
  forEachVector(size, [=](int64_t i, int64_t n) {
    const Vector factor = loadUpTo(factors + i, n);
    storeUpTo(out + i, select(less(zero(), factor), loadUpTo(x + i, n) * factor, zero()), n);
  });
}

// Element i is kept where word i of the mini-batch's stream reaches rate · 2³². x may be out.
inline void dropout(const Context& context, Range elements, const DropoutArguments& args) {
  const uint32_t threshold = static_cast<uint32_t>(::floor(args.rate * 4294967296.0));
  const float keep = static_cast<float>(1.0 / (1.0 - args.rate));
  RandomStream random(context.seed, Purpose::dropout, static_cast<uint32_t>(args.stream), stepOf(context));
  constexpr int BLOCKS = 64;
  constexpr int64_t WORDS = 4 * BLOCKS;
  uint32_t words[WORDS];
  float factors[WORDS];
  const int64_t end = elements.first + elements.count;
  for (int64_t block = elements.first / 4; 4 * block < end; block += BLOCKS) {
    random.blocks<BLOCKS>(static_cast<uint32_t>(block), words);
    const int64_t start = 4 * block;
    const int64_t from = greatest(start, elements.first);
    const int64_t to = end < start + WORDS ? end : start + WORDS;
    for (int64_t i = 0; i < WORDS; i++) factors[i] = words[i] >= threshold ? keep : 0.0f;
    multiplyKept(args.x + from, factors + (from - start), args.out + from, to - from);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
