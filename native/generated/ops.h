// Generated from the op table by src/codegen/cpp.ts; do not edit.
#pragma once

#include <stdint.h>

namespace chainrule {

// A binary and a program belong together only where these two agree.
constexpr uint32_t TABLE_HASH = 0x26de3569u;
constexpr int32_t PROGRAM_VERSION = 1;

constexpr int32_t HEADER_WORDS = 2;
constexpr int32_t ABSENT = -1;
constexpr int32_t ALIGNMENT_BYTES = 64;
constexpr int32_t BLOCK_DEPTH = 512;
constexpr int32_t ROW_PART = 4096;
constexpr int64_t ATTENTION_TILE = 64;
// Of sums of a convolution’s weight: their parts, see kernels/convolution_parts.h.
constexpr int64_t WEIGHT_MOST_PARTS = 8;
constexpr int64_t WEIGHT_SUMS = 262144;
constexpr int64_t WEIGHT_LEAST_POSITIONS = 512;
// Of products of bytes: columns of a panel, rows that are quantised together, the largest numbers of a weight and of an activation.
constexpr int64_t BYTE_PANEL = 16;
constexpr int64_t BYTE_ROWS = 48;
constexpr int32_t MOST_WEIGHT = 127;
constexpr int32_t MOST_ACTIVATION = 255;
// Of an `elementwise` instruction: its places, the bits of a step’s word, the elements of a block.
constexpr int32_t ELEMENT_INPUTS = 8;
constexpr int32_t ELEMENT_OUTPUTS = 4;
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
constexpr int32_t ELEMENT_SUM = 83;
// How the first word of an instruction’s division says that threads meet before it, that they compute it together, and that they divide it within rows.
constexpr int32_t MEETS = 1;
constexpr int32_t TOGETHER = 2;
constexpr int32_t SPLITS = 4;
// An index of nothing.
constexpr int32_t NO_INDEX = INT32_MIN;
constexpr int32_t OP_COUNT = 136;
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
    affineSlope = 15,
    deltaMatmul = 16,
    matmulMultiply = 17,
    conv2d = 18,
    conv2dInput = 19,
    conv2dWeight = 20,
    conv2dAffine = 21,
    conv2dDelta = 22,
    maxPool2d = 23,
    maxPool2dGradient = 24,
    maxPool2dPick = 25,
    maxPool2dDelta = 26,
    averagePool2d = 27,
    averagePool2dGradient = 28,
    sigmoid = 29,
    tanh = 30,
    relu = 31,
    leakyRelu = 32,
    elu = 33,
    selu = 34,
    gelu = 35,
    geluTanh = 36,
    silu = 37,
    softplus = 38,
    hardSigmoid = 39,
    hardSwish = 40,
    sigmoidGradient = 41,
    tanhGradient = 42,
    reluGradient = 43,
    leakyReluGradient = 44,
    eluGradient = 45,
    seluGradient = 46,
    geluGradient = 47,
    geluTanhGradient = 48,
    siluGradient = 49,
    softplusGradient = 50,
    hardSigmoidGradient = 51,
    hardSwishGradient = 52,
    negate = 53,
    exp = 54,
    log = 55,
    sqrt = 56,
    square = 57,
    abs = 58,
    sign = 59,
    step = 60,
    erf = 61,
    clamp = 62,
    roundBfloat16 = 63,
    add = 64,
    subtract = 65,
    multiply = 66,
    divide = 67,
    power = 68,
    maximum = 69,
    minimum = 70,
    squaredError = 71,
    absoluteError = 72,
    huberError = 73,
    logisticError = 74,
    bernoulliError = 75,
    relativeEntropy = 76,
    squaredErrorGradient = 77,
    absoluteErrorGradient = 78,
    huberErrorGradient = 79,
    logisticErrorGradient = 80,
    bernoulliErrorGradient = 81,
    relativeEntropyGradient = 82,
    elementwise = 83,
    sum = 84,
    norm = 85,
    softmax = 86,
    softmaxGradient = 87,
    logSoftmax = 88,
    logSoftmaxGradient = 89,
    toIndex = 90,
    toNumber = 91,
    clampIndex = 92,
    pick = 93,
    scatter = 94,
    softmaxCrossEntropy = 95,
    softmaxCrossEntropyGradient = 96,
    correct = 97,
    argmax = 98,
    rank = 99,
    histogram = 100,
    ctc = 101,
    ctcGradient = 102,
    rnn = 103,
    rnnGradient = 104,
    lstm = 105,
    lstmGradient = 106,
    gru = 107,
    gruGradient = 108,
    previousStates = 109,
    sequenceMask = 110,
    batchNorm = 111,
    batchNormGradient = 112,
    normalize = 113,
    normalizeGradient = 114,
    normalizeParameterGradient = 115,
    embed = 116,
    embedGradient = 117,
    attention = 118,
    attentionGradient = 119,
    sgd = 120,
    momentum = 121,
    adagrad = 122,
    rmsprop = 123,
    adam = 124,
    momentumBfloat16 = 125,
    adamBfloat16 = 126,
    embedSgd = 127,
    embedMomentum = 128,
    embedAdam = 129,
    embedMomentumBfloat16 = 130,
    embedAdamBfloat16 = 131,
    drawUniform = 132,
    drawNormal = 133,
    quantizeWeight = 134,
    quantizedAffine = 135,
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
    rounding = 5,
    rows = 6,
    augment = 7,
};

