/** What the matrix product's paths are given, and the sizes of the parts that they work on. */
import { Activation, BLOCK_DEPTH } from '../generated/constants';
import { activate, activateGradient } from '../generated/families';
import { productPlace } from '../scratch';
import { load4, store4 } from './vector';

/** Columns of B in a packed block, which stays in the second-level cache. */
export const BLOCK_COLUMNS: i32 = 256;
/** Rows of A that are packed together: a cache line for each step of k. */
export const STRIPS_ROWS: i32 = 16;

/** What a Product takes, in whole cache lines. */
export const PRODUCT_BYTES: usize = (offsetof<Product>() + 63) & ~63;
export const BLOCK_BYTES: usize = (BLOCK_DEPTH * BLOCK_COLUMNS) << 2;
export const STRIPS_BYTES: usize = (BLOCK_DEPTH * STRIPS_ROWS) << 2;

/** What is done to finished sums, while they are still in the cache. */
export const enum Epilogue {
  none,
  /** out = f(out + bias), where there is a bias. */
  activate,
  /** out = out ⊙ f′(saved). */
  multiplyByDerivative,
}

/** out = A·B; no operand overlaps out. Strides are bytes. */
@unmanaged
export class Product {
  a: usize;
  /** From one row of A to the next or, where A is transposed, from one step of k to the next. */
  strideA: usize;
  b: usize;
  /** From one step of k to the next or, where B is transposed, from one column to the next. */
  strideB: usize;
  out: usize;
  strideOut: usize;
  m: i32;
  n: i32;
  k: i32;
  transposedA: bool;
  transposedB: bool;
  /** Whether B lies packed in the workspace: for products that repeat it, see multiplyRepeated. */
  isPacked: bool;
  epilogue: Epilogue;
  activation: i32;
  /** The bias, one row for all, or what the derivative is of, laid like out; may be absent (0). */
  operand: usize;
  alpha: f64;
}

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
@inline
export function nextPart(rest: i32, most: i32): i32 {
  if (rest <= most) return rest;
  const parts = (rest + most - 1) / most;
  return (rest + parts - 1) / parts;
}

/** Finishes the sums of `rows` rows and `columns` columns. */
export function finish(s: Product, row: i32, rows: i32, column: i32, columns: i32): void {
  if (s.epilogue == Epilogue.activate && s.operand) addBias(s, row, rows, column, columns);
  applyFunction(s, row, rows, column, columns);
}

/** What follows the bias: the activation, or the derivative. */
export function applyFunction(s: Product, row: i32, rows: i32, column: i32, columns: i32): void {
  if (s.epilogue == Epilogue.none || s.activation == Activation.identity) return;
  const wholeRows = <usize>columns << 2 == s.strideOut;
  const size = wholeRows ? rows * columns : columns;
  for (let i = 0; i < rows; i += wholeRows ? rows : 1) {
    const out = addressOut(s, row + i, column);
    if (s.epilogue == Epilogue.activate) activate(s.activation, out, out, size, s.alpha);
    else activateGradient(s.activation, out, s.operand + (out - s.out), out, size, s.alpha);
  }
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
