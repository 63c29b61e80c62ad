/** Whatever happens to a file on its way, reading it gives a model or a FormatError: no other error, no crash, no huge allocation. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodeModel, encodeModel } from '../../src/formats/model.ts';
import { RandomStream } from '../../src/random/philox.ts';
import { type Tensor, tensor } from '../../src/tensor.ts';

const MUTATIONS = 10_000;
/** Characters that mean something to the header, so that mutations get past its first check. */
const TELLING = [...'{}[]:,"\\0123456789-eE. F32'].map((character) => character.charCodeAt(0));

const model = encodeModel({
  config: { input: [2], layers: [{ type: 'dense', units: 3, activation: 'sigmoid' }], loss: 'halfSquaredError', seed: 1 },
  tensors: new Map<string, Tensor>([
    ['0.weight', tensor([1, 2, 3, 4, 5, 6], [3, 2])],
    ['0.bias', { shape: [3], data: Float64Array.of(1, 2, 3) }],
  ]),
});

/** True where the bytes were a model, false where they were refused; anything else is thrown on. */
function survives(bytes: Uint8Array): boolean {
  try {
    const { tensors } = decodeModel(bytes);
    const elements = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(elements).toBeLessThanOrEqual(2 * bytes.length);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

describe('a damaged model file', () => {
  it('cut off at any byte is refused', () => {
    for (let length = 0; length < model.length; length++) expect(survives(model.subarray(0, length)), `${length} bytes`).toBe(false);
    expect(survives(model)).toBe(true);
  });

  it(`changed at random ${MUTATIONS} times is read or refused`, () => {
    const random = new RandomStream(2024, 0);
    let read = 0;
    for (let i = 0; i < MUTATIONS; i++) if (survives(mutate(model, random))) read++;
    // Changed weights are still weights; most changes elsewhere are noticed.
    expect(read).toBeGreaterThan(MUTATIONS / 100);
    expect(read).toBeLessThan(MUTATIONS / 2);
  });
});

/** One to four bytes overwritten, taken out, put in, or copied from elsewhere. */
function mutate(original: Uint8Array, random: RandomStream): Uint8Array {
  const bytes = [...original];
  const changes = 1 + random.integer(4);
  for (let i = 0; i < changes; i++) {
    const at = random.integer(bytes.length);
    const kind = random.integer(5);
    if (kind === 0) bytes[at] = random.integer(256);
    else if (kind === 1) bytes[at] = TELLING[random.integer(TELLING.length)];
    else if (kind === 2) bytes.splice(at, 1 + random.integer(8));
    else if (kind === 3) bytes.splice(at, 0, random.integer(256));
    else bytes.splice(at, 0, ...bytes.slice(random.integer(bytes.length)).slice(0, 16));
  }
  return Uint8Array.from(bytes);
}
