/**
 * Ops that draw the initial values of parameters: element i of a drawing depends on the seed, the stream and i alone. In double precision,
 * the sequence of operations of src/random/normal.ts, then rounded once.
 */
import { DrawNormalArguments, DrawUniformArguments } from '../generated/arguments';
import { Context } from '../context';
import * as c from '../generated/coefficients';
import { Purpose } from '../generated/constants';
import { BLOCKS, BLOCKS_BYTES, keyHigh, keyLow, philox } from './philox';
import { logOfDouble } from '../generated/vector_functions';
import { hornerOfDoubles, select, storeFrom } from './vector';

const WORD_STEP: f64 = 1 / 4294967296.0;

/** `count` elements from `first` on of the part of a drawing that begins with element `start`. */
export function drawUniform(context: Context, first: i32, count: i32, args: DrawUniformArguments): void {
  let out = args.out;
  const stream = args.stream;
  const limit = args.limit;
  const key0 = keyLow(context.seed);
  const key1 = keyHigh(context.seed, Purpose.initialize);
  const before = first & 3;
  let rest = count + before;
  let block = (<u32>args.first + <u32>first) >> 2;
  out += <usize>(first - before) << 2;
  for (let skip = before; rest > 0; block += BLOCKS) {
    const words = philox(block, stream, 0, key0, key1);
    for (let at: usize = 0; at < BLOCKS_BYTES && rest > 0; at += 16, skip = 0, rest -= 4, out += 16) {
      storeFrom(skip, out, uniform(v128.load(words + at), f64x2.splat(limit)), rest);
    }
  }
}

/** As `drawUniform`, normal. */
export function drawNormal(context: Context, first: i32, count: i32, args: DrawNormalArguments): void {
  let out = args.out;
  const stream = args.stream;
  const deviation = args.deviation;
  const key0 = keyLow(context.seed);
  const key1 = keyHigh(context.seed, Purpose.initialize);
  const before = first & 3;
  let rest = count + before;
  let block = (<u32>args.first + <u32>first) >> 2;
  out += <usize>(first - before) << 2;
  for (let skip = before; rest > 0; block += BLOCKS) {
    const words = philox(block, stream, 0, key0, key1);
    for (let at: usize = 0; at < BLOCKS_BYTES && rest > 0; at += 16, skip = 0, rest -= 4, out += 16) {
      storeFrom(skip, out, normals(v128.load(words + at), f64x2.splat(deviation)), rest);
    }
  }
}

@inline
function uniform(words: v128, limit: v128): v128 {
  const low = uniformLanes(words, limit);
  const high = uniformLanes(v128.shuffle<i32>(words, words, 2, 3, 2, 3), limit);
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

@inline
function uniformLanes(words: v128, limit: v128): v128 {
  const middle = f64x2.add(f64x2.convert_low_i32x4_u(words), f64x2.splat(0.5));
  const x = f64x2.sub(f64x2.mul(middle, f64x2.splat(2 * WORD_STEP)), f64x2.splat(1));
  return f32x4.demote_f64x2_zero(f64x2.mul(limit, x));
}

/** Two variates of two words, see src/random/normal.ts: here of two pairs. */
@inline
function normals(words: v128, deviation: v128): v128 {
  const first = v128.shuffle<i32>(words, words, 0, 2, 0, 2);
  const second = v128.shuffle<i32>(words, words, 1, 3, 1, 3);
  const u = f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_u(first), f64x2.splat(0.5)), f64x2.splat(WORD_STEP));
  const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), logOfDouble(u)));
  const steps = f64x2.convert_low_i32x4_s(i32x4.shr_s(second, 2));
  const angle = f64x2.mul(f64x2.add(steps, f64x2.splat(0.5)), f64x2.splat(c.ANGLE));
  const z = f64x2.mul(angle, angle);
  const flags = i64x2.extend_low_i32x4_u(second);
  const sign = i64x2.shl(v128.and(flags, i64x2.splat(2)), 62);
  const cosine = v128.xor(cosineOf(z), sign);
  const across = f32x4.demote_f64x2_zero(f64x2.mul(deviation, f64x2.mul(radius, cosine)));
  const along = f32x4.demote_f64x2_zero(f64x2.mul(deviation, f64x2.mul(radius, sineOf(angle, z))));
  const swaps = i32x4.neg(v128.and(second, i32x4.splat(1)));
  return v128.shuffle<f32>(select(swaps, along, across), select(swaps, across, along), 0, 4, 1, 5);
}

@inline
function sineOf(angle: v128, z: v128): v128 {
  let p = f64x2.splat(c.SINE_13);
  p = hornerOfDoubles(p, z, c.SINE_11);
  p = hornerOfDoubles(p, z, c.SINE_9);
  p = hornerOfDoubles(p, z, c.SINE_7);
  p = hornerOfDoubles(p, z, c.SINE_5);
  p = hornerOfDoubles(p, z, c.SINE_3);
  return f64x2.add(angle, f64x2.mul(f64x2.mul(angle, z), p));
}

@inline
function cosineOf(z: v128): v128 {
  let q = f64x2.splat(c.COSINE_14);
  q = hornerOfDoubles(q, z, c.COSINE_12);
  q = hornerOfDoubles(q, z, c.COSINE_10);
  q = hornerOfDoubles(q, z, c.COSINE_8);
  q = hornerOfDoubles(q, z, c.COSINE_6);
  q = hornerOfDoubles(q, z, c.COSINE_4);
  const quadratic = f64x2.sub(f64x2.splat(1), f64x2.mul(f64x2.splat(0.5), z));
  return f64x2.add(quadratic, f64x2.mul(f64x2.mul(z, z), q));
}
