/** From element-wise operations to the steps of one `elementwise` instruction. */
import type { GraphValue, Operation } from '../graph/graph.ts';
import { memoryOf } from '../graph/rewrite.ts';
import { ELEMENT_FUNCTIONS, elementFunctionId } from '../ops/element-functions.ts';
import {
  type ElementStep,
  encodeStep,
  FIRST_LITERAL,
  FIRST_OUTPUT,
  FIRST_REGISTER,
  INPUTS,
  isSum,
  LITERALS,
  OUTPUTS,
  REGISTERS,
  STEPS,
} from '../ops/element-steps.ts';
import { BROADCAST_LEVELS } from '../ops/elementwise.ts';
import { elementLevels, isWhole } from '../ops/fused.ts';
import type { Attributes, Dim, ElementExpressions, Shape } from '../ops/spec.ts';
import { type Computed, compositionOf, type InputNode, type Match, type Node, type NumberNode } from './element-nodes.ts';

/** A result: a value that others read, or a source that an effect writes. */
interface Result {
  readonly value: GraphValue;
  readonly node: Node;
}

/** The arguments of an `elementwise` operation. */
export interface ElementProgram {
  readonly inputs: readonly (GraphValue | undefined)[];
  readonly outputs: readonly GraphValue[];
  readonly attributes: Attributes;
  /** For each output, the inputs that have an element at each of its places and are not read once it is written. */
  readonly inPlace: ReadonlyMap<GraphValue, readonly GraphValue[]>;
}

/** Over how many last axes of its operand an operation adds elements up; undefined where it does not. */
export const axesSummed = ({ op, inputs, attributes }: Operation): number | undefined =>
  op.sumsOver?.((inputs[0] as GraphValue).shape, attributes);

/** The elements that an operation is over: the shape of its result, of what it updates, or of what it adds up. */
export function domainOf(operation: Operation): Shape {
  const { outputs, inputs } = operation;
  return (axesSummed(operation) === undefined ? (outputs[0] ?? (inputs[0] as GraphValue)) : (inputs[0] as GraphValue)).shape;
}

/** The operand that an operation without results updates. */
export const updatedBy = ({ op, inputs }: Operation): GraphValue | undefined =>
  inputs.find((_, i) => op.operands[op.inputs[i]] === 'inout');

/** Whether an operation computes every element of numbers by itself. A sum does not. */
export function isElementwise(operation: Operation): boolean {
  const { inputs, outputs } = operation;
  const areNumbers = [...inputs, ...outputs].every((value) => value === undefined || value.elements === 'number');
  return areNumbers && outputs.length <= 1 && axesSummed(operation) === undefined && elementOf(operation, new Map()) !== undefined;
}

/** A square is a product, which functions around it may be joined with. */
const EXPRESSIONS: ElementExpressions<Node> = {
  apply: (name, ...sources) =>
    name === 'square'
      ? EXPRESSIONS.apply('multiply', sources[0], sources[0])
      : { kind: 'computed', function: ELEMENT_FUNCTIONS[elementFunctionId(name)], sources },
  number: (value, count = 1) =>
    count < 0 ? { kind: 'number', value, count } : { kind: 'number', value: count === 1 ? value : value / count, count: 1 },
};

/** An element of an operation's result, or what it adds up, where those of some values are known. */
function elementOf(operation: Operation, known: ReadonlyMap<GraphValue, Node>): Node | undefined {
  const { op, inputs, attributes } = operation;
  if (axesSummed(operation) !== undefined) return { kind: 'computed', function: SUM, sources: [nodeOf(inputs[0] as GraphValue, known)] };
  const operands = Object.fromEntries(op.inputs.flatMap((name, i) => (inputs[i] ? [[name, nodeOf(inputs[i], known)]] : [])));
  return op.elementwise?.<Node>(EXPRESSIONS, operands as Record<string, Node>, attributes);
}

function nodeOf(value: GraphValue, known: ReadonlyMap<GraphValue, Node>): Node {
  const number = value.source?.constant;
  return known.get(value) ?? (number === undefined ? { kind: 'input', value } : { kind: 'number', value: number, count: 1 });
}

/**
 * One instruction for operations over the same elements, in their order, and sums of them over the same axes; `isRead` says of which results
 * others than these have need. Undefined where it would need more places or steps than there are.
 */
