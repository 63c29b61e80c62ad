// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import { binary, binaryGradient, unary, unaryGradient } from '../kernels/elementwise';
import { Activation, Binary, Unary } from './constants';

export function unarySigmoid(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.sigmoid, x, out, size, alpha);
}

export function unaryTanh(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.tanh, x, out, size, alpha);
}

export function unaryRelu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.relu, x, out, size, alpha);
}

export function unaryLeakyRelu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.leakyRelu, x, out, size, alpha);
}

export function unaryElu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.elu, x, out, size, alpha);
}

export function unarySelu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.selu, x, out, size, alpha);
}

export function unaryGelu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.gelu, x, out, size, alpha);
}

export function unaryGeluTanh(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.geluTanh, x, out, size, alpha);
}

export function unarySilu(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.silu, x, out, size, alpha);
}

export function unarySoftplus(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.softplus, x, out, size, alpha);
}

export function unaryHardSigmoid(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.hardSigmoid, x, out, size, alpha);
}

export function unaryHardSwish(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.hardSwish, x, out, size, alpha);
}

export function unaryNegate(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.negate, x, out, size, alpha);
}

export function unaryExp(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.exp, x, out, size, alpha);
}

export function unaryLog(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.log, x, out, size, alpha);
}

export function unarySqrt(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.sqrt, x, out, size, alpha);
}

export function unarySquare(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.square, x, out, size, alpha);
}

export function unaryAbs(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.abs, x, out, size, alpha);
}

export function unarySign(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.sign, x, out, size, alpha);
}

export function unaryStep(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.step, x, out, size, alpha);
}

export function unaryErf(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.erf, x, out, size, alpha);
}

export function unaryClamp(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.clamp, x, out, size, alpha);
}

export function unaryRoundBfloat16(x: usize, out: usize, size: i32, alpha: f64): void {
  unary(Unary.roundBfloat16, x, out, size, alpha);
}

export function unaryGradientSigmoid(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.sigmoid, delta, saved, out, size, alpha);
}

export function unaryGradientTanh(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.tanh, delta, saved, out, size, alpha);
}

export function unaryGradientRelu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.relu, delta, saved, out, size, alpha);
}

export function unaryGradientLeakyRelu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.leakyRelu, delta, saved, out, size, alpha);
}

export function unaryGradientElu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.elu, delta, saved, out, size, alpha);
}

export function unaryGradientSelu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.selu, delta, saved, out, size, alpha);
}

export function unaryGradientGelu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.gelu, delta, saved, out, size, alpha);
}

export function unaryGradientGeluTanh(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.geluTanh, delta, saved, out, size, alpha);
}

export function unaryGradientSilu(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.silu, delta, saved, out, size, alpha);
}

export function unaryGradientSoftplus(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.softplus, delta, saved, out, size, alpha);
}

export function unaryGradientHardSigmoid(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.hardSigmoid, delta, saved, out, size, alpha);
}

export function unaryGradientHardSwish(delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  unaryGradient(Unary.hardSwish, delta, saved, out, size, alpha);
}

export function binaryAdd(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.add, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binarySubtract(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.subtract, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryMultiply(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.multiply, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryDivide(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.divide, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryPower(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.power, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryMaximum(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.maximum, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryMinimum(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.minimum, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binarySquaredError(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.squaredError, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryAbsoluteError(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.absoluteError, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryHuberError(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.huberError, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryLogisticError(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.logisticError, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryBernoulliError(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.bernoulliError, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryRelativeEntropy(x: usize, y: usize, out: usize, outer: i32, middle: i32, inner: i32, xOuter: i32, xMiddle: i32, xInner: i32, yOuter: i32, yMiddle: i32, yInner: i32, alpha: f64): void {
  binary(Binary.relativeEntropy, x, y, out, outer, middle, inner, xOuter, xMiddle, xInner, yOuter, yMiddle, yInner, alpha);
}

export function binaryGradientSquaredError(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.squaredError, delta, x, y, out, size, deltaStep, alpha);
}

export function binaryGradientAbsoluteError(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.absoluteError, delta, x, y, out, size, deltaStep, alpha);
}

export function binaryGradientHuberError(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.huberError, delta, x, y, out, size, deltaStep, alpha);
}

export function binaryGradientLogisticError(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.logisticError, delta, x, y, out, size, deltaStep, alpha);
}

export function binaryGradientBernoulliError(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.bernoulliError, delta, x, y, out, size, deltaStep, alpha);
}

export function binaryGradientRelativeEntropy(delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  binaryGradient(Binary.relativeEntropy, delta, x, y, out, size, deltaStep, alpha);
}

/** out = f(x) for an activation chosen at run time; identity leaves `out` as it is. */
export function activate(activation: i32, x: usize, out: usize, size: i32, alpha: f64): void {
  switch (activation) {
    case Activation.sigmoid: unarySigmoid(x, out, size, alpha); break;
    case Activation.tanh: unaryTanh(x, out, size, alpha); break;
    case Activation.relu: unaryRelu(x, out, size, alpha); break;
    case Activation.leakyRelu: unaryLeakyRelu(x, out, size, alpha); break;
    case Activation.elu: unaryElu(x, out, size, alpha); break;
    case Activation.selu: unarySelu(x, out, size, alpha); break;
    case Activation.gelu: unaryGelu(x, out, size, alpha); break;
    case Activation.geluTanh: unaryGeluTanh(x, out, size, alpha); break;
    case Activation.silu: unarySilu(x, out, size, alpha); break;
    case Activation.softplus: unarySoftplus(x, out, size, alpha); break;
    case Activation.hardSigmoid: unaryHardSigmoid(x, out, size, alpha); break;
    case Activation.hardSwish: unaryHardSwish(x, out, size, alpha); break;
  }
}

/** out = δ ⊙ f′(saved) for an activation chosen at run time; identity leaves `out` as it is. */
export function activateGradient(activation: i32, delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  switch (activation) {
    case Activation.sigmoid: unaryGradientSigmoid(delta, saved, out, size, alpha); break;
    case Activation.tanh: unaryGradientTanh(delta, saved, out, size, alpha); break;
    case Activation.relu: unaryGradientRelu(delta, saved, out, size, alpha); break;
    case Activation.leakyRelu: unaryGradientLeakyRelu(delta, saved, out, size, alpha); break;
    case Activation.elu: unaryGradientElu(delta, saved, out, size, alpha); break;
    case Activation.selu: unaryGradientSelu(delta, saved, out, size, alpha); break;
    case Activation.gelu: unaryGradientGelu(delta, saved, out, size, alpha); break;
    case Activation.geluTanh: unaryGradientGeluTanh(delta, saved, out, size, alpha); break;
    case Activation.silu: unaryGradientSilu(delta, saved, out, size, alpha); break;
    case Activation.softplus: unaryGradientSoftplus(delta, saved, out, size, alpha); break;
    case Activation.hardSigmoid: unaryGradientHardSigmoid(delta, saved, out, size, alpha); break;
    case Activation.hardSwish: unaryGradientHardSwish(delta, saved, out, size, alpha); break;
  }
}
