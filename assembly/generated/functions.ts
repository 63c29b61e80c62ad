// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import * as functions from '../kernels/functions';
import { Binary, Composition, Unary } from './constants';

@inline
export function value(f: i32, x: v128, alpha: v128): v128 {
  if (f == Unary.sigmoid) return functions.sigmoid(x, alpha);
  if (f == Unary.tanh) return functions.tanh(x, alpha);
  if (f == Unary.relu) return functions.relu(x, alpha);
  if (f == Unary.leakyRelu) return functions.leakyRelu(x, alpha);
  if (f == Unary.elu) return functions.elu(x, alpha);
  if (f == Unary.selu) return functions.selu(x, alpha);
  if (f == Unary.gelu) return functions.gelu(x, alpha);
  if (f == Unary.geluTanh) return functions.geluTanh(x, alpha);
  if (f == Unary.silu) return functions.silu(x, alpha);
  if (f == Unary.softplus) return functions.softplus(x, alpha);
  if (f == Unary.hardSigmoid) return functions.hardSigmoid(x, alpha);
  if (f == Unary.hardSwish) return functions.hardSwish(x, alpha);
  if (f == Unary.negate) return functions.negate(x, alpha);
  if (f == Unary.exp) return functions.exp(x, alpha);
  if (f == Unary.log) return functions.log(x, alpha);
  if (f == Unary.sqrt) return functions.sqrt(x, alpha);
  if (f == Unary.square) return functions.square(x, alpha);
  if (f == Unary.abs) return functions.abs(x, alpha);
  if (f == Unary.sign) return functions.sign(x, alpha);
  if (f == Unary.step) return functions.step(x, alpha);
  if (f == Unary.erf) return functions.erf(x, alpha);
  return functions.clamp(x, alpha);
}

@inline
export function derivative(f: i32, saved: v128, alpha: v128): v128 {
  if (f == Unary.sigmoid) return functions.sigmoidDerivative(saved, alpha);
  if (f == Unary.tanh) return functions.tanhDerivative(saved, alpha);
  if (f == Unary.relu) return functions.reluDerivative(saved, alpha);
  if (f == Unary.leakyRelu) return functions.leakyReluDerivative(saved, alpha);
  if (f == Unary.elu) return functions.eluDerivative(saved, alpha);
  if (f == Unary.selu) return functions.seluDerivative(saved, alpha);
  if (f == Unary.gelu) return functions.geluDerivative(saved, alpha);
  if (f == Unary.geluTanh) return functions.geluTanhDerivative(saved, alpha);
  if (f == Unary.silu) return functions.siluDerivative(saved, alpha);
  if (f == Unary.softplus) return functions.softplusDerivative(saved, alpha);
  if (f == Unary.hardSigmoid) return functions.hardSigmoidDerivative(saved, alpha);
  return functions.hardSwishDerivative(saved, alpha);
}

@inline
export function combine(f: i32, x: v128, y: v128, alpha: v128): v128 {
  if (f == Binary.add) return functions.add(x, y, alpha);
  if (f == Binary.subtract) return functions.subtract(x, y, alpha);
  if (f == Binary.multiply) return functions.multiply(x, y, alpha);
  if (f == Binary.divide) return functions.divide(x, y, alpha);
  if (f == Binary.power) return functions.power(x, y, alpha);
  if (f == Binary.maximum) return functions.maximum(x, y, alpha);
  if (f == Binary.minimum) return functions.minimum(x, y, alpha);
  if (f == Binary.squaredError) return functions.squaredError(x, y, alpha);
  if (f == Binary.absoluteError) return functions.absoluteError(x, y, alpha);
  if (f == Binary.huberError) return functions.huberError(x, y, alpha);
  if (f == Binary.logisticError) return functions.logisticError(x, y, alpha);
  if (f == Binary.bernoulliError) return functions.bernoulliError(x, y, alpha);
  return functions.relativeEntropy(x, y, alpha);
}

