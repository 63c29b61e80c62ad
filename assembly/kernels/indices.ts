/** Indices, which choose rows and classes: integers of 32 bits, each in the place of a float. */
import { ClampIndexArguments, ToIndexArguments, ToNumberArguments } from '../generated/arguments';
import { mapRun, Step } from './runs';

/** The index stored at `from`, into `count` things; −1 where it is out of range. */
@inline
export function indexAt(from: usize, count: i32): i32 {
  const index = load<i32>(from);
  return index < count ? max(index, -1) : -1;
}

/** `x` may be `out`, as in the other two. */
export function toIndex(args: ToIndexArguments): void {
  mapRun(Step.toIndex, args.x, 0, args.out, args.size, i32x4.splat(0), i32x4.splat(0));
}

export function toNumber(args: ToNumberArguments): void {
  mapRun(Step.toNumber, args.x, 0, args.out, args.size, i32x4.splat(0), i32x4.splat(0));
}

export function clampIndex(args: ClampIndexArguments): void {
  mapRun(Step.clampIndex, args.x, 0, args.out, args.size, i32x4.splat(0), i32x4.splat(0));
}