// What a word after an instruction’s header is.
enum class WordKind : uint8_t {
    buffer,  // the place of an operand in the arena
    bufferOrAbsent,  // the same, or ABSENT
    packable,  // the place of an operand of which the kernel takes a packed copy
    size,  // a size
    range,  // a size of which the kernel takes a range
    integer,  // an integer
    literal,  // an index into the literals
    activation,  // an Activation
};

constexpr bool isBuffer(WordKind kind) {
  return kind == WordKind::buffer || kind == WordKind::bufferOrAbsent || kind == WordKind::packable;
}

constexpr bool isSize(WordKind kind) { return kind == WordKind::size || kind == WordKind::range; }

struct Signature {
  int32_t count;
  WordKind words[56];
};

// The words after the header, by op.
constexpr Signature SIGNATURES[OP_COUNT] = {
    // beginStep
    {0, {}},
    // gather
    {5, {WordKind::buffer, WordKind::integer, WordKind::range, WordKind::integer, WordKind::integer}},
    // record
    {4, {WordKind::buffer, WordKind::integer, WordKind::size, WordKind::size}},
    // dropout
    {5, {WordKind::buffer, WordKind::buffer, WordKind::range, WordKind::literal, WordKind::integer}},
    // fill
    {3, {WordKind::buffer, WordKind::size, WordKind::literal}},
    // scale
    {5, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal, WordKind::size}},
    // reshape
    {14, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size}},
    // permute
    {14, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size}},
    // broadcast
    {14, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size}},
    // slice
    {6, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size, WordKind::size}},
    // insert
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size}},
    // assign
    {3, {WordKind::buffer, WordKind::buffer, WordKind::size}},
    // accumulate
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // matmul
    {12, {WordKind::buffer, WordKind::packable, WordKind::buffer, WordKind::size, WordKind::range, WordKind::range,
        WordKind::size, WordKind::size, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer}},
    // affine
    {15, {WordKind::buffer, WordKind::packable, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::size,
        WordKind::range, WordKind::range, WordKind::size, WordKind::size, WordKind::size, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::activation, WordKind::literal}},
    // affineSlope
    {16, {WordKind::buffer, WordKind::packable, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer,
        WordKind::size, WordKind::range, WordKind::range, WordKind::size, WordKind::size, WordKind::size,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::activation, WordKind::literal}},
    // deltaMatmul
    {15, {WordKind::buffer, WordKind::packable, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::range, WordKind::size, WordKind::size, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::activation, WordKind::literal}},
    // matmulMultiply
    {13, {WordKind::buffer, WordKind::packable, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::range, WordKind::size, WordKind::size, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer}},
    // conv2d
    {19, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::range, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // conv2dInput
    {19, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range, WordKind::integer,
        WordKind::integer, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // conv2dWeight
    {19, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::range, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // conv2dAffine
    {22, {WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::size,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::range, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::activation,
        WordKind::literal}},
    // conv2dDelta
    {22, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::integer, WordKind::integer, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::activation, WordKind::literal}},
    // maxPool2d
    {13, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // maxPool2dGradient
    {14, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer}},
    // maxPool2dPick
    {14, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer}},
    // maxPool2dDelta
    {17, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::activation,
        WordKind::literal}},
    // averagePool2d
    {13, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // averagePool2dGradient
    {13, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // sigmoid
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // tanh
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // relu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // leakyRelu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // elu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // selu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // gelu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // geluTanh
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // silu
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // softplus
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // hardSigmoid
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // hardSwish
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // sigmoidGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // tanhGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // reluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // leakyReluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // eluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // seluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // geluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // geluTanhGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // siluGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // softplusGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // hardSigmoidGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // hardSwishGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // negate
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // exp
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // log
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // sqrt
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // square
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // abs
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // sign
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // step
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // erf
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // clamp
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // roundBfloat16
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // add
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // subtract
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // multiply
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // divide
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // power
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // maximum
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // minimum
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // squaredError
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // absoluteError
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // huberError
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // logisticError
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // bernoulliError
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // relativeEntropy
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::size,
        WordKind::literal}},
    // squaredErrorGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // absoluteErrorGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // huberErrorGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // logisticErrorGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // bernoulliErrorGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // relativeEntropyGradient
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // elementwise
    {56, {WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent,
        WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent,
        WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::range, WordKind::integer,
        WordKind::size, WordKind::integer, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::literal,
        WordKind::literal, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::literal,
        WordKind::literal, WordKind::literal, WordKind::literal, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // sum
    {5, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range, WordKind::range}},
    // norm
    {3, {WordKind::buffer, WordKind::buffer, WordKind::size}},
    // softmax
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range}},
    // softmaxGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range}},
    // logSoftmax
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range}},
    // logSoftmaxGradient
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range}},
    // toIndex
    {3, {WordKind::buffer, WordKind::buffer, WordKind::size}},
    // toNumber
    {3, {WordKind::buffer, WordKind::buffer, WordKind::size}},
    // clampIndex
    {3, {WordKind::buffer, WordKind::buffer, WordKind::size}},
    // pick
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // scatter
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // softmaxCrossEntropy
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::integer}},
    // softmaxCrossEntropyGradient
    {8, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::integer, WordKind::integer}},
    // correct
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::integer,
        WordKind::literal}},
    // argmax
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // rank
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // histogram
    {6, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size}},
    // ctc
    {10, {WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::size,
        WordKind::size, WordKind::size, WordKind::size, WordKind::integer, WordKind::integer}},
    // ctcGradient
    {11, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer,
        WordKind::size, WordKind::size, WordKind::size, WordKind::size, WordKind::integer, WordKind::integer}},
    // rnn
    {10, {WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::buffer,
        WordKind::size, WordKind::size, WordKind::range, WordKind::integer, WordKind::integer}},
    // rnnGradient
    {12, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::size, WordKind::range, WordKind::integer, WordKind::integer,
        WordKind::integer}},
    // lstm
    {12, {WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent,
        WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size,
        WordKind::range, WordKind::integer}},
    // lstmGradient
    {15, {WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::size, WordKind::size, WordKind::range, WordKind::integer, WordKind::integer}},
    // gru
    {11, {WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent,
        WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::range,
        WordKind::integer}},
    // gruGradient
    {14, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent,
        WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size,
        WordKind::range, WordKind::integer, WordKind::integer}},
    // previousStates
    {7, {WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size,
        WordKind::integer}},
    // sequenceMask
    {4, {WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size}},
    // batchNorm
    {10, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::range, WordKind::range, WordKind::size, WordKind::literal}},
    // batchNormGradient
    {12, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::buffer, WordKind::buffer, WordKind::range, WordKind::range, WordKind::size, WordKind::literal}},
    // normalize
    {10, {WordKind::buffer, WordKind::bufferOrAbsent, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::size, WordKind::integer, WordKind::literal}},
    // normalizeGradient
    {9, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent,
        WordKind::buffer, WordKind::size, WordKind::size, WordKind::integer}},
    // normalizeParameterGradient
    {8, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::size, WordKind::range}},
    // embed
    {6, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size, WordKind::size}},
    // embedGradient
    {6, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range, WordKind::size}},
    // attention
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::range, WordKind::size, WordKind::size, WordKind::size,
        WordKind::integer, WordKind::literal}},
    // attentionGradient
    {18, {WordKind::buffer, WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::bufferOrAbsent, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::range, WordKind::size, WordKind::size, WordKind::size,
        WordKind::integer, WordKind::literal}},
    // sgd
    {5, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal}},
    // momentum
    {8, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal,
        WordKind::literal, WordKind::integer}},
    // adagrad
    {7, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal,
        WordKind::literal}},
    // rmsprop
    {8, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::literal,
        WordKind::literal, WordKind::literal}},
    // adam
    {12, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::size, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::integer}},
    // momentumBfloat16
    {10, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::range,
        WordKind::literal, WordKind::literal, WordKind::integer, WordKind::integer}},
    // adamBfloat16
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::range, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::literal, WordKind::integer,
        WordKind::integer}},
    // embedSgd
    {9, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::range,
        WordKind::size, WordKind::literal, WordKind::integer}},
    // embedMomentum
    {12, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size,
        WordKind::range, WordKind::size, WordKind::literal, WordKind::literal, WordKind::integer, WordKind::integer}},
    // embedAdam
    {16, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::range, WordKind::size, WordKind::literal, WordKind::literal,
        WordKind::literal, WordKind::literal, WordKind::integer, WordKind::integer}},
    // embedMomentumBfloat16
    {14, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::size, WordKind::range, WordKind::size, WordKind::literal, WordKind::literal, WordKind::integer,
        WordKind::integer, WordKind::integer}},
    // embedAdamBfloat16
    {17, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer,
        WordKind::buffer, WordKind::size, WordKind::range, WordKind::size, WordKind::literal, WordKind::literal,
        WordKind::literal, WordKind::literal, WordKind::integer, WordKind::integer, WordKind::integer}},
    // drawUniform
    {5, {WordKind::buffer, WordKind::range, WordKind::integer, WordKind::integer, WordKind::literal}},
    // drawNormal
    {5, {WordKind::buffer, WordKind::range, WordKind::integer, WordKind::integer, WordKind::literal}},
    // quantizeWeight
    {9, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::size, WordKind::size,
        WordKind::integer, WordKind::integer, WordKind::literal}},
    // quantizedAffine
    {13, {WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::buffer, WordKind::bufferOrAbsent,
        WordKind::buffer, WordKind::range, WordKind::range, WordKind::size, WordKind::integer, WordKind::literal,
        WordKind::activation, WordKind::literal}},
};

