/** Whatever happens to a file on its way, reading it gives a model or a FormatError: no other error, no crash, no huge allocation. */
import { dense, FormatError, Network, xor } from 'chainrule';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random/philox.ts';

const MUTATIONS = 10_000;
/** Characters that mean something to the header, so that mutations get past its first check. */
const TELLING = [...'{}[]:,"\\0123456789-eE. F32'].map((character) => character.charCodeAt(0));

const BACKEND = { backend: 'reference' } as const;

let model: Uint8Array;
beforeAll(async () => {
  const options = { input: [2], layers: [dense(3, { activation: 'sigmoid' }), dense(1)], loss: 'halfSquaredError', ...BACKEND } as const;
  using network = await Network.create(options);
  // With a few steps behind it, so that the file holds the optimiser's state too.
  await network.fit(xor(), { epochs: 3, batchSize: 4 });
  model = network.toBytes();
});

/** True where the bytes were a model, false where they were refused; anything else is thrown on. */
async function survives(bytes: Uint8Array): Promise<boolean> {
  try {
    (await Network.fromBytes(bytes, BACKEND)).dispose();
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

describe('a damaged model file', () => {
  it('cut off at any byte is refused', async () => {
    for (let length = 0; length < model.length; length++) expect(await survives(model.subarray(0, length)), `${length} bytes`).toBe(false);
    expect(await survives(model)).toBe(true);
  });

  it(`changed at random ${MUTATIONS} times is read or refused`, async () => {
    const random = new RandomStream(2024, 0);
    const peakBefore = process.resourceUsage().maxRSS;
    let read = 0;
    for (let i = 0; i < MUTATIONS; i++) if (await survives(mutate(model, random))) read++;
    // Changed weights are still weights; most changes elsewhere are noticed.
    expect(read).toBeGreaterThan(MUTATIONS / 100);
    expect(read).toBeLessThan(MUTATIONS / 2);
    expect(process.resourceUsage().maxRSS - peakBefore, 'growth of the peak memory in kB').toBeLessThan(300_000);
  });
});

/** One to four changes: bytes overwritten, taken out, put in, or copied from elsewhere. Every other time the header's length is put right. */
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
  const mutated = Uint8Array.from(bytes);
  if (random.integer(2) === 0 && mutated.length >= 8) {
    const lengthBefore = new DataView(original.buffer, original.byteOffset).getUint32(0, true);
    new DataView(mutated.buffer).setBigUint64(0, BigInt(lengthBefore + mutated.length - original.length), true);
  }
  return mutated;
}
