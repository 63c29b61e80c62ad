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
import type { NamedShapes, SampleShape } from './model/signature.ts';
import { record } from './model/structure.ts';
import { checkPartName, shapesFrom } from './model/structure-config.ts';
import { readOptions, required, type TableOf, withDefault } from './options/table.ts';
import { checkShape, describe } from './options.ts';

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

type NamedValues = { readonly [name: string]: GraphValue };

/** How a saved network is to be run. */
export interface LoadOptions extends Omit<CommonOptions, 'seed'> {
  /** Makers of layers that are not chainrule's, by the type in their configs. */
  readonly layers?: LayerMakers;
  /** Makers of losses that are not chainrule's, by the type in their configs. */
  readonly losses?: LossMakers;
  /** Makers of metrics that are not chainrule's, by the type in their configs. */
  readonly metrics?: MetricMakers;
  /** Limits of what the file may ask for; SECURITY.md says what else a stranger's file can do. */
  readonly limits?: LoadLimits;
}

/** Everything that chainrule has, and what makers make besides where a file is read. */
const partReaders = (makers?: Required<Pick<LoadOptions, 'layers' | 'losses' | 'metrics'>>): PartReaders => ({
  layer: (config) => layerFromConfig(config, makers?.layers),
  loss: (option) => lossFrom(option, makers?.losses),
  metrics: (where, value) => metricsFrom(where, value, makers),
});

const PARTS = partReaders();

const LOADING = {
  ...RUNNING,
  ...SERVING,
  layers: withDefault(checkLayerMakers, {}),
  losses: withDefault(checkLossMakers, {}),
  metrics: withDefault(checkMetricMakers, {}),
  limits: withDefault(limitsFrom, {}),
} satisfies TableOf<LoadOptions>;
const STACK = {
  input: required(checkShape),
  layers: required(checkLayers),
  loss: required((_, value) => PARTS.loss(value)),
  metrics: withDefault(PARTS.metrics, []),
  ...COMMON,
} satisfies TableOf<NetworkOptions>;
const GRAPH = {
  inputs: required(shapesFrom),
  build: required(checkBuild),
  losses: required((_, value) => headsFrom(value, PARTS)),
  ...COMMON,
} satisfies TableOf<GraphNetworkOptions>;
type Build = (inputs: Record<string, GraphValue>) => unknown;

function checkBuild(where: string, value: unknown): Build {
  if (typeof value !== 'function') throw new OptionError(`${where}: expected a function of named inputs, got ${describe(value)}`);
  return value as Build;
}

/** The options of reading a file, and of running the network. Throws OptionError for an unknown or impossible option. */
export function readingFrom(where: string, options: LoadOptions): Reading & Running & Served {
  const nameOf = (name: string) => (Object.hasOwn(RUNNING, name) ? name : `${where}.${name}`);
  const { layers, losses, metrics, ...read } = readOptions(where, LOADING, options, nameOf);
  return { parts: partReaders({ layers, losses, metrics }), ...read };
}

/** Throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together. */
export function modelFrom(options: NetworkOptions | GraphNetworkOptions): Described & { readonly start: Start } {
  if (typeof options === 'object' && options !== null && 'build' in options) {
    const { inputs, build, losses, ...start } = readOptions('Network.create', GRAPH, options, plainly);
    const structure = record(inputs, build);
    for (const name of structure.outputs.keys()) checkPartName('build', name);
    return { model: new NetworkModel(structure, losses), isNamed: true, start };
  }
  const { input, layers, loss, metrics, ...start } = readOptions('Network.create', STACK, options, plainly);
  return { model: new SequentialModel(input, layers, loss, metrics), isNamed: false, start };
}
