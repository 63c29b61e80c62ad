/** The common part of the matrix product's paths: where operands lie, how work is cut up, what is done to finished sums. */
import { Activation } from '../generated/constants';
import { activate, activateGradient, binaryMultiply } from '../generated/families';
import { productPlace } from '../scratch';
import { Epilogue, Product, takesBias } from './product';
import { load4, store4 } from './vector';
import { ceilDivide } from '../sizes';

/** The one product that is under way. */
@inline
export function theProduct(): Product {
  return changetype<Product>(productPlace());
}

/** Where A(i, p) lies. */
@inline
export function addressA(s: Product, i: i32, p: i32): usize {
  return s.transposedA ? s.a + <usize>p * s.strideA + (<usize>i << 2) : s.a + <usize>i * s.strideA + (<usize>p << 2);
}

/** Where B(p, j) lies. */
@inline
export function addressB(s: Product, p: i32, j: i32): usize {
  return s.transposedB ? s.b + <usize>j * s.strideB + (<usize>p << 2) : s.b + <usize>p * s.strideB + (<usize>j << 2);
}

/** Where out(i, j) lies. */
@inline
export function addressOut(s: Product, i: i32, j: i32): usize {
  return s.out + <usize>i * s.strideOut + (<usize>j << 2);
}

/** One column of output whose elements are neighbours: not where it is a share of a wider output. */
@inline
export function isLoneColumn(s: Product): bool {
  return s.n == 1 && s.strideOut == 4;
}

/** The size of the next of the parts, as even as can be and at most `most` each, into which `rest` is cut. */
export function nextPart(rest: i32, most: i32): i32 {
  if (rest <= most) return rest;
  const parts = ceilDivide(rest, most);
  return ceilDivide(rest, parts);
}

/** Finishes the sums of `rows` rows and `columns` columns. */
export function finish(s: Product, row: i32, rows: i32, column: i32, columns: i32): void {
  if (takesBias(s.epilogue) && s.operand) addBias(s, row, rows, column, columns);
  applyFunction(s, row, rows, column, columns);
}

/** What follows the bias: the activation, or the derivative, or the factor. */
export function applyFunction(s: Product, row: i32, rows: i32, column: i32, columns: i32): void {
  if (s.epilogue == Epilogue.none) return;
  if (s.epilogue != Epilogue.multiply && s.activation == Activation.identity) return;
  const wholeRows = <usize>columns << 2 == s.strideOut;
  const size = wholeRows ? rows * columns : columns;
  for (let i = 0; i < rows; i += wholeRows ? rows : 1) {
    applyTo(s, addressOut(s, row + i, column), size);
  }
}

function applyTo(s: Product, out: usize, size: i32): void {
  const at = out - s.out;
  switch (s.epilogue) {
    case Epilogue.activate: activate(s.activation, out, out, size, s.alpha); break;
    case Epilogue.activateWithSlope: {
      storeSlopes(s, out, s.slope + at, size);
      activate(s.activation, out, out, size, s.alpha);
      break;
    }
    case Epilogue.multiplyByDerivative: activateGradient(s.activation, out, s.operand + at, out, size, s.alpha); break;
    case Epilogue.multiply: binaryMultiply(out, s.operand + at, out, 1, 1, size, 0, 0, 1, 0, 0, 1, 0); break;
  }
}

/** slope = 1 · f′(z): the loops that multiply by derivatives serve, and each function has no third one. */
function storeSlopes(s: Product, z: usize, slope: usize, size: i32): void {
  for (let at = slope, rest = size; rest > 0; rest--, at += 4) store<f32>(at, 1);
  activateGradient(s.activation, slope, z, slope, size, s.alpha);
}

function addBias(s: Product, row: i32, rows: i32, column: i32, columns: i32): void {
  const bias = s.operand + (<usize>column << 2);
  for (let i = 0; i < rows; i++) {
    let at = bias;
    let out = addressOut(s, row + i, column);
    let rest = columns;
    for (; rest >= 4; rest -= 4, out += 16, at += 16) v128.store(out, f32x4.add(v128.load(out), v128.load(at)));
    if (rest > 0) store4(out, f32x4.add(load4(out, rest), load4(at, rest)), rest);
  }
}
