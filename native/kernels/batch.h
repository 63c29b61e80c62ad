// Ops that read the context: choosing and gathering the mini-batch, dropout, recording what the step found.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../context.h"
#include "philox.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Fisher–Yates: the stream's word i decides the swap of place size − 1 − i.
inline void permutation(int32_t* order, int64_t size, RandomStream stream) {
  uint32_t words[4];
  for (int64_t i = 0; i < size; i++) order[i] = static_cast<int32_t>(i);
  for (int64_t i = size - 1, word = 0; i > 0; i--, word++) {
    if (word % 4 == 0) stream.blocks<1>(static_cast<uint32_t>(word / 4), words);
    const uint32_t j = multiplyHigh(words[word % 4], static_cast<uint32_t>(i + 1));
    const int32_t swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}

inline void beginStep(Context& context) {
  const int64_t stepsPerEpoch = (context.dataRows + context.batchSize - 1) / context.batchSize;
  const int64_t epoch = context.epochBase + context.iteration / stepsPerEpoch;
  if (context.orderEpoch != epoch) {
    if (context.shuffle) {
      permutation(context.order, context.dataRows, RandomStream(context.seed, Purpose::shuffle, 0, epoch));
    } else {
      for (int64_t i = 0; i < context.dataRows; i++) context.order[i] = static_cast<int32_t>(i);
    }
    context.orderEpoch = epoch;
  }
  context.cursor = (context.iteration % stepsPerEpoch) * context.batchSize;
  const int64_t left = context.dataRows - context.cursor;
  context.rows = left < context.batchSize ? left : context.batchSize;
}

inline void gather(const Context& context, float* out, int32_t column, int64_t, int32_t width) {
  const float* data = context.columns[column];
  const size_t bytes = static_cast<size_t>(width) * sizeof(float);
  for (int64_t r = 0; r < context.rows; r++) {
    memcpy(out + r * width, data + static_cast<int64_t>(context.order[context.cursor + r]) * width, bytes);
  }
}

inline void record(const Context& context, const float* loss, const float* correct) {
  double* values = context.records + (context.iteration - context.recordBase) * RECORD_WIDTH;
  values[0] = *loss;
  values[1] = correct ? *correct : NAN;
}

// Element i is kept where word i of the stream reaches rate · 2³². x may be out.
inline void dropout(const Context& context, const float* x, float* out, int64_t size, double rate, int32_t stream) {
  const uint32_t threshold = static_cast<uint32_t>(::floor(rate * 4294967296.0));
  const float keep = static_cast<float>(1.0 / (1.0 - rate));
  RandomStream random(context.seed, Purpose::dropout, static_cast<uint32_t>(stream), context.stepBase + context.iteration);
  constexpr int BLOCKS = 16;
  constexpr int64_t WORDS = 4 * BLOCKS;
  uint32_t words[WORDS];
  for (int64_t i = 0; i < size; i += WORDS) {
    random.blocks<BLOCKS>(static_cast<uint32_t>(i / 4), words);
    const int64_t end = size - i < WORDS ? size - i : WORDS;
    for (int64_t j = 0; j < end; j++) out[i + j] = words[j] >= threshold ? x[i + j] * keep : 0.0f;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
