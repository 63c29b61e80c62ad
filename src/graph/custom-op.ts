/** Ops that a user defines: a reference evaluation and a gradient rule, and no kernels. */

import { ShapeError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { count, formatShape } from '../ops/shape.ts';
import { defineOp, noGradient, type OpSpec, type Shape } from '../ops/spec.ts';
import { callable, integer, optional, readOptions, required, type TableOf, text } from '../options/table.ts';
import { type GraphValue, graphOf } from './graph.ts';

export interface CustomOp {
  /** For messages and disassemblies. */
  readonly name: string;
  /** How many values it takes. */
  readonly inputs: number;
  /** The result's shape from the inputs'; −1 is the batch. May throw ShapeError. Default: the first input's. */
  shape?(...inputs: readonly Shape[]): Shape;
  /** Fills `out` from the inputs, all row-major in float64; `rows` is the size of the batch. */
  evaluate(inputs: readonly Float64Array[], out: Float64Array, rows: number): void;
  /** δ of each input from δ of the result, as graph values; undefined where an input takes none. Absent: no gradient flows through. */
  gradient?(inputs: readonly GraphValue[], out: GraphValue, delta: GraphValue): readonly (GraphValue | undefined)[];
}

const DEFINITION = {
  name: required(text),
  inputs: required(integer()),
  shape: optional(callable<NonNullable<CustomOp['shape']>>()),
  evaluate: required(callable<CustomOp['evaluate']>()),
  gradient: optional(callable<NonNullable<CustomOp['gradient']>>()),
} satisfies TableOf<CustomOp>;

let defined = 0;

/**
 * A function of graph values for a computation that no built-in op has. It runs on the reference backend; the others have no kernel and
 * throw BackendError.
 *
 * @throws OptionError for a definition without a name, a number of inputs or an evaluation; ShapeError, when applied, for values of
 *   another number or of shapes that `shape` refuses.
 */
export function customOp(definition: CustomOp): (...inputs: readonly GraphValue[]) => GraphValue {
  const op = specOf(readOptions('customOp', DEFINITION, definition));
  return (...inputs) => graphOf(...inputs).apply(op, inputs)[0];
}

/** Operands x0, x1, …, out; the scalars are their sizes. The name has a number, so that no two are taken for one. */
function specOf({ name, inputs, shape, evaluate, gradient }: CustomOp): OpSpec {
  const operands = Array.from({ length: inputs }, (_, i) => `x${i}`);
  const all = [...operands, 'out'];
  const sizes = (shapes: readonly (Shape | undefined)[]) =>
    Object.fromEntries(all.map((operand, i) => [`${operand}Size`, count(shapes[i] as Shape)]));
  return defineOp<string, string>({
    name: `${name}#${++defined}`,
    operands: { ...Object.fromEntries(operands.map((operand) => [operand, 'in'])), out: 'out' },
    scalars: Object.fromEntries(all.map((operand) => [`${operand}Size`, 'size'])),
    shapes: (given) => {
      if (given.length !== inputs) throw new ShapeError(`${name}: expected ${inputs} values, got ${given.length}`);
      const [first] = given;
      const result = shape ? shape(...given) : first;
      if (!Array.isArray(result) || !result.every(Number.isSafeInteger))
        throw new ShapeError(
          `${name}: expected a shape function that gives a list of sizes, got ${String(result)} of ${given.map(formatShape).join(', ')}`,
        );
      return [result];
    },
    lower: (given, outputs) => sizes([...given, ...outputs]),
    extents: (scalars) => Object.fromEntries(all.map((operand) => [operand, scalars[`${operand}Size`]])),
    gradient: gradient
      ? (_, { inputs: values, outputs: [out] }, [delta]) =>
          delta ? gradient(values as readonly GraphValue[], out as GraphValue, delta as GraphValue) : values.map(() => undefined)
      : noGradient,
    evaluate: (frame) => {
      const values = operands.map((operand) => frame[operand]);
      atOnce(name, evaluate(values, frame.out, frame.context.rows));
    },
  });
}
