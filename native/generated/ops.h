// Generated from the op table by src/codegen/cpp.ts; do not edit.
#pragma once

#include <stdint.h>

namespace chainrule {

// A binary and a program belong together only where these two agree.
constexpr uint32_t TABLE_HASH = 0x81d70b37u;
constexpr int32_t PROGRAM_VERSION = 1;

constexpr int32_t HEADER_WORDS = 2;
constexpr int32_t ABSENT = -1;
constexpr int32_t ALIGNMENT_BYTES = 64;
constexpr int32_t BLOCK_DEPTH = 512;
constexpr int32_t ROW_PART = 4096;
// Of an `elementwise` instruction: its places, the bits of a step’s word, the elements of a block.
constexpr int32_t ELEMENT_INPUTS = 8;
constexpr int32_t ELEMENT_OUTPUTS = 4;
constexpr int32_t ELEMENT_OPERANDS = ELEMENT_INPUTS + ELEMENT_OUTPUTS;
constexpr int32_t ELEMENT_REGISTERS = 8;
constexpr int32_t ELEMENT_LITERALS = 12;
constexpr int32_t ELEMENT_STEPS = 24;
constexpr int32_t ELEMENT_FUNCTION_BITS = 7;
constexpr int32_t ELEMENT_RESULT_BITS = 4;
constexpr int32_t ELEMENT_PLACE_BITS = 5;
constexpr int32_t ELEMENT_SOURCES = 4;
constexpr int64_t ELEMENT_BLOCK = 1024;
constexpr int64_t ELEMENT_PART = 1024;
// The number of the function that adds elements up, the last of all.
constexpr int32_t ELEMENT_SUM = 82;
// How the first word of an instruction’s division says that threads meet before it, and that they compute it together.
constexpr int32_t MEETS = 1;
constexpr int32_t TOGETHER = 2;
// An index of nothing.
constexpr int32_t NO_INDEX = INT32_MIN;
constexpr int32_t OP_COUNT = 125;
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
    conv2d = 16,
    conv2dInput = 17,
    conv2dWeight = 18,
    conv2dAffine = 19,
    conv2dDelta = 20,
    maxPool2d = 21,
    maxPool2dGradient = 22,
    maxPool2dPick = 23,
    maxPool2dDelta = 24,
    averagePool2d = 25,
    averagePool2dGradient = 26,
    sigmoid = 27,
    tanh = 28,
    relu = 29,
    leakyRelu = 30,
    elu = 31,
    selu = 32,
    gelu = 33,
    geluTanh = 34,
    silu = 35,
    softplus = 36,
    hardSigmoid = 37,
    hardSwish = 38,
    sigmoidGradient = 39,
    tanhGradient = 40,
    reluGradient = 41,
    leakyReluGradient = 42,
    eluGradient = 43,
    seluGradient = 44,
    geluGradient = 45,
    geluTanhGradient = 46,
    siluGradient = 47,
    softplusGradient = 48,
    hardSigmoidGradient = 49,
    hardSwishGradient = 50,
    negate = 51,
    exp = 52,
    log = 53,
    sqrt = 54,
    square = 55,
    abs = 56,
    sign = 57,
    step = 58,
    erf = 59,
    clamp = 60,
    add = 61,
    subtract = 62,
    multiply = 63,
    divide = 64,
    power = 65,
    maximum = 66,
    minimum = 67,
    squaredError = 68,
    absoluteError = 69,
    huberError = 70,
    logisticError = 71,
    bernoulliError = 72,
    relativeEntropy = 73,
    squaredErrorGradient = 74,
    absoluteErrorGradient = 75,
    huberErrorGradient = 76,
    logisticErrorGradient = 77,
    bernoulliErrorGradient = 78,
    relativeEntropyGradient = 79,
    elementwise = 80,
    sum = 81,
    norm = 82,
    softmax = 83,
    softmaxGradient = 84,
    logSoftmax = 85,
    logSoftmaxGradient = 86,
    toIndex = 87,
    toNumber = 88,
    clampIndex = 89,
    pick = 90,
    scatter = 91,
    softmaxCrossEntropy = 92,
    softmaxCrossEntropyGradient = 93,
    correct = 94,
    argmax = 95,
    rank = 96,
    histogram = 97,
    ctc = 98,
    ctcGradient = 99,
    rnn = 100,
    rnnGradient = 101,
    lstm = 102,
    lstmGradient = 103,
    gru = 104,
    gruGradient = 105,
    previousStates = 106,
    sequenceMask = 107,
    batchNorm = 108,
    batchNormGradient = 109,
    normalize = 110,
    normalizeGradient = 111,
    normalizeParameterGradient = 112,
    embed = 113,
    embedGradient = 114,
    embedSgd = 115,
    attention = 116,
    attentionGradient = 117,
    sgd = 118,
    momentum = 119,
    adagrad = 120,
    rmsprop = 121,
    adam = 122,
    drawUniform = 123,
    drawNormal = 124,
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
    "birii",  // gather
    "biss",  // record
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
    "bbbsiiiriiiiiiiiiii",  // conv2d
    "bbbsriisiiiiiiiiiii",  // conv2dInput
    "bbbsiiiriiiiiiiiiii",  // conv2dWeight
    "bbobsiiiriiiiiiiiiiiaf",  // conv2dAffine
    "bbbbsriisiiiiiiiiiiiaf",  // conv2dDelta
    "bbsiiiiiiiiii",  // maxPool2d
    "bbbsiiiiiiiiii",  // maxPool2dGradient
    "bbbsiiiiiiiiii",  // maxPool2dPick
    "bbbbsiiiiiiiiiiaf",  // maxPool2dDelta
    "bbsiiiiiiiiii",  // averagePool2d
    "bbsiiiiiiiiii",  // averagePool2dGradient
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
    "oooooooooooossssrisiffffffffffffiiiiiiiiiiiiiiiiiiiiiiii",  // elementwise
    "bbsrr",  // sum
    "bbs",  // norm
    "bbsr",  // softmax
    "bbbsr",  // softmaxGradient
    "bbsr",  // logSoftmax
    "bbbsr",  // logSoftmaxGradient
    "bbs",  // toIndex
    "bbs",  // toNumber
    "bbs",  // clampIndex
    "bbbss",  // pick
    "bbbss",  // scatter
    "bbbbsri",  // softmaxCrossEntropy
    "bbbbsrii",  // softmaxCrossEntropyGradient
    "bbbssif",  // correct
    "bbss",  // argmax
    "bbbss",  // rank
    "bbbsss",  // histogram
    "bbobssssii",  // ctc
    "bbbobssssii",  // ctcGradient
    "bboobssrii",  // rnn
    "bbbobbssriii",  // rnnGradient
    "bbooobbbssri",  // lstm
    "oobbboobbbssrii",  // lstmGradient
    "bbooobbssri",  // gru
    "bbbboobbbssrii",  // gruGradient
    "bobsssi",  // previousStates
    "bbss",  // sequenceMask
    "bbbbbbsrsf",  // batchNorm
    "bbbbbbbbsrsf",  // batchNormGradient
    "boobbbssif",  // normalize
    "bbbbobssi",  // normalizeGradient
    "bbbbbbsr",  // normalizeParameterGradient
    "bbbsss",  // embed
    "bbbsrs",  // embedGradient
    "bbbbsrs",  // embedSgd
    "bbbobbsrsssif",  // attention
    "bobbbobbbbbsrsssif",  // attentionGradient
    "bbbsf",  // sgd
    "bbbbsffi",  // momentum
    "bbbbsff",  // adagrad
    "bbbbsfff",  // rmsprop
    "bbbbbbsffffi",  // adam
    "briif",  // drawUniform
    "briif",  // drawNormal
};

}  // namespace chainrule
