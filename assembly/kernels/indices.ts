/** Indices, which choose rows and classes: integers of 32 bits, each in the place of a float. */
import { ClampIndexArguments, ToIndexArguments, ToNumberArguments } from '../generated/arguments';
import { NO_INDEX } from '../generated/constants';

/** The index stored at `from`, into `count` things; −1 where it is out of range. */
@inline
export function indexAt(from: usize, count: i32): i32 {
  const index = load<i32>(from);
  return index < count ? max(index, -1) : -1;
}

/** `x` may be `out`, as in the other two. */
export function toIndex(args: ToIndexArguments): void {
  let x = args.x;
  let out = args.out;
  const size = args.size;
  for (let rest = size; rest > 0; rest--, x += 4, out += 4) {
    const number = load<f32>(x);
    const fits = number >= -2147483648 && number < 2147483648;
    const index = fits ? <i32>number : NO_INDEX;
    store<i32>(out, <f32>index == number ? index : NO_INDEX);
  }
}

export function toNumber(args: ToNumberArguments): void {
  let x = args.x;
  let out = args.out;
  const size = args.size;
  for (let rest = size; rest > 0; rest--, x += 4, out += 4) store<f32>(out, <f32>load<i32>(x));
}

export function clampIndex(args: ClampIndexArguments): void {
  let x = args.x;
  let out = args.out;
  const size = args.size;
  for (let rest = size; rest > 0; rest--, x += 4, out += 4) store<i32>(out, max(load<i32>(x), 0));
}
