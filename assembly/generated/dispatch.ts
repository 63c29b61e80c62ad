// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import { Context } from '../context';
import * as attention from '../kernels/attention';
import * as batch from '../kernels/batch';
import * as classification from '../kernels/classification';
import * as convolution from '../kernels/convolution';
import * as ctc from '../kernels/ctc';
import * as embedding from '../kernels/embedding';
import * as fused from '../kernels/fused';
import * as indices from '../kernels/indices';
import * as matmul from '../kernels/matmul';
import * as movement from '../kernels/movement';
import * as normalization from '../kernels/normalization';
import * as optimizers from '../kernels/optimizers';
import * as pooling from '../kernels/pooling';
import * as quantization from '../kernels/quantization';
import * as random from '../kernels/random';
import * as recurrent from '../kernels/recurrent';
import * as reductions from '../kernels/reductions';
import * as row_updates from '../kernels/row_updates';
import * as families from './families';
import { AccumulateArguments, AdagradArguments, AdamArguments, AdamBfloat16Arguments, AffineArguments, AffineSlopeArguments, ArgmaxArguments, AssignArguments, AttentionArguments, AttentionGradientArguments, AveragePool2dArguments, AveragePool2dGradientArguments, BatchNormArguments, BatchNormGradientArguments, BinaryArguments, BinaryGradientArguments, ClampIndexArguments, Conv2dAffineArguments, Conv2dArguments, Conv2dDeltaArguments, Conv2dInputArguments, Conv2dWeightArguments, CorrectArguments, CtcArguments, CtcGradientArguments, DeltaMatmulArguments, DrawNormalArguments, DrawUniformArguments, DropoutArguments, EmbedAdamArguments, EmbedAdamBfloat16Arguments, EmbedArguments, EmbedGradientArguments, EmbedMomentumArguments, EmbedMomentumBfloat16Arguments, EmbedSgdArguments, FillArguments, GatherArguments, GruArguments, GruGradientArguments, HistogramArguments, InsertArguments, LogSoftmaxArguments, LogSoftmaxGradientArguments, LstmArguments, LstmGradientArguments, MatmulArguments, MatmulMultiplyArguments, MaxPool2dArguments, MaxPool2dDeltaArguments, MaxPool2dGradientArguments, MaxPool2dPickArguments, MomentumArguments, MomentumBfloat16Arguments, NormArguments, NormalizeArguments, NormalizeGradientArguments, NormalizeParameterGradientArguments, PickArguments, PreviousStatesArguments, QuantizeWeightArguments, QuantizedAffineArguments, RankArguments, RecordArguments, RmspropArguments, RnnArguments, RnnGradientArguments, ScaleArguments, ScatterArguments, SequenceMaskArguments, SgdArguments, SliceArguments, SoftmaxArguments, SoftmaxCrossEntropyArguments, SoftmaxCrossEntropyGradientArguments, SoftmaxGradientArguments, StridedCopyArguments, SumArguments, ToIndexArguments, ToNumberArguments, UnaryArguments, UnaryGradientArguments } from './arguments';

/** Executes the instruction whose first word lies at `at`. */
@inline
export function dispatch(context: Context, at: usize): void {
  dispatchPart(context, at, 0, 0, 0);
}

/**
 * Executes `count` from `first` on of the size in word `over` of the instruction at `at`, which takes ranges of it; all of the
 * instruction where `over` is 0. Operands and floats are addresses, sizes are resolved: src/backends/wasm/code.ts.
 */
