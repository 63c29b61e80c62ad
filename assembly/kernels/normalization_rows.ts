/** Normalisation over the elements of each row: the orders of operations are those of native/kernels/normalization_rows.h. */
import { NormalizeArguments, NormalizeGradientArguments, NormalizeParameterGradientArguments } from '../generated/arguments';
import { LARGEST, SMALLEST_NORMAL } from '../generated/coefficients';
import { standardizedDelta } from '../generated/vector_functions';
import { blockSums } from '../scratch';
import { reciprocalDeviation, tellMoments } from './moments';
import { addBlock, BLOCK_STEPS, factors4, hat4, Pair, shifted, sumsOfRuns, twoSums } from './sums';
import { constant, load4, product, store4, sum } from './vector';

/** weight and bias may be absent (0). */
export function normalize(args: NormalizeArguments): void {
  let x = args.x;
  const weight = args.weight;
  const bias = args.bias;
  let out = args.out;
  let mean = args.mean;
  let scale = args.scale;
  const rows = args.rows;
  const columns = args.columns;
  const centred = args.centred;
  const epsilon = args.epsilon;
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += row, out += row, mean += 4, scale += 4) {
    normalizeRow(x, weight, bias, out, mean, scale, columns, centred, epsilon);
  }
}

function normalizeRow(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  scale: usize,
  columns: i32,
  centred: i32,
  epsilon: f64,
): void {
  // The scale's place holds the variance first.
  tellMoments(x, columns, centred, mean, scale);
  const m = v128.load32_splat(mean);
  const variance = v128.load32_splat(scale);
  const spread = f32x4.extract_lane(variance, 0) + <f32>epsilon;
  if (!(spread >= SMALLEST_NORMAL && spread <= LARGEST)) return normalizeWide(x, weight, bias, out, mean, scale, columns, centred, epsilon);
  const by = reciprocalDeviation(variance, epsilon);
  for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    const weighted = product(hat4(x + at, rest, m, by), factors4(shifted(weight, at), rest));
    store4(out + at, bias ? sum(weighted, load4(bias + at, rest)) : weighted, rest);
  }
  v128.store32_lane(scale, by, 0);
}

/** A row whose squares are too large or too small for floats, in double precision. */
function normalizeWide(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  scale: usize,
  columns: i32,
  centred: i32,
  epsilon: f64,
): void {
  const size = <f64>columns;
  const end = x + (<usize>columns << 2);
  let total: f64 = 0;
  let squares: f64 = 0;
  if (centred) for (let at = x; at < end; at += 4) total += <f64>load<f32>(at);
  const average = total / size;
  for (let at = x; at < end; at += 4) squares += (<f64>load<f32>(at) - average) * (<f64>load<f32>(at) - average);
  const by = 1 / Math.sqrt(squares / size + <f64>(<f32>epsilon));
  for (let at: usize = 0; x + at < end; at += 4) {
    let weighted = <f32>((<f64>load<f32>(x + at) - average) * by);
    if (weight) weighted *= load<f32>(weight + at);
    store<f32>(out + at, bias ? weighted + load<f32>(bias + at) : weighted);
  }
  store<f32>(mean, <f32>average);
  store<f32>(scale, <f32>by);
}

/** `out` may be `delta` or `x`; weight may be absent (0). */
export function normalizeGradient(args: NormalizeGradientArguments): void {
  let delta = args.delta;
  let x = args.x;
  let mean = args.mean;
  let scale = args.scale;
  const weight = args.weight;
  let out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  const centred = args.centred;
  const row = <usize>columns << 2;
  const size = f32x4.splat(<f32>columns);
  for (let r = 0; r < rows; r++, delta += row, x += row, out += row, mean += 4, scale += 4) {
    const m = v128.load32_splat(mean);
    const by = v128.load32_splat(scale);
    const sums = f32x4.div(sumsOfRuns(Pair.slope, x, delta, weight, 1, columns, 0, m, by), size);
    const offset = centred ? v128.shuffle<f32>(sums, sums, 0, 0, 0, 0) : constant(0);
    const slope = v128.shuffle<f32>(sums, sums, 1, 1, 1, 1);
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      const weighted = product(load4(delta + at, rest), factors4(shifted(weight, at), rest));
      store4(out + at, standardizedDelta(weighted, load4(x + at, rest), m, by, offset, slope, by), rest);
    }
  }
}

/** `count` columns from `first` on. */
export function normalizeParameterGradient(first: i32, count: i32, args: NormalizeParameterGradientArguments): void {
  let delta = args.delta;
  let x = args.x;
  const mean = args.mean;
  const scale = args.scale;
  let ofWeight = args.ofWeight;
  let ofBias = args.ofBias;
  const rows = args.rows;
  const row = <usize>args.columns << 2;
  const skipped = <usize>first << 2;
  delta += skipped;
  x += skipped;
  ofWeight += skipped;
  ofBias += skipped;
  for (let rest = count; rest > 0; rest -= 4, delta += 16, x += 16, ofWeight += 16, ofBias += 16) {
    const sums = sumParameters(delta, x, mean, scale, rows, row, rest);
    store4(ofWeight, v128.load(sums), rest);
    store4(ofBias, v128.load(sums, 16), rest);
  }
}

/** Σ δ⊙x̂ and Σ δ down the rows of up to four columns; returns where they lie. */
function sumParameters(delta: usize, x: usize, mean: usize, scale: usize, rows: i32, row: usize, n: i32): usize {
  const none = constant(0);
  let dot = none;
  let total = none;
  let blocks: u32 = 0;
  for (let rest = rows; ; rest -= BLOCK_STEPS) {
    for (let r = min(rest, BLOCK_STEPS); r > 0; r--, delta += row, x += row, mean += 4, scale += 4) {
      const d = load4(delta, n);
      dot = sum(dot, product(d, hat4(x, n, v128.load32_splat(mean), v128.load32_splat(scale))));
      total = sum(total, d);
    }
    if (rest <= BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, dot, total, none, none);
    dot = total = none;
  }
  return twoSums(blocks, dot, total);
}
