/** Limits of reading a model file: a few bytes of a stranger's file can ask for more than a machine has. */
import { FormatError } from '../errors.ts';
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { resolveSizes } from '../ops/applicable.ts';
import { count, resolve } from '../ops/shape.ts';
import { type Check, integer, readOptions, type TableOf, withDefault } from '../options/table.ts';

export interface LoadLimits {
  /** The most parameters of all layers together; default 2³¹ − 1, all that can be addressed. Each of them is in the file. */
  readonly parameters?: number;
  /** The most layers, and functions of values between them; default 10 000. */
  readonly layers?: number;
  /** The most bytes of memory that predicting one row takes besides the parameters, as float32; default 2³⁰. */
  readonly arenaBytes?: number;
}

export type Limits = Readonly<Required<LoadLimits>>;

const OPTIONS = {
  parameters: withDefault(integer(), 2 ** 31 - 1),
  layers: withDefault(integer(), 10_000),
  arenaBytes: withDefault(integer(), 2 ** 30),
} satisfies TableOf<LoadLimits>;

/** Limits with the defaults filled in. Throws OptionError for an unknown limit, or one that is no positive integer. */
export const limitsFrom: Check<Limits> = (where, limits) => readOptions(where, OPTIONS, limits);

/** Throws FormatError where something is more than its limit. */
export function checkLimit(limits: Limits, name: keyof Limits, what: string, size: number): void {
  if (size > limits[name])
    throw new FormatError(`model: expected at most ${limits[name]} ${what}, got ${size}; limits: { ${name} } allows more`);
}

const FLOAT_BYTES = 4;

/** Bytes that a graph's values take while it computes one row, sources not counted, where memory is reused as soon as possible; with the scratch memory of a thread. */
export function bytesOfOneRow({ operations }: Graph): number {
  const owners = new Map<GraphValue, GraphValue>();
  const owner = (value: GraphValue) => owners.get(value) ?? value;
  const lastUse = new Map<GraphValue, number>();
  operations.forEach(({ op, inputs, outputs }, position) => {
    if (op.view && inputs[0]) owners.set(outputs[0], owner(inputs[0]));
    for (const input of inputs) if (input) lastUse.set(owner(input), position);
  });
  let [alive, most] = [0, 0];
  operations.forEach((operation, position) => {
    const dying = sum(new Set(operation.inputs.filter((input) => input !== undefined).map(owner)), (value) =>
      value.operation && lastUse.get(value) === position ? elementsOf(value) : 0,
    );
    const made = sum(operation.outputs, (value) => (owners.has(value) ? 0 : elementsOf(value)));
    most = Math.max(most, alive + made + scratchOf(operation) - (isInPlace(operation) ? Math.min(dying, made) : 0));
    alive += made - dying;
  });
  return FLOAT_BYTES * most;
}

const isInPlace = ({ op }: Operation) => (op.inPlace?.length ?? 0) > 0;

/** Elements of a thread's memory for the length of the operation. */
const scratchOf = (operation: Operation) => operation.op.scratch(resolveSizes(operation.op, operation.lower(), 1));

const elementsOf = ({ shape }: GraphValue) => resolve(count(shape), 1);

function sum(values: Iterable<GraphValue>, size: (value: GraphValue) => number): number {
  let total = 0;
  for (const value of values) total += size(value);
  return total;
}
