/**
 * One row times a transposed matrix of which the host keeps a packed copy: panels of 32 columns, in each the columns' elements of a step
 * of k side by side. It is read from its start to its end, and nothing is transposed on the way.
 */
import { BLOCK_DEPTH } from '../generated/constants';
import { blockDepth } from '../sizes';
import { transposeFour } from './gemm_pack';
import { addressA, addressOut, finish } from './gemm_product';
import { Product } from './product';
import { multiplyAdd } from './vector';

/** Eight vectors: as many sums hide the latency of an addition. */
export const PACKED_COLUMNS: i32 = 32;
const STEP_BYTES: usize = PACKED_COLUMNS << 2;

/** Writes the copy of n columns of k elements, whole panels, to `to`. */
export function packColumns(b: usize, n: i32, k: i32, to: usize): void {
  const column = <usize>k << 2;
  for (let j = 0; j < n; j += PACKED_COLUMNS, to += column * PACKED_COLUMNS) {
    for (let at: usize = 0; at < STEP_BYTES; at += 16, b += 4 * column) transposeFour(b, column, k, 4, to + at, STEP_BYTES);
  }
}

/** Whether columns of a product begin and end with panels. */
@inline
export function arePanels(column: i32, columns: i32): bool {
  return ((column | columns) & (PACKED_COLUMNS - 1)) == 0;
}

/** m is 1, A lies by rows; the columns' panels begin at `packed`. */
export function multiplyPackedRow(s: Product, packed: usize): void {
  for (let j = 0; j < s.n; j += PACKED_COLUMNS) {
    for (let step = 0; step < s.k; step += BLOCK_DEPTH) {
      const depth = blockDepth(s.k, step);
      multiplyPanel(addressA(s, 0, step), packed, depth, addressOut(s, 0, j), step > 0);
      packed += <usize>depth * STEP_BYTES;
    }
  }
  finish(s, 0, 1, 0, s.n);
}

/**
 * out = a·B for a panel, or += where the steps of k are not the first. V8 moves the loads of a basic block to its start: those of a whole
 * step beside eight sums are more than there are registers, and took twice the time. The branch in the middle of a step ends the block.
 */
function multiplyPanel(a: usize, b: usize, depth: i32, out: usize, adds: bool): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (const end = b + <usize>depth * STEP_BYTES; b < end; a += 4, b += STEP_BYTES / 2) {
    const x = v128.load32_splat(a);
    s0 = multiplyAdd(x, v128.load(b), s0);
    s1 = multiplyAdd(x, v128.load(b, 16), s1);
    s2 = multiplyAdd(x, v128.load(b, 32), s2);
    s3 = multiplyAdd(x, v128.load(b, 48), s3);
    b += STEP_BYTES / 2;
    // Never so: steps are whole.
    if (b == end) break;
    s4 = multiplyAdd(x, v128.load(b), s4);
    s5 = multiplyAdd(x, v128.load(b, 16), s5);
    s6 = multiplyAdd(x, v128.load(b, 32), s6);
    s7 = multiplyAdd(x, v128.load(b, 48), s7);
  }
  storeSums(out, s0, s1, s2, s3, adds);
  storeSums(out + 64, s4, s5, s6, s7, adds);
}

@inline
function storeSums(out: usize, s0: v128, s1: v128, s2: v128, s3: v128, adds: bool): void {
  v128.store(out, adds ? f32x4.add(v128.load(out), s0) : s0);
  v128.store(out, adds ? f32x4.add(v128.load(out, 16), s1) : s1, 16);
  v128.store(out, adds ? f32x4.add(v128.load(out, 32), s2) : s2, 32);
  v128.store(out, adds ? f32x4.add(v128.load(out, 48), s3) : s3, 48);
}
