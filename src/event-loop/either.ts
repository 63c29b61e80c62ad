/** Work that is written once and done in two ways: all at once, or with its calls awaited. */

/** A call in both forms. */
interface Call {
  now(): unknown;
  later(): unknown;
}

export type Either<T> = Generator<Call, T, unknown>;

/** Asks whoever does the work to call one of two functions that come to the same. */
export function* either<T>(now: () => T, later: () => T | PromiseLike<T>): Either<T> {
  return (yield { now, later }) as T;
}

/** Does the work at once. */
export function doNow<T>(work: Either<T>): T {
  let turn = work.next();
  while (!turn.done) {
    let value: unknown;
    try {
      value = turn.value.now();
    } catch (error) {
      turn = work.throw(error);
      continue;
    }
    turn = work.next(value);
  }
  return turn.value;
}

/** Does the work, and awaits each call. */
export async function doLater<T>(work: Either<T>): Promise<T> {
  let turn = work.next();
  while (!turn.done) {
    let value: unknown;
    try {
      value = await turn.value.later();
    } catch (error) {
      turn = work.throw(error);
      continue;
    }
    turn = work.next(value);
  }
  return turn.value;
}
