/** The options of `Network.create` and `load`. */
import { RUNNING, type Running } from './backends/select.ts';
import { COMMON, type CommonOptions, type Described, plainly, SERVING, type Served, type Start } from './common-options.ts';
import { OptionError } from './errors.ts';
import type { GraphValue } from './graph/graph.ts';
import type { Batch } from './graph/shapes.ts';
import { checkLayerMakers, type LayerMakers, layerFromConfig } from './layers/config.ts';
import { checkLayers, type Layer } from './layers/layer.ts';
import { checkLossMakers, type LossMakers, type LossOption, lossFrom } from './losses/config.ts';
import { checkMetricMakers, type MetricMakers, type MetricOption, metricsFrom } from './metrics/config.ts';
import { headsFrom, type OutputLoss } from './model/heads.ts';
import { type LoadLimits, limitsFrom } from './model/limits.ts';
import type { Reading } from './model/model-file.ts';
import { NetworkModel, SequentialModel } from './model/network-model.ts';
import type { PartReaders } from './model/part-readers.ts';
import { preparationReader } from './model/preparation-reader.ts';
import type { NamedShapes, SampleShape } from './model/signature.ts';
import { record } from './model/structure.ts';
import { checkPartName, shapesFrom } from './model/structure-config.ts';
import { optional, readOptions, required, type TableOf, withDefault } from './options/table.ts';
import { checkShape, describe } from './options.ts';
import { isPreparation } from './preparation/brand.ts';
import type { EncodingMakers } from './preparation/encoding.ts';
import type { AnyPreparation, Preparation } from './preparation/preparation.ts';

/** A stack of layers. */
export interface NetworkOptions<Input extends SampleShape = SampleShape> extends CommonOptions {
  /** The shape of one sample: [64], [1, 28, 28]. */
  readonly input: Input;
  readonly layers: readonly Layer[];
  readonly loss: LossOption;
  /** What training, validation and `evaluate` measure beside the loss. Accuracy is measured anyway. Default none. */
  readonly metrics?: readonly MetricOption[];
}

/** Any graph of layers and functions, with named inputs and outputs. */
export interface GraphNetworkOptions<Inputs extends NamedShapes = NamedShapes, Outputs extends NamedValues = NamedValues>
  extends CommonOptions {
  /** The shape of one sample of each input. */
  readonly inputs: Inputs;
  /**
   * Makes the outputs of the inputs by layers and functions of graph values, whose types have the sizes that the compiler knows; a variable
   * for values of several shapes is declared as a `GraphValue`. Called once: what it adds is recorded, and used for training and
   * prediction alike; what differs between them belongs in a layer (`defineLayer`).
   */
  readonly build: (inputs: { readonly [Name in keyof Inputs]: GraphValue<Batch<Inputs[Name]>> }) => Outputs;
  /** A loss for each output, alone or with its weight in the sum. */
  readonly losses: { readonly [Name in keyof Outputs]: OutputLoss };
}

/** A stack of layers that takes raw rows. */
export interface PreparedNetworkOptions<Row, Target, Input extends SampleShape> extends Omit<NetworkOptions, 'input'> {
  /** What raw rows become, fitted by `prepare`: it is part of the network, and of its model file. */
  readonly input: Preparation<Row, Target, Input>;
}

/** A graph that takes raw rows. */
export interface PreparedGraphOptions<Row, Target, Inputs extends NamedShapes, Outputs extends NamedValues>
  extends Omit<GraphNetworkOptions<Inputs, Outputs>, 'inputs'> {
  /** What raw rows become for each input, fitted by `prepare`: it is part of the network, and of its model file. */
  readonly inputs: Preparation<Row, Target, Inputs>;
}

/** What networks are made of. */
export type AnyNetworkOptions =
  | NetworkOptions
  | GraphNetworkOptions
  | (Omit<NetworkOptions, 'input'> & { readonly input: AnyPreparation })
  | (Omit<GraphNetworkOptions, 'inputs'> & { readonly inputs: AnyPreparation });

export type NamedValues = { readonly [name: string]: GraphValue };

