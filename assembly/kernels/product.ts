/** A matrix product as its paths are given it, and what it takes of the workspace. */
import { BLOCK_DEPTH } from '../generated/constants';

/** Columns of B in a packed block, which stays in the second-level cache. */
export const BLOCK_COLUMNS: i32 = 256;
/** Rows of A that are packed together: a cache line for each step of k. */
export const STRIPS_ROWS: i32 = 16;

/** What is done to finished sums, while they are still in the cache. */
export const enum Epilogue {
  none,
  /** out = f(out + bias), where there is a bias. */
  activate,
  /** out = f(z) and slope = f′(z) for z = out + bias. */
  activateWithSlope,
  /** out = out ⊙ f′(saved). */
  multiplyByDerivative,
  /** out = out ⊙ factor. */
  multiply,
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
  /** The bias, one row for all, or what the derivative is of, or the factor, laid like out; may be absent (0). */
  operand: usize;
  /** Where slopes go, laid like out. */
  slope: usize;
  alpha: f64;
}

/** Whether the operand of an epilogue is the bias. */
@inline
export function takesBias(epilogue: Epilogue): bool {
  return epilogue == Epilogue.activate || epilogue == Epilogue.activateWithSlope;
}

/** What a Product takes, in whole cache lines. */
export const PRODUCT_BYTES: usize = (offsetof<Product>() + 63) & ~63;
export const BLOCK_BYTES: usize = (BLOCK_DEPTH * BLOCK_COLUMNS) << 2;
export const STRIPS_BYTES: usize = (BLOCK_DEPTH * STRIPS_ROWS) << 2;
