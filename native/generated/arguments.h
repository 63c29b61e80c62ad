// Generated from the op table by src/codegen/cpp.ts; do not edit.
// What the kernels take, in the order of an instruction’s words: src/codegen/arguments.ts. An operand that may be absent is null then.
#pragma once

#include <stdint.h>

namespace chainrule {

struct ProductSizes {
  int64_t batches;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t strideA;
  int64_t strideB;
  int64_t transposeA;
  int64_t transposeB;
  int64_t rounded;
};

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

struct SequenceSizes {
  int64_t rows;
  int64_t steps;
  int64_t units;
  int64_t reverse;
};

struct GatherArguments {
  float* out;
  int64_t column;
  int64_t size;
  int64_t width;
  int64_t indices;
};

struct RecordArguments {
  const float* x;
  int64_t at;
  int64_t after;
  int64_t size;
};

struct DropoutArguments {
  const float* x;
  float* out;
  int64_t size;
  double rate;
  int64_t stream;
};

struct FillArguments {
  float* out;
  int64_t size;
  double value;
};

struct ScaleArguments {
  const float* x;
  float* out;
  int64_t size;
  double factor;
  int64_t count;
};

struct StridedCopyArguments {
  const float* x;
  float* out;
  int64_t size0;
  int64_t size1;
  int64_t size2;
  int64_t size3;
  int64_t size4;
  int64_t size5;
  int64_t step0;
  int64_t step1;
  int64_t step2;
  int64_t step3;
  int64_t step4;
  int64_t step5;
};

struct SliceArguments {
  const float* x;
  float* out;
  int64_t outer;
  int64_t stride;
  int64_t start;
  int64_t length;
};

struct InsertArguments {
  const float* base;
  const float* x;
  float* out;
  int64_t outer;
  int64_t stride;
  int64_t start;
  int64_t length;
};

struct AssignArguments {
  float* kept;
  const float* x;
  int64_t size;
};

struct AccumulateArguments {
  float* kept;
  const float* x;
  int64_t size;
  int64_t weight;
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

struct AffineSlopeArguments {
  const float* a;
  const float* b;
  const float* bias;
  float* out;
  float* slope;
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

struct MatmulMultiplyArguments {
  const float* a;
  const float* b;
  const float* factor;
  float* out;
  ProductSizes sizes;
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

struct UnaryArguments {
  const float* x;
  float* out;
  int64_t size;
  double alpha;
};

struct UnaryGradientArguments {
  const float* delta;
  const float* saved;
  float* out;
  int64_t size;
  double alpha;
};

struct BinaryArguments {
  const float* x;
  const float* y;
  float* out;
  int64_t outer;
  int64_t middle;
  int64_t inner;
  int64_t xOuter;
  int64_t xMiddle;
  int64_t xInner;
  int64_t yOuter;
  int64_t yMiddle;
  int64_t yInner;
  double alpha;
};

struct BinaryGradientArguments {
  const float* delta;
  const float* x;
  const float* y;
  float* out;
  int64_t size;
  int64_t deltaStep;
  double alpha;
};

struct SumArguments {
  const float* x;
  float* out;
  int64_t outer;
  int64_t reduced;
  int64_t inner;
};

struct NormArguments {
  const float* x;
  float* out;
  int64_t size;
};

struct SoftmaxArguments {
  const float* x;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct SoftmaxGradientArguments {
  const float* delta;
  const float* y;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct LogSoftmaxArguments {
  const float* x;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct LogSoftmaxGradientArguments {
  const float* delta;
  const float* y;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct ToIndexArguments {
  const float* x;
  float* out;
  int64_t size;
};

struct ToNumberArguments {
  const float* x;
  float* out;
  int64_t size;
};

struct ClampIndexArguments {
  const float* x;
  float* out;
  int64_t size;
};

struct PickArguments {
  const float* x;
  const float* index;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct ScatterArguments {
  const float* x;
  const float* index;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct SoftmaxCrossEntropyArguments {
  const float* logits;
  const float* target;
  float* losses;
  float* probabilities;
  int64_t rows;
  int64_t columns;
  int64_t sparse;
};

struct SoftmaxCrossEntropyGradientArguments {
  const float* delta;
  const float* probabilities;
  const float* target;
  float* out;
  int64_t rows;
  int64_t columns;
  int64_t sparse;
  int64_t deltaStep;
};

struct CorrectArguments {
  const float* prediction;
  const float* target;
  float* out;
  int64_t rows;
  int64_t columns;
  int64_t comparison;
  double threshold;
};

struct ArgmaxArguments {
  const float* x;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct RankArguments {
  const float* x;
  const float* index;
  float* out;
  int64_t rows;
  int64_t columns;
};

struct HistogramArguments {
  const float* x;
  const float* weight;
  float* out;
  int64_t rows;
  int64_t columns;
  int64_t bins;
};

struct CtcArguments {
  const float* logs;
  const float* labels;
  const float* lengths;
  float* losses;
  int64_t rows;
  int64_t steps;
  int64_t classes;
  int64_t length;
  int64_t blank;
  int64_t zeroInfinity;
};

struct CtcGradientArguments {
  const float* delta;
  const float* logs;
  const float* labels;
  const float* lengths;
  float* out;
  int64_t rows;
  int64_t steps;
  int64_t classes;
  int64_t length;
  int64_t blank;
  int64_t zeroInfinity;
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

struct BatchNormArguments {
  const float* x;
  const float* weight;
  const float* bias;
  float* out;
  float* mean;
  float* variance;
  int64_t outer;
  int64_t channels;
  int64_t inner;
  double epsilon;
};

struct BatchNormGradientArguments {
  const float* delta;
  const float* x;
  const float* mean;
  const float* variance;
  const float* weight;
  float* ofX;
  float* ofWeight;
  float* ofBias;
  int64_t outer;
  int64_t channels;
  int64_t inner;
  double epsilon;
};

struct NormalizeArguments {
  const float* x;
  const float* weight;
  const float* bias;
  float* out;
  float* mean;
  float* scale;
  int64_t rows;
  int64_t columns;
  int64_t centred;
  double epsilon;
};

struct NormalizeGradientArguments {
  const float* delta;
  const float* x;
  const float* mean;
  const float* scale;
  const float* weight;
  float* out;
  int64_t rows;
  int64_t columns;
  int64_t centred;
};

struct NormalizeParameterGradientArguments {
  const float* delta;
  const float* x;
  const float* mean;
  const float* scale;
  float* ofWeight;
  float* ofBias;
  int64_t rows;
  int64_t columns;
};

struct EmbedArguments {
  const float* table;
  const float* index;
  float* out;
  int64_t rows;
  int64_t count;
  int64_t columns;
};

struct EmbedGradientArguments {
  const float* delta;
  const float* index;
  float* out;
  int64_t rows;
  int64_t count;
  int64_t columns;
};

struct AttentionArguments {
  const float* q;
  const float* k;
  const float* v;
  const float* mask;
  float* out;
  float* logSums;
  int64_t batches;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t features;
  int64_t causal;
  double scale;
};

struct AttentionGradientArguments {
  const float* delta;
  const float* ofLogSums;
  const float* q;
  const float* k;
  const float* v;
  const float* mask;
  const float* out;
  const float* logSums;
  float* ofQ;
  float* ofK;
  float* ofV;
  int64_t batches;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t features;
  int64_t causal;
  double scale;
};

struct SgdArguments {
  float* parameter;
  const float* gradient;
  const float* learningRate;
  int64_t size;
  double weightDecay;
};

struct MomentumArguments {
  float* parameter;
  const float* gradient;
  float* velocity;
  const float* learningRate;
  int64_t size;
  double momentum;
  double weightDecay;
  int64_t nesterov;
};

struct AdagradArguments {
  float* parameter;
  const float* gradient;
  float* squares;
  const float* learningRate;
  int64_t size;
  double epsilon;
  double weightDecay;
};

struct RmspropArguments {
  float* parameter;
  const float* gradient;
  float* squares;
  const float* learningRate;
  int64_t size;
  double decay;
  double epsilon;
  double weightDecay;
};

struct AdamArguments {
  float* parameter;
  const float* gradient;
  float* mean;
  float* variance;
  const float* learningRate;
  const float* step;
  int64_t size;
  double beta1;
  double beta2;
  double epsilon;
  double weightDecay;
  int64_t decoupled;
};

struct MomentumBfloat16Arguments {
  float* parameter;
  const float* gradient;
  float* velocity;
  const float* learningRate;
  const float* step;
  int64_t size;
  double momentum;
  double weightDecay;
  int64_t nesterov;
  int64_t stream;
};

struct AdamBfloat16Arguments {
  float* parameter;
  const float* gradient;
  float* mean;
  float* variance;
  const float* learningRate;
  const float* step;
  int64_t size;
  double beta1;
  double beta2;
  double epsilon;
  double weightDecay;
  int64_t decoupled;
  int64_t stream;
};

struct EmbedSgdArguments {
  float* table;
  const float* delta;
  const float* index;
  const float* learningRate;
  int64_t rows;
  int64_t count;
  int64_t columns;
  double weightDecay;
  int64_t summed;
};

struct EmbedMomentumArguments {
  float* table;
  const float* delta;
  const float* index;
  float* velocity;
  const float* learningRate;
  int64_t rows;
  int64_t count;
  int64_t columns;
  double momentum;
  double weightDecay;
  int64_t nesterov;
  int64_t summed;
};

struct EmbedAdamArguments {
  float* table;
  const float* delta;
  const float* index;
  float* mean;
  float* variance;
  const float* learningRate;
  const float* step;
  int64_t rows;
  int64_t count;
  int64_t columns;
  double beta1;
  double beta2;
  double epsilon;
  double weightDecay;
  int64_t decoupled;
  int64_t summed;
};

struct EmbedMomentumBfloat16Arguments {
  float* table;
  const float* delta;
  const float* index;
  float* velocity;
  const float* learningRate;
  const float* step;
  int64_t rows;
  int64_t count;
  int64_t columns;
  double momentum;
  double weightDecay;
  int64_t nesterov;
  int64_t summed;
  int64_t stream;
};

struct EmbedAdamBfloat16Arguments {
  float* table;
  const float* delta;
  const float* index;
  float* mean;
  float* variance;
  const float* learningRate;
  const float* step;
  int64_t rows;
  int64_t count;
  int64_t columns;
  double beta1;
  double beta2;
  double epsilon;
  double weightDecay;
  int64_t decoupled;
  int64_t summed;
  int64_t stream;
};

struct DrawUniformArguments {
  float* out;
  int64_t size;
  int64_t first;
  int64_t stream;
  double limit;
};

struct DrawNormalArguments {
  float* out;
  int64_t size;
  int64_t first;
  int64_t stream;
  double deviation;
};

struct QuantizeWeightArguments {
  const float* weight;
  float* words;
  float* starts;
  float* scales;
  int64_t n;
  int64_t k;
  int64_t transposed;
  int64_t zero;
  double step;
};

struct QuantizedAffineArguments {
  const float* a;
  const float* words;
  const float* starts;
  const float* scales;
  const float* bias;
  float* out;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t zero;
  double inverse;
  double alpha;
};

}  // namespace chainrule
