/** One application of one op: its shapes, attributes and values, and its description, by which every test names it. */
import type { DataBinding } from '../../src/backends/backend.ts';
import { NO_INDEX } from '../../src/ops/indices.ts';
import { count, formatShape, resolve } from '../../src/ops/shape.ts';
import { type Attributes, elementsOf, type OpSpec, type Shape } from '../../src/ops/spec.ts';

/** What an input holds: numbers of a range, class indices below `classes`, or exactly these values. */
export type Fill = { readonly low: number; readonly high: number } | { readonly classes: number } | { readonly values: readonly number[] };

/** The range of inputs of which nothing else is said. */
export const TAME: Fill = { low: -2, high: 2 };

export interface OpCase {
  readonly op: OpSpec;
  /** In the order of the op's inputs. */
  readonly inputs: readonly (Shape | undefined)[];
  /** In the order of the op's inputs; the last one serves all that follow. */
  readonly fills: readonly Fill[];
  readonly attributes: Attributes;
  readonly rows: number;
  /** More than `rows` where a partial batch runs. */
  readonly maximumRows: number;
  /** The op's first input values that are special (huge, zero, subnormal): errors are then counted against 1, value by value. */
  readonly special: boolean;
  /** What a mini-batch of `rows` rows is chosen from, for ops that gather. */
  readonly data?: DataBinding;
}

export const fillOf = ({ fills }: OpCase, i: number): Fill => fills[i] ?? fills[fills.length - 1];

function describeFill(fill: Fill): string {
  if ('classes' in fill) return ` below ${fill.classes}`;
  if ('values' in fill) {
    const [first, second, third, ...others] = fill.values;
    return ` of ${[first, second, third].filter((x) => x !== undefined)}${others.length > 0 ? ` and ${others.length} others` : ''}`;
  }
  return fill === TAME ? '' : ` in ${fill.low}…${fill.high}`;
}

/** `affine a [batch, 10] b [10, 7] transposeA false … 3 of 8 rows`: no two cases have one description. */
export function describeCase(test: OpCase): string {
  const { op, inputs, attributes, rows, maximumRows, special, data } = test;
  const operands = op.inputs.flatMap((name, i) => {
    const shape = inputs[i];
    return shape ? [`${name} ${formatShape(shape)}${describeFill(fillOf(test, i))}`] : [];
  });
  const settings = Object.entries(attributes).map(([name, value]) => `${name} ${Array.isArray(value) ? `[${value}]` : value}`);
  const bound = data ? [`of ${data.rows} rows by ${data.batchSize}${data.shuffle ? ' shuffled' : ''}`] : [];
  const run = maximumRows > 1 ? [`${rows} of ${maximumRows} rows`] : [];
  return [op.name, ...operands, ...settings, ...bound, ...run, ...(special ? ['special'] : [])].join(' ');
}

export const elementsIn = ({ op, attributes }: OpCase, name: string) => elementsOf(op, name, attributes);

/** Whether an operand holds indices. */
export const isIndex = (test: OpCase, name: string) => elementsIn(test, name) === 'index';

/** An index; of what is none, what a float32 backend would have of it. */
const indexOf = (value: number) => (Number.isInteger(value) && Math.abs(value) < -NO_INDEX ? value : NO_INDEX);

/** Numbers in [0, 1) that are the same on every machine: mulberry32, in which any seed will do. */
function uniforms(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The values of the inputs that are there. */
export type Values = readonly (Float64Array | undefined)[];

/** Drawn from a seed. */
export function inputValues(test: OpCase, seed: number): Values {
  const { op, inputs, rows } = test;
  const uniform = uniforms(seed);
  return inputs.map((shape, i) => shape && filled(resolve(count(shape), rows), fillOf(test, i), isIndex(test, op.inputs[i]), uniform));
}

function filled(size: number, fill: Fill, areIndices: boolean, uniform: () => number): Float64Array {
  const values = new Float64Array(size);
  if ('values' in fill) {
    const exact = areIndices ? indexOf : Math.fround;
    for (let k = 0; k < size; k++) values[k] = exact(fill.values[k % fill.values.length]);
  } else if ('classes' in fill) {
    for (let k = 0; k < size; k++) values[k] = Math.floor(fill.classes * uniform());
  } else {
    for (let k = 0; k < size; k++) values[k] = Math.fround(fill.low + (fill.high - fill.low) * uniform());
  }
  return values;
}

/** Floats of every magnitude and kind. */
const HOSTILE = [
  ...[0, 0.5, 1, 3, 6, 1e-45, 1e-39, 2 ** -126, 1e-20, 88.7, 89, 87.4, 103.9, 104, 1e9, 16777217, 3e38].flatMap((x) => [x, -x]),
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
].map(Math.fround);

/** The same values, with any float there is in the place of every fifth number or so. Indices stay: what is none has cases of its own. */
export function hostileValues(test: OpCase, values: Values, seed: number): Values {
  const uniform = uniforms(~seed);
  const hostile = (x: number) => (uniform() < 0.2 ? HOSTILE[Math.floor(HOSTILE.length * uniform())] : x);
  return values.map((one, i) => (isIndex(test, test.op.inputs[i]) ? one : one?.map(hostile)));
}
