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
import * as random from '../kernels/random';
import * as recurrent from '../kernels/recurrent';
import * as reductions from '../kernels/reductions';
import * as families from './families';
import { AffineArguments, AveragePool2dArguments, AveragePool2dGradientArguments, Conv2dAffineArguments, Conv2dArguments, Conv2dDeltaArguments, Conv2dInputArguments, Conv2dWeightArguments, DeltaMatmulArguments, GruArguments, GruGradientArguments, LstmArguments, LstmGradientArguments, MatmulArguments, MaxPool2dArguments, MaxPool2dDeltaArguments, MaxPool2dGradientArguments, MaxPool2dPickArguments, PreviousStatesArguments, RnnArguments, RnnGradientArguments, SequenceMaskArguments } from './arguments';

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
      batch.gather(context, over == 4 ? first : 0, over == 4 ? count : load<i32>(at, 16), load<usize>(at, 8), load<i32>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 2: // record
      batch.record(context, load<usize>(at, 8), load<i32>(at, 12), load<i32>(at, 16), load<i32>(at, 20));
      break;
    case 3: // dropout
      batch.dropout(context, over == 4 ? first : 0, over == 4 ? count : load<i32>(at, 16), load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)), load<i32>(at, 24));
      break;
    case 4: // fill
      movement.fill(load<usize>(at, 8), load<i32>(at, 12), load<f64>(load<usize>(at, 16)));
      break;
    case 5: // scale
      movement.scale(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)), load<i32>(at, 24));
      break;
    case 6: // reshape
    case 7: // permute
    case 8: // broadcast
      movement.stridedCopy(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60));
      break;
    case 9: // slice
      movement.slice(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28));
      break;
    case 10: // insert
      movement.insert(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32));
      break;
    case 11: // assign
      movement.assign(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16));
      break;
    case 12: // accumulate
      movement.accumulate(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20));
      break;
    case 13: // matmul
      matmul.matmul(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<MatmulArguments>(at + 8));
      break;
    case 14: // affine
      matmul.affine(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<AffineArguments>(at + 8));
      break;
    case 15: // deltaMatmul
      matmul.deltaMatmul(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), over == 8 ? first : 0, over == 8 ? count : load<i32>(at, 32), changetype<DeltaMatmulArguments>(at + 8));
      break;
    case 16: // conv2d
      convolution.conv2d(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<Conv2dArguments>(at + 8));
      break;
    case 17: // conv2dInput
      convolution.conv2dInput(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), changetype<Conv2dInputArguments>(at + 8));
      break;
    case 18: // conv2dWeight
      convolution.conv2dWeight(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<Conv2dWeightArguments>(at + 8));
      break;
    case 19: // conv2dAffine
      convolution.conv2dAffine(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<Conv2dAffineArguments>(at + 8));
      break;
    case 20: // conv2dDelta
      convolution.conv2dDelta(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), changetype<Conv2dDeltaArguments>(at + 8));
      break;
    case 21: // maxPool2d
      pooling.maxPool2d(changetype<MaxPool2dArguments>(at + 8));
      break;
    case 22: // maxPool2dGradient
      pooling.maxPool2dGradient(changetype<MaxPool2dGradientArguments>(at + 8));
      break;
    case 23: // maxPool2dPick
      pooling.maxPool2dPick(changetype<MaxPool2dPickArguments>(at + 8));
      break;
    case 24: // maxPool2dDelta
      pooling.maxPool2dDelta(changetype<MaxPool2dDeltaArguments>(at + 8));
      break;
    case 25: // averagePool2d
      pooling.averagePool2d(changetype<AveragePool2dArguments>(at + 8));
      break;
    case 26: // averagePool2dGradient
      pooling.averagePool2dGradient(changetype<AveragePool2dGradientArguments>(at + 8));
      break;
    case 27: // sigmoid
      families.unarySigmoid(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 28: // tanh
      families.unaryTanh(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 29: // relu
      families.unaryRelu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 30: // leakyRelu
      families.unaryLeakyRelu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 31: // elu
      families.unaryElu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 32: // selu
      families.unarySelu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 33: // gelu
      families.unaryGelu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 34: // geluTanh
      families.unaryGeluTanh(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 35: // silu
      families.unarySilu(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 36: // softplus
      families.unarySoftplus(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 37: // hardSigmoid
      families.unaryHardSigmoid(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 38: // hardSwish
      families.unaryHardSwish(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 39: // sigmoidGradient
      families.unaryGradientSigmoid(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 40: // tanhGradient
      families.unaryGradientTanh(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 41: // reluGradient
      families.unaryGradientRelu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 42: // leakyReluGradient
      families.unaryGradientLeakyRelu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 43: // eluGradient
      families.unaryGradientElu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 44: // seluGradient
      families.unaryGradientSelu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 45: // geluGradient
      families.unaryGradientGelu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 46: // geluTanhGradient
      families.unaryGradientGeluTanh(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 47: // siluGradient
      families.unaryGradientSilu(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 48: // softplusGradient
      families.unaryGradientSoftplus(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 49: // hardSigmoidGradient
      families.unaryGradientHardSigmoid(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 50: // hardSwishGradient
      families.unaryGradientHardSwish(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 51: // negate
      families.unaryNegate(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 52: // exp
      families.unaryExp(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 53: // log
      families.unaryLog(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 54: // sqrt
      families.unarySqrt(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 55: // square
      families.unarySquare(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 56: // abs
      families.unaryAbs(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 57: // sign
      families.unarySign(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 58: // step
      families.unaryStep(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 59: // erf
      families.unaryErf(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 60: // clamp
      families.unaryClamp(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<f64>(load<usize>(at, 20)));
      break;
    case 61: // add
      families.binaryAdd(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 62: // subtract
      families.binarySubtract(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 63: // multiply
      families.binaryMultiply(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 64: // divide
      families.binaryDivide(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 65: // power
      families.binaryPower(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 66: // maximum
      families.binaryMaximum(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 67: // minimum
      families.binaryMinimum(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 68: // squaredError
      families.binarySquaredError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 69: // absoluteError
      families.binaryAbsoluteError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 70: // huberError
      families.binaryHuberError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 71: // logisticError
      families.binaryLogisticError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 72: // bernoulliError
      families.binaryBernoulliError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 73: // relativeEntropy
      families.binaryRelativeEntropy(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 74: // squaredErrorGradient
      families.binaryGradientSquaredError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 75: // absoluteErrorGradient
      families.binaryGradientAbsoluteError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 76: // huberErrorGradient
      families.binaryGradientHuberError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 77: // logisticErrorGradient
      families.binaryGradientLogisticError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 78: // bernoulliErrorGradient
      families.binaryGradientBernoulliError(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 79: // relativeEntropyGradient
      families.binaryGradientRelativeEntropy(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 80: // elementwise
      fused.elementwise(over == 18 ? first : 0, over == 18 ? count : load<i32>(at, 72), at);
      break;
    case 81: // sum
      reductions.sum(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 82: // norm
      reductions.norm(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16));
      break;
    case 83: // softmax
      reductions.softmax(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20));
      break;
    case 84: // softmaxGradient
      reductions.softmaxGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 85: // logSoftmax
      reductions.logSoftmax(over == 5 ? first : 0, over == 5 ? count : load<i32>(at, 20), load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20));
      break;
    case 86: // logSoftmaxGradient
      reductions.logSoftmaxGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 87: // toIndex
      indices.toIndex(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16));
      break;
    case 88: // toNumber
      indices.toNumber(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16));
      break;
    case 89: // clampIndex
      indices.clampIndex(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16));
      break;
    case 90: // pick
      classification.pick(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 91: // scatter
      classification.scatter(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 92: // softmaxCrossEntropy
      classification.softmaxCrossEntropy(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32));
      break;
    case 93: // softmaxCrossEntropyGradient
      classification.softmaxCrossEntropyGradient(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36));
      break;
    case 94: // correct
      classification.correct(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<f64>(load<usize>(at, 32)));
      break;
    case 95: // argmax
      classification.argmax(load<usize>(at, 8), load<usize>(at, 12), load<i32>(at, 16), load<i32>(at, 20));
      break;
    case 96: // rank
      classification.rank(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24));
      break;
    case 97: // histogram
      classification.histogram(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28));
      break;
    case 98: // ctc
      ctc.ctc(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44));
      break;
    case 99: // ctcGradient
      ctc.ctcGradient(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48));
      break;
    case 100: // rnn
      recurrent.rnn(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), changetype<RnnArguments>(at + 8));
      break;
    case 101: // rnnGradient
      recurrent.rnnGradient(over == 10 ? first : 0, over == 10 ? count : load<i32>(at, 40), changetype<RnnGradientArguments>(at + 8));
      break;
    case 102: // lstm
      recurrent.lstm(over == 12 ? first : 0, over == 12 ? count : load<i32>(at, 48), changetype<LstmArguments>(at + 8));
      break;
    case 103: // lstmGradient
      recurrent.lstmGradient(over == 14 ? first : 0, over == 14 ? count : load<i32>(at, 56), changetype<LstmGradientArguments>(at + 8));
      break;
    case 104: // gru
      recurrent.gru(over == 11 ? first : 0, over == 11 ? count : load<i32>(at, 44), changetype<GruArguments>(at + 8));
      break;
    case 105: // gruGradient
      recurrent.gruGradient(over == 13 ? first : 0, over == 13 ? count : load<i32>(at, 52), changetype<GruGradientArguments>(at + 8));
      break;
    case 106: // previousStates
      recurrent.previousStates(changetype<PreviousStatesArguments>(at + 8));
      break;
    case 107: // sequenceMask
      recurrent.sequenceMask(changetype<SequenceMaskArguments>(at + 8));
      break;
    case 108: // batchNorm
      normalization.batchNorm(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<f64>(load<usize>(at, 44)));
      break;
    case 109: // batchNormGradient
      normalization.batchNormGradient(over == 11 ? first : 0, over == 11 ? count : load<i32>(at, 44), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<usize>(at, 32), load<usize>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<f64>(load<usize>(at, 52)));
      break;
    case 110: // normalize
      normalization.normalize(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<f64>(load<usize>(at, 44)));
      break;
    case 111: // normalizeGradient
      normalization.normalizeGradient(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40));
      break;
    case 112: // normalizeParameterGradient
      normalization.normalizeParameterGradient(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<i32>(at, 36));
      break;
    case 113: // embed
      embedding.embed(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28));
      break;
    case 114: // embedGradient
      embedding.embedGradient(over == 6 ? first : 0, over == 6 ? count : load<i32>(at, 24), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28));
      break;
    case 115: // embedSgd
      embedding.embedSgd(over == 7 ? first : 0, over == 7 ? count : load<i32>(at, 28), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32));
      break;
    case 116: // attention
      attention.attention(over == 9 ? first : 0, over == 9 ? count : load<i32>(at, 36), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<f64>(load<usize>(at, 56)));
      break;
    case 117: // attentionGradient
      attention.attentionGradient(over == 14 ? first : 0, over == 14 ? count : load<i32>(at, 56), load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<usize>(at, 32), load<usize>(at, 36), load<usize>(at, 40), load<usize>(at, 44), load<usize>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<f64>(load<usize>(at, 76)));
      break;
    case 118: // sgd
      optimizers.sgd(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 119: // momentum
      optimizers.momentum(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<f64>(load<usize>(at, 28)), load<f64>(load<usize>(at, 32)), load<i32>(at, 36));
      break;
    case 120: // adagrad
      optimizers.adagrad(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<f64>(load<usize>(at, 28)), load<f64>(load<usize>(at, 32)));
      break;
    case 121: // rmsprop
      optimizers.rmsprop(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<i32>(at, 24), load<f64>(load<usize>(at, 28)), load<f64>(load<usize>(at, 32)), load<f64>(load<usize>(at, 36)));
      break;
    case 122: // adam
      optimizers.adam(load<usize>(at, 8), load<usize>(at, 12), load<usize>(at, 16), load<usize>(at, 20), load<usize>(at, 24), load<usize>(at, 28), load<i32>(at, 32), load<f64>(load<usize>(at, 36)), load<f64>(load<usize>(at, 40)), load<f64>(load<usize>(at, 44)), load<f64>(load<usize>(at, 48)), load<i32>(at, 52));
      break;
    case 123: // drawUniform
      random.drawUniform(context, over == 3 ? first : 0, over == 3 ? count : load<i32>(at, 12), load<usize>(at, 8), load<i32>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
    case 124: // drawNormal
      random.drawNormal(context, over == 3 ? first : 0, over == 3 ? count : load<i32>(at, 12), load<usize>(at, 8), load<i32>(at, 12), load<i32>(at, 16), load<i32>(at, 20), load<f64>(load<usize>(at, 24)));
      break;
  }
}
