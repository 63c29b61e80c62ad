// Generated from the op table by src/codegen/cpp.ts; do not edit.
// The functions of src/ops/functions.ts as types that the element-wise kernels are instantiated with. `derivative` takes what the function
// saves, `partial` is ∂f/∂x.
#pragma once

#include "../kernels/vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace functions {

struct identity {
  static Vector value(Vector x, Vector) { return math::identity(x); }
  static Vector derivative(Vector saved, Vector) { return math::identityDerivative(saved); }
};

struct sigmoid {
  static Vector value(Vector x, Vector) { return math::sigmoid(x); }
  static Vector derivative(Vector saved, Vector) { return math::sigmoidDerivative(saved); }
};

struct tanh {
  static Vector value(Vector x, Vector) { return math::tanh(x); }
  static Vector derivative(Vector saved, Vector) { return math::tanhDerivative(saved); }
};

struct relu {
  static Vector value(Vector x, Vector) { return math::relu(x); }
  static Vector derivative(Vector saved, Vector) { return math::reluDerivative(saved); }
};

struct leakyRelu {
  static Vector value(Vector x, Vector alpha) { return math::leakyRelu(x, alpha); }
  static Vector derivative(Vector saved, Vector alpha) { return math::leakyReluDerivative(saved, alpha); }
};

struct elu {
  static Vector value(Vector x, Vector alpha) { return math::elu(x, alpha); }
  static Vector derivative(Vector saved, Vector alpha) { return math::eluDerivative(saved, alpha); }
};

struct selu {
  static Vector value(Vector x, Vector) { return math::selu(x); }
  static Vector derivative(Vector saved, Vector) { return math::seluDerivative(saved); }
};

struct gelu {
  static Vector value(Vector x, Vector) { return math::gelu(x); }
  static Vector derivative(Vector saved, Vector) { return math::geluDerivative(saved); }
};

struct geluTanh {
  static Vector value(Vector x, Vector) { return math::geluTanh(x); }
  static Vector derivative(Vector saved, Vector) { return math::geluTanhDerivative(saved); }
};

struct silu {
  static Vector value(Vector x, Vector) { return math::silu(x); }
  static Vector derivative(Vector saved, Vector) { return math::siluDerivative(saved); }
};

struct softplus {
  static Vector value(Vector x, Vector) { return math::softplus(x); }
  static Vector derivative(Vector saved, Vector) { return math::softplusDerivative(saved); }
};

struct hardSigmoid {
  static Vector value(Vector x, Vector) { return math::hardSigmoid(x); }
  static Vector derivative(Vector saved, Vector) { return math::hardSigmoidDerivative(saved); }
};

struct hardSwish {
  static Vector value(Vector x, Vector) { return math::hardSwish(x); }
  static Vector derivative(Vector saved, Vector) { return math::hardSwishDerivative(saved); }
};

struct negate {
  static Vector value(Vector x, Vector) { return math::negate(x); }
};

struct exp {
  static Vector value(Vector x, Vector) { return math::exp(x); }
};

struct log {
  static Vector value(Vector x, Vector) { return math::log(x); }
};

struct sqrt {
  static Vector value(Vector x, Vector) { return math::sqrt(x); }
};

struct square {
  static Vector value(Vector x, Vector) { return math::square(x); }
};

struct abs {
  static Vector value(Vector x, Vector) { return math::abs(x); }
};

struct sign {
  static Vector value(Vector x, Vector) { return math::sign(x); }
};

struct step {
  static Vector value(Vector x, Vector) { return math::step(x); }
};

struct erf {
  static Vector value(Vector x, Vector) { return math::erf(x); }
};

struct clamp {
  static Vector value(Vector x, Vector alpha) { return math::clamp(x, alpha); }
};

struct roundBfloat16 {
  static Vector value(Vector x, Vector) { return math::roundBfloat16(x); }
};

struct add {
  static Vector value(Vector x, Vector y, Vector) { return math::add(x, y); }
};

struct subtract {
  static Vector value(Vector x, Vector y, Vector) { return math::subtract(x, y); }
};

struct multiply {
  static Vector value(Vector x, Vector y, Vector) { return math::multiply(x, y); }
};

struct divide {
  static Vector value(Vector x, Vector y, Vector) { return math::divide(x, y); }
};

struct power {
  static Vector value(Vector x, Vector y, Vector) { return math::power(x, y); }
};

struct maximum {
  static Vector value(Vector x, Vector y, Vector) { return math::maximum(x, y); }
};

struct minimum {
  static Vector value(Vector x, Vector y, Vector) { return math::minimum(x, y); }
};

struct squaredError {
  static Vector value(Vector x, Vector y, Vector) { return math::squaredError(x, y); }
  static Vector partial(Vector x, Vector y, Vector) { return math::squaredErrorPartial(x, y); }
};

struct absoluteError {
  static Vector value(Vector x, Vector y, Vector) { return math::absoluteError(x, y); }
  static Vector partial(Vector x, Vector y, Vector) { return math::absoluteErrorPartial(x, y); }
};

struct huberError {
  static Vector value(Vector x, Vector y, Vector alpha) { return math::huberError(x, y, alpha); }
  static Vector partial(Vector x, Vector y, Vector alpha) { return math::huberErrorPartial(x, y, alpha); }
};

struct logisticError {
  static Vector value(Vector x, Vector y, Vector) { return math::logisticError(x, y); }
  static Vector partial(Vector x, Vector y, Vector) { return math::logisticErrorPartial(x, y); }
};

struct bernoulliError {
  static Vector value(Vector x, Vector y, Vector) { return math::bernoulliError(x, y); }
  static Vector partial(Vector x, Vector y, Vector) { return math::bernoulliErrorPartial(x, y); }
};

struct relativeEntropy {
  static Vector value(Vector x, Vector y, Vector) { return math::relativeEntropy(x, y); }
  static Vector partial(Vector x, Vector y, Vector) { return math::relativeEntropyPartial(x, y); }
};

}  // namespace functions
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
