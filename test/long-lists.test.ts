/** Lists longer than a call may have arguments. */
import { expect, test } from 'vitest';
import { referenceBackend } from '../src/backends/reference.ts';
import { formatTable } from '../src/inspection/text-table.ts';
import { all, assemble } from './native/programs.ts';

const MANY = 2 ** 18;

test('attention over 2¹⁸ equal keys takes their mean on the reference', () => {
  const scalars = { batches: 1, heads: 1, queries: 1, keys: MANY, features: 1, causal: 0, scale: 1 };
  const at = { q: 0, k: 16, v: 16 + MANY, out: 16 + 2 * MANY, logSums: 32 + 2 * MANY };
  const session = referenceBackend.openArena(assemble([{ op: 'attention', at, scalars }], 64 + 2 * MANY), 1);
  session.write(at.v, new Float32Array(MANY).fill(0.5));
  session.run(all(session.program));
  expect(session.read(at.out, 1)[0]).toBeCloseTo(0.5, 12);
  expect(session.read(at.logSums, 1)[0]).toBeCloseTo(18 * Math.LN2, 12);
});

test('a table of 2¹⁸ rows is as wide as its widest cell', () => {
  const rows = Array.from({ length: MANY }, (_, i) => [i === 7 ? 'wide' : 'a', 'b']);
  expect(formatTable(rows, 1).split('\n')[0]).toBe('a     b');
});
