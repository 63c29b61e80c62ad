/** The windows of a pooling: what the kernels of pooling.ts are told, and where each window lies. */
import { convolutionPlace } from '../scratch';

/** `planes` of height × width and their windows; every window has an element of the plane in it. */
@unmanaged
export class Pool {
  planes: i32;
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideY: i32;
  strideX: i32;
  padTop: i32;
  padLeft: i32;
}

export function describe(
  planes: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
): Pool {
  const s = changetype<Pool>(convolutionPlace());
  s.planes = planes;
  s.height = height;
  s.width = width;
  s.outHeight = outHeight;
  s.outWidth = outWidth;
  s.kernelHeight = kernelHeight;
  s.kernelWidth = kernelWidth;
  s.strideY = strideY;
  s.strideX = strideX;
  s.padTop = padTop;
  s.padLeft = padLeft;
  return s;
}

@inline
export function planeBytes(s: Pool): usize {
  return (<usize>s.height * s.width) << 2;
}

/** Windows of two by two elements, side by side. */
export function isHalving(s: Pool): bool {
  const two = s.kernelHeight == 2 && s.kernelWidth == 2 && s.strideY == 2 && s.strideX == 2;
  return two && s.padTop == 0 && s.padLeft == 0 && 2 * s.outHeight <= s.height && 2 * s.outWidth <= s.width;
}

@inline
export function topOf(s: Pool, y: i32): i32 {
  return max(y * s.strideY - s.padTop, 0);
}

@inline
export function bottomOf(s: Pool, y: i32): i32 {
  return min(y * s.strideY - s.padTop + s.kernelHeight, s.height);
}

@inline
export function leftOf(s: Pool, x: i32): i32 {
  return max(x * s.strideX - s.padLeft, 0);
}

@inline
export function rightOf(s: Pool, x: i32): i32 {
  return min(x * s.strideX - s.padLeft + s.kernelWidth, s.width);
}
