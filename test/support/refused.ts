/** Tables of what callers get wrong, and the typed errors that refuse it. */
import type { ChainruleError } from 'chainrule';
import { expect } from 'vitest';

export type Refused = new (message: string) => ChainruleError;
/** What is wrong; the call; the error's class; parts of its message. */
export type Case<Input> = readonly [what: string, input: Input, refused: Refused, ...parts: string[]];

/** Rows for `it.each`: a title, then the case. */
export const titled = <Input>(cases: readonly Case<Input>[]) => cases.map((test) => [test[0], test] as const);

export async function expectRefused(call: () => unknown, [, , refused, ...parts]: Case<unknown>): Promise<void> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error, String(error)).toBeInstanceOf(refused);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

/** Refused with exactly this message. */
export async function expectMessage(call: () => unknown, refused: Refused, message: string): Promise<void> {
  await expectRefused(call, ['', undefined, refused]);
  const error = await Promise.resolve()
    .then(call)
    .catch((thrown: unknown) => thrown);
  expect((error as Error).message).toBe(message);
}
