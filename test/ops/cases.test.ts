/** The table of cases itself: every op is in it, in every size that matters. */
import { describe, expect, it } from 'vitest';
import { BYTE_PANEL } from '../../src/ops/quantization.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { resolve } from '../../src/ops/shape.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { allCases } from './bits.ts';
import { assemble, sharings } from './case-program.ts';
import { casesOf } from './families.ts';
import { describeCase, type OpCase } from './op-case.ts';
import { typicalOf } from './typical.ts';

/** The elements of the largest operand. */
const elements = (test: OpCase) => Math.max(0, ...[...assemble(test).places.values()].map(({ size }) => size));

/** The sizes of all that is read and written. */
function sizes({ op, inputs, attributes, rows }: OpCase): number[] {
  const given = inputs as readonly Shape[];
  return [...given, ...op.shapes(given, attributes)].flatMap((shape) => shape ?? []).map((size) => resolve(size, rows));
}

/** Of the widest vectors. */
const LANES = 16;

const KINDS: Readonly<Record<string, (test: OpCase) => boolean>> = {
  // A weight of bytes has a whole panel.
  'a tiny one, of a few elements': (test) => elements(test) <= (test.op.name.startsWith('quantize') ? BYTE_PANEL : LANES / 2),
  'a ragged one, which no vector divides': (test) => sizes(test).some((size) => size > LANES && size % 2 === 1),
  'a large one, of more than a block of elements': (test) => elements(test) > 1024,
};

const named = (ops: readonly OpSpec[]) => ops.map((op) => [op.name, op] as const);

describe('the table of cases has for', () => {
  describe.each(Object.entries(KINDS))('every op %s:', (_, isOne) => {
    it.each(named(OPS))('%s', (__, op) => expect(casesOf(op).some(isOne)).toBe(true));
  });

  it.each(named(OPS))('%s a typical size', (_, op) => expect(elements(typicalOf(op))).toBeGreaterThanOrEqual(128));

  it.each(named(OPS.filter((op) => op.inPlace)))('%s a case in the place of each input that the table permits', (_, op) => {
    const out = op.outputs[0] ?? op.inputs[0];
    const shared = new Set(casesOf(op).flatMap((test) => sharings(test).map((sharing) => sharing[out])));
    for (const name of op.inPlace ?? []) expect(shared).toContain(name);
  });

  it('no op one description twice', () => {
    const descriptions = allCases().map(({ test }) => describeCase(test));
    expect(new Set(descriptions).size).toBe(descriptions.length);
  });

  it('an op that no family covers an error', () => {
    expect(() => casesOf({ ...opNamed('relu'), name: 'novelty', kernel: 'novelty' })).toThrow(/novelty: expected cases/);
  });
});