export function elementProgram(operations: readonly Operation[], isRead: (value: GraphValue) => boolean): ElementProgram | undefined {
  const known = new Map<GraphValue, Node>();
  const results: Result[] = [];
  for (const operation of operations) {
    const node = elementOf(operation, known) as Node;
    const [value] = operation.outputs;
    if (value) known.set(value, node);
    if (!value) results.push({ value: updatedBy(operation) as GraphValue, node });
    else if (isRead(value)) results.push({ value, node });
  }
  const [axes = 0, ...otherAxes] = new Set(operations.flatMap((operation) => axesSummed(operation) ?? []));
  return otherAxes.length === 0 ? new Assembler(domainOf(operations[0]), axes, results).assemble() : undefined;
}

class Assembler {
  readonly #inputs: InputNode[] = [];
  readonly #numbers: NumberNode[] = [];
  /** Nodes in the order in which they are computed, each once. */
  #order: Computed[] = [];
  readonly #copies = new Map<number, Computed>();
  /** Nodes as steps take them; one that is used twice is one. */
  readonly #prepared = new Map<Node, Node>();

  constructor(
    readonly domain: Shape,
    /** Over how many axes sums go; 0 where there are none. */
    readonly axes: number,
    readonly results: readonly Result[],
  ) {}

  assemble(): ElementProgram | undefined {
    const results = this.results.map(({ value, node }) => ({ value, node: this.#prepare(node) }));
    const counts = new Set(this.#numbers.map(({ count }) => count).filter((count) => count !== 1));
    const levels = elementLevels(
      this.#inputs.map(({ value }) => value.shape),
      this.domain,
      this.axes,
    );
    const fits =
      this.#inputs.length <= INPUTS &&
      this.#numbers.length <= LITERALS &&
      results.length <= OUTPUTS &&
      counts.size <= 1 &&
      levels.length <= BROADCAST_LEVELS;
    return fits ? this.#place(results, [...counts][0] ?? 1) : undefined;
  }

  #prepare(node: Node): Node {
    const known = this.#prepared.get(node) ?? this.#prepareAnew(node);
    this.#prepared.set(node, known);
    return known;
  }

  #prepareAnew(node: Node): Node {
    if (node.kind === 'input') return this.#inputs[this.#inputOf(node)] ?? append(this.#inputs, node);
    if (node.kind === 'number') return this.#numbers[this.#literalOf(node)] ?? append(this.#numbers, node);
    const { function: f } = node;
    const sources = node.sources.map((source, i) => {
      const prepared = this.#prepare(source);
      return i < f.arity && !f.takesNumbers && this.#isNumber(prepared) ? this.#copied(prepared) : prepared;
    });
    const computed: Computed = { kind: 'computed', function: f, sources };
    this.#order.push(computed);
    return computed;
  }

  #inputOf(node: InputNode): number {
    return this.#inputs.findIndex(({ value }) => value === node.value);
  }

  #literalOf(node: NumberNode): number {
    return this.#numbers.findIndex(({ value, count }) => Object.is(value, node.value) && count === node.count);
  }

