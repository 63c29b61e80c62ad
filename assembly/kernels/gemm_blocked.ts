/**
 * The matrix product by blocks: BLIS's five loops around the register tile, with the operands' parts exchanged because out lies by
 * rows. Vectors run along n, so it is a block of B that is packed and stays in the second-level cache, and a strip of A that stays
 * in the first-level cache.
 *
 *   5  columns, as many as a block of B has
 *   4  steps of k, as many as a block has: here the block of B is packed
 *   3  rows, as many as a tile has: here the strips of a transposed A are packed
 *   2  panels of the block, as wide as a tile
 *   1  steps of k in the block: the tile itself
 *
 * Up to four columns that are left over beside whole tiles are done first, by tiles of one vector.
 */
import { BLOCK_DEPTH } from '../generated/constants';
import { multiplyTile4Rows, multiplyTile4Steps, multiplyTile8Rows, multiplyTile8Steps, ROWS_OF_4, ROWS_OF_8 } from '../generated/tiles';
import { packedBlock, packedStrips } from '../scratch';
import { packPanel, packStrips } from './gemm_pack';
import { addressA, addressB, addressOut, finish, nextPart } from './gemm_product';
import { BLOCK_BYTES, BLOCK_COLUMNS, Product, STRIPS_ROWS } from './product';
import { blockDepth, ceilDivide } from '../sizes';

const PANEL_COLUMNS: i32 = 8;
const NARROW_COLUMNS: i32 = 4;
/** Fewer rows read a B that lies by rows where it is, instead of from a packed copy. */
const PACK_ROWS: i32 = 32;
/** Fewer columns read a transposed A where it is, instead of from a packed copy. */
const PACK_COLUMNS: i32 = 32;

/** Loop 5. */
export function multiplyBlocked(s: Product): void {
  const left = s.n % PANEL_COLUMNS;
  const narrow = left <= NARROW_COLUMNS ? left : 0;
  const n = s.n - narrow;
  if (narrow) multiplyNarrow(s, n, narrow);
  for (let column = 0; column < n; ) {
    const panels = nextPart(ceilDivide(n - column, PANEL_COLUMNS), BLOCK_COLUMNS / PANEL_COLUMNS);
    const columns = min(panels * PANEL_COLUMNS, n - column);
    multiplyColumns(s, column, columns, column + columns == n ? narrow : 0);
    column += columns;
  }
  if (n == 0) finish(s, 0, s.m, 0, narrow);
}

/** Loop 4. The last block of k finishes its columns and as many more as `narrow` says. */
@inline
function multiplyColumns(s: Product, column: i32, columns: i32, narrow: i32): void {
  const inPlace = !s.transposedB && s.m < PACK_ROWS;
  for (let step = 0; step < s.k; step += BLOCK_DEPTH) {
    const depth = blockDepth(s.k, step);
    packBlock(s, inPlace, packedBlock(), column, columns, step, depth);
    const toFinish = step + depth == s.k ? columns + narrow : 0;
    if (s.transposedA) multiplyBlockSteps(s, inPlace, column, columns, step, depth, toFinish);
    else multiplyBlockRows(s, inPlace, packedBlock(), column, columns, step, depth, toFinish);
  }
}

/** Whether that many columns of a B can stay packed in the place of one block, see multiplyRepeated. */
export function fitsBlock(columns: i32, k: i32): bool {
  return columns % PANEL_COLUMNS == 0 && (<usize>columns * k) << 2 <= BLOCK_BYTES;
}

/** A product that is repeated with one B: packed as a whole, at first, at `packed`. A lies by rows, and there is no epilogue. */
export function multiplyRepeated(s: Product, packed: usize): void {
  for (let step = 0; step < s.k; step += BLOCK_DEPTH) {
    const depth = blockDepth(s.k, step);
    const block = packed + ((<usize>step * s.n) << 2);
    if (!s.isPacked) packBlock(s, false, block, 0, s.n, step, depth);
    multiplyBlockRows(s, false, block, 0, s.n, step, depth, 0);
  }
}

