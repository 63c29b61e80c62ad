// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import { power } from '../kernels/power';
import { Binary, Composition, Unary } from './constants';
import * as functions from './vector_functions';

@inline
export function value(f: i32, x: v128, alpha: v128): v128 {
  if (f == Unary.sigmoid) return functions.sigmoid(x);
  if (f == Unary.tanh) return functions.tanh(x);
  if (f == Unary.relu) return functions.relu(x);
  if (f == Unary.leakyRelu) return functions.leakyRelu(x, alpha);
  if (f == Unary.elu) return functions.elu(x, alpha);
  if (f == Unary.selu) return functions.selu(x);
  if (f == Unary.gelu) return functions.gelu(x);
  if (f == Unary.geluTanh) return functions.geluTanh(x);
  if (f == Unary.silu) return functions.silu(x);
  if (f == Unary.softplus) return functions.softplus(x);
  if (f == Unary.hardSigmoid) return functions.hardSigmoid(x);
  if (f == Unary.hardSwish) return functions.hardSwish(x);
  if (f == Unary.negate) return functions.negate(x);
  if (f == Unary.exp) return functions.exp(x);
  if (f == Unary.log) return functions.log(x);
  if (f == Unary.sqrt) return functions.sqrt(x);
  if (f == Unary.square) return functions.square(x);
  if (f == Unary.abs) return functions.abs(x);
  if (f == Unary.sign) return functions.sign(x);
  if (f == Unary.step) return functions.step(x);
  if (f == Unary.erf) return functions.erf(x);
  if (f == Unary.clamp) return functions.clamp(x, alpha);
  return functions.roundBfloat16(x);
}

@inline
export function derivative(f: i32, saved: v128, alpha: v128): v128 {
  if (f == Unary.sigmoid) return functions.sigmoidDerivative(saved);
  if (f == Unary.tanh) return functions.tanhDerivative(saved);
  if (f == Unary.relu) return functions.reluDerivative(saved);
  if (f == Unary.leakyRelu) return functions.leakyReluDerivative(saved, alpha);
  if (f == Unary.elu) return functions.eluDerivative(saved, alpha);
  if (f == Unary.selu) return functions.seluDerivative(saved);
  if (f == Unary.gelu) return functions.geluDerivative(saved);
  if (f == Unary.geluTanh) return functions.geluTanhDerivative(saved);
  if (f == Unary.silu) return functions.siluDerivative(saved);
  if (f == Unary.softplus) return functions.softplusDerivative(saved);
  if (f == Unary.hardSigmoid) return functions.hardSigmoidDerivative(saved);
  return functions.hardSwishDerivative(saved);
}

@inline
export function combine(f: i32, x: v128, y: v128, alpha: v128): v128 {
  if (f == Binary.add) return functions.add(x, y);
  if (f == Binary.subtract) return functions.subtract(x, y);
  if (f == Binary.multiply) return functions.multiply(x, y);
  if (f == Binary.divide) return functions.divide(x, y);
  if (f == Binary.power) return power(x, y);
  if (f == Binary.maximum) return functions.maximum(x, y);
  if (f == Binary.minimum) return functions.minimum(x, y);
  if (f == Binary.squaredError) return functions.squaredError(x, y);
  if (f == Binary.absoluteError) return functions.absoluteError(x, y);
  if (f == Binary.huberError) return functions.huberError(x, y, alpha);
  if (f == Binary.logisticError) return functions.logisticError(x, y);
  if (f == Binary.bernoulliError) return functions.bernoulliError(x, y);
  return functions.relativeEntropy(x, y);
}

@inline
export function partial(f: i32, x: v128, y: v128, alpha: v128): v128 {
  if (f == Binary.squaredError) return functions.squaredErrorPartial(x, y);
  if (f == Binary.absoluteError) return functions.absoluteErrorPartial(x, y);
  if (f == Binary.huberError) return functions.huberErrorPartial(x, y, alpha);
  if (f == Binary.logisticError) return functions.logisticErrorPartial(x, y);
  if (f == Binary.bernoulliError) return functions.bernoulliErrorPartial(x, y);
  return functions.relativeEntropyPartial(x, y);
}

@inline
export function compose(f: i32, x: v128, y: v128, z: v128, w: v128): v128 {
  if (f == Composition.addAdd) return functions.add(functions.add(x, y), z);
  if (f == Composition.addSubtract) return functions.subtract(functions.add(x, y), z);
  if (f == Composition.addMultiply) return functions.multiply(functions.add(x, y), z);
  if (f == Composition.addSubtractFrom) return functions.subtract(z, functions.add(x, y));
  if (f == Composition.subtractAdd) return functions.add(functions.subtract(x, y), z);
  if (f == Composition.subtractSubtract) return functions.subtract(functions.subtract(x, y), z);
  if (f == Composition.subtractMultiply) return functions.multiply(functions.subtract(x, y), z);
  if (f == Composition.subtractSubtractFrom) return functions.subtract(z, functions.subtract(x, y));
  if (f == Composition.multiplyAdd) return functions.add(functions.multiply(x, y), z);
  if (f == Composition.multiplySubtract) return functions.subtract(functions.multiply(x, y), z);
  if (f == Composition.multiplyMultiply) return functions.multiply(functions.multiply(x, y), z);
  if (f == Composition.multiplySubtractFrom) return functions.subtract(z, functions.multiply(x, y));
  if (f == Composition.divideAdd) return functions.add(functions.divide(x, y), z);
  if (f == Composition.divideSubtract) return functions.subtract(functions.divide(x, y), z);
  if (f == Composition.divideMultiply) return functions.multiply(functions.divide(x, y), z);
  if (f == Composition.divideSubtractFrom) return functions.subtract(z, functions.divide(x, y));
  if (f == Composition.sqrtAdd) return functions.add(functions.sqrt(x), y);
  if (f == Composition.sqrtSubtract) return functions.subtract(functions.sqrt(x), y);
  if (f == Composition.sqrtMultiplyAdd) return functions.add(functions.multiply(functions.sqrt(x), y), z);
  if (f == Composition.divideBySqrtAdd) return functions.divide(x, functions.add(functions.sqrt(y), z));
  if (f == Composition.sumOfProducts) return functions.add(functions.multiply(x, y), functions.multiply(z, w));
  if (f == Composition.differenceOfProducts) return functions.subtract(functions.multiply(x, y), functions.multiply(z, w));
  if (f == Composition.productPlusSquare) return functions.add(functions.multiply(x, y), functions.multiply(functions.multiply(z, z), w));
  if (f == Composition.productMinusQuotient) return functions.subtract(functions.multiply(x, y), functions.divide(z, w));
  if (f == Composition.subtractQuotientOfProduct) return functions.subtract(x, functions.divide(functions.multiply(y, z), w));
  if (f == Composition.subtractProductOfQuotient) return functions.subtract(x, functions.multiply(y, functions.divide(z, w)));
  return functions.add(x, functions.multiply(functions.subtract(y, z), w));
}

/** Whether a function of two arguments is arithmetic of an instruction or few. */
@inline
export function isArithmetic(f: i32): bool {
  return f == Binary.add || f == Binary.subtract || f == Binary.multiply || f == Binary.divide || f == Binary.maximum || f == Binary.minimum || f == Binary.squaredError || f == Binary.absoluteError;
}
