/** A layer: a function that adds nodes to the graph, with parameters. */
import { OptionError } from '../errors.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import type { InitialElements, Initializer } from '../graph/source.ts';
import { type InitializerOption, initializerFrom } from '../initializers.ts';
import { count } from '../ops/shape.ts';
import { checkBoolean, checkIdentifier, describe, isName, LONGEST_NAME } from '../options.ts';

/** The config of a layer, which a model file stores. */
export interface LayerConfig {
  readonly type: string;
  /** Its path in place of its number. */
  readonly name?: string;
  /** False keeps training from changing its parameters and states, and those of layers within it; default true. */
  readonly trainable?: boolean;
  readonly [option: string]: unknown;
}

/** The output of a layer: one value, or several. */
export type LayerOutput = GraphValue | readonly GraphValue[];

/**
 * A function from graph values to graph values, one to one unless it says otherwise. Used twice, it has one set of parameters, whose δ's
 * add up. A plain function of graph values is a layer too.
 */
export interface Layer<In extends readonly GraphValue[] = readonly [GraphValue], Out extends LayerOutput = GraphValue> {
  (...inputs: In): Out;
  /** Absent for a user's own function, unless made by `defineLayer` with one. */
  readonly config?: LayerConfig;
  /** The body given to `defineLayer`. */
  readonly body?: LayerBody<In, Out>;
}

/** A layer of any number of inputs and outputs. */
export type AnyLayer = Layer<never, LayerOutput>;

/** Adds a layer's nodes. The scope gives the layer all that it has besides its inputs. */
export type LayerBody<In extends readonly GraphValue[], Out extends LayerOutput> = (scope: LayerScope, ...inputs: In) => Out;

/** The initial value of a parameter. */
export type ParameterInitializer = InitializerOption | InitialElements;

export interface ParameterOptions {
  /** Inputs that each of the layer's outputs sums over, for initialisers that look at it; default the product of all sizes but the first. */
  readonly fanIn?: number;
  /** Outputs that each input takes part in; default the first size. */
  readonly fanOut?: number;
}

/** One application of a layer, and its access to the graph. */
export class LayerScope {
  constructor(
    readonly graph: Graph,
    /** The layer. */
    readonly owner: object,
  ) {}

  /** Whether the graph is traced for training, rather than for evaluation or prediction. */
  get training(): boolean {
    return this.graph.training;
  }

