// Generated from the op table by src/codegen/cpp.ts; do not edit.
#pragma once

#include <stdint.h>

namespace chainrule {

// A binary and a program belong together only where these two agree.
constexpr uint32_t TABLE_HASH = 0xed05a275u;
constexpr int32_t PROGRAM_VERSION = 1;

constexpr int32_t HEADER_WORDS = 2;
constexpr int32_t ABSENT = -1;
constexpr int32_t ALIGNMENT_BYTES = 64;
constexpr int32_t RECORD_WIDTH = 2;
constexpr int32_t OP_COUNT = 82;
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
    matmul = 11,
    affine = 12,
    deltaMatmul = 13,
    sigmoid = 14,
    tanh = 15,
    relu = 16,
    leakyRelu = 17,
    elu = 18,
    selu = 19,
    gelu = 20,
    geluTanh = 21,
    silu = 22,
    softplus = 23,
    hardSigmoid = 24,
    hardSwish = 25,
    sigmoidGradient = 26,
    tanhGradient = 27,
    reluGradient = 28,
    leakyReluGradient = 29,
    eluGradient = 30,
    seluGradient = 31,
    geluGradient = 32,
    geluTanhGradient = 33,
    siluGradient = 34,
    softplusGradient = 35,
    hardSigmoidGradient = 36,
    hardSwishGradient = 37,
    negate = 38,
    exp = 39,
    log = 40,
    sqrt = 41,
    square = 42,
    abs = 43,
    sign = 44,
    step = 45,
    erf = 46,
    clamp = 47,
    add = 48,
    subtract = 49,
    multiply = 50,
    divide = 51,
    power = 52,
    maximum = 53,
    minimum = 54,
    squaredError = 55,
    absoluteError = 56,
    huberError = 57,
    logisticError = 58,
    bernoulliError = 59,
    relativeEntropy = 60,
    squaredErrorGradient = 61,
    absoluteErrorGradient = 62,
    huberErrorGradient = 63,
    logisticErrorGradient = 64,
    bernoulliErrorGradient = 65,
    relativeEntropyGradient = 66,
    sum = 67,
    softmax = 68,
    softmaxGradient = 69,
    logSoftmax = 70,
    logSoftmaxGradient = 71,
    pick = 72,
    scatter = 73,
    softmaxCrossEntropy = 74,
    softmaxCrossEntropyGradient = 75,
    correct = 76,
    sgd = 77,
    momentum = 78,
    adagrad = 79,
    rmsprop = 80,
    adam = 81,
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
    "bbbsf",  // sgd
    "bbbbsffi",  // momentum
    "bbbbsff",  // adagrad
    "bbbbsfff",  // rmsprop
    "bbbbbsffffi",  // adam
};

}  // namespace chainrule
