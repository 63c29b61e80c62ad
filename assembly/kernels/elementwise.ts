/**
 * The loops of the element-wise families, inlined once for each function: `f` is a constant there. An output may be one of the
 * inputs, element for element: every vector is read before it is written. The last vector, where it is no whole one, goes through the
 * same loop from and to the workspace: with a call in the loop, engines would keep no constant in a register there.
 */
import { combine, compose, derivative, isArithmetic, partial, value } from '../generated/functions';
import { partsPlace, sixteens } from '../scratch';
import { fillVectors } from './runs';
import { gatherPart, load4, loadStrided, splat, store4, storePart } from './vector';

/** A copy, in a whole vector, of the last `n` elements, which lie `step` elements apart: where it is. */
function take(slot: usize, from: usize, step: i32, n: i32): usize {
  const place = partsPlace() + (slot << 4);
  v128.store(place, gatherPart(from, <usize>step << 2, n));
  return place;
}

/** The place for results of what was taken. */
@inline
function results(): usize {
  return partsPlace() + 48;
}

/** The last `n` results, to where they belong. */
function give(to: usize, n: i32): void {
  if (n > 0) storePart(to, v128.load(results()), n);
}

/** out = f(x). */
@inline
export function unary(f: i32, x: usize, out: usize, size: i32, alpha: f64): void {
  const a = splat(alpha);
  const last = size & 3;
  const end = out + (<usize>(size - last) << 2);
  let rest = size;
  while (true) {
    if (rest >= 4) {
      do {
        v128.store(out, value(f, v128.load(x), a));
        rest -= 4;
        x += 16;
        out += 16;
      } while (rest >= 4);
    }
    if (rest <= 0) break;
    x = take(0, x, 1, rest);
    out = results();
    rest = 4;
  }
  give(end, last);
}

/** out = δ ⊙ f′, from what the function saves. */
@inline
export function unaryGradient(f: i32, delta: usize, saved: usize, out: usize, size: i32, alpha: f64): void {
  const a = splat(alpha);
  const last = size & 3;
  const end = out + (<usize>(size - last) << 2);
  let rest = size;
  while (true) {
    if (rest >= 4) {
      do {
        v128.store(out, f32x4.mul(v128.load(delta), derivative(f, v128.load(saved), a)));
        rest -= 4;
        delta += 16;
        saved += 16;
        out += 16;
      } while (rest >= 4);
    }
    if (rest <= 0) break;
    delta = take(0, delta, 1, rest);
    saved = take(1, saved, 1, rest);
    out = results();
    rest = 4;
  }
  give(end, last);
}

/** A copy of the last `n` elements in sixteen, behind which anything lies: where it is. */
function takeSixteen(slot: usize, from: usize, n: i32): usize {
  const place = sixteens() + (slot << 6);
  memory.copy(place, from, <usize>n << 2);
  return place;
}

/** Sixteen of one number: where they are. */
function repeated(slot: usize, from: usize): usize {
  const place = sixteens() + (slot << 6);
  const number = v128.load32_splat(from);
  v128.store(place, number);
  v128.store(place, number, 16);
  v128.store(place, number, 32);
  v128.store(place, number, 48);
  return place;
}

/** The formula of the elements that lie `offset` bytes behind those addresses. */
@inline
function composedAt(f: i32, count: i32, x: usize, y: usize, z: usize, w: usize, offset: usize): v128 {
  const none = f32x4.splat(0);
  return compose(
    f,
    v128.load(x + offset),
    v128.load(y + offset),
    count > 2 ? v128.load(z + offset) : none,
    count > 3 ? v128.load(w + offset) : none,
  );
}

/** The same where y and w are numbers. */
@inline
function weighedAt(f: i32, x: usize, y: v128, z: usize, w: v128, offset: usize): v128 {
  return compose(f, v128.load(x + offset), y, v128.load(z + offset), w);
}

/**
 * out = f(x, y, z, w), a formula of `count` sources, sixteen elements at a time; each step is 1 for elements, 0 for one number, of which
 * sixteen then are read again and again. Of four sources, elements and numbers in turn, as in averages, have a loop of their own, in which
 * the numbers stay in registers.
 */
