/** Matrix products, alone and with a dense layer's bias and activation in their epilogue. No operand may be the output. */
import { AffineArguments, AffineSlopeArguments, DeltaMatmulArguments, MatmulArguments, MatmulMultiplyArguments, ProductSizes } from '../generated/arguments';
import { gemm } from './gemm';
import { arePanels, multiplyPackedRow } from './gemm_packed';
import { theProduct } from './gemm_product';
import { Epilogue, takesBias } from './product';

/**
 * Batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch. Only `rows` rows from `row` on and `columns` columns from
 * `column` on are computed, with the bits that they have in the whole. `transposeB` may be the address of a packed copy of a transposed
 * B, where there is one product: see src/backends/wasm/packed.ts.
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
  slope: usize,
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
  const isBias = takesBias(epilogue);
  product.operand = isBias && operand ? operand + (<usize>column << 2) : operand;
  const isPacked = <usize>s.transposeB > 1 && s.m == 1 && arePanels(column, columns);
  for (let batch = 0; batch < s.batches; batch++) {
    product.a = a + ((<usize>batch * s.strideA) << 2);
    product.b = b + ((<usize>batch * s.strideB) << 2);
    const at = start + <usize>batch * bytes;
    product.out = out + at;
    product.slope = slope + at;
    if (!isBias) product.operand = operand + at;
    if (isPacked) multiplyPackedRow(product, <usize>s.transposeB + <usize>column * product.strideB);
    else gemm(product);
  }
}

export function matmul(row: i32, rows: i32, column: i32, columns: i32, args: MatmulArguments): void {
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, Epilogue.none, 0, 0, 0, 0);
}

/** bias may be absent (0). */
export function affine(row: i32, rows: i32, column: i32, columns: i32, args: AffineArguments): void {
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, Epilogue.activate, args.bias, 0, args.activation, args.alpha);
}

export function deltaMatmul(row: i32, rows: i32, column: i32, columns: i32, args: DeltaMatmulArguments): void {
  const epilogue = Epilogue.multiplyByDerivative;
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, epilogue, args.saved, 0, args.activation, args.alpha);
}

/** bias may be absent (0). */
export function affineSlope(row: i32, rows: i32, column: i32, columns: i32, args: AffineSlopeArguments): void {
  const epilogue = Epilogue.activateWithSlope;
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, epilogue, args.bias, args.slope, args.activation, args.alpha);
}

export function matmulMultiply(row: i32, rows: i32, column: i32, columns: i32, args: MatmulMultiplyArguments): void {
  multiply(row, rows, column, columns, args.a, args.b, args.out, args.sizes, Epilogue.multiply, args.factor, 0, 0, 0);
}
