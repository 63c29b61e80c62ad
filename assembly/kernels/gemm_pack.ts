/** Packing: copies of parts of the operands in the order in which the tiles read them. */
import { load4 } from './vector';

/**
 * to[p][j] = from[p][j] for j < columns; what a row of `to`, one or two vectors wide, holds beyond is undefined. Rows of `to` follow
 * each other; `from` is read no further than its last element.
 */
export function copyRows(from: usize, strideFrom: usize, depth: i32, columns: i32, vectors: i32, to: usize): void {
  const first = vectors == 2;
  let p = 0;
  for (; p < wholeSteps(depth, columns); p++, from += strideFrom, to += 16) {
    v128.store(to, v128.load(from));
    if (first) v128.store((to += 16), v128.load(from, 16));
  }
  for (; p < depth; p++, from += strideFrom, to += 16) {
    v128.store(to, load4(from, columns));
    if (first) v128.store((to += 16), load4(from + 16, columns - 4));
  }
}

/** Steps that can be read as whole vectors: four more steps, one element each at least, follow a partial one. */
@inline
function wholeSteps(depth: i32, columns: i32): i32 {
  return columns % 4 == 0 ? depth : depth - 4;
}

/** to[p][j] = from[j][p], in the same way. */
export function transposeRows(from: usize, strideFrom: usize, depth: i32, columns: i32, vectors: i32, to: usize): void {
  const strideTo = <usize>vectors << 4;
  transposeFour(from, strideFrom, depth, min(columns, 4), to, strideTo);
  if (vectors > 1) transposeFour(from + 4 * strideFrom, strideFrom, depth, columns - 4, to + 16, strideTo);
}

/** One vector of each row; in the place of absent columns stands the first. */
export function transposeFour(x0: usize, stride: usize, depth: i32, columns: i32, to: usize, strideTo: usize): void {
  let x1 = columns > 1 ? x0 + stride : x0;
  let x2 = columns > 2 ? x0 + 2 * stride : x0;
  let x3 = columns > 3 ? x0 + 3 * stride : x0;
  let p = 0;
  for (; p + 4 <= depth; p += 4, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const low01 = v128.shuffle<f32>(v128.load(x0), v128.load(x1), 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(v128.load(x2), v128.load(x3), 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(v128.load(x0), v128.load(x1), 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(v128.load(x2), v128.load(x3), 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
    to += strideTo;
    v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3));
    to += strideTo;
    v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2));
    to += strideTo;
    v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3));
    to += strideTo;
  }
  for (; p < depth; p++, x0 += 4, x1 += 4, x2 += 4, x3 += 4, to += strideTo) {
    store<f32>(to, load<f32>(x0));
    store<f32>(to, load<f32>(x1), 4);
    store<f32>(to, load<f32>(x2), 8);
    store<f32>(to, load<f32>(x3), 12);
  }
}

/** A panel of B, filled up to whole vectors: see copyRows. */
@inline
export function packPanel(b: usize, strideB: usize, transposed: bool, depth: i32, columns: i32, vectors: i32, to: usize): void {
  if (transposed) transposeRows(b, strideB, depth, columns, vectors, to);
  else copyRows(b, strideB, depth, columns, vectors, to);
}

/** Up to 16 rows of a transposed A, a cache line for each step of k: to[p][i] = a[p][i] for i < rows, the rest undefined. */
export function packStrips(a: usize, strideA: usize, depth: i32, rows: i32, to: usize): void {
  if (rows == 16) {
    for (let p = 0; p < depth; p++, a += strideA, to += 64) {
      v128.store(to, v128.load(a));
      v128.store(to, v128.load(a, 16), 16);
      v128.store(to, v128.load(a, 32), 32);
      v128.store(to, v128.load(a, 48), 48);
    }
  } else {
    const last = <usize>((rows - 1) & ~3) << 2;
    for (let p = 0; p < depth; p++, a += strideA, to += 64) {
      for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(a + i));
      v128.store(to + last, p < wholeSteps(depth, rows) ? v128.load(a + last) : load4(a + last, rows - <i32>(last >> 2)));
    }
  }
}
