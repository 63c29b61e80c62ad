/** The windows of a pooling, of `planes` of height × width: every window has an element of the plane in it. */
import { PoolSizes } from '../generated/arguments';

/** From plane to plane. */
@inline
export function planeBytes(s: PoolSizes): usize {
  return (<usize>s.height * s.width) << 2;
}

/** From plane to plane of the windows' results. */
@inline
export function windowBytes(s: PoolSizes): usize {
  return (<usize>s.outHeight * s.outWidth) << 2;
}

/** Windows of two by two elements, side by side. */
export function isHalving(s: PoolSizes): bool {
  const two = s.kernelHeight == 2 && s.kernelWidth == 2 && s.strideY == 2 && s.strideX == 2;
  return two && s.padTop == 0 && s.padLeft == 0 && 2 * s.outHeight <= s.height && 2 * s.outWidth <= s.width;
}

/** Whether window x and the three to its right have all their columns in the plane. */
@inline
export function fourInside(s: PoolSizes, x: i32): bool {
  return x + 4 <= s.outWidth && x * s.strideX >= s.padLeft && (x + 3) * s.strideX - s.padLeft + s.kernelWidth <= s.width;
}

@inline
export function topOf(s: PoolSizes, y: i32): i32 {
  return max(y * s.strideY - s.padTop, 0);
}

@inline
export function bottomOf(s: PoolSizes, y: i32): i32 {
  return min(y * s.strideY - s.padTop + s.kernelHeight, s.height);
}

@inline
export function leftOf(s: PoolSizes, x: i32): i32 {
  return max(x * s.strideX - s.padLeft, 0);
}

@inline
export function rightOf(s: PoolSizes, x: i32): i32 {
  return min(x * s.strideX - s.padLeft + s.kernelWidth, s.width);
}
