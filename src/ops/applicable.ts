/** Whether an op can be computed for the shapes and attributes that it is applied to, as the verifier would judge its instruction. */
import { ShapeError } from '../errors.ts';
import { ACTIVATIONS } from './functions.ts';
import { count, formatShape, resolve } from './shape.ts';
import type { Attributes, OpSpec, ScalarKind, Shape } from './spec.ts';

/** Programs count elements in 32 bits. */
export const MOST_ELEMENTS = 2 ** 31 - 1;

/**
 * Refuses an application with impossible scalars, and one that would read or write beyond an operand. It looks at one row and at two: sizes
 * are linear in the rows.
 *
 * @throws ShapeError that names the op and what it was applied to.
 */
export function checkApplicable(op: OpSpec, inputs: readonly Shape[], outputs: readonly Shape[], attributes: Attributes): void {
  const applied = () => inputs.map((shape) => (shape ? formatShape(shape) : 'none')).join(', ') || 'nothing';
  const refuse = (expected: string, got: string) => new ShapeError(`${op.name} of ${applied()}: expected ${expected}, got ${got}`);
  const scalars = op.lower(inputs, outputs, attributes);
  for (const name in op.scalars) {
    if (!isScalar(op.scalars[name], scalars[name]))
      throw refuse(`${name} to be a ${op.scalars[name]} of at most ${MOST_ELEMENTS}`, String(scalars[name]));
  }
  if (op.valid && !op.valid(scalars)) throw refuse('sizes that suit it', JSON.stringify(scalars));
  for (const rows of [1, 2]) {
    const extents = op.extents(resolveSizes(op, scalars, rows));
    const check = (name: string, shape: Shape) => {
      const elements = resolve(count(shape), rows);
      if (elements > rows * MOST_ELEMENTS) throw refuse(`${name} of at most ${MOST_ELEMENTS} elements`, formatShape(shape));
      if (!(extents[name] >= 0 && extents[name] <= elements)) throw refuse(`${name} to have what it reads and writes`, formatShape(shape));
    };
    inputs.forEach((shape, i) => {
      if (shape) check(op.inputs[i], shape);
    });
    outputs.forEach((shape, i) => {
      check(op.outputs[i], shape);
    });
  }
}

function isScalar(kind: ScalarKind, value: number): boolean {
  if (kind === 'float') return !Number.isNaN(value);
  if (!Number.isInteger(value) || Math.abs(value) > MOST_ELEMENTS) return false;
  return kind === 'size' || (value >= 0 && (kind === 'integer' || value < ACTIVATIONS.length));
}

/** The scalars of an application where the batch has so many rows. */
export function resolveSizes(op: OpSpec, scalars: Readonly<Record<string, number>>, rows: number): Record<string, number> {
  const resolved = { ...scalars };
  for (const name in op.scalars) if (op.scalars[name] === 'size') resolved[name] = resolve(scalars[name], rows);
  return resolved;
}
