/**
 * The computational graph: values, each made by one operation from others, down to the sources (inputs, parameters, state,
 * constants). Operations are created in an order in which they can run; effects (updates, records) are operations without outputs.
 */

import { OptionError, ShapeError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { wholeAttributes } from '../ops/attributes.ts';
import type { RecordPlace } from '../ops/batch.ts';
import { opNamed } from '../ops/registry.ts';
import { checkResult, count, formatShape, sameShape } from '../ops/shape.ts';
import { type Attributes, type Dim, type ElementKind, elementsOf, type OpSpec, type Shape, type Value } from '../ops/spec.ts';
import { describe } from '../options.ts';
import { NETWORK, type Origin, type Part } from '../origin.ts';
import { type AppliedLayer, AppliedLayers, type LayerSettings } from './applied-layers.ts';
import { movementInto } from './movement.ts';
import { type Initializer, Source, type SourceFacts, type SourceKind, stateName } from './source.ts';

/** One application of an op. */
export class Operation {
  readonly outputs: readonly GraphValue[];

  constructor(
    readonly id: number,
    readonly op: OpSpec,
    readonly inputs: readonly (GraphValue | undefined)[],
    readonly attributes: Attributes,
    readonly origin: Origin,
    shapes: readonly Shape[],
    graph: Graph,
  ) {
    this.outputs = shapes.map((shape, index) => new GraphValue(graph, this, index, shape, this.#elementsOf(op.outputs[index])));
  }

  /** As the op's rules take them: that of an operand that is absent is undefined. */
  get inputShapes(): readonly Shape[] {
    return shapesOf(this.inputs);
  }

  get outputShapes(): readonly Shape[] {
    return this.outputs.map(({ shape }) => shape);
  }

  /** The scalar arguments of its kernel, sizes not resolved. */
  lower(): Readonly<Record<string, number>> {
    return this.op.lower(this.inputShapes, this.outputShapes, this.attributes);
  }

  #elementsOf(output: string): ElementKind {
    return this.op.moves ? (this.inputs[0] as GraphValue).elements : elementsOf(this.op, output, this.attributes);
  }
}

/** A tensor of the graph. Its shape's type has the sizes that the compiler knows. */
export class GraphValue<S extends Shape = Shape> implements Value {
  constructor(
    readonly graph: Graph,
    readonly producer: Source | Operation,
    /** Which of its producer's outputs. */
    readonly index: number,
    readonly shape: S,
    /** Numbers, or indices of rows or classes: where an op takes the other, `Graph.apply` converts. */
    readonly elements: ElementKind = 'number',
  ) {}

  /** The operation that makes it; undefined for a source. */
  get operation(): Operation | undefined {
    return this.producer instanceof Operation ? this.producer : undefined;
  }

  get source(): Source | undefined {
    return this.producer instanceof Source ? this.producer : undefined;
  }
}

export class Graph {
  readonly operations: Operation[] = [];
  readonly inputs = new Map<string, GraphValue>();
  readonly parameters = new Map<string, GraphValue>();
  readonly state = new Map<string, GraphValue>();
  /** Memory that a program keeps from one run to the next, zero at first: sums over mini-batches. */
  readonly kept = new Map<string, GraphValue>();
  /** Memory that layers hand from one training step to the next within an epoch, zero at its beginning: the state of a recurrence. */
  readonly carried = new Map<string, GraphValue>();
  readonly constants = new Map<number, GraphValue>();
  /** Lists of constants by their values joined. */
  readonly lists = new Map<string, GraphValue>();
  /** The results that a caller reads after a run. */
  readonly outputs = new Map<string, GraphValue>();
  /** The places in the record of a step, by name, in the order in which they were made. */
  readonly records = new Map<string, RecordPlace>();
  /** Gradients by parameter name, contiguous and in the parameters' order. A table that is updated row by row has none. */
  readonly gradients = new Map<string, GraphValue>();
  /** Terms that layers add to the loss, by what they penalise: a layer used twice is penalised once. */
  readonly penalties = new Map<string, GraphValue>();
  /** The next value of a layer's state, assigned at the end of a training step. */
  readonly assignments = new Map<GraphValue, GraphValue>();
  /** Rules that bring a parameter back to its constraint after an update. */
  readonly constraints = new Map<GraphValue, (parameter: GraphValue) => GraphValue>();
  /** Values that layers take for images or features. */
  readonly taken: { readonly value: GraphValue; readonly as: 'image' | 'features'; readonly origin: Origin }[] = [];
  /** The rows that a layer needs in a mini-batch to be trained on it. */
  readonly needs: { readonly origin: Origin; readonly rows: number }[] = [];
  /** True while the graph is traced for training: dropout drops. */
  readonly training: boolean;
  /** Names of parameters and states that training leaves as they are, besides those of layers that are not to be trained. */
  readonly frozen: ReadonlySet<string>;
  readonly #owned = new Map<object, Map<string, GraphValue>>();
  readonly #layers = new AppliedLayers<GraphValue>();
  /** The origin of the operations that are being added. */
  #origin = NETWORK;
  /** Whether a layer being traced is not to be trained. */
  #isFrozen = false;
  #streams = 0;

  constructor({ training = false, frozen = new Set() }: { training?: boolean; frozen?: ReadonlySet<string> } = {}) {
    this.training = training;
    this.frozen = frozen;
  }

  /** Copies a value, as it is here, into the record of each step. */
  record(name: string, value: GraphValue): void {
    if (this.records.has(name)) throw new ShapeError(`expected the names of records to differ, got ${name} twice`);
    const sizes = [...this.records.values()].map(({ shape }) => count(shape));
    const at = sizes.reduce((total, size) => total + Math.max(size, 0), 0);
    const after = sizes.reduce((total, size) => total + Math.min(size, 0), 0);
    this.apply('record', [value], { at, after });
    this.records.set(name, { at, after, shape: value.shape });
  }

  /** A value that the caller writes before each run. */
  input(name: string, shape: Shape, elements: ElementKind = 'number'): GraphValue {
    return this.#source(this.inputs, 'input', name, shape, { elements });
  }

  /** A named parameter. */
  parameter(name: string, shape: Shape, initial?: Initializer, trainable = true): GraphValue {
    return this.#parameter(name, shape, { initial, trainable });
  }

  /** A parameter that stands for a value of another graph, computed beforehand. */
  prepared(name: string, { shape, elements }: GraphValue): GraphValue {
    return this.#parameter(name, shape, { elements });
  }

  #parameter(name: string, shape: Shape, facts: SourceFacts): GraphValue {
    if (shape.some((size) => size < 1)) throw new ShapeError(`parameter ${name}: expected positive sizes, got ${formatShape(shape)}`);
    return this.#source(this.parameters, 'parameter', name, shape, facts);
  }

  /** The parameters that a gradient may change. */
  get trainable(): Map<string, GraphValue> {
    return new Map([...this.parameters].filter(([, { source }]) => source?.trainable));
  }

  /** A layer's own parameter, named by the layer's path; applying the layer again gives the same one, so its δ's add up. */
  layerParameter(owner: object, name: string, shape: Shape, initial: Initializer, trainable = true): GraphValue {
    let own = this.#owned.get(owner);
    if (!own) {
      own = new Map();
      this.#owned.set(owner, own);
    }
    const known = own.get(name);
    if (known && !sameShape(known.shape, shape)) {
      throw new ShapeError(
        `${this.layerPath || 'layer'}: expected ${name} of shape ${formatShape(known.shape)} as where it was first used, got ${formatShape(shape)}`,
      );
    }
    const { layer } = this.#origin;
    const path = [...layer, name].join('.');
    const frozen = this.#isFrozen || this.frozen.has(path);
    const value = known ?? this.#parameter(path, shape, { initial, trainable: trainable && !this.#isFrozen, frozen, layer, ownName: name });
    own.set(name, value);
    return value;
  }

  /** Optimiser state of one kind (`mean`, say) for a parameter, or for all of them together. */
  optimizerState(kind: string, parameter: string | undefined, shape: Shape, initial = 0, elements: ElementKind = 'number'): GraphValue {
    const facts: SourceFacts = { ownName: kind, elements, ...(initial !== 0 && { initial: { type: 'constant', value: initial } }) };
    return this.#source(this.state, 'state', stateName(kind, parameter), shape, facts);
  }

  /** Memory that only effects of this program change. */
  keep(name: string, shape: Shape): GraphValue {
    return this.#source(this.kept, 'kept', name, shape);
  }

  /** Memory that one training step hands to the next, by `assign`. */
  carry(name: string, shape: Shape): GraphValue {
    return this.#source(this.carried, 'carried', name, shape);
  }

  /** The latest value of a layer's state: the one that this step assigns, else the one that it had. */
  latest(state: GraphValue): GraphValue {
    return this.assignments.get(state) ?? state;
  }

  /**
   * Makes `next` the layer's state from the following training step on. Does nothing outside of training or for a frozen state. Of two
   * assignments the last one counts.
   */
  assign(state: GraphValue, next: GraphValue): void {
    if (!sameShape(state.shape, next.shape))
      throw new ShapeError(
        `${this.layerPath || 'layer'}: expected a state of shape ${formatShape(state.shape)}, got ${formatShape(next.shape)}`,
      );
    if (state.source?.frozen) return;
    this.assignments.set(state, next);
  }

  constant(value: number): GraphValue {
    const known = this.constants.get(value);
    if (known) return known;
    const made = new GraphValue(this, new Source('constant', String(value), { constant: value }), 0, []);
    this.constants.set(value, made);
    return made;
  }

  /** Several constants, [values]. */
  list(values: readonly number[]): GraphValue {
    const name = values.join();
    const known = this.lists.get(name);
    if (known) return known;
    const made = new GraphValue(this, new Source('constant', name, { values }), 0, [values.length]);
    this.lists.set(name, made);
    return made;
  }

  /**
   * Applies an op. Numbers given for indices go through `toIndex`, indices given for numbers through `toNumber`. Throws OptionError for an
   * input that is no graph value, ShapeError for inputs of the wrong shapes.
   */
  apply(op: OpSpec | string, inputs: readonly (GraphValue | undefined)[], given: Attributes = {}): readonly GraphValue[] {
    const spec = typeof op === 'string' ? opNamed(op) : op;
    const attributes = wholeAttributes(spec, given);
    spec.inputs.forEach((name, i) => {
      if (inputs[i] === undefined && spec.operands[name] === 'in?') return;
      if (checkValue(spec.name, inputs[i]).graph !== this) throw new ShapeError(`${spec.name}: expected values of one graph`);
    });
    return this.#operate(spec, this.#converted(spec, inputs, attributes), attributes);
  }

  /**
   * An operation of another graph, applied to values of this one. Where these are like the ones that it had, of the same shapes and kinds of
   * elements, nothing has to be worked out again.
   */
  copy(operation: Operation, inputs: readonly (GraphValue | undefined)[]): readonly GraphValue[] {
    const { op, attributes } = operation;
    if (!inputs.every((input, i) => areAlike(input, operation.inputs[i]))) return this.apply(op, inputs, attributes);
    return this.#add(op, inputs, attributes, operation.outputShapes);
  }

  /** The value as numbers. Throws OptionError for one of bfloat16, which is read by the ops that take it alone. */
  numbers(value: GraphValue): GraphValue {
    if (value.elements === 'bfloat16') throw new OptionError(`expected numbers or indices, got the bfloat16 state ${value.source?.name}`);
    return value.elements === 'number' ? value : this.#operate(opNamed('toNumber'), [value])[0];
  }

  /**
   * The value as indices. The ops that moved its elements are repeated on indices, so that indices of an input stay exact, whatever they
   * were joined with.
   */
  #indices(value: GraphValue): GraphValue {
    const images = new Map<GraphValue, GraphValue>();
    const image = (one: GraphValue): GraphValue => {
      const known = images.get(one);
      if (known || one.elements === 'index') return known ?? one;
      const { operation } = one;
      const made = operation?.op.name === 'toNumber' ? (operation.inputs[0] as GraphValue) : this.#operate(opNamed('toIndex'), [one])[0];
      images.set(one, made);
      return made;
    };
    for (const { op, inputs, attributes, outputs } of movementInto(value, movesNumbers)) {
      const moved = inputs.map((input) => input && image(input));
      images.set(outputs[0], this.#operate(op, moved, attributes)[0]);
    }
    return image(value);
  }

  #converted(op: OpSpec, inputs: readonly (GraphValue | undefined)[], attributes: Attributes): readonly (GraphValue | undefined)[] {
    const areIndices = op.moves && inputs.every((input) => input?.elements === 'index');
    return inputs.map((input, i) => {
      const wanted = op.moves ? (areIndices ? 'index' : 'number') : elementsOf(op, op.inputs[i], attributes);
      if (!input || input.elements === wanted) return input;
      if (wanted === 'bfloat16')
        throw new OptionError(`${op.name}: expected ${op.inputs[i]} to be a bfloat16 state, got ${describe(input)}`);
      return wanted === 'index' ? this.#indices(input) : this.numbers(input);
    });
  }

  #operate(op: OpSpec, inputs: readonly (GraphValue | undefined)[], attributes: Attributes = {}): readonly GraphValue[] {
    const shapes = op.shapes(shapesOf(inputs), attributes);
    for (const shape of shapes) checkResult(op.name, shape);
    return this.#add(op, inputs, attributes, shapes);
  }

  #add(op: OpSpec, inputs: readonly (GraphValue | undefined)[], attributes: Attributes, shapes: readonly Shape[]): readonly GraphValue[] {
    const operation = new Operation(this.operations.length, op, inputs, attributes, this.#origin, shapes, this);
    this.operations.push(operation);
    return operation.outputs;
  }

  /** The path of the layer being traced, `encoder.1` say; '' outside of any. */
  get layerPath(): string {
    return this.#origin.layer.join('.');
  }

  /** Runs `body`, which adds a part of a step. */
  within<T>(part: Part, body: () => T): T {
    return this.from({ ...this.#origin, parts: [...this.#origin.parts, part] }, body);
  }

  /** Runs `body` with that origin for everything it adds. */
  from<T>(origin: Origin, body: () => T): T {
    const before = this.#origin;
    this.#origin = origin;
    try {
      return body();
    } finally {
      this.#origin = before;
    }
  }

  /**
   * Runs `body`, which adds a layer's operations, within the layer's path, `2` or `2.0`: a layer's first use gives it the next number
   * within the path that it is used in, or its name; further uses keep it.
   *
   * @throws ShapeError where another layer has that name.
   */
  applyLayer<T>(layer: object, _inputs: readonly GraphValue[], body: () => T, { name, trainable = true }: LayerSettings = {}): T {
    const wasFrozen = this.#isFrozen;
    const { names, outputs } = this.#layers.place(layer, this.#origin.layer, name);
    this.#isFrozen ||= !trainable;
    try {
      const output = atOnce(`layer ${names.join('.')}`, this.from({ ...this.#origin, layer: names }, body));
      for (const value of [output].flat()) if (value instanceof GraphValue) outputs.add(value);
      return output;
    } finally {
      this.#isFrozen = wasFrozen;
    }
  }

  /** The path of a layer that has been applied. */
  pathOf(layer: object): string | undefined {
    return this.#layers.pathOf(layer);
  }

  /** The layers by their paths, in the order of first use. */
  get layers(): ReadonlyMap<string, AppliedLayer<GraphValue>> {
    return this.#layers.byPath;
  }

  /** The layer being traced takes a value for an image, channels first, or its last axis for features. */
  take(value: GraphValue, as: 'image' | 'features'): void {
    this.taken.push({ value, as, origin: this.#origin });
  }

  /** The layer being traced cannot be trained on mini-batches of fewer rows. */
  needRows(rows: number): void {
    this.needs.push({ origin: this.#origin, rows });
  }

  /** A number that no other random op of this graph has: its stream. */
  nextStream(): number {
    return this.#streams++;
  }

  #source(kind: Map<string, GraphValue>, what: SourceKind, name: string, shape: Shape, facts?: SourceFacts): GraphValue {
    if (kind.has(name)) throw new ShapeError(`expected ${what} names to differ, got ${name} twice`);
    const value = new GraphValue(this, new Source(what, name, facts), 0, shape, facts?.elements);
    kind.set(name, value);
    return value;
  }
}

const shapesOf = (values: readonly (GraphValue | undefined)[]) => values.map((value) => value?.shape) as readonly Shape[];

function areAlike(one: GraphValue | undefined, other: GraphValue | undefined): boolean {
  return one === other || (one !== undefined && one.elements === other?.elements && sameShape(one.shape, other.shape));
}

const movesNumbers = ({ op, outputs }: Operation) => Boolean(op.moves) && outputs[0].elements === 'number';

/** The graph that some values belong to. Throws OptionError where none does. */
export function graphOf(...values: readonly (GraphValue | Dim | undefined)[]): Graph {
  const found = values.find((value) => value instanceof GraphValue);
  if (!found) throw new OptionError(`expected at least one graph value, got ${values.map(describe).join(', ')}`);
  return found.graph;
}

/** Throws OptionError where something is no graph value. */
export function checkValue(op: string, value: unknown): GraphValue {
  if (!(value instanceof GraphValue)) throw new OptionError(`${op}: expected a graph value, got ${describe(value)}`);
  return value;
}
