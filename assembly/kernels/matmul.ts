/** Matrix products, alone and with what a dense layer does next in their epilogue. No operand may be the output. */
import { gemm } from './gemm';
import { Epilogue, theProduct } from './gemm_product';

/** Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch. */
@inline
function multiply(
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
  product.m = m;
  product.n = n;
  product.k = k;
  product.transposedA = transposeA != 0;
  product.transposedB = transposeB != 0;
  product.epilogue = epilogue;
  product.operand = operand;
  product.activation = activation;
  product.alpha = alpha;
  const bytes = (<usize>m * n) << 2;
  for (let batch = 0; batch < batches; batch++) {
    product.a = a + ((<usize>batch * strideA) << 2);
    product.b = b + ((<usize>batch * strideB) << 2);
    product.out = out + <usize>batch * bytes;
    if (epilogue == Epilogue.multiplyByDerivative) product.operand = operand + <usize>batch * bytes;
    gemm(product);
  }
}

export function matmul(
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
  multiply(a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB, Epilogue.none, 0, 0, 0);
}

/** bias may be absent (0). */
export function affine(
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
  multiply(a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB, Epilogue.activate, bias, activation, alpha);
}

export function deltaMatmul(
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
  multiply(a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB, epilogue, saved, activation, alpha);
}
