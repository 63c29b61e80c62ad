/**
 * The ranges of a network's input elements: indices into tables, masks, lengths of sequences. Found by following the traced graph back from
 * the operands that declare them.
 */
import { ShapeError } from '../errors.ts';
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { movementInto } from '../graph/movement.ts';
import { MOVEMENT_REFERENCE } from '../ops/movement.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Evaluate } from '../ops/spec.ts';
import type { Origin } from '../origin.ts';

/** A whole number from 0. */
export interface ElementRange {
  readonly as: 'index' | 'mask' | 'length';
  readonly most: number;
  /** Whether it is looked up somewhere, even where another reader asks for less. */
  readonly isIndex: boolean;
  /** The operation that takes it. */
  readonly op: string;
  readonly origin: Origin;
}

/** For each element of a sample the narrowest range that it must lie in; undefined where any number will do. */
export type ElementRanges = readonly (ElementRange | undefined)[];

/** The most elements of a sample with indices: each is followed separately. */
const MOST_ELEMENTS = 2 ** 24;
/** Whether a sample holds indices alone, which are then bound as integers. */
export const areIndices = (ranges: ElementRanges | undefined): boolean => ranges?.every((range) => range?.isIndex) ?? false;

/** All ops that move elements are of this family. */
const MOVES = MOVEMENT_REFERENCE as unknown as Readonly<Record<string, Evaluate>>;

/** By the names of the inputs that have such elements. */
export function elementRanges(graph: Graph): Map<string, ElementRanges> {
  const sources = new Sources(graph);
  const ranges = new Map<string, (ElementRange | undefined)[]>();
  for (const { value, range } of demands(graph)) {
    for (const place of sources.of(value)) {
      if (place < 0) continue;
      const { name, element, size } = sources.find(place);
      const found = ranges.get(name) ?? new Array<undefined>(size).fill(undefined);
      ranges.set(name, found);
      found[element] = narrower(found[element], range);
    }
  }
  return ranges;
}

/** The ranges of several graphs over the same inputs. */
export function narrowestRanges(graphs: readonly ReadonlyMap<string, ElementRanges>[]): Map<string, ElementRanges> {
  const [first, ...others] = graphs;
  const ranges = new Map(first);
  for (const [name, more] of others.flatMap((graph) => [...graph])) {
    const known = ranges.get(name);
    ranges.set(name, known ? known.map((range, i) => narrower(range, more[i])) : more);
  }
  return ranges;
}

function narrower(a: ElementRange | undefined, b: ElementRange): ElementRange;
function narrower(a: ElementRange | undefined, b: ElementRange | undefined): ElementRange | undefined;
function narrower(a: ElementRange | undefined, b: ElementRange | undefined): ElementRange | undefined {
  if (!a || !b) return a ?? b;
  const range = b.most < a.most ? b : a;
  return a.isIndex === b.isIndex ? range : { ...range, isIndex: true };
}

/** The graph's values that an operation takes for more than numbers. */
function* demands(graph: Graph): Generator<{ value: GraphValue; range: ElementRange }> {
  for (const operation of graph.operations) {
    const { op, inputs, origin } = operation;
    const rangesOf = declaredRanges(operation);
    for (const [name, { as, most }] of rangesOf) {
      const value = inputs[op.inputs.indexOf(name)];
      if (value?.elements === (as === 'index' ? 'index' : 'number'))
        yield { value, range: { as, most, isIndex: as === 'index', op: op.name, origin } };
    }
  }
}

/** The op's declarations, by the names of operands. */
function declaredRanges(operation: Operation): Map<string, Pick<ElementRange, 'as' | 'most'>> {
  const { op } = operation;
  const found = new Map<string, Pick<ElementRange, 'as' | 'most'>>();
  const declared = [...Object.keys(op.indices), ...Object.keys(op.meanings)].filter((name) => op.inputs.includes(name));
  if (declared.length === 0) return found;
  const scalars = operation.lower();
  for (const name of declared) {
    const meaning = op.meanings[name];
    const below = op.indices[name]?.below;
    if (below !== undefined) found.set(name, { as: 'index', most: scalars[below] - 1 });
    else if (meaning === 'mask') found.set(name, { as: 'mask', most: 1 });
    else if (meaning) found.set(name, { as: 'length', most: scalars[meaning.lengthUpTo] });
  }
  return found;
}

/** An input of the graph: the place of its first element among all, and the elements of a sample. */
interface Input {
  readonly name: string;
  readonly value: GraphValue;
  readonly start: number;
  readonly size: number;
}

/** Follows the elements of one sample through ops that move them. An element is known by its place among all elements of all inputs. */
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

  /** The input at a place, and which of its elements lies there. */
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
  #moved(operation: Operation): Float64Array {
    const { op, inputs, outputs } = operation;
    if (!op.moves) return this.#placesOf(inputs[0] as GraphValue);
    const scalars = Object.entries(operation.lower()).map(([name, size]) => [name, op.scalars[name] === 'size' ? resolve(size, 1) : size]);
    const operands = op.inputs.map((name, i) => [name, this.#placesOf(inputs[i] as GraphValue)]);
    const out = arrayFor(outputs[0]);
    MOVES[op.name]({ ...Object.fromEntries([...scalars, ...operands]), [op.outputs[0]]: out } as Parameters<Evaluate>[0]);
    return out;
  }
}

const keepsElements = ({ op }: Operation) => Boolean(op.moves) || op.name === 'toIndex' || op.name === 'toNumber';

function arrayFor(value: GraphValue): Float64Array {
  const size = sizeOf(value);
  if (size > MOST_ELEMENTS)
    throw new ShapeError(
      `expected at most ${MOST_ELEMENTS} elements in a sample some of which are indices, a mask or lengths, got ${size}`,
    );
  return new Float64Array(size);
}

const sizeOf = ({ shape }: GraphValue) => resolve(count(shape), 1);
