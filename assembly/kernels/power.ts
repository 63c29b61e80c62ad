/** xʸ, two lanes at a time: it needs double precision. */
import { powerOfDouble } from '../generated/vector_functions';

export function power(x: v128, y: v128): v128 {
  const low = powerOfTwoLanes(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
  const high = powerOfTwoLanes(upperLanes(x), upperLanes(y));
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

/** The powers of two doubles each, as two floats and two zeros. */
function powerOfTwoLanes(x: v128, y: v128): v128 {
  return f32x4.demote_f64x2_zero(powerOfDouble(x, y));
}

@inline
function upperLanes(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}
