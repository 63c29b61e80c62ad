/** Ops that move, repeat or scale elements without combining them. Sizes and steps are in elements. */
import { AccumulateArguments, AssignArguments, FillArguments, InsertArguments, ScaleArguments, SliceArguments, StridedCopyArguments } from '../generated/arguments';
import { transposeFour } from './gemm_pack';
import { fillVectors, mapRun, Step } from './runs';
import { splat } from './vector';

export function fillRun(out: usize, size: i32, value: f64): void {
  fillVectors(out, size, splat(value));
}

export function fill(args: FillArguments): void {
  fillRun(args.out, args.size, args.value);
}

/** The factor is divided in double precision, as everywhere; `out` may be `x`. */
export function scale(args: ScaleArguments): void {
  const factor = splat(args.factor / <f64>args.count);
  mapRun(Step.scale, args.x, 0, args.out, args.size, factor, factor);
}

/** Rows of a transposition that follow each other until the next columns: a cache line of what is read. */
const TRANSPOSED_ROWS = 16;

/**
 * The level outside of the innermost in which neighbours of x follow one another, where they do not in the innermost: the two transpose. −1: none,
 * or one of them has no whole vector.
 */
function transposedLevel(args: StridedCopyArguments): i32 {
  if (args.step5 <= 1 || args.size5 < 4) return -1;
  if (args.step0 == 1 && args.size0 >= 4) return 0;
  if (args.step1 == 1 && args.size1 >= 4) return 1;
  if (args.step2 == 1 && args.size2 >= 4) return 2;
  if (args.step3 == 1 && args.size3 >= 4) return 3;
  return args.step4 == 1 && args.size4 >= 4 ? 4 : -1;
}

/** out, densely, from a nest of six loops over x; `out` does not overlap `x`. */
export function stridedCopy(args: StridedCopyArguments): void {
  const transposed = transposedLevel(args);
  const stride4 = args.size5;
  const stride3 = stride4 * args.size4;
  const stride2 = stride3 * args.size3;
  const stride1 = stride2 * args.size2;
  const stride0 = stride1 * args.size1;
  const size0 = transposed == 0 ? 1 : args.size0;
  const size1 = transposed == 1 ? 1 : args.size1;
  const size2 = transposed == 2 ? 1 : args.size2;
  const size3 = transposed == 3 ? 1 : args.size3;
  const size4 = transposed == 4 ? 1 : args.size4;
  for (let i = 0; i < size0; i++) {
    for (let j = 0; j < size1; j++) {
      for (let k = 0; k < size2; k++) {
        for (let l = 0; l < size3; l++) {
          let x = args.x + ((<usize>i * args.step0 + <usize>j * args.step1 + <usize>k * args.step2 + <usize>l * args.step3) << 2);
          let out = args.out + ((<usize>i * stride0 + <usize>j * stride1 + <usize>k * stride2 + <usize>l * stride3) << 2);
          for (let m = 0; m < size4; m++, x += <usize>args.step4 << 2, out += <usize>stride4 << 2) {
            if (transposed < 0) copyRun(x, out, args.size5, args.step5);
            else if (transposed == 4) transpose(x, args.step5, args.size4, args.size5, out, stride4);
            else if (transposed == 3) transpose(x, args.step5, args.size3, args.size5, out, stride3);
            else if (transposed == 2) transpose(x, args.step5, args.size2, args.size5, out, stride2);
            else if (transposed == 1) transpose(x, args.step5, args.size1, args.size5, out, stride1);
            else transpose(x, args.step5, args.size0, args.size5, out, stride0);
          }
        }
      }
    }
  }
}

/** out[i·stride + j] = x[i + j·step] for i < rows, j < columns, 4 or more: the last four columns may be written twice. */
function transpose(x: usize, step: i32, rows: i32, columns: i32, out: usize, stride: i32): void {
  const stepBytes = <usize>step << 2;
  const strideBytes = <usize>stride << 2;
  for (let rest = rows; rest > 0; rest -= TRANSPOSED_ROWS, x += TRANSPOSED_ROWS << 2, out += strideBytes * TRANSPOSED_ROWS) {
    for (let j = 0; j < columns; j += 4) {
      const column = <usize>min(j, columns - 4);
      transposeFour(x + column * stepBytes, stepBytes, min(rest, TRANSPOSED_ROWS), 4, out + (column << 2), strideBytes);
    }
  }
}

/** `size` elements, `step` apart in x and dense in out. */
function copyRun(x: usize, out: usize, size: i32, step: i32): void {
  if (step == 1) {
    memory.copy(out, x, <usize>size << 2);
    return;
  }
  if (step == 0) {
    fillVectors(out, size, v128.load32_splat(x));
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
  const weight = splat(<f64>args.weight);
  mapRun(Step.accumulate, args.kept, args.x, args.kept, args.size, weight, weight);
}
