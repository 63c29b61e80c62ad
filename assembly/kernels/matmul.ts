/** Matrix products, alone and with a dense layer's bias and activation in their epilogue. No operand may be the output. */
import { gemm } from './gemm';
import { theProduct } from './gemm_product';
import { Epilogue } from './product';

/**
 * Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch. Only `rows` rows from `row` on and `columns` columns from
 * `column` on are computed, with the bits that they have in the whole.
 */
@inline
function multiply(
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  a: usize,
  b: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
  epilogue: Epilogue,
  operand: usize,
  activation: i32,
  alpha: f64,
): void {
  const product = theProduct();
  product.strideA = <usize>(transposeA ? m : k) << 2;
  product.strideB = <usize>(transposeB ? k : n) << 2;
  product.strideOut = <usize>n << 2;
  product.m = rows;
  product.n = columns;
  product.k = k;
  product.transposedA = transposeA != 0;
  product.transposedB = transposeB != 0;
  product.epilogue = epilogue;
  product.activation = activation;
  product.alpha = alpha;
  const bytes = (<usize>m * n) << 2;
  const start = (<usize>row * n + column) << 2;
  a += <usize>row * (transposeA ? 4 : product.strideA);
  b += <usize>column * (transposeB ? product.strideB : 4);
  product.operand = epilogue == Epilogue.activate && operand ? operand + (<usize>column << 2) : operand;
  for (let batch = 0; batch < batches; batch++) {
    product.a = a + ((<usize>batch * strideA) << 2);
    product.b = b + ((<usize>batch * strideB) << 2);
    product.out = out + start + <usize>batch * bytes;
    if (epilogue == Epilogue.multiplyByDerivative) product.operand = operand + start + <usize>batch * bytes;
    gemm(product);
  }
}

export function matmul(
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  a: usize,
  b: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
): void {
  const epilogue = Epilogue.none;
  multiply(row, rows, column, columns, a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB, epilogue, 0, 0, 0);
}

/** bias may be absent (0). */
export function affine(
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  a: usize,
  b: usize,
  bias: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
  activation: i32,
  alpha: f64,
): void {
  const epilogue = Epilogue.activate;
  multiply(
    row,
    rows,
    column,
    columns,
    a,
    b,
    out,
    batches,
    m,
    n,
    k,
    strideA,
    strideB,
    transposeA,
    transposeB,
    epilogue,
    bias,
    activation,
    alpha,
  );
}

export function deltaMatmul(
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  a: usize,
  b: usize,
  saved: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
  activation: i32,
  alpha: f64,
): void {
  const epilogue = Epilogue.multiplyByDerivative;
  multiply(
    row,
    rows,
    column,
    columns,
    a,
    b,
    out,
    batches,
    m,
    n,
    k,
    strideA,
    strideB,
    transposeA,
    transposeB,
    epilogue,
    saved,
    activation,
    alpha,
  );
}
