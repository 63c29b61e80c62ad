/** Ops that move, repeat or scale elements without combining them. Sizes and steps are in elements. */
import { AccumulateArguments, AssignArguments, FillArguments, InsertArguments, ScaleArguments, SliceArguments, StridedCopyArguments } from '../generated/arguments';
import { load4, splat, store4 } from './vector';

export function fillRun(out: usize, size: i32, value: f64): void {
  const x = splat(value);
  for (let rest = size; rest > 0; rest -= 4, out += 16) store4(out, x, rest);
}

export function fill(args: FillArguments): void {
  fillRun(args.out, args.size, args.value);
}

/** The factor is divided in double precision, as everywhere; `out` may be `x`. */
export function scale(args: ScaleArguments): void {
  let x = args.x;
  let out = args.out;
  const s = splat(args.factor / <f64>args.count);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, x += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), s));
  if (rest > 0) store4(out, f32x4.mul(load4(x, rest), s), rest);
}

/** out, densely, from a nest of six loops over x; `out` does not overlap `x`. */
export function stridedCopy(args: StridedCopyArguments): void {
  const x = args.x;
  let out = args.out;
  const size0 = args.size0;
  const size1 = args.size1;
  const size2 = args.size2;
  const size3 = args.size3;
  const size4 = args.size4;
  const size5 = args.size5;
  const step0 = args.step0;
  const step1 = args.step1;
  const step2 = args.step2;
  const step3 = args.step3;
  const step4 = args.step4;
  const step5 = args.step5;
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

export function slice(args: SliceArguments): void {
  let x = args.x;
  let out = args.out;
  const outer = args.outer;
  const bytes = <usize>args.length << 2;
  x += <usize>args.start << 2;
  const apart = <usize>args.stride << 2;
  for (let o = 0; o < outer; o++, x += apart, out += bytes) memory.copy(out, x, bytes);
}

/** `out` may be `base`. */
export function insert(args: InsertArguments): void {
  const base = args.base;
  let x = args.x;
  let out = args.out;
  const outer = args.outer;
  const bytes = <usize>args.length << 2;
  const apart = <usize>args.stride << 2;
  if (out != base) memory.copy(out, base, apart * outer);
  out += <usize>args.start << 2;
  for (let o = 0; o < outer; o++, x += bytes, out += apart) memory.copy(out, x, bytes);
}

/** `x` may be `kept`, of this and of the next. */
export function assign(args: AssignArguments): void {
  memory.copy(args.kept, args.x, <usize>args.size << 2);
}

export function accumulate(args: AccumulateArguments): void {
  let kept = args.kept;
  let x = args.x;
  const size = args.size;
  const factor = splat(<f64>args.weight);
  for (let rest = size; rest > 0; rest -= 4, kept += 16, x += 16) {
    store4(kept, f32x4.add(load4(kept, rest), f32x4.mul(factor, load4(x, rest))), rest);
  }
}
