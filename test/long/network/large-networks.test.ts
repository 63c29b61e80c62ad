/** Networks of hundreds of megabytes: what they take of memory, in multiples of their weights. The figures are printed. */
import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import { expect, it } from 'vitest';
import { BACKEND_NAMES } from '../../support/networks.ts';
import { peaksOf, WAYS } from '../../support/peak-memory.ts';

/** On WASM 1 GB: the 4 GB that it addresses are just enough to train it. */
const PARAMETERS = { wasm: 250_000_000, native: 100_000_000 };
const FAST = BACKEND_NAMES.filter((name) => name !== 'reference');

if (existsSync('/proc/self/status') && freemem() > 12 * 2 ** 30) {
  it.each(FAST)('on %s', (backend) => {
    const { made, loaded, given, fetched } = peaksOf(backend, PARAMETERS[backend], WAYS);
    console.log(backend, { made, loaded, given, fetched });
    const { create, predict, train, watched } = made;
    for (const [stage, peak] of Object.entries({ create, predict, ...loaded, fromBytes: given.load, fromBytesAgain: given.again }))
      expect(peak, stage).toBeLessThan(1.2);
    expect(fetched.again, 'with the bytes that came').toBeLessThan(2.2);
    expect(train, 'parameters and gradients in the arena, and the network’s own parameters').toBeLessThan(3.2);
    expect(watched, 'those that it began with and the best since, besides').toBeLessThan(5.2);
  });
}
