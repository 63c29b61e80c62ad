/** Arenas that the system may back with huge pages: whole, zeroed, and not paid for where nothing is touched. */
import { expect, test } from 'vitest';
import { loadNative } from '../../src/node/load-native.ts';
import { all, assemble, expectAddon } from './programs.ts';

const MIB = 2 ** 20;
const ELEMENTS_A_MIB = MIB / 4;

/** out = 3x on four elements, x first and out last in the arena. */
function scaled(arenaSize: number) {
  const out = arenaSize - 16;
  return { out, program: assemble([{ op: 'scale', at: { x: 0, out }, scalars: { size: 4, factor: 3, count: 1 } }], arenaSize) };
}

if (expectAddon) {
  const backend = loadNative();

  test.each([4 * ELEMENTS_A_MIB - 16, 4 * ELEMENTS_A_MIB, 4 * ELEMENTS_A_MIB + 16, 9 * ELEMENTS_A_MIB + 16])(
    '%i elements are zeros, then what is written',
    (size) => {
      const { program, out } = scaled(size);
      const session = backend.openArena(program, 0);
      expect(session.read(0, size).every((x) => x === 0)).toBe(true);
      const values = Float32Array.from({ length: size }, (_, i) => i);
      session.write(0, values);
      session.run(all(program));
      values.set([0, 3, 6, 9], out);
      expect(Buffer.compare(Buffer.from(session.read(0, size).buffer), Buffer.from(values.buffer))).toBe(0);
      session.dispose();
    },
  );

  test('memory that is never touched is not paid for', () => {
    const size = 512 * ELEMENTS_A_MIB;
    const { program, out } = scaled(size);
    const before = process.memoryUsage.rss();
    const session = backend.openArena(program, 0);
    session.write(0, [1, 2, 3, 4]);
    session.run(all(program));
    expect([...session.read(out, 5)]).toEqual([3, 6, 9, 12, 0]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * MIB);
    session.dispose();
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * MIB);
  });

  test('memory that was touched is given back', () => {
    const size = 128 * ELEMENTS_A_MIB;
    const before = process.memoryUsage.rss();
    const session = backend.openArena(assemble([{ op: 'fill', at: { out: 0 }, scalars: { size, value: 1 } }], size), 0);
    session.run(all(session.program));
    const touched = process.memoryUsage.rss();
    session.dispose();
    // Between two calls: what the system takes from a process that waits would hide it otherwise.
    expect(touched - process.memoryUsage.rss()).toBeGreaterThan(100 * MIB);
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * MIB);
  });
}
