/**
 * The loops of the element-wise families, inlined once for each function: `f` is a constant there. An output may be one of the
 * inputs, element for element: every vector is read before it is written.
 */
import { combine, derivative, partial, value } from '../generated/functions';
import { load4, loadStrided, splat, store4 } from './vector';

/** out = f(x). */
@inline
export function unary(f: i32, x: usize, out: usize, size: i32, alpha: f64): void {
  const a = splat(alpha);
  for (let rest = size; rest > 0; rest -= 4, x += 16, out += 16) store4(out, value(f, load4(x, rest), a), rest);
}

/** out = δ ⊙ f′, from what the function saves. */
@inline
export function unaryGradient(f: i32, delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  const a = splat(alpha);
  for (let rest = size; rest > 0; rest -= 4, delta += 16, saved += 16, out += 16) {
    store4(out, f32x4.mul(load4(delta, rest), derivative(f, load4(saved, rest), a)), rest);
  }
}

/** out = f(x, y) over a nest of three loops; the steps say how far x and y move at each, in elements. */
@inline
export function binary(
  f: i32,
  x: usize,
  y: usize,
  out: usize,
  outer: i32,
  middle: i32,
  inner: i32,
  xOuter: i32,
  xMiddle: i32,
  xInner: i32,
  yOuter: i32,
  yMiddle: i32,
  yInner: i32,
  alpha: f64,
): void {
  const a = splat(alpha);
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < middle; j++) {
      let xAt = x + ((<usize>i * xOuter + <usize>j * xMiddle) << 2);
      let yAt = y + ((<usize>i * yOuter + <usize>j * yMiddle) << 2);
      for (let rest = inner; rest > 0; rest -= 4, xAt += <usize>xInner << 4, yAt += <usize>yInner << 4) {
        store4(out, combine(f, loadStrided(xAt, xInner, rest), loadStrided(yAt, yInner, rest), a), rest);
        out += <usize>min(rest, 4) << 2;
      }
    }
  }
}

/** out = δ ⊙ ∂f/∂x; δ one number (deltaStep 0) or one for each element (1). */
@inline
export function binaryGradient(f: i32, delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  const a = splat(alpha);
  const deltaBytes = <usize>deltaStep << 4;
  for (let rest = size; rest > 0; rest -= 4, delta += deltaBytes, x += 16, y += 16, out += 16) {
    store4(out, f32x4.mul(loadStrided(delta, deltaStep, rest), partial(f, load4(x, rest), load4(y, rest), a)), rest);
  }
}