@inline
export function partial(f: i32, x: v128, y: v128, alpha: v128): v128 {
  if (f == Binary.squaredError) return functions.squaredErrorPartial(x, y, alpha);
  if (f == Binary.absoluteError) return functions.absoluteErrorPartial(x, y, alpha);
  if (f == Binary.huberError) return functions.huberErrorPartial(x, y, alpha);
  if (f == Binary.logisticError) return functions.logisticErrorPartial(x, y, alpha);
  if (f == Binary.bernoulliError) return functions.bernoulliErrorPartial(x, y, alpha);
  return functions.relativeEntropyPartial(x, y, alpha);
}

@inline
export function compose(f: i32, x: v128, y: v128, z: v128, w: v128): v128 {
  const none = f32x4.splat(0);
  if (f == Composition.addAdd) return functions.add(functions.add(x, y, none), z, none);
  if (f == Composition.addSubtract) return functions.subtract(functions.add(x, y, none), z, none);
  if (f == Composition.addMultiply) return functions.multiply(functions.add(x, y, none), z, none);
  if (f == Composition.addSubtractFrom) return functions.subtract(z, functions.add(x, y, none), none);
  if (f == Composition.subtractAdd) return functions.add(functions.subtract(x, y, none), z, none);
  if (f == Composition.subtractSubtract) return functions.subtract(functions.subtract(x, y, none), z, none);
  if (f == Composition.subtractMultiply) return functions.multiply(functions.subtract(x, y, none), z, none);
  if (f == Composition.subtractSubtractFrom) return functions.subtract(z, functions.subtract(x, y, none), none);
  if (f == Composition.multiplyAdd) return functions.add(functions.multiply(x, y, none), z, none);
  if (f == Composition.multiplySubtract) return functions.subtract(functions.multiply(x, y, none), z, none);
  if (f == Composition.multiplyMultiply) return functions.multiply(functions.multiply(x, y, none), z, none);
  if (f == Composition.multiplySubtractFrom) return functions.subtract(z, functions.multiply(x, y, none), none);
  if (f == Composition.divideAdd) return functions.add(functions.divide(x, y, none), z, none);
  if (f == Composition.divideSubtract) return functions.subtract(functions.divide(x, y, none), z, none);
  if (f == Composition.divideMultiply) return functions.multiply(functions.divide(x, y, none), z, none);
  if (f == Composition.divideSubtractFrom) return functions.subtract(z, functions.divide(x, y, none), none);
  if (f == Composition.sqrtAdd) return functions.add(functions.sqrt(x, none), y, none);
  if (f == Composition.sqrtSubtract) return functions.subtract(functions.sqrt(x, none), y, none);
  if (f == Composition.sqrtMultiplyAdd) return functions.add(functions.multiply(functions.sqrt(x, none), y, none), z, none);
  if (f == Composition.divideBySqrtAdd) return functions.divide(x, functions.add(functions.sqrt(y, none), z, none), none);
  if (f == Composition.sumOfProducts) return functions.add(functions.multiply(x, y, none), functions.multiply(z, w, none), none);
  if (f == Composition.differenceOfProducts) return functions.subtract(functions.multiply(x, y, none), functions.multiply(z, w, none), none);
  if (f == Composition.productPlusSquare) return functions.add(functions.multiply(x, y, none), functions.multiply(functions.multiply(z, z, none), w, none), none);
  if (f == Composition.productMinusQuotient) return functions.subtract(functions.multiply(x, y, none), functions.divide(z, w, none), none);
  if (f == Composition.subtractQuotientOfProduct) return functions.subtract(x, functions.divide(functions.multiply(y, z, none), w, none), none);
  if (f == Composition.subtractProductOfQuotient) return functions.subtract(x, functions.multiply(y, functions.divide(z, w, none), none), none);
  return functions.add(x, functions.multiply(functions.subtract(y, z, none), w, none), none);
}

/** Whether a function of two arguments is arithmetic of an instruction or few. */
@inline
export function isArithmetic(f: i32): bool {
  return f == Binary.add || f == Binary.subtract || f == Binary.multiply || f == Binary.divide || f == Binary.maximum || f == Binary.minimum;
}
