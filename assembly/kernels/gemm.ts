/**
 * C = A·B for one pair of matrices in any transposition.
 *
 * The contract of its numbers: k is cut into blocks of BLOCK_DEPTH steps. Each element of the output is, block by block in the
 * order of k, zero plus the block's products one after the other; the blocks' sums are added in order. Neither the path nor the
 * tile nor the division of the output among threads can change a result. The relaxed build adds a product in one rounding
 * where the engine does, bit for bit as native's `fused` numerics; the baseline build takes two, as its `separate` ones.
 */
import { multiplyBlocked } from './gemm_blocked';
import { finish, isLoneColumn } from './gemm_product';
import { Epilogue, Product } from './product';
import { multiplyRow } from './gemm_row';
import { isTiny, multiplyTiny } from './gemm_tiny';

/** Fewer columns of a B that lies by rows are taken by tiles. */
const ROW_COLUMNS: i32 = 64;

export function gemm(s: Product): void {
  if (isTiny(s)) multiplyTiny(s);
  else if (s.m == 1 && (s.transposedB || s.n >= ROW_COLUMNS)) multiplyRow(s);
  else if (isLoneColumn(s) && (!s.transposedA || s.m >= ROW_COLUMNS)) multiplyColumn(s);
  else multiplyBlocked(s);
}

/** One column of output, whose elements are neighbours, is a row too: (A·b)ᵀ = bᵀ·Aᵀ. The product is finished as it was asked for. */
function multiplyColumn(s: Product): void {
  const epilogue = s.epilogue;
  s.epilogue = Epilogue.none;
  exchange(s);
  multiplyRow(s);
  exchange(s);
  s.epilogue = epilogue;
  finish(s, 0, s.m, 0, 1);
}

/** The operands and the sizes of (A·B)ᵀ; out's rows become columns of neighbours. */
function exchange(s: Product): void {
  const a = s.a;
  const strideA = s.strideA;
  const transposedA = s.transposedA;
  const m = s.m;
  s.a = s.b;
  s.strideA = s.strideB;
  s.transposedA = !s.transposedB;
  s.m = s.n;
  s.b = a;
  s.strideB = strideA;
  s.transposedB = !transposedA;
  s.n = m;
}