/** How a saved network is to be run. */
export interface LoadOptions extends Omit<CommonOptions, 'seed'> {
  /** Makers of layers that are not chainrule's, by the type in their configs. */
  readonly layers?: LayerMakers;
  /** Makers of losses that are not chainrule's, by the type in their configs. */
  readonly losses?: LossMakers;
  /** Makers of metrics that are not chainrule's, by the type in their configs. */
  readonly metrics?: MetricMakers;
  /** What `defineEncoding` made, by type: encodings of a preparation that are not chainrule's. */
  readonly encodings?: EncodingMakers;
  /** Limits of what the file may ask for; SECURITY.md says what else a stranger's file can do. */
  readonly limits?: LoadLimits;
}

/** Everything that chainrule has, and what makers make besides where a file is read. */
const partReaders = (
  makers?: Required<Pick<LoadOptions, 'layers' | 'losses' | 'metrics'>> & Pick<LoadOptions, 'encodings'>,
): PartReaders => ({
  layer: (config) => layerFromConfig(config, makers?.layers),
  loss: (option) => lossFrom(option, makers?.losses),
  metrics: (where, value) => metricsFrom(where, value, makers),
  preparation: (config) => preparationReader().read(config, makers?.encodings),
});

const PARTS = partReaders();

const LOADING = {
  ...RUNNING,
  ...SERVING,
  layers: withDefault(checkLayerMakers, {}),
  losses: withDefault(checkLossMakers, {}),
  metrics: withDefault(checkMetricMakers, {}),
  encodings: optional((where, value) => preparationReader().checkMakers(where, value)),
  limits: withDefault(limitsFrom, {}),
} satisfies TableOf<LoadOptions>;
const STACK = {
  input: required(checkInput),
  layers: required(checkLayers),
  loss: required((_, value) => PARTS.loss(value)),
  metrics: withDefault(PARTS.metrics, []),
  ...COMMON,
} satisfies TableOf<PreparedNetworkOptions<never, never, never>>;
const GRAPH = {
  inputs: required(checkInputs),
  build: required(checkBuild),
  losses: required((_, value) => headsFrom(value, PARTS)),
  ...COMMON,
} satisfies TableOf<GraphNetworkOptions>;
/** What a network takes, and what makes it of raw rows. */
interface Taken<S> {
  readonly shape: S;
  readonly preparation?: AnyPreparation;
}

/** Throws OptionError for what is neither a shape nor a preparation of one input. */
function checkInput(where: string, value: unknown): Taken<readonly number[]> {
  if (!isPreparation(value)) return { shape: checkShape(where, value) };
  const shape = value.shapes.get('x');
  if (shape && !value.namesInputs) return { shape, preparation: value };
  throw new OptionError(`${where}: expected a preparation of x, got one of inputs`);
}

/** Throws OptionError for what is neither named shapes nor a preparation of such inputs. */
function checkInputs(where: string, value: unknown): Taken<ReturnType<typeof shapesFrom>> {
  if (!isPreparation(value)) return { shape: shapesFrom(where, value) };
  if (value.namesInputs) return { shape: shapesFrom(where, Object.fromEntries(value.shapes)), preparation: value };
  throw new OptionError(`${where}: expected a preparation of inputs, got one of x`);
}

type Build = (inputs: Record<string, GraphValue>) => unknown;

function checkBuild(where: string, value: unknown): Build {
  if (typeof value !== 'function') throw new OptionError(`${where}: expected a function of named inputs, got ${describe(value)}`);
  return value as Build;
}

/** The options of reading a file, and of running the network. Throws OptionError for an unknown or impossible option. */
export function readingFrom(where: string, options: LoadOptions): Reading & Running & Served {
  const nameOf = (name: string) => (Object.hasOwn(RUNNING, name) ? name : `${where}.${name}`);
  const { layers, losses, metrics, encodings, ...read } = readOptions(where, LOADING, options, nameOf);
  return { parts: partReaders({ layers, losses, metrics, encodings }), ...read };
}

/** Throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together. */
export function modelFrom(options: AnyNetworkOptions): Described & { readonly start: Start } {
  if (typeof options === 'object' && options !== null && 'build' in options) {
    const { inputs, build, losses, ...start } = readOptions('Network.create', GRAPH, options, plainly);
    const structure = record(inputs.shape, build);
    for (const name of structure.outputs.keys()) checkPartName('build', name);
    return { model: new NetworkModel(structure, losses, undefined, inputs.preparation), isNamed: true, start };
  }
  const { input, layers, loss, metrics, ...start } = readOptions('Network.create', STACK, options, plainly);
  return { model: new SequentialModel(input.shape, layers, loss, metrics, input.preparation), isNamed: false, start };
}
