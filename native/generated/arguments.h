// Generated from the op table by src/codegen/cpp.ts; do not edit.
// What the kernels take, in the order of an instruction’s words: src/codegen/arguments.ts. An operand that may be absent is null then.
#pragma once

#include <stdint.h>

namespace chainrule {

struct ConvolutionSizes {
  int64_t samples;
  int64_t channels;
  int64_t height;
  int64_t width;
  int64_t filters;
  int64_t groups;
  int64_t kernelHeight;
  int64_t kernelWidth;
  int64_t outHeight;
  int64_t outWidth;
  int64_t strideY;
  int64_t strideX;
  int64_t padTop;
  int64_t padLeft;
  int64_t dilationY;
  int64_t dilationX;
};

struct PoolSizes {
  int64_t planes;
  int64_t height;
  int64_t width;
  int64_t outHeight;
  int64_t outWidth;
  int64_t kernelHeight;
  int64_t kernelWidth;
  int64_t strideY;
  int64_t strideX;
  int64_t padTop;
  int64_t padLeft;
};

struct ProductSizes {
  int64_t batches;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t strideA;
  int64_t strideB;
  int64_t transposeA;
  int64_t transposeB;
};

struct SequenceSizes {
  int64_t rows;
  int64_t steps;
  int64_t units;
  int64_t reverse;
};

struct MatmulArguments {
  const float* a;
  const float* b;
  float* out;
  ProductSizes sizes;
};

struct AffineArguments {
  const float* a;
  const float* b;
  const float* bias;
  float* out;
  ProductSizes sizes;
  double alpha;
};

struct DeltaMatmulArguments {
  const float* a;
  const float* b;
  const float* saved;
  float* out;
  ProductSizes sizes;
  double alpha;
};

struct Conv2dArguments {
  const float* image;
  const float* weight;
  float* out;
  ConvolutionSizes sizes;
};

struct Conv2dInputArguments {
  const float* delta;
  const float* weight;
  float* out;
  ConvolutionSizes sizes;
};

struct Conv2dWeightArguments {
  const float* image;
  const float* delta;
  float* out;
  ConvolutionSizes sizes;
};

struct Conv2dAffineArguments {
  const float* image;
  const float* weight;
  const float* bias;
  float* out;
  ConvolutionSizes sizes;
  double alpha;
};

struct Conv2dDeltaArguments {
  const float* delta;
  const float* weight;
  const float* saved;
  float* out;
  ConvolutionSizes sizes;
  double alpha;
};

struct MaxPool2dArguments {
  const float* x;
  float* out;
  PoolSizes sizes;
};

struct MaxPool2dGradientArguments {
  const float* delta;
  const float* x;
  float* out;
  PoolSizes sizes;
};

struct MaxPool2dPickArguments {
  const float* values;
  const float* x;
  float* out;
  PoolSizes sizes;
};

struct MaxPool2dDeltaArguments {
  const float* delta;
  const float* x;
  const float* saved;
  float* out;
  PoolSizes sizes;
  double alpha;
};

struct AveragePool2dArguments {
  const float* x;
  float* out;
  PoolSizes sizes;
};

struct AveragePool2dGradientArguments {
  const float* delta;
  float* out;
  PoolSizes sizes;
};

struct RnnArguments {
  const float* projected;
  const float* weight;
  const float* initial;
  const float* mask;
  float* hidden;
  SequenceSizes sizes;
  int64_t relu;
};

struct RnnGradientArguments {
  const float* delta;
  const float* hidden;
  const float* weight;
  const float* mask;
  float* deltaProjected;
  float* deltaInitial;
  SequenceSizes sizes;
  int64_t truncate;
  int64_t relu;
};

struct LstmArguments {
  const float* projected;
  const float* weight;
  const float* initialHidden;
  const float* initialCell;
  const float* mask;
  float* hidden;
  float* cell;
  float* gates;
  SequenceSizes sizes;
};

struct LstmGradientArguments {
  const float* delta;
  const float* deltaCell;
  const float* gates;
  const float* cell;
  const float* weight;
  const float* initialCell;
  const float* mask;
  float* deltaProjected;
  float* deltaInitialHidden;
  float* deltaInitialCell;
  SequenceSizes sizes;
  int64_t truncate;
};

struct GruArguments {
  const float* projected;
  const float* weight;
  const float* bias;
  const float* initial;
  const float* mask;
  float* hidden;
  float* gates;
  SequenceSizes sizes;
};

struct GruGradientArguments {
  const float* delta;
  const float* hidden;
  const float* gates;
  const float* weight;
  const float* initial;
  const float* mask;
  float* deltaProjected;
  float* deltaRecurrent;
  float* deltaInitial;
  SequenceSizes sizes;
  int64_t truncate;
};

struct PreviousStatesArguments {
  const float* hidden;
  const float* initial;
  float* out;
  SequenceSizes sizes;
};

struct SequenceMaskArguments {
  const float* lengths;
  float* out;
  int64_t rows;
  int64_t steps;
};

}  // namespace chainrule
