// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import { composed, copy } from '../kernels/elementwise';
import { Composition } from './constants';
import * as families from './families';

function addAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.addAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function addSubtract(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.addSubtract, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function addMultiply(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.addMultiply, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function addSubtractFrom(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.addSubtractFrom, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function subtractAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function subtractSubtract(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractSubtract, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function subtractMultiply(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractMultiply, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function subtractSubtractFrom(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractSubtractFrom, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function multiplyAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.multiplyAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function multiplySubtract(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.multiplySubtract, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function multiplyMultiply(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.multiplyMultiply, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function multiplySubtractFrom(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.multiplySubtractFrom, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function divideAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.divideAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function divideSubtract(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.divideSubtract, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function divideMultiply(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.divideMultiply, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function divideSubtractFrom(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.divideSubtractFrom, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function sqrtAdd(x: usize, xStep: i32, y: usize, yStep: i32, out: usize, size: i32): void {
  composed(Composition.sqrtAdd, 2, x, xStep, y, yStep, 0, 0, 0, 0, out, size);
}

function sqrtSubtract(x: usize, xStep: i32, y: usize, yStep: i32, out: usize, size: i32): void {
  composed(Composition.sqrtSubtract, 2, x, xStep, y, yStep, 0, 0, 0, 0, out, size);
}

function sqrtMultiplyAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.sqrtMultiplyAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function divideBySqrtAdd(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, out: usize, size: i32): void {
  composed(Composition.divideBySqrtAdd, 3, x, xStep, y, yStep, z, zStep, 0, 0, out, size);
}

function sumOfProducts(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.sumOfProducts, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function differenceOfProducts(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.differenceOfProducts, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function productPlusSquare(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.productPlusSquare, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function productMinusQuotient(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.productMinusQuotient, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function subtractQuotientOfProduct(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractQuotientOfProduct, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function subtractProductOfQuotient(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.subtractProductOfQuotient, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

function interpolate(x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, out: usize, size: i32): void {
  composed(Composition.interpolate, 4, x, xStep, y, yStep, z, zStep, w, wStep, out, size);
}

/** Computes one step for a block: a function by its number, of sources that are elements (step 1) or one number (0). At `one` lies a 1. */
export function computeElements(f: i32, x: usize, xStep: i32, y: usize, yStep: i32, z: usize, zStep: i32, w: usize, wStep: i32, one: usize, out: usize, size: i32): void {
  switch (f) {
    case 1: copy(x, xStep, out, size); break; // copy
    case 2: families.unarySigmoid(x, out, size, 0); break; // sigmoid
    case 3: families.unaryTanh(x, out, size, 0); break; // tanh
    case 4: families.unaryRelu(x, out, size, 0); break; // relu
    case 5: families.unaryLeakyRelu(x, out, size, <f64>load<f32>(y)); break; // leakyRelu
    case 6: families.unaryElu(x, out, size, <f64>load<f32>(y)); break; // elu
    case 7: families.unarySelu(x, out, size, 0); break; // selu
    case 8: families.unaryGelu(x, out, size, 0); break; // gelu
    case 9: families.unaryGeluTanh(x, out, size, 0); break; // geluTanh
    case 10: families.unarySilu(x, out, size, 0); break; // silu
    case 11: families.unarySoftplus(x, out, size, 0); break; // softplus
    case 12: families.unaryHardSigmoid(x, out, size, 0); break; // hardSigmoid
    case 13: families.unaryHardSwish(x, out, size, 0); break; // hardSwish
    case 14: families.unaryGradientSigmoid(x, y, out, size, 0); break; // sigmoidGradient
    case 15: families.unaryGradientTanh(x, y, out, size, 0); break; // tanhGradient
    case 16: families.unaryGradientRelu(x, y, out, size, 0); break; // reluGradient
    case 17: families.unaryGradientLeakyRelu(x, y, out, size, <f64>load<f32>(z)); break; // leakyReluGradient
    case 18: families.unaryGradientElu(x, y, out, size, <f64>load<f32>(z)); break; // eluGradient
    case 19: families.unaryGradientSelu(x, y, out, size, 0); break; // seluGradient
    case 20: families.unaryGradientGelu(x, y, out, size, 0); break; // geluGradient
    case 21: families.unaryGradientGeluTanh(x, y, out, size, 0); break; // geluTanhGradient
    case 22: families.unaryGradientSilu(x, y, out, size, 0); break; // siluGradient
    case 23: families.unaryGradientSoftplus(x, y, out, size, 0); break; // softplusGradient
    case 24: families.unaryGradientHardSigmoid(x, y, out, size, 0); break; // hardSigmoidGradient
    case 25: families.unaryGradientHardSwish(x, y, out, size, 0); break; // hardSwishGradient
    case 26: families.unaryNegate(x, out, size, 0); break; // negate
    case 27: families.unaryExp(x, out, size, 0); break; // exp
    case 28: families.unaryLog(x, out, size, 0); break; // log
    case 29: families.unarySqrt(x, out, size, 0); break; // sqrt
    case 30: families.unarySquare(x, out, size, 0); break; // square
    case 31: families.unaryAbs(x, out, size, 0); break; // abs
    case 32: families.unarySign(x, out, size, 0); break; // sign
    case 33: families.unaryStep(x, out, size, 0); break; // step
    case 34: families.unaryErf(x, out, size, 0); break; // erf
    case 35: families.unaryClamp(x, out, size, <f64>load<f32>(y)); break; // clamp
    case 36: families.unaryRoundBfloat16(x, out, size, 0); break; // roundBfloat16
    case 37: families.binaryAdd(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // add
    case 38: families.binarySubtract(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // subtract
    case 39: families.binaryMultiply(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // multiply
    case 40: families.binaryDivide(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // divide
    case 41: families.binaryPower(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // power
    case 42: families.binaryMaximum(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // maximum
    case 43: families.binaryMinimum(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // minimum
    case 44: families.binarySquaredError(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // squaredError
    case 45: families.binaryAbsoluteError(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // absoluteError
    case 46: families.binaryHuberError(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, <f64>load<f32>(z)); break; // huberError
    case 47: families.binaryLogisticError(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // logisticError
    case 48: families.binaryBernoulliError(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // bernoulliError
    case 49: families.binaryRelativeEntropy(x, y, out, 1, 1, size, 0, 0, xStep, 0, 0, yStep, 0); break; // relativeEntropy
    case 50: families.binaryGradientSquaredError(one, x, y, out, size, 0, 0); break; // squaredErrorPartial
    case 51: families.binaryGradientAbsoluteError(one, x, y, out, size, 0, 0); break; // absoluteErrorPartial
    case 52: families.binaryGradientHuberError(one, x, y, out, size, 0, <f64>load<f32>(z)); break; // huberErrorPartial
    case 53: families.binaryGradientLogisticError(one, x, y, out, size, 0, 0); break; // logisticErrorPartial
    case 54: families.binaryGradientBernoulliError(one, x, y, out, size, 0, 0); break; // bernoulliErrorPartial
    case 55: families.binaryGradientRelativeEntropy(one, x, y, out, size, 0, 0); break; // relativeEntropyPartial
    case 56: addAdd(x, xStep, y, yStep, z, zStep, out, size); break; // addAdd
    case 57: addSubtract(x, xStep, y, yStep, z, zStep, out, size); break; // addSubtract
    case 58: addMultiply(x, xStep, y, yStep, z, zStep, out, size); break; // addMultiply
    case 59: addSubtractFrom(x, xStep, y, yStep, z, zStep, out, size); break; // addSubtractFrom
    case 60: subtractAdd(x, xStep, y, yStep, z, zStep, out, size); break; // subtractAdd
    case 61: subtractSubtract(x, xStep, y, yStep, z, zStep, out, size); break; // subtractSubtract
    case 62: subtractMultiply(x, xStep, y, yStep, z, zStep, out, size); break; // subtractMultiply
    case 63: subtractSubtractFrom(x, xStep, y, yStep, z, zStep, out, size); break; // subtractSubtractFrom
    case 64: multiplyAdd(x, xStep, y, yStep, z, zStep, out, size); break; // multiplyAdd
    case 65: multiplySubtract(x, xStep, y, yStep, z, zStep, out, size); break; // multiplySubtract
    case 66: multiplyMultiply(x, xStep, y, yStep, z, zStep, out, size); break; // multiplyMultiply
    case 67: multiplySubtractFrom(x, xStep, y, yStep, z, zStep, out, size); break; // multiplySubtractFrom
    case 68: divideAdd(x, xStep, y, yStep, z, zStep, out, size); break; // divideAdd
    case 69: divideSubtract(x, xStep, y, yStep, z, zStep, out, size); break; // divideSubtract
    case 70: divideMultiply(x, xStep, y, yStep, z, zStep, out, size); break; // divideMultiply
    case 71: divideSubtractFrom(x, xStep, y, yStep, z, zStep, out, size); break; // divideSubtractFrom
    case 72: sqrtAdd(x, xStep, y, yStep, out, size); break; // sqrtAdd
    case 73: sqrtSubtract(x, xStep, y, yStep, out, size); break; // sqrtSubtract
    case 74: sqrtMultiplyAdd(x, xStep, y, yStep, z, zStep, out, size); break; // sqrtMultiplyAdd
    case 75: divideBySqrtAdd(x, xStep, y, yStep, z, zStep, out, size); break; // divideBySqrtAdd
    case 76: sumOfProducts(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // sumOfProducts
    case 77: differenceOfProducts(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // differenceOfProducts
    case 78: productPlusSquare(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // productPlusSquare
    case 79: productMinusQuotient(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // productMinusQuotient
    case 80: subtractQuotientOfProduct(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // subtractQuotientOfProduct
    case 81: subtractProductOfQuotient(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // subtractProductOfQuotient
    case 82: interpolate(x, xStep, y, yStep, z, zStep, w, wStep, out, size); break; // interpolate
  }
}
