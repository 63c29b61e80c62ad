import { beforeAll, describe, expect, test } from 'vitest';
import { packableMatrices } from '../../../src/program/packable.ts';
import { encode } from '../../native/driver.ts';
import { all, assemble } from '../../native/programs.ts';
import { buildSanitizer, canSanitize, runSanitized, type SanitizedCase, sanitizedIsas } from '../../native/sanitizer.ts';

/** More elements than arenas have that lie in small pages. */
const LARGE = 2 ** 21;

/** out = 2x on `size` elements, out last in an arena for 5, from element `out` on. */
function doubled(size: number, out = 16): SanitizedCase {
  const program = assemble([{ op: 'scale', at: { x: 0, out }, scalars: { size, factor: 2, count: 1 } }], out + 5);
  return { program, seed: 0, arena: Float32Array.from({ length: out + 5 }, (_, i) => i), request: all(program) };
}

/** A product that is run three times, its right operand transposed and packable. */
function packedProduct(m: number, n: number, k: number): SanitizedCase {
  const at = { a: 0, b: m * k, out: m * k + n * k };
  const program = assemble([{ op: 'matmul', at, scalars: { batches: 1, m, n, k, transposeB: 1 } }], at.out + m * n);
  const packable = packableMatrices({ ...program, parameters: new Map([['b', { offset: at.b, shape: [n, k] }]]) });
  const arena = Float32Array.from({ length: program.arenaSize }, (_, i) => ((i * 37) % 101) / 50 - 1);
  return { program, seed: 0, arena, packable, request: all(program, { repeats: 3 }) };
}

test('commands are encoded as numbers, one after the other', () => {
  expect([...encode([1, Int32Array.of(2, 3), [4], new Float32Array(0), -0.5])]).toEqual([1, 2, 3, 4, -0.5]);
});

if (canSanitize()) {
  describe('the sanitized kernels', () => {
    beforeAll(() => buildSanitizer());

    test('run all cases of ops and return their arenas', () => {
      const [five, three] = runSanitized([doubled(5), doubled(3)]);
      expect([...five.subarray(16)]).toEqual([0, 2, 4, 6, 8]);
      expect([...three.subarray(16)]).toEqual([0, 2, 4, 19, 20]);
    });

    test('gather mini-batches from data', () => {
      const program = assemble([{ op: 'beginStep' }, { op: 'gather', at: { out: 0 }, scalars: { column: 0, size: -2, width: 2 } }], 4);
      const columns = [{ data: Float32Array.of(1, 2, 3, 4, 5, 6), width: 2 }];
      const data = { columns, rows: 3, batchSize: 2, shuffle: false };
      const [arena] = runSanitized([
        { program, seed: 0, arena: [0, 0, 0, 0], data, request: all(program, { clock: { epoch: 0, batch: 1 } }) },
      ]);
      expect([...arena]).toEqual([5, 6, 0, 0]);
    });

    test.each(sanitizedIsas())('are clean on packed matrices, which change nothing: %s', (isa) => {
      const cases = [1, 7, 40].flatMap((m) => [1, 10, 65].map((n) => packedProduct(m, n, 530)));
      const packed = runSanitized(cases, isa);
      expect(packed).toEqual(
        runSanitized(
          cases.map(({ packable, ...unpacked }) => unpacked),
          isa,
        ),
      );
    });

    test('report one element too many', () => {
      expect(() => runSanitized([doubled(6)])).toThrow(/AddressSanitizer/);
    });

    test('report one element too many behind an arena in huge pages', () => {
      const [arena] = runSanitized([doubled(5, LARGE)]);
      expect([...arena.subarray(LARGE)]).toEqual([0, 2, 4, 6, 8]);
      expect(() => runSanitized([doubled(6, LARGE)])).toThrow(/AddressSanitizer/);
    });
  });
}