// Places among the arguments of `elementwise`.
namespace elementwiseWords {
constexpr int x0 = 0;
constexpr int x1 = 1;
constexpr int x2 = 2;
constexpr int x3 = 3;
constexpr int x4 = 4;
constexpr int x5 = 5;
constexpr int x6 = 6;
constexpr int x7 = 7;
constexpr int out0 = 8;
constexpr int out1 = 9;
constexpr int out2 = 10;
constexpr int out3 = 11;
constexpr int outer = 12;
constexpr int middle = 13;
constexpr int inner = 14;
constexpr int sums = 15;
constexpr int reduced = 16;
constexpr int ways = 17;
constexpr int count = 18;
constexpr int counted = 19;
constexpr int literal0 = 20;
constexpr int literal1 = 21;
constexpr int literal2 = 22;
constexpr int literal3 = 23;
constexpr int literal4 = 24;
constexpr int literal5 = 25;
constexpr int literal6 = 26;
constexpr int literal7 = 27;
constexpr int literal8 = 28;
constexpr int literal9 = 29;
constexpr int literal10 = 30;
constexpr int literal11 = 31;
constexpr int step0 = 32;
constexpr int step1 = 33;
constexpr int step2 = 34;
constexpr int step3 = 35;
constexpr int step4 = 36;
constexpr int step5 = 37;
constexpr int step6 = 38;
constexpr int step7 = 39;
constexpr int step8 = 40;
constexpr int step9 = 41;
constexpr int step10 = 42;
constexpr int step11 = 43;
constexpr int step12 = 44;
constexpr int step13 = 45;
constexpr int step14 = 46;
constexpr int step15 = 47;
constexpr int step16 = 48;
constexpr int step17 = 49;
constexpr int step18 = 50;
constexpr int step19 = 51;
constexpr int step20 = 52;
constexpr int step21 = 53;
constexpr int step22 = 54;
constexpr int step23 = 55;
}  // namespace elementwiseWords


}  // namespace chainrule
