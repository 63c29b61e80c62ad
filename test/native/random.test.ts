import { describe, expect, test } from 'vitest';
import type { DataBinding, LocalBackend } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';
import { BEGINNING, type Clock } from '../../src/clock.ts';
import { loadNative } from '../../src/node/load-native.ts';
import { PURPOSE, permutation, RandomStream } from '../../src/random/philox.ts';
import { all, assemble, expectAddon } from './programs.ts';

const SEEDS = [0, 1, 2 ** 32 - 1, 2 ** 40 + 12345, Number.MAX_SAFE_INTEGER, -1];

/** Row numbers in the order that a backend gathers them, over the given steps. */
function gathered(backend: LocalBackend, seed: number, data: Omit<DataBinding, 'columns'>, begin: Clock, steps: number): number[] {
  const program = assemble([{ op: 'beginStep' }, { op: 'gather', at: { out: 0 }, scalars: { column: 0, size: -1, width: 1 } }], 64);
  const session = backend.openArena(program, seed);
  session.bind({ ...data, columns: [{ data: Float32Array.from({ length: data.rows }, (_, row) => row), width: 1 }] });
  const stepsPerEpoch = Math.ceil(data.rows / data.batchSize);
  const result: number[] = [];
  for (let step = begin.batch; step < begin.batch + steps; step++) {
    session.run(all(program, { clock: { ...begin, batch: step } }));
    const rows = Math.min(data.batchSize, data.rows - (step % stepsPerEpoch) * data.batchSize);
    result.push(...session.read(0, rows));
  }
  session.dispose();
  return result;
}

/** A dropped-out run of ones: 0 or 1 / (1 − rate) for each element. Epochs have two steps. */
function mask(backend: LocalBackend, seed: number, rate: number, stream: number, step: number): number[] {
  const size = 1003;
  const program = assemble([{ op: 'dropout', at: { x: 0, out: 1008 }, scalars: { size, rate, stream } }], 2016);
  const session = backend.openArena(program, seed);
  session.write(0, new Float32Array(size).fill(1));
  session.bind({ columns: [], rows: 2, batchSize: 1, shuffle: false });
  session.run(all(program, { clock: { epoch: Math.floor(step / 2), batch: step % 2 } }));
  const values = [...session.read(1008, size)];
  session.dispose();
  return values.map((value) => Math.sign(value));
}

describe('the reference’s mini-batches', () => {
  test('follow the stream’s permutation of the rows, epoch by epoch', () => {
    const order = (epoch: number) => {
      const rows = new Int32Array(10);
      permutation(rows, new RandomStream(5, PURPOSE.shuffle, 0, epoch));
      return [...rows];
    };
    const data = { rows: 10, batchSize: 4, shuffle: true };
    expect(gathered(referenceBackend, 5, data, { epoch: 2, batch: 0 }, 6)).toEqual([...order(2), ...order(3)]);
  });
});

if (expectAddon) {
  const native = loadNative();

  describe('native randomness is the reference’s, bit for bit', () => {
    test.each(SEEDS)('shuffle with seed %d', (seed) => {
      const data = { rows: 23, batchSize: 5, shuffle: true };
      expect(gathered(native, seed, data, BEGINNING, 15)).toEqual(gathered(referenceBackend, seed, data, BEGINNING, 15));
      const late = { epoch: 2 ** 33, batch: 7 };
      expect(gathered(native, seed, data, late, 9)).toEqual(gathered(referenceBackend, seed, data, late, 9));
    });

    test('batches without a shuffle are the rows in order', () => {
      const data = { rows: 7, batchSize: 3, shuffle: false };
      expect(gathered(native, 1, data, BEGINNING, 3)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });

    test.each(SEEDS)('dropout with seed %d', (seed) => {
      for (const rate of [0, 0.1, 0.5, 0.999]) {
        for (const step of [0, 1, 2 ** 32 + 3]) {
          expect(mask(native, seed, rate, 3, step)).toEqual(mask(referenceBackend, seed, rate, 3, step));
        }
      }
    });
  });

  describe('native records', () => {
    test('hold the numbers of each step at their places', () => {
      const program = assemble(
        [
          { op: 'scale', at: { x: 0, out: 0 }, scalars: { size: 1, factor: 0.5, count: 1 } },
          { op: 'record', at: { x: 16 }, scalars: { at: 1, after: 0, size: 2 } },
          { op: 'record', at: { x: 0 }, scalars: { at: 0, after: 0, size: 1 } },
        ],
        32,
      );
      const session = native.openArena(program, 0);
      session.write(0, [8]);
      session.write(16, [5, 6]);
      session.run(all(program, { repeats: 3, clock: { epoch: 40, batch: 1 } }));
      expect([...session.records(3)]).toEqual([4, 5, 6, 2, 5, 6, 1, 5, 6]);
      session.dispose();
    });
  });
}
