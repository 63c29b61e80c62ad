/** Tables of what callers get wrong, and the typed errors that refuse it. */
import type { ChainruleError } from 'chainrule';
import { expect } from 'vitest';

export type Refused = new (message: string) => ChainruleError;
/** What is wrong; the call; the error's class; parts of its message. */
export type Case<Input> = readonly [what: string, input: Input, refused: Refused, ...parts: string[]];

/** Rows for `it.each`: a title, then the case. */
export const titled = <Input>(cases: readonly Case<Input>[]) => cases.map((test) => [test[0], test] as const);

/** What a call throws, at once or later; undefined where it does not. */
export async function refusal(call: () => unknown): Promise<unknown> {
  return Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

export async function expectRefused(call: () => unknown, [, , refused, ...parts]: Case<unknown>): Promise<void> {
  const error = await refusal(call);
  expect(error, String(error)).toBeInstanceOf(refused);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

/** Refused with exactly this message. */
export async function expectMessage(call: () => unknown, refused: Refused, message: string): Promise<void> {
  const error = await refusal(call);
  expect(error, String(error)).toBeInstanceOf(refused);
  expect((error as Error).message).toBe(message);
}
