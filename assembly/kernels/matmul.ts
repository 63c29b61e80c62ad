/** Matrix products, alone and with a dense layer's bias and activation in their epilogue. No operand may be the output. */
import { AffineArguments, DeltaMatmulArguments, MatmulArguments, ProductSizes } from '../generated/arguments';
import { gemm } from './gemm';
import { arePanels, multiplyPackedRow } from './gemm_packed';
import { theProduct } from './gemm_product';
import { Epilogue } from './product';

/**
 * Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch. Only `rows` rows from `row` on and `columns` columns from
 * `column` on are computed, with the bits that they have in the whole. `transposeB` may be the address of a packed copy of the transposed B, one matrix for all
 * products, see src/backends/wasm/packed.ts.
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
  s: ProductSizes,
  epilogue: Epilogue,
  operand: usize,
  activation: i32,
  alpha: f64,
): void {
  const product = theProduct();
  product.strideA = <usize>(s.transposeA ? s.m : s.k) << 2;
  product.strideB = <usize>(s.transposeB ? s.k : s.n) << 2;
  product.strideOut = <usize>s.n << 2;
  product.m = rows;
  product.n = columns;
  product.k = s.k;
  product.transposedA = s.transposeA != 0;
  product.transposedB = s.transposeB != 0;
  product.epilogue = epilogue;
  product.activation = activation;
  product.alpha = alpha;
  const bytes = (<usize>s.m * s.n) << 2;
  const start = (<usize>row * s.n + column) << 2;
  a += <usize>row * (s.transposeA ? 4 : product.strideA);
  b += <usize>column * (s.transposeB ? product.strideB : 4);
  product.operand = epilogue == Epilogue.activate && operand ? operand + (<usize>column << 2) : operand;
  if (<usize>s.transposeB > 1 && s.m == 1 && arePanels(column, columns)) {
    product.a = a;
    product.out = out + start;
    return multiplyPackedRow(product, <usize>s.transposeB + <usize>column * product.strideB);
  }
  for (let batch = 0; batch < s.batches; batch++) {
    product.a = a + ((<usize>batch * s.strideA) << 2);
    product.b = b + ((<usize>batch * s.strideB) << 2);
    product.out = out + start + <usize>batch * bytes;
    if (epilogue == Epilogue.multiplyByDerivative) product.operand = operand + start + <usize>batch * bytes;
    gemm(product);
  }
}

export function matmul(row: i32, rows: i32, column: i32, columns: i32, args: MatmulArguments): void {
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, Epilogue.none, 0, 0, 0);
}

/** bias may be absent (0). */
export function affine(row: i32, rows: i32, column: i32, columns: i32, args: AffineArguments): void {
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, Epilogue.activate, args.bias, args.activation, args.alpha);
}

export function deltaMatmul(row: i32, rows: i32, column: i32, columns: i32, args: DeltaMatmulArguments): void {
  const epilogue = Epilogue.multiplyByDerivative;
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, epilogue, args.saved, args.activation, args.alpha);
}
