/** Typed arrays of the same bits are equal: seen at once, not element by element, which takes seconds for a million of them. */
import { expect } from 'vitest';

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => Buffer.from(buffer, byteOffset, byteLength);

/** Says nothing of others, whose difference is for the ordinary comparison to find. */
function haveEqualBits(a: unknown, b: unknown): true | undefined {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined;
  return bytesOf(a).equals(bytesOf(b)) || undefined;
}

expect.addEqualityTesters([haveEqualBits]);
