/** Ops that move, repeat or scale elements without combining them. Sizes and steps are in elements. */
import { load4, splat, store4 } from './vector';

export function fill(out: usize, size: i32, value: f64): void {
  const x = splat(value);
  for (let rest = size; rest > 0; rest -= 4, out += 16) store4(out, x, rest);
}

/** The factor is divided in double precision, as everywhere; `out` may be `x`. */
export function scale(x: usize, out: usize, size: i32, factor: f64, count: i32): void {
  const s = splat(factor / <f64>count);
  let rest = size;
  for (; rest >= 4; rest -= 4, x += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), s));
  if (rest > 0) store4(out, f32x4.mul(load4(x, rest), s), rest);
}

/** out, densely, from a nest of six loops over x; `out` does not overlap `x`. */
export function stridedCopy(
  x: usize,
  out: usize,
  size0: i32,
  size1: i32,
  size2: i32,
  size3: i32,
  size4: i32,
  size5: i32,
  step0: i32,
  step1: i32,
  step2: i32,
  step3: i32,
  step4: i32,
  step5: i32,
): void {
  const bytes = <usize>size5 << 2;
  for (let i = 0; i < size0; i++) {
    for (let j = 0; j < size1; j++) {
      for (let k = 0; k < size2; k++) {
        for (let l = 0; l < size3; l++) {
          const from = x + ((<usize>i * step0 + <usize>j * step1 + <usize>k * step2 + <usize>l * step3) << 2);
          for (let m = 0; m < size4; m++, out += bytes) copyRun(from + ((<usize>m * step4) << 2), out, size5, step5);
        }
      }
    }
  }
}

/** `size` elements, `step` apart in x and dense in out. */
function copyRun(x: usize, out: usize, size: i32, step: i32): void {
  if (step == 1) {
    memory.copy(out, x, <usize>size << 2);
    return;
  }
  const bytes = <usize>step << 2;
  for (const end = out + (<usize>size << 2); out < end; x += bytes, out += 4) store<f32>(out, load<f32>(x));
}

export function slice(x: usize, out: usize, outer: i32, stride: i32, start: i32, length: i32): void {
  const bytes = <usize>length << 2;
  x += <usize>start << 2;
  for (let o = 0; o < outer; o++, x += <usize>stride << 2, out += bytes) memory.copy(out, x, bytes);
}

/** `out` may be `base`. */
export function insert(base: usize, x: usize, out: usize, outer: i32, stride: i32, start: i32, length: i32): void {
  const bytes = <usize>length << 2;
  if (out != base) memory.copy(out, base, (<usize>outer * stride) << 2);
  out += <usize>start << 2;
  for (let o = 0; o < outer; o++, x += bytes, out += <usize>stride << 2) memory.copy(out, x, bytes);
}

/** `x` may be `kept`, of this and of the next. */
export function assign(kept: usize, x: usize, size: i32): void {
  memory.copy(kept, x, <usize>size << 2);
}

export function accumulate(kept: usize, x: usize, size: i32, weight: i32): void {
  const factor = splat(<f64>weight);
  for (let rest = size; rest > 0; rest -= 4, kept += 16, x += 16) {
    store4(kept, f32x4.add(load4(kept, rest), f32x4.mul(factor, load4(x, rest))), rest);
  }
}