/** All panels of a block or, where it is read in place, only its last one if that is not full. */
function packBlock(s: Product, inPlace: bool, block: usize, column: i32, columns: i32, step: i32, depth: i32): void {
  const panelBytes = (<usize>depth * PANEL_COLUMNS) << 2;
  let to = block;
  for (let j = 0; j < columns; j += PANEL_COLUMNS) {
    const width = min(PANEL_COLUMNS, columns - j);
    if (inPlace && width == PANEL_COLUMNS) continue;
    packPanel(addressB(s, step, column + j), s.strideB, s.transposedB, depth, width, 2, to);
    to += panelBytes;
  }
}

/** Loop 3 where A lies by rows. */
function multiplyBlockRows(
  s: Product,
  inPlace: bool,
  block: usize,
  column: i32,
  columns: i32,
  step: i32,
  depth: i32,
  toFinish: i32,
): void {
  for (let row = 0; row < s.m; ) {
    const rows = nextPart(s.m - row, ROWS_OF_8);
    multiplyStrip(s, false, inPlace, block, addressA(s, row, step), s.strideA, row, rows, column, columns, step, depth);
    if (toFinish) finish(s, row, rows, column, toFinish);
    row += rows;
  }
}

/** Loop 3 where A is transposed. */
function multiplyBlockSteps(s: Product, inPlace: bool, column: i32, columns: i32, step: i32, depth: i32, toFinish: i32): void {
  const pack = columns >= PACK_COLUMNS;
  for (let first = 0; first < s.m; first += STRIPS_ROWS) {
    const end = min(first + STRIPS_ROWS, s.m);
    let a = addressA(s, first, step);
    let strideA = s.strideA;
    if (pack) {
      packStrips(a, s.strideA, depth, end - first, packedStrips());
      a = packedStrips();
      strideA = STRIPS_ROWS << 2;
    }
    for (let row = first; row < end; ) {
      const rows = nextPart(end - row, ROWS_OF_8);
      multiplyStrip(s, true, inPlace, packedBlock(), a, strideA, row, rows, column, columns, step, depth);
      if (toFinish) finish(s, row, rows, column, toFinish);
      a += <usize>rows << 2;
      row += rows;
    }
  }
}

/** Loop 2 for `rows` rows from `row` on; `steps`: A is transposed. */
@inline
function multiplyStrip(
  s: Product,
  steps: bool,
  inPlace: bool,
  block: usize,
  a: usize,
  strideA: usize,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  step: i32,
  depth: i32,
): void {
  const panelBytes = <usize>(inPlace ? PANEL_COLUMNS : depth * PANEL_COLUMNS) << 2;
  const accumulate = step > 0;
  const strideOut = s.strideOut;
  let b = inPlace ? addressB(s, step, column) : block;
  let strideB: usize = inPlace ? s.strideB : PANEL_COLUMNS << 2;
  let out = addressOut(s, row, column);
  for (let left = columns; left > 0; left -= PANEL_COLUMNS, b += panelBytes, out += PANEL_COLUMNS << 2) {
    if (inPlace && left < PANEL_COLUMNS) {
      b = block;
      strideB = PANEL_COLUMNS << 2;
    }
    const width = min(PANEL_COLUMNS, left);
    if (steps) multiplyTile8Steps(rows, a, strideA, b, strideB, out, strideOut, depth, width, accumulate);
    else multiplyTile8Rows(rows, a, strideA, b, strideB, out, strideOut, depth, width, accumulate);
  }
}

/** All rows of up to four columns, not yet finished. */
function multiplyNarrow(s: Product, column: i32, columns: i32): void {
  for (let step = 0; step < s.k; step += BLOCK_DEPTH) {
    const depth = blockDepth(s.k, step);
    packPanel(addressB(s, step, column), s.strideB, s.transposedB, depth, columns, 1, packedBlock());
    for (let row = 0; row < s.m; ) {
      const rows = nextPart(s.m - row, ROWS_OF_4);
      const a = addressA(s, row, step);
      const out = addressOut(s, row, column);
      if (s.transposedA) multiplyTile4Steps(rows, a, s.strideA, packedBlock(), 16, out, s.strideOut, depth, columns, step > 0);
      else multiplyTile4Rows(rows, a, s.strideA, packedBlock(), 16, out, s.strideOut, depth, columns, step > 0);
      row += rows;
    }
  }
}
