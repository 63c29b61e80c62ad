/** Results of users' functions that may be promises. */
import { OptionError } from '../errors.ts';

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Waits for the result of a callback, but not beyond an abort. Rejects as that does. */
export async function settled(given: unknown, signal: AbortSignal | undefined): Promise<void> {
  if (!signal || !isPromise(given)) {
    await given;
    return;
  }
  let end = () => {};
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
  });
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    // A result that has settled by now comes first: a callback that aborts and throws has thrown.
    await Promise.race([given, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** The value of a function that must give it at once. Throws OptionError for a promise, whose own error is not waited for. */
export function atOnce<T>(where: string, value: T): T {
  if (!isPromise(value)) return value;
  value.then(undefined, () => undefined);
  throw new OptionError(`${where}: expected a result at once, got a promise: the function must not be async`);
}