export function dispatchPart(context: Context, at: usize, over: i32, first: i32, count: i32): void {
  switch (load<i32>(at)) {
    case 0: // beginStep
      batch.beginStep(context);
      break;
    case 1: // gather
      batch.gather(context, over == 4 ? first : 0, over == 4 ? count : load<i32>(at, 16), changetype<GatherArguments>(at + 8));
      break;
    case 2: // record
      batch.record(context, changetype<RecordArguments>(at + 8));
      break;
    case 3: // dropout
      batch.dropout(context, over == 4 ? first : 0, over == 4 ? count : load<i32>(at, 16), changetype<DropoutArguments>(at + 8));
      break;
    case 4: // fill
      movement.fill(changetype<FillArguments>(at + 8));
      break;
    case 5: // scale
      movement.scale(changetype<ScaleArguments>(at + 8));
      break;
    case 6: // reshape
    case 7: // permute
    case 8: // broadcast
      movement.stridedCopy(changetype<StridedCopyArguments>(at + 8));
      break;
    case 9: // slice
      movement.slice(changetype<SliceArguments>(at + 8));
      break;
    case 10: // insert
      movement.insert(changetype<InsertArguments>(at + 8));
      break;
    case 11: // assign
      movement.assign(changetype<AssignArguments>(at + 8));
      break;
    case 12: // accumulate
      movement.accumulate(changetype<AccumulateArguments>(at + 8));
      break;
    case 13: // matmul
      matmul.matmul(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<MatmulArguments>(at + 8));
      break;
    case 14: // affine
      matmul.affine(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<AffineArguments>(at + 8));
      break;
    case 15: // affineSlope
      matmul.affineSlope(over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<AffineSlopeArguments>(at + 8));
      break;
    case 16: // deltaMatmul
      matmul.deltaMatmul(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<DeltaMatmulArguments>(at + 8));
      break;
    case 17: // matmulMultiply
      matmul.matmulMultiply(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<MatmulMultiplyArguments>(at + 8));
      break;
    case 18: // conv2d
      convolution.conv2d(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<Conv2dArguments>(at + 8));
      break;
    case 19: // conv2dInput
      convolution.conv2dInput(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<Conv2dInputArguments>(at + 8));
      break;
    case 20: // conv2dWeight
      convolution.conv2dWeight(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<Conv2dWeightArguments>(at + 8));
      break;
    case 21: // conv2dAffine
      convolution.conv2dAffine(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<Conv2dAffineArguments>(at + 8));
      break;
    case 22: // conv2dDelta
      convolution.conv2dDelta(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<Conv2dDeltaArguments>(at + 8));
      break;
    case 23: // maxPool2d
      pooling.maxPool2d(changetype<MaxPool2dArguments>(at + 8));
      break;
    case 24: // maxPool2dGradient
      pooling.maxPool2dGradient(changetype<MaxPool2dGradientArguments>(at + 8));
      break;
    case 25: // maxPool2dPick
      pooling.maxPool2dPick(changetype<MaxPool2dPickArguments>(at + 8));
      break;
    case 26: // maxPool2dDelta
      pooling.maxPool2dDelta(changetype<MaxPool2dDeltaArguments>(at + 8));
      break;
    case 27: // averagePool2d
      pooling.averagePool2d(changetype<AveragePool2dArguments>(at + 8));
      break;
    case 28: // averagePool2dGradient
      pooling.averagePool2dGradient(changetype<AveragePool2dGradientArguments>(at + 8));
      break;
    case 29: // sigmoid
      { const args = changetype<UnaryArguments>(at + 8); families.unarySigmoid(args.x, args.out, args.size, args.alpha); };
      break;
    case 30: // tanh
      { const args = changetype<UnaryArguments>(at + 8); families.unaryTanh(args.x, args.out, args.size, args.alpha); };
      break;
    case 31: // relu
      { const args = changetype<UnaryArguments>(at + 8); families.unaryRelu(args.x, args.out, args.size, args.alpha); };
      break;
    case 32: // leakyRelu
      { const args = changetype<UnaryArguments>(at + 8); families.unaryLeakyRelu(args.x, args.out, args.size, args.alpha); };
      break;
    case 33: // elu
      { const args = changetype<UnaryArguments>(at + 8); families.unaryElu(args.x, args.out, args.size, args.alpha); };
      break;
    case 34: // selu
      { const args = changetype<UnaryArguments>(at + 8); families.unarySelu(args.x, args.out, args.size, args.alpha); };
      break;
    case 35: // gelu
      { const args = changetype<UnaryArguments>(at + 8); families.unaryGelu(args.x, args.out, args.size, args.alpha); };
      break;
    case 36: // geluTanh
      { const args = changetype<UnaryArguments>(at + 8); families.unaryGeluTanh(args.x, args.out, args.size, args.alpha); };
      break;
    case 37: // silu
      { const args = changetype<UnaryArguments>(at + 8); families.unarySilu(args.x, args.out, args.size, args.alpha); };
      break;
    case 38: // softplus
      { const args = changetype<UnaryArguments>(at + 8); families.unarySoftplus(args.x, args.out, args.size, args.alpha); };
      break;
    case 39: // hardSigmoid
      { const args = changetype<UnaryArguments>(at + 8); families.unaryHardSigmoid(args.x, args.out, args.size, args.alpha); };
      break;
    case 40: // hardSwish
      { const args = changetype<UnaryArguments>(at + 8); families.unaryHardSwish(args.x, args.out, args.size, args.alpha); };
      break;
    case 41: // sigmoidGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientSigmoid(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 42: // tanhGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientTanh(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 43: // reluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientRelu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 44: // leakyReluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientLeakyRelu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 45: // eluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientElu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 46: // seluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientSelu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 47: // geluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientGelu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 48: // geluTanhGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientGeluTanh(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 49: // siluGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientSilu(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 50: // softplusGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientSoftplus(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 51: // hardSigmoidGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientHardSigmoid(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 52: // hardSwishGradient
      { const args = changetype<UnaryGradientArguments>(at + 8); families.unaryGradientHardSwish(args.delta, args.saved, args.out, args.size, args.alpha); };
      break;
    case 53: // negate
      { const args = changetype<UnaryArguments>(at + 8); families.unaryNegate(args.x, args.out, args.size, args.alpha); };
      break;
    case 54: // exp
      { const args = changetype<UnaryArguments>(at + 8); families.unaryExp(args.x, args.out, args.size, args.alpha); };
      break;
    case 55: // log
      { const args = changetype<UnaryArguments>(at + 8); families.unaryLog(args.x, args.out, args.size, args.alpha); };
      break;
    case 56: // sqrt
      { const args = changetype<UnaryArguments>(at + 8); families.unarySqrt(args.x, args.out, args.size, args.alpha); };
      break;
    case 57: // square
      { const args = changetype<UnaryArguments>(at + 8); families.unarySquare(args.x, args.out, args.size, args.alpha); };
      break;
    case 58: // abs
      { const args = changetype<UnaryArguments>(at + 8); families.unaryAbs(args.x, args.out, args.size, args.alpha); };
      break;
    case 59: // sign
      { const args = changetype<UnaryArguments>(at + 8); families.unarySign(args.x, args.out, args.size, args.alpha); };
      break;
    case 60: // step
      { const args = changetype<UnaryArguments>(at + 8); families.unaryStep(args.x, args.out, args.size, args.alpha); };
      break;
    case 61: // erf
      { const args = changetype<UnaryArguments>(at + 8); families.unaryErf(args.x, args.out, args.size, args.alpha); };
      break;
    case 62: // clamp
      { const args = changetype<UnaryArguments>(at + 8); families.unaryClamp(args.x, args.out, args.size, args.alpha); };
      break;
    case 63: // roundBfloat16
      { const args = changetype<UnaryArguments>(at + 8); families.unaryRoundBfloat16(args.x, args.out, args.size, args.alpha); };
      break;
    case 64: // add
      { const args = changetype<BinaryArguments>(at + 8); families.binaryAdd(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 65: // subtract
      { const args = changetype<BinaryArguments>(at + 8); families.binarySubtract(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 66: // multiply
      { const args = changetype<BinaryArguments>(at + 8); families.binaryMultiply(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 67: // divide
      { const args = changetype<BinaryArguments>(at + 8); families.binaryDivide(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 68: // power
      { const args = changetype<BinaryArguments>(at + 8); families.binaryPower(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 69: // maximum
      { const args = changetype<BinaryArguments>(at + 8); families.binaryMaximum(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 70: // minimum
      { const args = changetype<BinaryArguments>(at + 8); families.binaryMinimum(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 71: // squaredError
      { const args = changetype<BinaryArguments>(at + 8); families.binarySquaredError(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 72: // absoluteError
      { const args = changetype<BinaryArguments>(at + 8); families.binaryAbsoluteError(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 73: // huberError
      { const args = changetype<BinaryArguments>(at + 8); families.binaryHuberError(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 74: // logisticError
      { const args = changetype<BinaryArguments>(at + 8); families.binaryLogisticError(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 75: // bernoulliError
      { const args = changetype<BinaryArguments>(at + 8); families.binaryBernoulliError(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 76: // relativeEntropy
      { const args = changetype<BinaryArguments>(at + 8); families.binaryRelativeEntropy(args.x, args.y, args.out, args.outer, args.middle, args.inner, args.xOuter, args.xMiddle, args.xInner, args.yOuter, args.yMiddle, args.yInner, args.alpha); };
      break;
    case 77: // squaredErrorGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientSquaredError(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 78: // absoluteErrorGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientAbsoluteError(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 79: // huberErrorGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientHuberError(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 80: // logisticErrorGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientLogisticError(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 81: // bernoulliErrorGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientBernoulliError(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 82: // relativeEntropyGradient
      { const args = changetype<BinaryGradientArguments>(at + 8); families.binaryGradientRelativeEntropy(args.delta, args.x, args.y, args.out, args.size, args.deltaStep, args.alpha); };
      break;
    case 83: // elementwise
      fused.elementwise(over == 18 ? first : 0, over == 18 ? count : load<i32>(at, 72), at);
      break;
    case 84: // sum
      reductions.sum(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<SumArguments>(at + 8));
      break;
    case 85: // norm
      reductions.norm(changetype<NormArguments>(at + 8));
      break;
    case 86: // softmax
      reductions.softmax(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), changetype<SoftmaxArguments>(at + 8));
      break;
    case 87: // softmaxGradient
      reductions.softmaxGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<SoftmaxGradientArguments>(at + 8));
      break;
    case 88: // logSoftmax
      reductions.logSoftmax(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), changetype<LogSoftmaxArguments>(at + 8));
      break;
    case 89: // logSoftmaxGradient
      reductions.logSoftmaxGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<LogSoftmaxGradientArguments>(at + 8));
      break;
    case 90: // toIndex
      indices.toIndex(changetype<ToIndexArguments>(at + 8));
      break;
    case 91: // toNumber
      indices.toNumber(changetype<ToNumberArguments>(at + 8));
      break;
    case 92: // clampIndex
      indices.clampIndex(changetype<ClampIndexArguments>(at + 8));
      break;
    case 93: // pick
      classification.pick(changetype<PickArguments>(at + 8));
      break;
    case 94: // scatter
      classification.scatter(changetype<ScatterArguments>(at + 8));
      break;
    case 95: // softmaxCrossEntropy
      classification.softmaxCrossEntropy(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<SoftmaxCrossEntropyArguments>(at + 8));
      break;
    case 96: // softmaxCrossEntropyGradient
      classification.softmaxCrossEntropyGradient(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<SoftmaxCrossEntropyGradientArguments>(at + 8));
      break;
    case 97: // correct
      classification.correct(changetype<CorrectArguments>(at + 8));
      break;
    case 98: // argmax
      classification.argmax(changetype<ArgmaxArguments>(at + 8));
      break;
    case 99: // rank
      classification.rank(changetype<RankArguments>(at + 8));
      break;
    case 100: // histogram
      classification.histogram(changetype<HistogramArguments>(at + 8));
      break;
    case 101: // ctc
      ctc.ctc(changetype<CtcArguments>(at + 8));
      break;
    case 102: // ctcGradient
      ctc.ctcGradient(changetype<CtcGradientArguments>(at + 8));
      break;
    case 103: // rnn
      recurrent.rnn(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<RnnArguments>(at + 8));
      break;
    case 104: // rnnGradient
      recurrent.rnnGradient(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<RnnGradientArguments>(at + 8));
      break;
    case 105: // lstm
      recurrent.lstm(over == 12 ? first : 0, over == 12 ? count : load<i32>(at, 48), changetype<LstmArguments>(at + 8));
      break;
    case 106: // lstmGradient
      recurrent.lstmGradient(over == 14 ? first : 0, over == 14 ? count : load<i32>(at, 56), changetype<LstmGradientArguments>(at + 8));
      break;
    case 107: // gru
      recurrent.gru(over == 11 ? first : 0, over == 11 ? count : load<i32>(at, 44), changetype<GruArguments>(at + 8));
      break;
    case 108: // gruGradient
      recurrent.gruGradient(over == 13 ? first : 0, over == 13 ? count : load<i32>(at, 52), changetype<GruGradientArguments>(at + 8));
      break;
    case 109: // previousStates
      recurrent.previousStates(changetype<PreviousStatesArguments>(at + 8));
      break;
    case 110: // sequenceMask
      recurrent.sequenceMask(changetype<SequenceMaskArguments>(at + 8));
      break;
    case 111: // batchNorm
      normalization.batchNorm(over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<BatchNormArguments>(at + 8));
      break;
    case 112: // batchNormGradient
      normalization.batchNormGradient(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), over == 11 ? first : 0, over == 11 ? count : load<i32>(at, 44), changetype<BatchNormGradientArguments>(at + 8));
      break;
    case 113: // normalize
      normalization.normalize(changetype<NormalizeArguments>(at + 8));
      break;
    case 114: // normalizeGradient
      normalization.normalizeGradient(changetype<NormalizeGradientArguments>(at + 8));
      break;
    case 115: // normalizeParameterGradient
      normalization.normalizeParameterGradient(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<NormalizeParameterGradientArguments>(at + 8));
      break;
    case 116: // embed
      embedding.embed(changetype<EmbedArguments>(at + 8));
      break;
    case 117: // embedGradient
      embedding.embedGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<EmbedGradientArguments>(at + 8));
      break;
    case 118: // attention
      attention.attention(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<AttentionArguments>(at + 8));
      break;
    case 119: // attentionGradient
      attention.attentionGradient(over == 14 ? first : 0, over == 14 ? count : load<i32>(at, 56), changetype<AttentionGradientArguments>(at + 8));
      break;
    case 120: // sgd
      optimizers.sgd(changetype<SgdArguments>(at + 8));
      break;
    case 121: // momentum
      optimizers.momentum(changetype<MomentumArguments>(at + 8));
      break;
    case 122: // adagrad
      optimizers.adagrad(changetype<AdagradArguments>(at + 8));
      break;
    case 123: // rmsprop
      optimizers.rmsprop(changetype<RmspropArguments>(at + 8));
      break;
    case 124: // adam
      optimizers.adam(changetype<AdamArguments>(at + 8));
      break;
    case 125: // momentumBfloat16
      optimizers.momentumBfloat16(context, over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<MomentumBfloat16Arguments>(at + 8));
      break;
    case 126: // adamBfloat16
      optimizers.adamBfloat16(context, over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<AdamBfloat16Arguments>(at + 8));
      break;
    case 127: // embedSgd
      row_updates.embedSgd(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<EmbedSgdArguments>(at + 8));
      break;
    case 128: // embedMomentum
      row_updates.embedMomentum(over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<EmbedMomentumArguments>(at + 8));
      break;
    case 129: // embedAdam
      row_updates.embedAdam(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<EmbedAdamArguments>(at + 8));
      break;
    case 130: // embedMomentumBfloat16
      row_updates.embedMomentumBfloat16(context, over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<EmbedMomentumBfloat16Arguments>(at + 8));
      break;
    case 131: // embedAdamBfloat16
      row_updates.embedAdamBfloat16(context, over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<EmbedAdamBfloat16Arguments>(at + 8));
      break;
    case 132: // drawUniform
      random.drawUniform(context, over == 3 ? first : 0, over == 3 ? count : load<i32>(at, 12), changetype<DrawUniformArguments>(at + 8));
      break;
    case 133: // drawNormal
      random.drawNormal(context, over == 3 ? first : 0, over == 3 ? count : load<i32>(at, 12), changetype<DrawNormalArguments>(at + 8));
      break;
    case 134: // quantizeWeight
      quantization.quantizeWeight(changetype<QuantizeWeightArguments>(at + 8));
      break;
    case 135: // quantizedAffine
      quantization.quantizedAffine(over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<QuantizedAffineArguments>(at + 8));
      break;
  }
}