  /**
   * A parameter of the layer, `PATH.name`; the same one wherever the layer is used again.
   *
   * @throws ShapeError where it was used with another shape before, OptionError for an impossible initialiser.
   */
  parameter(name: string, shape: readonly number[], initial: ParameterInitializer, options: ParameterOptions = {}): GraphValue {
    return this.graph.layerParameter(this.owner, name, shape, this.#initializer(name, shape, initial, options));
  }

  /**
   * A state that the layer keeps from step to step, and that no gradient changes: a running mean. It is among the network's parameters and
   * in its model file. `latest` reads it, `assign` changes it.
   */
  state(name: string, shape: readonly number[], initial: ParameterInitializer): GraphValue {
    return this.graph.layerParameter(this.owner, name, shape, this.#initializer(name, shape, initial, {}), false);
  }

  /** Whether training leaves a parameter or a state as it is: within a `frozen` layer, or by the network's `freeze`. */
  isFrozen(value: GraphValue): boolean {
    return value.source?.frozen ?? false;
  }

  /** A state as it is, or as this step has already assigned it, where the layer is used twice. */
  latest(state: GraphValue): GraphValue {
    return this.graph.latest(state);
  }

  /** Makes a state `next` at the end of a training step; does nothing in evaluation, prediction and gradient checks, nor to a frozen state. */
  assign(state: GraphValue, next: GraphValue): void {
    this.graph.assign(state, next);
  }

  /** Adds a term, one number, to the loss; of the same name, once for all uses of the layer. */
  penalize(name: string, term: GraphValue): void {
    this.graph.penalties.set(`${this.graph.pathOf(this.owner) ?? ''} ${name}`, term);
  }

  /** Training applies `rule` to the parameter after every update. */
  constrain(parameter: GraphValue, rule: (parameter: GraphValue) => GraphValue): void {
    this.graph.constraints.set(parameter, rule);
  }

  /** Says that the layer cannot be trained on mini-batches of fewer rows: they are refused before training begins. */
  needRows(rows: number): void {
    this.graph.needRows(rows);
  }

  /** A number for a random op, that no other has. */
  stream(): number {
    return this.graph.nextStream();
  }

  #initializer(name: string, shape: readonly number[], initial: ParameterInitializer, options: ParameterOptions): Initializer {
    if (!isName(name, /^[A-Za-z_]\w*$/))
      throw new OptionError(
        `layer: expected a parameter's name of letters and digits, at most ${LONGEST_NAME} characters, got ${describe(name)}`,
      );
    if (typeof initial === 'function') return initial;
    const { fanIn = count(shape.slice(1)), fanOut = shape[0] ?? 1 } = options;
    return initializerFrom(`layer.${name}`, initial, fanIn, fanOut);
  }
}

/**
 * Makes a layer of a function of its scope and its inputs.
 *
 * @throws OptionError for a name that is none.
 */
export function makeLayer<In extends readonly GraphValue[], Out extends LayerOutput>(
  config: LayerConfig | undefined,
  body: LayerBody<In, Out>,
): Layer<In, Out> {
  if (config?.name !== undefined) checkIdentifier('defineLayer.name', config.name);
  const apply = (...inputs: In): Out => {
    const [first] = inputs;
    const graph = graphFor(config, first);
    return graph.applyLayer(layer, inputs, () => body(new LayerScope(graph, layer), ...inputs), config);
  };
  const layer: Layer<In, Out> = Object.assign(apply, { config, body });
  return layer;
}

function graphFor(config: LayerConfig | undefined, first: unknown): Graph {
  const graph = (first as GraphValue | undefined)?.graph;
  if (!graph) throw new OptionError(`${config?.type ?? 'layer'}: expected graph values, got ${describe(first)}`);
  return graph;
}

/**
 * The layer under a name, which its parameters' paths begin with: `named('encoder', dense(32))` has `encoder.weight`.
 *
 * @throws OptionError unless the name is a letter followed by letters, digits, `_` and `-`, at most 128 characters, and the layer made by
 *   chainrule or `defineLayer`.
 */
export function named<const L extends AnyLayer>(name: string, layer: L): L;
export function named(name: string, layer: AnyLayer): AnyLayer {
  checkIdentifier('named', name);
  return withConfig('named', layer, { name });
}

/**
 * The layer with parameters and states, its own and those of layers within it, that training does not change. A frozen batchNorm normalises by
 * its running statistics; a frozen dropout has nothing to freeze and drops as ever (Keras's rules).
 *
 * @throws OptionError unless chainrule or `defineLayer` made it.
 */
export function frozen<const L extends AnyLayer>(layer: L): L;
export function frozen(layer: AnyLayer): AnyLayer {
  return withConfig('frozen', layer, { trainable: false });
}

function withConfig<In extends readonly GraphValue[], Out extends LayerOutput>(
  where: string,
  layer: Layer<In, Out>,
  more: Partial<LayerConfig>,
): Layer<In, Out> {
  const { config, body } = checkLayer(where, layer);
  if (!body || !config)
    throw new OptionError(`${where}: expected a layer such as dense(10), got a function; defineLayer() makes one of it`);
  return makeLayer({ ...config, ...more }, body);
}

/**
 * The layer of a config, made by its type and options, with its name and as frozen as it says.
 *
 * @throws OptionError for what is no config, and for what is made that is no layer.
 */
export function asConfigured(config: LayerConfig, make: (type: string, options: Record<string, unknown>) => unknown): Layer {
  if (typeof config !== 'object' || config === null) throw new OptionError(`layer: expected { type, … }, got ${describe(config)}`);
  const { type, name, trainable, ...options } = config;
  const made = make(type, options);
  if (typeof made !== 'function') throw new OptionError(`layer: expected the maker of ${type} to give a layer, got ${describe(made)}`);
  let layer = made as Layer;
  if (name !== undefined) layer = named(name, layer);
  if (trainable !== undefined && !checkBoolean('layer.trainable', trainable)) layer = frozen(layer);
  return layer;
}

/** `dense`, or `custom` for a user's function. */
export function layerType(layer: { readonly config?: LayerConfig }): string {
  return layer.config?.type ?? 'custom';
}

/** Throws OptionError for a list with something that is no layer. */
export function checkLayers(where: string, layers: unknown): readonly Layer[] {
  if (!Array.isArray(layers) || layers.length === 0)
    throw new OptionError(`${where}: expected a list of at least one layer, got ${describe(layers)}`);
  // A hole in the list is seen by its place.
  return Array.from(layers as readonly Layer[], (layer, i) => checkLayer(`${where}[${i}]`, layer));
}

/** Throws OptionError where something is no layer. */
export function checkLayer<L>(where: string, layer: L): L {
  if (typeof layer !== 'function') throw new OptionError(`${where}: expected a layer such as dense(10), got ${describe(layer)}`);
  return layer;
}
