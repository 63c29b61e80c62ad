import { beforeAll, describe, expect, it } from 'vitest';
import type { DataBinding, LocalBackend } from '../../src/backends/backend.ts';
import { DataError, StateError } from '../../src/errors.ts';
import { assemble, counter, freshBackend, whole } from './programs.ts';

let backend: LocalBackend;
beforeAll(async () => {
  backend = await freshBackend();
});

/** More repeats of `slow` than any machine does before the tests' time is up. */
const MANY = 1_000_000;
/** A product of two 64×64 matrices. */
const slow = () => assemble(12288, [['matmul', 0, 4096, 8192, 1, 64, 64, 64, 0, 0, 0, 0]]);

const counting = () => {
  const program = counter();
  const session = backend.openArena(program, 1);
  session.write(16, [1]);
  return { program, session };
};

const binding = (options: Partial<DataBinding> = {}): DataBinding => ({
  columns: [{ data: Float32Array.from({ length: 12 }, (_, i) => i), width: 2 }],
  rows: 6,
  batchSize: 4,
  shuffle: false,
  ...options,
});

/** Gathers two values a row into 0 … 7. */
const gathering = () => assemble(16, [['beginStep'], ['gather', 0, 0, -2, 2, 0]], { maximumRows: 4 });

describe('runAsync', () => {
  it('does every repeat and keeps the records of all slices together', async () => {
    const { program, session } = counting();
    const repeats = 200_000;
    expect(await session.runAsync(whole(program, repeats, 1, { epoch: 0, batch: 1000 }))).toBe(repeats);
    const records = session.records(repeats);
    expect(records).toHaveLength(repeats);
    expect(records.every((count, i) => count === i + 1)).toBe(true);
  });

  it('lets timers fire between slices, so that cancel ends a long run', async () => {
    const program = slow();
    const session = backend.openArena(program, 1);
    setTimeout(() => session.cancel(), 30);
    const done = await session.runAsync(whole(program, MANY));
    expect(done).toBeLessThan(MANY);
    expect(await session.runAsync(whole(program, 3))).toBe(3);
  });

  it('is one at a time, and nothing else touches the session meanwhile', async () => {
    const { program, session } = counting();
    const running = session.runAsync(whole(program, 100_000));
    expect(() => session.run(whole(program))).toThrow(StateError);
    expect(() => session.read(0, 1)).toThrow(StateError);
    await expect(session.runAsync(whole(program))).rejects.toThrow(StateError);
    expect(await running).toBe(100_000);
  });

  it('ends where the session is disposed under it', async () => {
    const program = slow();
    const session = backend.openArena(program, 1);
    const running = session.runAsync(whole(program, MANY));
    session.dispose();
    expect(await running).toBeLessThan(MANY);
  });
});

describe('a session', () => {
  it('takes mini-batches from the data, the last one partial', () => {
    const program = gathering();
    const session = backend.openArena(program, 1);
    session.bind(binding());
    session.run(whole(program, 1, 4));
    expect([...session.read(0, 8)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    session.run(whole(program, 1, 4, { epoch: 0, batch: 1 }));
    expect([...session.read(0, 8)]).toEqual([8, 9, 10, 11, 4, 5, 6, 7]);
  });

  it('refuses data that the program would read past, and a run without data', () => {
    const program = gathering();
    const session = backend.openArena(program, 1);
    expect(() => session.run(whole(program))).toThrow(StateError);
    expect(() => session.bind(binding({ rows: 7 }))).toThrow(DataError);
    expect(() => session.bind(binding({ columns: [] }))).toThrow(DataError);
    expect(() => session.bind(binding({ columns: [{ data: new Float32Array(18), width: 3 }] }))).toThrow(DataError);
    expect(() => session.bind(binding({ batchSize: 5 }))).toThrow(RangeError);
  });

  it('refuses elements outside the arena, rows above the maximum and code words that are not there', () => {
    const { program, session } = counting();
    expect(() => session.read(31, 2)).toThrow(RangeError);
    expect(() => session.read(-1, 1)).toThrow(RangeError);
    expect(() => session.write(32, [1])).toThrow(RangeError);
    expect(() => session.run(whole(program, 1, 2))).toThrow(RangeError);
    expect(() => session.run({ ...whole(program), to: program.code.length + 1 })).toThrow(RangeError);
    expect(() => session.run({ ...whole(program), from: 1 })).toThrow(RangeError);
    expect(() => session.records(1)).toThrow(RangeError);
  });

  it('throws StateError after dispose, which may be called again', () => {
    const { program, session } = counting();
    session.dispose();
    session.dispose();
    expect(() => session.run(whole(program))).toThrow(StateError);
    expect(() => session.read(0, 1)).toThrow(StateError);
  });
});
