/** Which elements of a network's inputs choose rows of tables, found by following the traced graph from its tables back. */
import type { Backend } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { movementInto } from '../graph/movement.ts';
import { count, resolve } from '../ops/shape.ts';
import type { OpSpec, Shape } from '../ops/spec.ts';
import type { Origin } from '../origin.ts';
import { pieces, type Work } from '../slices.ts';
import type { Numbers } from './finite-numbers.ts';

/** What an element has to be an index of: from 0 to below `below`. */
export interface IndexRange {
  readonly below: number;
  /** Where it is looked up. */
  readonly origin: Origin;
}

/** For each element of a sample the smallest range that it is an index in; undefined for what is a number. */
export type IndexRanges = readonly (IndexRange | undefined)[];

/** What says where an index was to be looked up, and which numbers are exact. */
interface IndexContract {
  readonly model: { describe(origin: Origin): string };
  readonly backend: Pick<Backend, 'elementBytes'>;
}

/** Each is followed by itself. */
const MOST_ELEMENTS = 2 ** 24;
/** float32 has all integers up to this, and not the next. */
const LARGEST_EXACT = 2 ** 24;

/**
 * The indices among data, as integers of the caller's own; 0 in place of numbers. Throws DataError for what is no index in its range, or
 * cannot be told from its neighbours among the backend's numbers.
 */
export function* checkIndices(where: string, data: Numbers, ranges: IndexRanges, contract: IndexContract): Work<Int32Array> {
  const indices = new Int32Array(data.length);
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) {
      const range = ranges[i % ranges.length];
      if (range) indices[i] = checkIndex(where, data[i], i, range, ranges, contract);
    }
  }
  return indices;
}

function checkIndex(
  where: string,
  value: number,
  i: number,
  { below, origin }: IndexRange,
  ranges: IndexRanges,
  { model, backend }: IndexContract,
): number {
  const refuse = (expected: string, rest = '') => {
    const place = `row ${Math.floor(i / ranges.length)}, element ${i % ranges.length}`;
    return new DataError(`${where}: expected ${expected}, got ${value} in ${place}${rest}`);
  };
  if (!Number.isInteger(value) || value < 0 || value >= below) throw refuse(`indices from 0 to ${below - 1} for ${model.describe(origin)}`);
  if (value > LARGEST_EXACT && backend.elementBytes === 4 && !ranges.every((range) => range))
    throw refuse(`indices up to ${LARGEST_EXACT} beside other numbers`, '; an input of their own keeps larger ones exact');
  return value;
}

type Frame = Parameters<OpSpec['evaluate']>[0];

/** By the names of the inputs that have such elements. */
export function indexRanges(graph: Graph): Map<string, IndexRanges> {
  const sources = new Sources(graph);
  const ranges = new Map<string, (IndexRange | undefined)[]>();
  for (const { value, range } of lookups(graph)) {
    for (const place of sources.of(value)) {
      if (place < 0) continue;
      const { name, element, size } = sources.find(place);
      const found = ranges.get(name) ?? new Array<undefined>(size).fill(undefined);
      ranges.set(name, found);
      if (range.below < (found[element]?.below ?? Number.POSITIVE_INFINITY)) found[element] = range;
    }
  }
  return ranges;
}

/** The graph's values that choose, each with what it chooses from. */
function* lookups(graph: Graph): Generator<{ value: GraphValue; range: IndexRange }> {
  for (const { op, inputs, outputs, attributes, origin } of graph.operations) {
    const bounded = Object.entries(op.indices).filter(([name, { below }]) => below !== undefined && op.inputs.includes(name));
    if (bounded.length === 0) continue;
    const scalars = op.lower(shapesOf(inputs), shapesOf(outputs) as Shape[], attributes);
    for (const [name, { below }] of bounded) {
      const value = inputs[op.inputs.indexOf(name)];
      if (value?.elements === 'index') yield { value, range: { below: scalars[below as string], origin } };
    }
  }
}

/** An input of the graph: where its elements begin among all, and how many a sample has. */
interface Input {
  readonly name: string;
  readonly value: GraphValue;
  readonly start: number;
  readonly size: number;
}

/** Follows elements through what moves them: one sample's, each known by its place among all elements of all inputs. */
class Sources {
  readonly #inputs: readonly Input[];
  readonly #places = new Map<GraphValue, Float64Array>();

  constructor(graph: Graph) {
    let start = 0;
    this.#inputs = [...graph.inputs].map(([name, value]) => {
      const size = sizeOf(value);
      start += size;
      return { name, value, start: start - size, size };
    });
  }

  /** For each element of a value the place that it comes from; −1 where it was computed. */
  of(value: GraphValue): Float64Array {
    for (const operation of movementInto(value, keepsElements)) {
      const [output] = operation.outputs;
      if (!this.#places.has(output)) this.#places.set(output, this.#moved(operation));
    }
    return this.#placesOf(value);
  }

  /** The input that has a place, and which of its elements that is. */
  find(place: number): { name: string; element: number; size: number } {
    const { name, start, size } = this.#inputs.find((input) => place < input.start + input.size) as Input;
    return { name, element: place - start, size };
  }

  #placesOf(value: GraphValue): Float64Array {
    const places = this.#places.get(value) ?? this.#placesIn(value);
    this.#places.set(value, places);
    return places;
  }

  #placesIn(value: GraphValue): Float64Array {
    const input = this.#inputs.find((one) => one.value === value);
    return arrayFor(value).map((_, i) => (input ? input.start + i : -1));
  }

  /** The op's own definition moves the places. */
  #moved({ op, inputs, outputs, attributes }: Operation): Float64Array {
    if (!op.moves) return this.#placesOf(inputs[0] as GraphValue);
    const lowered = op.lower(shapesOf(inputs), shapesOf(outputs) as Shape[], attributes);
    const scalars = Object.entries(lowered).map(([name, size]) => [name, op.scalars[name] === 'size' ? resolve(size, 1) : size]);
    const operands = op.inputs.map((name, i) => [name, this.#placesOf(inputs[i] as GraphValue)]);
    const out = arrayFor(outputs[0]);
    op.evaluate({ ...Object.fromEntries([...scalars, ...operands]), [op.outputs[0]]: out } as Frame);
    return out;
  }
}

const keepsElements = ({ op }: Operation) => Boolean(op.moves) || op.name === 'toIndex';

function arrayFor(value: GraphValue): Float64Array {
  const size = sizeOf(value);
  if (size > MOST_ELEMENTS) throw new ShapeError(`expected at most ${MOST_ELEMENTS} elements of a sample among indices, got ${size}`);
  return new Float64Array(size);
}

const shapesOf = (values: readonly (GraphValue | undefined)[]) => values.map((value) => value?.shape);

const sizeOf = ({ shape }: GraphValue) => resolve(count(shape), 1);
