import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';
import { PURPOSE, permutation, RandomStream } from '../../src/random/philox.ts';
import { assemble, freshBackend, whole } from './programs.ts';

let wasm: LocalBackend;
beforeAll(async () => {
  wasm = await freshBackend();
});

const seeds = fc.maxSafeNat();
const steps = fc.oneof(
  fc.nat(1000),
  fc.maxSafeNat().map((n) => Math.floor(n / 2)),
);

describe('random numbers are those of TypeScript, bit for bit', () => {
  it('shuffles', () => {
    const rows = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(seeds, steps, rows, (seed, epoch, count) => {
        const program = assemble(128, [['beginStep'], ['gather', 0, 0, -1, 1, 0]], { maximumRows: 70 });
        const session = wasm.openArena(program, seed);
        const column = { data: Float32Array.from({ length: count }, (_, i) => i), width: 1 };
        session.bind({ columns: [column], rows: count, batchSize: count, shuffle: true });
        session.run(whole(program, 1, 1, { epoch, batch: 0 }));
        const order = new Int32Array(count);
        permutation(order, new RandomStream(seed, PURPOSE.shuffle, 0, epoch));
        expect([...session.read(0, count)]).toEqual([...order]);
        session.dispose();
      }),
    );
  });

  it('dropout masks', () => {
    const rates = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9);
    fc.assert(
      fc.property(seeds, steps, rates, fc.nat(1000), fc.integer({ min: 1, max: 40 }), (seed, step, rate, stream, size) => {
        const program = assemble(128, [['dropout', 0, 64, size, 0, stream]], { literals: [rate] });
        const results = [wasm, referenceBackend].map((backend) => {
          const session = backend.openArena(program, seed);
          session.write(0, new Float32Array(size).fill(1));
          session.bind({ columns: [], rows: 2, batchSize: 1, shuffle: false });
          session.run(whole(program, 1, 1, { epoch: Math.floor(step / 2), batch: step % 2 }));
          const values = Float32Array.from(session.read(64, size));
          session.dispose();
          return [...values];
        });
        expect(results[0]).toEqual(results[1]);
      }),
    );
  });
});
