/** What reading a model file may come to: a few bytes of a stranger's file can ask for more than a machine has. */
import { FormatError } from '../errors.ts';
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { count, resolve } from '../ops/shape.ts';
import { checkInteger, checkKeys } from '../options.ts';

export interface LoadLimits {
  /** The most parameters of all layers together; default 2³¹ − 1, all that can be addressed. Each of them is in the file. */
  readonly parameters?: number;
  /** The most layers, and functions of values between them; default 10 000. */
  readonly layers?: number;
  /** The most bytes of memory that predicting one row takes besides the parameters, as float32; default 2³⁰. */
  readonly arenaBytes?: number;
}

export type Limits = Required<LoadLimits>;

const DEFAULTS: Limits = { parameters: 2 ** 31 - 1, layers: 10_000, arenaBytes: 2 ** 30 };

/** Limits with the defaults filled in. Throws OptionError for what is no limit, or no positive integer. */
export function limitsFrom(where: string, limits: LoadLimits): Limits {
  const names = Object.keys(DEFAULTS) as (keyof Limits)[];
  checkKeys(where, limits, names);
  const entries = names.map((name) => [name, checkInteger(`${where}.${name}`, limits[name] ?? DEFAULTS[name])]);
  return Object.fromEntries(entries) as Limits;
}

/** Throws FormatError where something is more than its limit. */
export function checkLimit(limits: Limits, name: keyof Limits, what: string, size: number): void {
  if (size > limits[name])
    throw new FormatError(`model: expected at most ${limits[name]} ${what}, got ${size}; limits: { ${name} } allows more`);
}

const FLOAT_BYTES = 4;

/** Bytes that a graph's values take while it computes one row, sources not counted, where memory is used again as soon as it may be. */
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
    most = Math.max(most, alive + made - (isInPlace(operation) ? Math.min(dying, made) : 0));
    alive += made - dying;
  });
  return FLOAT_BYTES * most;
}

const isInPlace = ({ op }: Operation) => (op.inPlace?.length ?? 0) > 0;

const elementsOf = ({ shape }: GraphValue) => resolve(count(shape), 1);

function sum(values: Iterable<GraphValue>, size: (value: GraphValue) => number): number {
  let total = 0;
  for (const value of values) total += size(value);
  return total;
}
