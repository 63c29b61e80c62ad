// Generated from the op table by src/codegen/cpp.ts; do not edit.
#pragma once

#include <stdint.h>

namespace chainrule {

// A binary and a program belong together only where these two agree.
constexpr uint32_t TABLE_HASH = 0x8c8a87ccu;
constexpr int32_t PROGRAM_VERSION = 1;

constexpr int32_t HEADER_WORDS = 2;
constexpr int32_t ABSENT = -1;
constexpr int32_t ALIGNMENT_BYTES = 64;
constexpr int32_t RECORD_WIDTH = 2;
constexpr int32_t BLOCK_DEPTH = 512;
constexpr int32_t OP_COUNT = 93;
constexpr int32_t ACTIVATION_COUNT = 13;

enum class Op : int32_t {
    beginStep = 0,
    gather = 1,
    record = 2,
    dropout = 3,
    fill = 4,
    scale = 5,
    reshape = 6,
    permute = 7,
    broadcast = 8,
    slice = 9,
    insert = 10,
    assign = 11,
    accumulate = 12,
    matmul = 13,
    affine = 14,
    deltaMatmul = 15,
    sigmoid = 16,
    tanh = 17,
    relu = 18,
    leakyRelu = 19,
    elu = 20,
    selu = 21,
    gelu = 22,
    geluTanh = 23,
    silu = 24,
    softplus = 25,
    hardSigmoid = 26,
    hardSwish = 27,
    sigmoidGradient = 28,
    tanhGradient = 29,
    reluGradient = 30,
    leakyReluGradient = 31,
    eluGradient = 32,
    seluGradient = 33,
    geluGradient = 34,
    geluTanhGradient = 35,
    siluGradient = 36,
    softplusGradient = 37,
    hardSigmoidGradient = 38,
    hardSwishGradient = 39,
    negate = 40,
    exp = 41,
    log = 42,
    sqrt = 43,
    square = 44,
    abs = 45,
    sign = 46,
    step = 47,
    erf = 48,
    clamp = 49,
    add = 50,
    subtract = 51,
    multiply = 52,
    divide = 53,
    power = 54,
    maximum = 55,
    minimum = 56,
    squaredError = 57,
    absoluteError = 58,
    huberError = 59,
    logisticError = 60,
    bernoulliError = 61,
    relativeEntropy = 62,
    squaredErrorGradient = 63,
    absoluteErrorGradient = 64,
    huberErrorGradient = 65,
    logisticErrorGradient = 66,
    bernoulliErrorGradient = 67,
    relativeEntropyGradient = 68,
    sum = 69,
    softmax = 70,
    softmaxGradient = 71,
    logSoftmax = 72,
    logSoftmaxGradient = 73,
    pick = 74,
    scatter = 75,
    softmaxCrossEntropy = 76,
    softmaxCrossEntropyGradient = 77,
    correct = 78,
    batchNorm = 79,
    batchNormGradient = 80,
    normalize = 81,
    normalizeGradient = 82,
    normalizeParameterGradient = 83,
    embed = 84,
    embedGradient = 85,
    attention = 86,
    attentionGradient = 87,
    sgd = 88,
    momentum = 89,
    adagrad = 90,
    rmsprop = 91,
    adam = 92,
};

enum class Activation : int32_t {
    identity = 0,
    sigmoid = 1,
    tanh = 2,
    relu = 3,
    leakyRelu = 4,
    elu = 5,
    selu = 6,
    gelu = 7,
    geluTanh = 8,
    silu = 9,
    softplus = 10,
    hardSigmoid = 11,
    hardSwish = 12,
};

enum class Comparison : int32_t {
    index = 0,
    largest = 1,
    threshold = 2,
};

enum class Purpose : uint32_t {
    initialize = 0,
    shuffle = 1,
    dropout = 2,
    split = 3,
    check = 4,
};

// The words after an instruction’s header, by op: b buffer, o buffer or ABSENT, p buffer of which the kernel takes a packed copy, s
// size, r size of which the kernel takes a range, i integer, f literal, a activation.
constexpr const char* SIGNATURES[OP_COUNT] = {
    "",  // beginStep
    "biri",  // gather
    "bo",  // record
    "bbrfi",  // dropout
    "bsf",  // fill
    "bbsfs",  // scale
    "bbssssssssssss",  // reshape
    "bbssssssssssss",  // permute
    "bbssssssssssss",  // broadcast
    "bbssss",  // slice
    "bbbssss",  // insert
    "bbs",  // assign
    "bbss",  // accumulate
    "bpbsrrsssii",  // matmul
    "bpobsrrsssiiaf",  // affine
    "bpbbsrrsssiiaf",  // deltaMatmul
    "bbsf",  // sigmoid
    "bbsf",  // tanh
    "bbsf",  // relu
    "bbsf",  // leakyRelu
    "bbsf",  // elu
    "bbsf",  // selu
    "bbsf",  // gelu
    "bbsf",  // geluTanh
    "bbsf",  // silu
    "bbsf",  // softplus
    "bbsf",  // hardSigmoid
    "bbsf",  // hardSwish
    "bbbsf",  // sigmoidGradient
    "bbbsf",  // tanhGradient
    "bbbsf",  // reluGradient
    "bbbsf",  // leakyReluGradient
    "bbbsf",  // eluGradient
    "bbbsf",  // seluGradient
    "bbbsf",  // geluGradient
    "bbbsf",  // geluTanhGradient
    "bbbsf",  // siluGradient
    "bbbsf",  // softplusGradient
    "bbbsf",  // hardSigmoidGradient
    "bbbsf",  // hardSwishGradient
    "bbsf",  // negate
    "bbsf",  // exp
    "bbsf",  // log
    "bbsf",  // sqrt
    "bbsf",  // square
    "bbsf",  // abs
    "bbsf",  // sign
    "bbsf",  // step
    "bbsf",  // erf
    "bbsf",  // clamp
    "bbbsssssssssf",  // add
    "bbbsssssssssf",  // subtract
    "bbbsssssssssf",  // multiply
    "bbbsssssssssf",  // divide
    "bbbsssssssssf",  // power
    "bbbsssssssssf",  // maximum
    "bbbsssssssssf",  // minimum
    "bbbsssssssssf",  // squaredError
    "bbbsssssssssf",  // absoluteError
    "bbbsssssssssf",  // huberError
    "bbbsssssssssf",  // logisticError
    "bbbsssssssssf",  // bernoulliError
    "bbbsssssssssf",  // relativeEntropy
    "bbbbsif",  // squaredErrorGradient
    "bbbbsif",  // absoluteErrorGradient
    "bbbbsif",  // huberErrorGradient
    "bbbbsif",  // logisticErrorGradient
    "bbbbsif",  // bernoulliErrorGradient
    "bbbbsif",  // relativeEntropyGradient
    "bbssr",  // sum
    "bbss",  // softmax
    "bbbss",  // softmaxGradient
    "bbss",  // logSoftmax
    "bbbss",  // logSoftmaxGradient
    "bbbss",  // pick
    "bbbss",  // scatter
    "bbbbssi",  // softmaxCrossEntropy
    "bbbbssii",  // softmaxCrossEntropyGradient
    "bbbssif",  // correct
    "bbbbbbsrsf",  // batchNorm
    "bbbbbbbbsrsf",  // batchNormGradient
    "boobbbssif",  // normalize
    "bbbbobssi",  // normalizeGradient
    "bbbbbbsr",  // normalizeParameterGradient
    "bbbsss",  // embed
    "bbbsrs",  // embedGradient
    "bbbobbbsssssif",  // attention
    "bobbbobbbbbbsssssif",  // attentionGradient
    "bbbsf",  // sgd
    "bbbbsffi",  // momentum
    "bbbbsff",  // adagrad
    "bbbbsfff",  // rmsprop
    "bbbbbsffffi",  // adam
};

}  // namespace chainrule