  /** Whether a source may be one number along a row. */
  #isNumber(node: Node): boolean {
    return node.kind === 'number' || (node.kind === 'input' && !isWhole(node.value.shape, this.domain));
  }

  /** A number as elements, for functions that take those alone. */
  #copied(node: Node): Computed {
    const key = this.#placeOf(node, new Map());
    const known = this.#copies.get(key);
    if (known) return known;
    const computed = copyOf(node);
    this.#copies.set(key, computed);
    this.#order.push(computed);
    return computed;
  }

  #place(prepared: readonly Result[], count: Dim): ElementProgram | undefined {
    const results = this.#compose(prepared);
    const { order, outputOf } = this.#withOutputs(results);
    if (order.length > STEPS) return undefined;
    const steps = this.#steps(order, outputOf);
    if (!steps) return undefined;
    const counted = this.#numbers.reduce((bits, number, i) => (number.count === 1 ? bits : bits + 2 ** i), 0);
    const outputs = results.map(({ value }) => value);
    return {
      inputs: Array.from({ length: INPUTS }, (_, i) => this.#inputs[i]?.value),
      outputs,
      attributes: {
        ...{ shape: this.domain, outputs: outputs.length, steps: steps.map(encodeStep) },
        ...{ literals: this.#numbers.map(({ value }) => value), count, counted, axes: this.axes },
      },
      inPlace: new Map(outputs.map((value, j) => [value, this.#inPlace(steps, FIRST_OUTPUT + j)])),
    };
  }

  /** Joins functions with those that alone read them, the last first, where one step computes all. */
  #compose(results: readonly Result[]): Result[] {
    const reads = new Map<Node, number>();
    for (const node of [...this.#order.flatMap(({ sources }) => sources), ...results.map(({ node }) => node)])
      reads.set(node, (reads.get(node) ?? 0) + 1);
    const joined = new Set<Node>();
    const matches = new Map<Computed, Match>();
    for (const node of this.#order.toReversed()) {
      const match = joined.has(node) ? undefined : compositionOf(node, (source) => reads.get(source) === 1);
      if (!match) continue;
      matches.set(node, match);
      for (const one of match.joined) joined.add(one);
    }
    const images = new Map<Node, Node>();
    const imageOf = (node: Node) => images.get(node) ?? node;
    this.#order = this.#order
      .filter((node) => !joined.has(node))
      .map((node) => {
        const { function: f, sources } = matches.get(node) ?? node;
        const image: Computed = { kind: 'computed', function: f, sources: sources.map(imageOf) };
        images.set(node, image);
        return image;
      });
    return results.map(({ value, node }) => ({ value, node: imageOf(node) }));
  }

  /** Every output is written by a step: where its node is computed, or by a copy at the end. */
  #withOutputs(results: readonly Result[]) {
    const outputOf = new Map<Computed, number>();
    const copies: Computed[] = [];
    results.forEach(({ value, node }, j) => {
      if (node.kind === 'computed' && !outputOf.has(node) && !this.#isReadAfter(value, node, results)) outputOf.set(node, j);
      else {
        const copy = copyOf(node);
        outputOf.set(copy, j);
        copies.push(copy);
      }
    });
    return { order: [...this.#order, ...copies], outputOf };
  }

  /** Whether the memory that a result is written to is read by a step after the one that computes it. */
  #isReadAfter(value: GraphValue, node: Computed, results: readonly Result[]): boolean {
    if (!value.source) return false;
    const reads = (source: Node) => source.kind === 'input' && memoryOf(source.value) === value;
    const later = this.#order.slice(this.#order.indexOf(node) + 1);
    return later.some(({ sources }) => sources.some(reads)) || results.some((result) => reads(result.node));
  }

  /** Steps with places; registers are used again once nothing reads them. */
  #steps(order: readonly Computed[], outputOf: ReadonlyMap<Computed, number>): ElementStep[] | undefined {
    const lastRead = new Map<Node, number>();
    order.forEach(({ sources }, i) => {
      for (const source of sources) lastRead.set(source, i);
    });
    const places = new Map<Node, number>();
    const free = Array.from({ length: REGISTERS }, (_, i) => FIRST_REGISTER + i);
    const steps: ElementStep[] = [];
    for (const [i, node] of order.entries()) {
      const sources = node.sources.map((source) => this.#placeOf(source, places));
      for (const source of new Set(node.sources)) {
        const place = places.get(source);
        if (place !== undefined && place >= FIRST_REGISTER && lastRead.get(source) === i) free.unshift(place);
      }
      const output = outputOf.get(node);
      const to = output === undefined ? free.shift() : FIRST_OUTPUT + output;
      if (to === undefined) return undefined;
      places.set(node, to);
      steps.push({ function: node.function, to, sources });
    }
    return steps;
  }

  #placeOf(node: Node, places: ReadonlyMap<Node, number>): number {
    if (node.kind === 'input') return this.#inputOf(node);
    return node.kind === 'number' ? FIRST_LITERAL + this.#literalOf(node) : (places.get(node) as number);
  }

  #inPlace(steps: readonly ElementStep[], output: number): GraphValue[] {
    const written = steps.findIndex(({ to }) => to === output);
    if (isSum(steps[written])) return [];
    const readLater = new Set(steps.slice(written + 1).flatMap(({ sources }) => sources));
    return this.#inputs.flatMap(({ value }, k) => (isWhole(value.shape, this.domain) && !readLater.has(k) ? value : []));
  }
}

const SUM = ELEMENT_FUNCTIONS[elementFunctionId('sum')];
const COPY = ELEMENT_FUNCTIONS[elementFunctionId('copy')];

const copyOf = (node: Node): Computed => ({ kind: 'computed', function: COPY, sources: [node] });

/** The item, as the last of the list. */
function append<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}