@inline
export function composed(
  f: i32,
  count: i32,
  x: usize,
  xStep: i32,
  y: usize,
  yStep: i32,
  z: usize,
  zStep: i32,
  w: usize,
  wStep: i32,
  out: usize,
  size: i32,
): void {
  const last = size & 15;
  const end = out + (<usize>(size - last) << 2);
  const isWeighed = count == 4 && xStep == 1 && yStep == 0 && zStep == 1 && wStep == 0;
  if (xStep == 0) x = repeated(0, x);
  if (yStep == 0) y = repeated(1, y);
  if (count > 2 && zStep == 0) z = repeated(2, z);
  if (count > 3 && wStep == 0) w = repeated(3, w);
  const xBytes = <usize>xStep << 6;
  const yBytes = <usize>yStep << 6;
  const zBytes = <usize>zStep << 6;
  const wBytes = <usize>wStep << 6;
  let rest = size;
  while (true) {
    if (count == 4 && isWeighed) {
      const yNumber = v128.load(y);
      const wNumber = v128.load(w);
      for (; rest >= 16; rest -= 16, x += 64, z += 64, out += 64) {
        v128.store(out, weighedAt(f, x, yNumber, z, wNumber, 0));
        v128.store(out, weighedAt(f, x, yNumber, z, wNumber, 16), 16);
        v128.store(out, weighedAt(f, x, yNumber, z, wNumber, 32), 32);
        v128.store(out, weighedAt(f, x, yNumber, z, wNumber, 48), 48);
      }
    }
    for (; rest >= 16; rest -= 16, out += 64) {
      v128.store(out, composedAt(f, count, x, y, z, w, 0));
      v128.store(out, composedAt(f, count, x, y, z, w, 16), 16);
      v128.store(out, composedAt(f, count, x, y, z, w, 32), 32);
      v128.store(out, composedAt(f, count, x, y, z, w, 48), 48);
      x += xBytes;
      y += yBytes;
      if (count > 2) z += zBytes;
      if (count > 3) w += wBytes;
    }
    if (rest <= 0) break;
    if (xStep == 1) x = takeSixteen(0, x, rest);
    if (yStep == 1) y = takeSixteen(1, y, rest);
    if (count > 2 && zStep == 1) z = takeSixteen(2, z, rest);
    if (count > 3 && wStep == 1) w = takeSixteen(3, w, rest);
    out = sixteens() + 256;
    rest = 16;
  }
  if (last > 0) memory.copy(end, sixteens() + 256, <usize>last << 2);
}

/** out = f(x, y) over a nest of three loops; the steps say how far x and y move at each, in elements. Of arithmetic, those that occur, 1 and 0, have loops of their own. */
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
  const last = inner & 3;
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < middle; j++) {
      let xAt = x + ((<usize>i * xOuter + <usize>j * xMiddle) << 2);
      let yAt = y + ((<usize>i * yOuter + <usize>j * yMiddle) << 2);
      let xStep = xInner;
      let yStep = yInner;
      let to = out;
      let rest = inner;
      while (true) {
        if (isArithmetic(f) && xStep == 1 && yStep == 1) {
          if (rest >= 4) {
            do {
              v128.store(to, combine(f, v128.load(xAt), v128.load(yAt), a));
              rest -= 4;
              xAt += 16;
              yAt += 16;
              to += 16;
            } while (rest >= 4);
          }
        } else if (isArithmetic(f) && xStep == 1 && yStep == 0) {
          const number = v128.load32_splat(yAt);
          for (; rest >= 4; rest -= 4, xAt += 16, to += 16) v128.store(to, combine(f, v128.load(xAt), number, a));
        } else if (isArithmetic(f) && xStep == 0 && yStep == 1) {
          const number = v128.load32_splat(xAt);
          for (; rest >= 4; rest -= 4, yAt += 16, to += 16) v128.store(to, combine(f, number, v128.load(yAt), a));
        } else {
          if (rest >= 4) {
            do {
              v128.store(to, combine(f, loadStrided(xAt, xStep), loadStrided(yAt, yStep), a));
              rest -= 4;
              xAt += <usize>xStep << 4;
              yAt += <usize>yStep << 4;
              to += 16;
            } while (rest >= 4);
          }
        }
        if (rest <= 0) break;
        xAt = take(0, xAt, xStep, rest);
        yAt = take(1, yAt, yStep, rest);
        xStep = 1;
        yStep = 1;
        to = results();
        rest = 4;
      }
      out += <usize>inner << 2;
      give(out - (<usize>last << 2), last);
    }
  }
}

/** out = δ ⊙ ∂f/∂x; δ one number (deltaStep 0) or one for each element (1). */
@inline
export function binaryGradient(f: i32, delta: usize, x: usize, y: usize, out: usize, size: i32, deltaStep: i32, alpha: f64): void {
  const a = splat(alpha);
  const last = size & 3;
  const end = out + (<usize>(size - last) << 2);
  const deltaBytes = <usize>deltaStep << 4;
  let rest = size;
  while (true) {
    if (rest >= 4) {
      do {
        const d = deltaStep == 0 ? v128.load32_splat(delta) : v128.load(delta);
        v128.store(out, f32x4.mul(d, partial(f, v128.load(x), v128.load(y), a)));
        rest -= 4;
        delta += deltaBytes;
        x += 16;
        y += 16;
        out += 16;
      } while (rest >= 4);
    }
    if (rest <= 0) break;
    delta = take(0, delta, deltaStep, rest);
    x = take(1, x, 1, rest);
    y = take(2, y, 1, rest);
    out = results();
    rest = 4;
  }
  give(end, last);
}

/** out = x, or the number there (step 0). `out` may be `x`. */
export function copy(x: usize, step: i32, out: usize, size: i32): void {
  if (step == 0) {
    fillVectors(out, size, v128.load32_splat(x));
    return;
  }
  for (let rest = size; rest > 0; rest -= 4, x += 16, out += 16) store4(out, load4(x, rest), rest);
}
