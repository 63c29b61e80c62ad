/** Attributes of ops: filled in from what the op declares. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { attributeProblem, wholeAttributes } from '../../src/ops/attributes.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS, MATHEMATICS } from '../../src/ops/functions.ts';
import { opNamed } from '../../src/ops/registry.ts';
import type { AttributeValue } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';

/** A value of each kind, for attributes that must be given. */
const SAMPLES = { shape: [2], words: [1], axes: [0], pair: [1, 1], padding: [], activation: 'relu', flag: true } as const;
const required = (op: (typeof OPS)[number]) =>
  Object.fromEntries(
    Object.entries(op.attributes).flatMap(([name, declared]): [string, AttributeValue][] =>
      declared.default === undefined ? [[name, { ...SAMPLES }[declared.kind as keyof typeof SAMPLES] ?? 1]] : [],
    ),
  );

const WITH_ATTRIBUTES = OPS.filter((op) => Object.keys(op.attributes).length > 0).map((op) => [op.name, op] as const);

describe.each(WITH_ATTRIBUTES)('the attributes of %s', (name, op) => {
  it('are all there, and of their kinds, where those without a default are given', () => {
    const whole = wholeAttributes(op, required(op));
    expect(Object.keys(whole)).toEqual(Object.keys(op.attributes));
    expect(attributeProblem(op, whole)).toBeUndefined();
  });

  it('are refused by name where one without a default is missing', () => {
    for (const missing of Object.keys(required(op))) {
      const { [missing]: _, ...rest } = required(op);
      expect(() => wholeAttributes(op, rest)).toThrow(OptionError);
      expect(() => wholeAttributes(op, rest)).toThrow(`${name}.${missing}: expected `);
    }
  });
});

describe('an operation', () => {
  const scalarsOf = (name: string, given: Readonly<Record<string, AttributeValue>> = {}) => {
    const graph = new Graph();
    const op = opNamed(name);
    const inputs = op.inputs.map((input) => graph.input(input, [2, 3]));
    const [output] = graph.apply(op, inputs, given);
    const { attributes } = output.operation!;
    return op.lower(
      inputs.map(({ shape }) => shape),
      [output.shape],
      attributes,
    );
  };

  it.each([...ACTIVATIONS.slice(1), ...MATHEMATICS, ...BINARY_FUNCTIONS].map((f) => [f.name, f.alpha ?? 0] as const))(
    'of %s has the function’s parameter, %f, unless it is given another',
    (name, alpha) => {
      expect(scalarsOf(name).alpha).toBe(alpha);
      expect(scalarsOf(name, { alpha: 7 }).alpha).toBe(7);
    },
  );

  it.each([
    ['scale', { factor: 3 }, { factor: 3, count: 1 }],
    ['matmul', { transposeB: true }, { transposeA: 0, transposeB: 1 }],
  ])('of %s given %o has %o', (name, given, expected) => {
    expect(scalarsOf(name, given)).toMatchObject(expected);
  });

  it('has what it was given in place of a default of the falsy kind, and keeps nothing else', () => {
    const op = opNamed('correct');
    expect(wholeAttributes(op, { comparison: 0, threshold: 0.5 })).toEqual({ comparison: 0, threshold: 0.5 });
    expect(wholeAttributes(op, { comparison: 0, spare: 1 })).toEqual({ comparison: 0, threshold: 0 });
  });
});
