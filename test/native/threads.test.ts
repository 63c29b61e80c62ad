/** Threads change how long a run takes and nothing else: every result is the same bits with any number of them. */

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { type Division, divide } from '../../src/program/divide.ts';
import type { Program } from '../../src/program/format.ts';
import { BATCH, EAGER, prepare, STEPS, TRAININGS, train } from './networks.ts';
import { addonFile, all, assemble, expectAddon } from './programs.ts';

const COUNTS = [2, 3, 7];
/** An instruction whose result lies behind what it reads. */
const unary = (size: number, at: number) => ({ op: 'relu', at: { x: at, out: at + size }, scalars: { size } });
const cases = TRAININGS.map((training) => [training.name, training] as const);

if (expectAddon) {
  const addon = createRequire(import.meta.url)(addonFile) as NativeAddon;
  const backend = nativeBackend(addon, EAGER);

  describe('any number of threads', () => {
    test.each(cases)('%s', (_, training) => {
      const expected = train(backend, training);
      expect(expected.records.every((value, i) => i % 2 === 1 || Number.isFinite(value))).toBe(true);
      for (const count of COUNTS) expect(train(backend.with({ threads: count }), training)).toEqual(expected);
    });

    test('several sessions at the same time share the helpers there are', async () => {
      const threaded = backend.with({ threads: 3 });
      const expected = train(backend, TRAININGS[4]);
      const sessions = [1, 2, 3, 4].map(() => {
        const { program, data, arena } = prepare(TRAININGS[4]);
        const session = threaded.openArena(program, 11);
        session.write(0, arena);
        session.bind(data);
        return { session, program };
      });
      const request = { repeats: STEPS, clock: { epoch: 1, batch: 0 }, rows: BATCH };
      await Promise.all(sessions.map(({ session, program }) => session.runAsync(all(program, request))));
      for (const { session, program } of sessions) {
        expect(new Uint32Array(session.read(0, program.arenaSize).buffer)).toEqual(expected.arena);
        session.dispose();
      }
    });

    test('a part of a program runs on one thread', () => {
      const { program, data, arena } = prepare(TRAININGS[0]);
      const [whole, stepped] = [1, 2].map(() => {
        const session = backend.with({ threads: 3 }).openArena(program, 11);
        session.write(0, arena);
        session.bind(data);
        return session;
      });
      whole.run(all(program, { rows: BATCH }));
      for (let at = 0; at < program.code.length; at += program.code[at + 1])
        stepped.run(all(program, { from: at, to: at + program.code[at + 1], rows: BATCH }));
      expect(stepped.read(0, program.arenaSize)).toEqual(whole.read(0, program.arenaSize));
    });

    test('a run stops when it is cancelled', async () => {
      const { program, data, arena } = prepare(TRAININGS[0]);
      const session = backend.with({ threads: 2 }).openArena(program, 11);
      session.write(0, arena);
      session.bind(data);
      const running = session.runAsync(all(program, { repeats: 1e6, rows: BATCH }));
      setTimeout(() => session.cancel(), 20);
      expect(await running).toBeLessThan(1e6);
      expect(session.run(all(program, { repeats: 5, rows: BATCH }))).toBe(5);
      session.dispose();
    });

    const openDivided = ({ code, literals, arenaSize, maximumRows }: Program, division: Division) =>
      new addon.Session(code, literals, arenaSize, maximumRows, 0, 2, division, 2, new Int32Array(0), 0);

    test('a division that names no size is refused', () => {
      const { program } = prepare(TRAININGS[0]);
      const open = (division: Division) => openDivided(program, division);
      expect(() => open(new Int32Array(3))).toThrow(/as many words as the code has/);
      const division = new Int32Array(program.code.length);
      division[1] = 1;
      expect(() => open(division)).toThrow(/division is out of range: 1/);
    });

    test('a division that would leave a thread waiting for ever is refused', () => {
      const scalars = { rows: 1, steps: 2, units: 448 };
      const at = { projected: 0, weight: 896, hidden: 896 + 448 * 448 };
      const program = assemble([{ op: 'rnn', at, scalars }], at.hidden + 896);
      const division = divide(program, 2, EAGER) as Division;
      const within = program.code.indexOf(448);
      expect(() => openDivided(program, division)).not.toThrow();
      for (const granule of [448, -16]) {
        expect(() => openDivided(program, division.with(within, granule))).toThrow(/division is out of range: 7/);
      }
      expect(() => openDivided(program, division.with(within, 0))).toThrow(/names nothing that threads compute together/);
    });

    test.runIf(process.platform === 'linux')('no thread is left behind by sessions', () => {
      const threads = () => readdirSync('/proc/self/task').length;
      train(backend.with({ threads: 7 }), TRAININGS[0]);
      const before = threads();
      for (let i = 0; i < 20; i++) train(backend.with({ threads: 7 }), TRAININGS[0]);
      expect(threads()).toBeLessThanOrEqual(before);
    });
  });
}

describe('a division', () => {
  const costs = { element: 1, barrier: 100, step: 1000 };
  test('is not made for one thread, or for little work', () => {
    const program = assemble([unary(1 << 14, 0)], 1 << 15);
    expect(divide(program, 1, costs)).toBeUndefined();
    expect(divide(program, 2, costs)).toBeDefined();
    expect(divide(assemble([unary(1 << 6, 0)], 1 << 7), 2, costs)).toBeUndefined();
  });

  test('needs no meeting between instructions that divide alike, and one between those that do not', () => {
    const size = 1 << 14;
    const alike = assemble([unary(size, 0), unary(size, size)], 3 * size);
    expect(divide(alike, 2, costs)?.[alike.code[1]]).toBe(0);
    const shifted = assemble([unary(size, 0), unary(size, size + 16)], 3 * size + 16);
    expect(divide(shifted, 2, costs)?.[shifted.code[1]]).toBe(1);
  });
});
