// Generated from the op table by src/codegen: do not edit, run `npm run generate`.
import { Context } from '../context';
import * as attention from '../kernels/attention';
import * as batch from '../kernels/batch';
import * as classification from '../kernels/classification';
import * as convolution from '../kernels/convolution';
import * as embedding from '../kernels/embedding';
import * as matmul from '../kernels/matmul';
import * as movement from '../kernels/movement';
import * as normalization from '../kernels/normalization';
import * as optimizers from '../kernels/optimizers';
import * as pooling from '../kernels/pooling';
import * as recurrent from '../kernels/recurrent';
import * as reductions from '../kernels/reductions';
import * as families from './families';

@inline
function buffer(arena: usize, offset: i32): usize {
  return arena + (<usize>offset << 2);
}

/** 0 where the operand is absent. */
@inline
function optional(arena: usize, offset: i32): usize {
  return offset < 0 ? 0 : buffer(arena, offset);
}

@inline
function size(word: i32, rows: i32): i32 {
  return word < 0 ? -word * rows : word;
}

@inline
function float(literals: usize, index: i32): f64 {
  return load<f64>(literals + (<usize>index << 3));
}

/** Executes the instruction whose first word lies at `at`. */
export function dispatch(context: Context, at: usize): void {
  const arena = context.arena;
  const literals = context.literals;
  const rows = context.rows;
  switch (load<i32>(at)) {
    case 0: // beginStep
      batch.beginStep(context);
      break;
    case 1: // gather
      batch.gather(context, 0, size(load<i32>(at, 16), rows), buffer(arena, load<i32>(at, 8)), load<i32>(at, 12), size(load<i32>(at, 16), rows), load<i32>(at, 20));
      break;
    case 2: // record
      batch.record(context, buffer(arena, load<i32>(at, 8)), optional(arena, load<i32>(at, 12)));
      break;
    case 3: // dropout
      batch.dropout(context, 0, size(load<i32>(at, 16), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)), load<i32>(at, 24));
      break;
    case 4: // fill
      movement.fill(buffer(arena, load<i32>(at, 8)), size(load<i32>(at, 12), rows), float(literals, load<i32>(at, 16)));
      break;
    case 5: // scale
      movement.scale(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)), size(load<i32>(at, 24), rows));
      break;
    case 6: // reshape
      movement.stridedCopy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), size(load<i32>(at, 56), rows), size(load<i32>(at, 60), rows));
      break;
    case 7: // permute
      movement.stridedCopy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), size(load<i32>(at, 56), rows), size(load<i32>(at, 60), rows));
      break;
    case 8: // broadcast
      movement.stridedCopy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), size(load<i32>(at, 56), rows), size(load<i32>(at, 60), rows));
      break;
    case 9: // slice
      movement.slice(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows));
      break;
    case 10: // insert
      movement.insert(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows));
      break;
    case 11: // assign
      movement.assign(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows));
      break;
    case 12: // accumulate
      movement.accumulate(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows));
      break;
    case 13: // matmul
      matmul.matmul(0, size(load<i32>(at, 24), rows), 0, size(load<i32>(at, 28), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48));
      break;
    case 14: // affine
      matmul.affine(0, size(load<i32>(at, 28), rows), 0, size(load<i32>(at, 32), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), float(literals, load<i32>(at, 60)));
      break;
    case 15: // deltaMatmul
      matmul.deltaMatmul(0, size(load<i32>(at, 28), rows), 0, size(load<i32>(at, 32), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), float(literals, load<i32>(at, 60)));
      break;
    case 16: // conv2d
      convolution.conv2d(0, size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80));
      break;
    case 17: // conv2dInput
      convolution.conv2dInput(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80));
      break;
    case 18: // conv2dWeight
      convolution.conv2dWeight(0, size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80));
      break;
    case 19: // conv2dAffine
      convolution.conv2dAffine(0, size(load<i32>(at, 40), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80), load<i32>(at, 84), load<i32>(at, 88), float(literals, load<i32>(at, 92)));
      break;
    case 20: // conv2dDelta
      convolution.conv2dDelta(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80), load<i32>(at, 84), load<i32>(at, 88), float(literals, load<i32>(at, 92)));
      break;
    case 21: // maxPool2d
      pooling.maxPool2d(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56));
      break;
    case 22: // maxPool2dGradient
      pooling.maxPool2dGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60));
      break;
    case 23: // maxPool2dPick
      pooling.maxPool2dPick(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60));
      break;
    case 24: // maxPool2dDelta
      pooling.maxPool2dDelta(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), float(literals, load<i32>(at, 72)));
      break;
    case 25: // averagePool2d
      pooling.averagePool2d(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56));
      break;
    case 26: // averagePool2dGradient
      pooling.averagePool2dGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), load<i32>(at, 20), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56));
      break;
    case 27: // sigmoid
      families.unarySigmoid(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 28: // tanh
      families.unaryTanh(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 29: // relu
      families.unaryRelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 30: // leakyRelu
      families.unaryLeakyRelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 31: // elu
      families.unaryElu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 32: // selu
      families.unarySelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 33: // gelu
      families.unaryGelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 34: // geluTanh
      families.unaryGeluTanh(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 35: // silu
      families.unarySilu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 36: // softplus
      families.unarySoftplus(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 37: // hardSigmoid
      families.unaryHardSigmoid(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 38: // hardSwish
      families.unaryHardSwish(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 39: // sigmoidGradient
      families.unaryGradientSigmoid(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 40: // tanhGradient
      families.unaryGradientTanh(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 41: // reluGradient
      families.unaryGradientRelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 42: // leakyReluGradient
      families.unaryGradientLeakyRelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 43: // eluGradient
      families.unaryGradientElu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 44: // seluGradient
      families.unaryGradientSelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 45: // geluGradient
      families.unaryGradientGelu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 46: // geluTanhGradient
      families.unaryGradientGeluTanh(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 47: // siluGradient
      families.unaryGradientSilu(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 48: // softplusGradient
      families.unaryGradientSoftplus(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 49: // hardSigmoidGradient
      families.unaryGradientHardSigmoid(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 50: // hardSwishGradient
      families.unaryGradientHardSwish(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 51: // negate
      families.unaryNegate(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 52: // exp
      families.unaryExp(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 53: // log
      families.unaryLog(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 54: // sqrt
      families.unarySqrt(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 55: // square
      families.unarySquare(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 56: // abs
      families.unaryAbs(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 57: // sign
      families.unarySign(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 58: // step
      families.unaryStep(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 59: // erf
      families.unaryErf(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 60: // clamp
      families.unaryClamp(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)));
      break;
    case 61: // add
      families.binaryAdd(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 62: // subtract
      families.binarySubtract(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 63: // multiply
      families.binaryMultiply(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 64: // divide
      families.binaryDivide(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 65: // power
      families.binaryPower(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 66: // maximum
      families.binaryMaximum(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 67: // minimum
      families.binaryMinimum(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 68: // squaredError
      families.binarySquaredError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 69: // absoluteError
      families.binaryAbsoluteError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 70: // huberError
      families.binaryHuberError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 71: // logisticError
      families.binaryLogisticError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 72: // bernoulliError
      families.binaryBernoulliError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 73: // relativeEntropy
      families.binaryRelativeEntropy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), float(literals, load<i32>(at, 56)));
      break;
    case 74: // squaredErrorGradient
      families.binaryGradientSquaredError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 75: // absoluteErrorGradient
      families.binaryGradientAbsoluteError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 76: // huberErrorGradient
      families.binaryGradientHuberError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 77: // logisticErrorGradient
      families.binaryGradientLogisticError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 78: // bernoulliErrorGradient
      families.binaryGradientBernoulliError(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 79: // relativeEntropyGradient
      families.binaryGradientRelativeEntropy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 80: // sum
      reductions.sum(0, size(load<i32>(at, 24), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      break;
    case 81: // softmax
      reductions.softmax(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows));
      break;
    case 82: // softmaxGradient
      reductions.softmaxGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      break;
    case 83: // logSoftmax
      reductions.logSoftmax(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows));
      break;
    case 84: // logSoftmaxGradient
      reductions.logSoftmaxGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      break;
    case 85: // pick
      classification.pick(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      break;
    case 86: // scatter
      classification.scatter(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      break;
    case 87: // softmaxCrossEntropy
      classification.softmaxCrossEntropy(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), load<i32>(at, 32));
      break;
    case 88: // softmaxCrossEntropyGradient
      classification.softmaxCrossEntropyGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), load<i32>(at, 32), load<i32>(at, 36));
      break;
    case 89: // correct
      classification.correct(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), load<i32>(at, 28), float(literals, load<i32>(at, 32)));
      break;
    case 90: // rnn
      recurrent.rnn(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), optional(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44));
      break;
    case 91: // rnnGradient
      recurrent.rnnGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), optional(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52));
      break;
    case 92: // lstm
      recurrent.lstm(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), optional(arena, load<i32>(at, 20)), optional(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), load<i32>(at, 52));
      break;
    case 93: // lstmGradient
      recurrent.lstmGradient(optional(arena, load<i32>(at, 8)), optional(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), optional(arena, load<i32>(at, 28)), optional(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), buffer(arena, load<i32>(at, 40)), buffer(arena, load<i32>(at, 44)), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), size(load<i32>(at, 56), rows), load<i32>(at, 60), load<i32>(at, 64));
      break;
    case 94: // gru
      recurrent.gru(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), optional(arena, load<i32>(at, 20)), optional(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), load<i32>(at, 48));
      break;
    case 95: // gruGradient
      recurrent.gruGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), optional(arena, load<i32>(at, 24)), optional(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), buffer(arena, load<i32>(at, 40)), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), load<i32>(at, 56), load<i32>(at, 60));
      break;
    case 96: // previousStates
      recurrent.previousStates(buffer(arena, load<i32>(at, 8)), optional(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), load<i32>(at, 32));
      break;
    case 97: // sequenceMask
      recurrent.sequenceMask(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows));
      break;
    case 98: // batchNorm
      normalization.batchNorm(0, size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), float(literals, load<i32>(at, 44)));
      break;
    case 99: // batchNormGradient
      normalization.batchNormGradient(0, size(load<i32>(at, 44), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), float(literals, load<i32>(at, 52)));
      break;
    case 100: // normalize
      normalization.normalize(buffer(arena, load<i32>(at, 8)), optional(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), load<i32>(at, 40), float(literals, load<i32>(at, 44)));
      break;
    case 101: // normalizeGradient
      normalization.normalizeGradient(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), optional(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), load<i32>(at, 40));
      break;
    case 102: // normalizeParameterGradient
      normalization.normalizeParameterGradient(0, size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows));
      break;
    case 103: // embed
      embedding.embed(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows));
      break;
    case 104: // embedGradient
      embedding.embedGradient(0, size(load<i32>(at, 24), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows));
      break;
    case 105: // attention
      attention.attention(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), optional(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), size(load<i32>(at, 52), rows), load<i32>(at, 56), float(literals, load<i32>(at, 60)));
      break;
    case 106: // attentionGradient
      attention.attentionGradient(buffer(arena, load<i32>(at, 8)), optional(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), optional(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), buffer(arena, load<i32>(at, 40)), buffer(arena, load<i32>(at, 44)), buffer(arena, load<i32>(at, 48)), buffer(arena, load<i32>(at, 52)), size(load<i32>(at, 56), rows), size(load<i32>(at, 60), rows), size(load<i32>(at, 64), rows), size(load<i32>(at, 68), rows), size(load<i32>(at, 72), rows), load<i32>(at, 76), float(literals, load<i32>(at, 80)));
      break;
    case 107: // sgd
      optimizers.sgd(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), float(literals, load<i32>(at, 24)));
      break;
    case 108: // momentum
      optimizers.momentum(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), float(literals, load<i32>(at, 28)), float(literals, load<i32>(at, 32)), load<i32>(at, 36));
      break;
    case 109: // adagrad
      optimizers.adagrad(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), float(literals, load<i32>(at, 28)), float(literals, load<i32>(at, 32)));
      break;
    case 110: // rmsprop
      optimizers.rmsprop(buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), float(literals, load<i32>(at, 28)), float(literals, load<i32>(at, 32)), float(literals, load<i32>(at, 36)));
      break;
    case 111: // adam
      optimizers.adam(context, buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), size(load<i32>(at, 28), rows), float(literals, load<i32>(at, 32)), float(literals, load<i32>(at, 36)), float(literals, load<i32>(at, 40)), float(literals, load<i32>(at, 44)), load<i32>(at, 48));
      break;
  }
}

/**
 * Executes `count` from `first` on of the size in word `over` of the instruction at `at`. False, with nothing done, where its kernel
 * takes no range of that size.
 */
export function dispatchPart(context: Context, at: usize, over: i32, first: i32, count: i32): bool {
  const arena = context.arena;
  const literals = context.literals;
  const rows = context.rows;
  switch (load<i32>(at)) {
    case 1: // gather
      if (over != 4) return false;
      batch.gather(context, over == 4 ? first : 0, over == 4 ? count : size(load<i32>(at, 16), rows), buffer(arena, load<i32>(at, 8)), load<i32>(at, 12), size(load<i32>(at, 16), rows), load<i32>(at, 20));
      return true;
    case 3: // dropout
      if (over != 4) return false;
      batch.dropout(context, over == 4 ? first : 0, over == 4 ? count : size(load<i32>(at, 16), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), float(literals, load<i32>(at, 20)), load<i32>(at, 24));
      return true;
    case 13: // matmul
      if (over != 6 && over != 7) return false;
      matmul.matmul(over == 6 ? first : 0, over == 6 ? count : size(load<i32>(at, 24), rows), over == 7 ? first : 0, over == 7 ? count : size(load<i32>(at, 28), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48));
      return true;
    case 14: // affine
      if (over != 7 && over != 8) return false;
      matmul.affine(over == 7 ? first : 0, over == 7 ? count : size(load<i32>(at, 28), rows), over == 8 ? first : 0, over == 8 ? count : size(load<i32>(at, 32), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), float(literals, load<i32>(at, 60)));
      return true;
    case 15: // deltaMatmul
      if (over != 7 && over != 8) return false;
      matmul.deltaMatmul(over == 7 ? first : 0, over == 7 ? count : size(load<i32>(at, 28), rows), over == 8 ? first : 0, over == 8 ? count : size(load<i32>(at, 32), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), float(literals, load<i32>(at, 60)));
      return true;
    case 16: // conv2d
      if (over != 9) return false;
      convolution.conv2d(over == 9 ? first : 0, over == 9 ? count : size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80));
      return true;
    case 18: // conv2dWeight
      if (over != 9) return false;
      convolution.conv2dWeight(over == 9 ? first : 0, over == 9 ? count : size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), load<i32>(at, 24), load<i32>(at, 28), load<i32>(at, 32), size(load<i32>(at, 36), rows), load<i32>(at, 40), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80));
      return true;
    case 19: // conv2dAffine
      if (over != 10) return false;
      convolution.conv2dAffine(over == 10 ? first : 0, over == 10 ? count : size(load<i32>(at, 40), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), optional(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), size(load<i32>(at, 24), rows), load<i32>(at, 28), load<i32>(at, 32), load<i32>(at, 36), size(load<i32>(at, 40), rows), load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56), load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80), load<i32>(at, 84), load<i32>(at, 88), float(literals, load<i32>(at, 92)));
      return true;
    case 80: // sum
      if (over != 6) return false;
      reductions.sum(over == 6 ? first : 0, over == 6 ? count : size(load<i32>(at, 24), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), size(load<i32>(at, 16), rows), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows));
      return true;
    case 98: // batchNorm
      if (over != 9) return false;
      normalization.batchNorm(over == 9 ? first : 0, over == 9 ? count : size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows), size(load<i32>(at, 40), rows), float(literals, load<i32>(at, 44)));
      return true;
    case 99: // batchNormGradient
      if (over != 11) return false;
      normalization.batchNormGradient(over == 11 ? first : 0, over == 11 ? count : size(load<i32>(at, 44), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), buffer(arena, load<i32>(at, 32)), buffer(arena, load<i32>(at, 36)), size(load<i32>(at, 40), rows), size(load<i32>(at, 44), rows), size(load<i32>(at, 48), rows), float(literals, load<i32>(at, 52)));
      return true;
    case 102: // normalizeParameterGradient
      if (over != 9) return false;
      normalization.normalizeParameterGradient(over == 9 ? first : 0, over == 9 ? count : size(load<i32>(at, 36), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), buffer(arena, load<i32>(at, 20)), buffer(arena, load<i32>(at, 24)), buffer(arena, load<i32>(at, 28)), size(load<i32>(at, 32), rows), size(load<i32>(at, 36), rows));
      return true;
    case 104: // embedGradient
      if (over != 6) return false;
      embedding.embedGradient(over == 6 ? first : 0, over == 6 ? count : size(load<i32>(at, 24), rows), buffer(arena, load<i32>(at, 8)), buffer(arena, load<i32>(at, 12)), buffer(arena, load<i32>(at, 16)), size(load<i32>(at, 20), rows), size(load<i32>(at, 24), rows), size(load<i32>(at, 28), rows));
      return true;
  }
  return false;
}
