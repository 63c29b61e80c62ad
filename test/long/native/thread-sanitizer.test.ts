/** Threads that run one program together, on native kernels under ThreadSanitizer. */
import { beforeAll, describe, expect, test } from 'vitest';
import { divide } from '../../../src/program/divide.ts';
import { EAGER, prepare, STEPS, TRAININGS } from '../../native/networks.ts';
import { all, assemble } from '../../native/programs.ts';
import { buildSanitizer, canSanitize, isasOfEachWidth, runSanitized, type SanitizedCase } from '../../native/sanitizer.ts';
import { digestOf, requestOf, togetherCases } from '../../ops/together-cases.ts';

/** An instruction whose result lies behind what it reads. */
const unary = (size: number, at: number) => ({ op: 'relu', at: { x: at, out: at + size }, scalars: { size } });

if (canSanitize()) {
  describe('under ThreadSanitizer', () => {
    beforeAll(() => buildSanitizer('thread'));

    const casesFor = (count: number): SanitizedCase[] =>
      TRAININGS.map((training) => {
        const { program, data, arena } = prepare(training);
        const division = divide(program, count, EAGER);
        const threads = division && { count, division };
        return { program, data, arena, seed: 11, request: all(program, { repeats: STEPS, rows: data.batchSize }), threads };
      });

    test.each(isasOfEachWidth())('no two threads touch the same element unsynchronised: %s', (isa) => {
      const together = casesFor(3);
      expect(together.every(({ threads }) => threads)).toBe(true);
      expect(runSanitized(together, isa, 'thread')).toEqual(runSanitized(casesFor(1), isa, 'thread'));
    });

    test.each(isasOfEachWidth())('no two threads that meet in a kernel touch the same element unsynchronised: %s', (isa) => {
      const large = togetherCases().filter(({ program, data }) => program.maximumRows > 1 && !data);
      const digests = (count: number) => {
        const runs = large.map((one): SanitizedCase => {
          const division = divide(one.program, count, EAGER);
          return { ...one, seed: 0, request: requestOf(one), threads: division && { count, division } };
        });
        return runSanitized(runs, isa, 'thread').map(digestOf);
      };
      expect(digests(3)).toEqual(digests(1));
    });

    test.each(isasOfEachWidth())('a meeting that is missing is reported: %s', (isa) => {
      // Shares begin on whole cache lines, so the second instruction reads beyond its own what the other thread has written.
      const size = 64;
      const program = assemble([unary(size, 0), unary(size, size + 16)], 3 * size + 16);
      const division = Int32Array.from(divide(program, 2, EAGER) ?? []);
      const arena = new Float32Array(program.arenaSize);
      const run: SanitizedCase = { program, arena, seed: 0, request: all(program, { repeats: 3 }), threads: { count: 2, division } };
      expect(runSanitized([run], isa, 'thread')).toEqual([arena]);
      const second = program.code[1];
      expect(division[second]).toBe(1);
      division[second] = 0;
      expect(() => runSanitized([run], isa, 'thread')).toThrow(/data race/);
    });
  });
}
