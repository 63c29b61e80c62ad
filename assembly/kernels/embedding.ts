/** Rows of a table, chosen by index. An index that is none of the table's rows yields NaN rather than a stray read or write. */
import { indexAt } from './indices';
import { fill } from './movement';
import { load4, store4, sum } from './vector';

export function embed(table: usize, index: usize, out: usize, rows: i32, count: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, index += 4, out += bytes) {
    const row = indexAt(index, count);
    if (row < 0) fill(out, columns, NaN);
    else memory.copy(out, table + <usize>row * bytes, bytes);
  }
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedGradient(
  first: i32,
  taken: i32,
  delta: usize,
  index: usize,
  out: usize,
  rows: i32,
  count: i32,
  columns: i32,
): void {
  const bytes = <usize>columns << 2;
  fill(out + bytes * first, taken * columns, 0);
  for (let r = 0; r < rows; r++, index += 4, delta += bytes) {
    const row = indexAt(index, count);
    if (row < first || row >= first + taken) continue;
    const to = out + bytes * row;
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(to + at, sum(load4(to + at, rest), load4(delta + at, rest)), rest);
    }
  }
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedSgd(
  first: i32,
  taken: i32,
  table: usize,
  delta: usize,
  index: usize,
  learningRate: usize,
  rows: i32,
  count: i32,
  columns: i32,
): void {
  const bytes = <usize>columns << 2;
  const rate = v128.load32_splat(learningRate);
  for (let r = 0; r < rows; r++, index += 4, delta += bytes) {
    const row = indexAt(index, count);
    if (row < first || row >= first + taken) continue;
    const to = table + bytes * row;
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(to + at, f32x4.sub(load4(to + at, rest), f32x4.mul(rate, load4(delta + at, rest))), rest);
    }
  }
}
