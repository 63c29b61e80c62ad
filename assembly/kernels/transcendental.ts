/** exp, log and their kin on four lanes, each lane by the scalar standard library. Errors stay below 2 units in the last place. */

// @ts-ignore: decorator
@inline
function lanes(a: f32, b: f32, c: f32, d: f32): v128 {
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(a), 1, b), 2, c), 3, d);
}

export function exp(x: v128): v128 {
  return lanes(
    Mathf.exp(f32x4.extract_lane(x, 0)),
    Mathf.exp(f32x4.extract_lane(x, 1)),
    Mathf.exp(f32x4.extract_lane(x, 2)),
    Mathf.exp(f32x4.extract_lane(x, 3)),
  );
}

export function expm1(x: v128): v128 {
  return lanes(
    Mathf.expm1(f32x4.extract_lane(x, 0)),
    Mathf.expm1(f32x4.extract_lane(x, 1)),
    Mathf.expm1(f32x4.extract_lane(x, 2)),
    Mathf.expm1(f32x4.extract_lane(x, 3)),
  );
}

export function log(x: v128): v128 {
  return lanes(
    Mathf.log(f32x4.extract_lane(x, 0)),
    Mathf.log(f32x4.extract_lane(x, 1)),
    Mathf.log(f32x4.extract_lane(x, 2)),
    Mathf.log(f32x4.extract_lane(x, 3)),
  );
}

export function log1p(x: v128): v128 {
  return lanes(
    Mathf.log1p(f32x4.extract_lane(x, 0)),
    Mathf.log1p(f32x4.extract_lane(x, 1)),
    Mathf.log1p(f32x4.extract_lane(x, 2)),
    Mathf.log1p(f32x4.extract_lane(x, 3)),
  );
}

export function tanh(x: v128): v128 {
  return lanes(
    Mathf.tanh(f32x4.extract_lane(x, 0)),
    Mathf.tanh(f32x4.extract_lane(x, 1)),
    Mathf.tanh(f32x4.extract_lane(x, 2)),
    Mathf.tanh(f32x4.extract_lane(x, 3)),
  );
}

export function power(x: v128, y: v128): v128 {
  return lanes(
    Mathf.pow(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0)),
    Mathf.pow(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1)),
    Mathf.pow(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2)),
    Mathf.pow(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3)),
  );
}

/**
 * x · P(x²) / Q(x²) on −4 … 4, outside of which erf is ±1 in float32; the coefficients are those of Eigen's float erf.
 * NaN stays NaN.
 */
export function erf(x: v128): v128 {
  const t = f32x4.max(f32x4.min(x, f32x4.splat(4)), f32x4.splat(-4));
  const s = f32x4.mul(t, t);
  let p = f32x4.splat(-2.72614225801306e-10);
  p = multiplyAdd(p, s, 2.77068142495902e-8);
  p = multiplyAdd(p, s, -2.10102402082508e-6);
  p = multiplyAdd(p, s, -5.69250639462346e-5);
  p = multiplyAdd(p, s, -7.34990630326855e-4);
  p = multiplyAdd(p, s, -2.95459980854025e-3);
  p = multiplyAdd(p, s, -1.60960333262415e-2);
  let q = f32x4.splat(-1.45660718464996e-5);
  q = multiplyAdd(q, s, -2.13374055278905e-4);
  q = multiplyAdd(q, s, -1.68282697438203e-3);
  q = multiplyAdd(q, s, -7.37332916720468e-3);
  q = multiplyAdd(q, s, -1.42647390514189e-2);
  return f32x4.div(f32x4.mul(t, p), q);
}

// @ts-ignore: decorator
@inline
function multiplyAdd(x: v128, y: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(x, y), f32x4.splat(c));
}
