/** xʸ in double precision, one lane at a time: the sequence of operations of native/kernels/power.h. */
import * as c from '../generated/coefficients';

/** ln x for x ≥ 0 or NaN that came from a float. */
function logOfDouble(x: f64): f64 {
  if (x == 0) return -Infinity;
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x) + (c.ONE_BITS_64 - c.SQRT_HALF_BITS_64);
  const k = <f64>((bits >> 52) - (c.ONE_BITS_64 >> 52));
  const m = reinterpret<f64>((bits & c.FRACTION_BITS_64) + c.SQRT_HALF_BITS_64);
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = c.ARTANH_17;
  p = p * z + c.ARTANH_15;
  p = p * z + c.ARTANH_13;
  p = p * z + c.ARTANH_11;
  p = p * z + c.ARTANH_9;
  p = p * z + c.ARTANH_7;
  p = p * z + c.ARTANH_5;
  p = p * z + c.ARTANH_3;
  return k * c.LN2 + 2 * (s * z * p + s);
}

/** e^x, rounded to float. */
function expOfDouble(x: f64): f32 {
  if (x != x) return NaN;
  const t = x < c.POWER_LOWEST ? c.POWER_LOWEST : x > c.POWER_HIGHEST ? c.POWER_HIGHEST : x;
  const n = Math.floor(t * c.INVERSE_LN2 + 0.5);
  const r = t - n * c.LN2;
  let p = c.POWER_11;
  p = p * r + c.POWER_10;
  p = p * r + c.POWER_9;
  p = p * r + c.POWER_8;
  p = p * r + c.POWER_7;
  p = p * r + c.POWER_6;
  p = p * r + c.POWER_5;
  p = p * r + c.POWER_4;
  p = p * r + c.POWER_3;
  p = p * r + c.POWER_2;
  const scale = reinterpret<f64>((<i64>n << 52) + c.ONE_BITS_64);
  return <f32>((r * r * p + r + 1) * scale);
}

function powerOf(x: f32, y: f32): f32 {
  if (y == 0) return 1;
  const magnitude = expOfDouble(<f64>y * logOfDouble(<f64>abs(x)));
  if (reinterpret<i32>(x) >= 0) return magnitude;
  const integer = trunc(y) == y;
  if (!integer && x != 0 && x > -Infinity) return NaN;
  const odd = integer && trunc<f32>(0.5 * y) != 0.5 * y;
  return odd ? -magnitude : magnitude;
}

export function power(x: v128, y: v128): v128 {
  let out = f32x4.splat(powerOf(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0)));
  out = f32x4.replace_lane(out, 1, powerOf(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1)));
  out = f32x4.replace_lane(out, 2, powerOf(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2)));
  return f32x4.replace_lane(out, 3, powerOf(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3)));
}
