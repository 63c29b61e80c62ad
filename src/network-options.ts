/** The options of `Network.create`, `load` and `predict`, and the report on a network's backend. */
import type { Precision } from './backends/backend.ts';
import { type BackendOption, RUNNING, type Running } from './backends/select.ts';
import type { ClassWeights } from './data/row-weights.ts';
import { OptionError } from './errors.ts';
import type { GraphValue } from './graph/graph.ts';
import type { Batch } from './graph/shapes.ts';
import { checkLayerMakers, type LayerMakers } from './layers/config.ts';
import { checkLayers, type Layer } from './layers/layer.ts';
import { checkLoss, checkLossMakers, type LossMakers, type LossOption } from './losses/config.ts';
import { checkMetricMakers, type MetricMakers, type MetricOption, metricsFrom } from './metrics/config.ts';
import { headsFrom, type OutputLoss } from './model/heads.ts';
import { type LoadLimits, limitsFrom } from './model/limits.ts';
import type { Reading } from './model/model-file.ts';
import { NetworkModel, SequentialModel } from './model/network-model.ts';
import type { NamedShapes, SampleShape } from './model/signature.ts';
import { record } from './model/structure.ts';
import { checkPartName, shapesFrom } from './model/structure-config.ts';
import { asGiven, flag, integer, optional, readOptions, required, type TableOf, withDefault } from './options/table.ts';
import { checkShape, describe } from './options.ts';

/** How a network is run, and its seed. */
interface CommonOptions {
  /** Decides everything random: initial weights, shuffling, dropout. An integer from 0 to 2⁵³ − 1; default 0. */
  readonly seed?: number;
  /** Default 'auto': the fastest that loads. The environment variable CHAINRULE_BACKEND overrides it. */
  readonly backend?: BackendOption;
  /** The most threads to use; default the environment variable CHAINRULE_THREADS, else all cores, or as many as a container's quota allows. Results do not depend on it. */
  readonly threads?: number;
  /**
   * Gives the same bits on native and WASM, whatever the instruction set and the number of threads, at some cost in speed: no multiply-add is
   * fused. Default false.
   */
  readonly reproducible?: boolean;
  /**
   * Experimental, for Node 24 and newer: where the network runs on WASM, V8 makes pairs of its 128-bit vectors one of 256 bits. The kernels
   * are compiled anew for it, which blocks for a tenth of a second, and compared with the plain ones; where their results differ, the plain
   * ones are taken, and `backend.reason` says so. Default false.
   */
  readonly revectorize?: boolean;
  /**
   * Of what numbers products are made, in predictions and training steps. 'bfloat16': both factors of each product of a dense or a
   * convolutional layer, forward and backward, are rounded to bfloat16, 8 bits, and the sums, the weights and all else stay float32
   * (docs/precision.md). An option of the run: it is in no model file. Default 'float32'.
   */
  readonly precision?: Precision;
}

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

/** The backend of a network. */
export interface BackendReport {
  readonly name: string;
  readonly isa: string;
  readonly threads: number;
  /** Why this one, and why on fewer threads than it was asked to use, or could. */
  readonly reason: string;
}

export interface PredictOptions {
  /** Turns logits into probabilities where the loss says how: softmax or sigmoid. Default false. */
  readonly probabilities?: boolean;
}

export interface EvaluateOptions {
  /** What targets of each class weigh, besides what their rows do; of several outputs for all or by name. Default the same. */
  readonly classWeight?: ClassWeights;
}

const COMMON = { seed: withDefault(integer(0), 0), ...RUNNING } satisfies TableOf<CommonOptions>;
const LOADING = {
  ...RUNNING,
  layers: withDefault(checkLayerMakers, {}),
  losses: withDefault(checkLossMakers, {}),
  metrics: withDefault(checkMetricMakers, {}),
  limits: withDefault(limitsFrom, {}),
} satisfies TableOf<LoadOptions>;
const STACK = {
  input: required(checkShape),
  layers: required(checkLayers),
  loss: required(checkLoss),
  metrics: withDefault((where, value) => metricsFrom(where, value), []),
  ...COMMON,
} satisfies TableOf<NetworkOptions>;
const GRAPH = {
  inputs: required(shapesFrom),
  build: required(checkBuild),
  losses: required((_, value) => headsFrom(value)),
  ...COMMON,
} satisfies TableOf<GraphNetworkOptions>;
export const PREDICTING = { probabilities: withDefault(flag, false) } satisfies TableOf<PredictOptions>;

export const EVALUATING = { classWeight: optional(asGiven<ClassWeights>()) } satisfies TableOf<EvaluateOptions>;

type Build = (inputs: Record<string, GraphValue>) => unknown;

function checkBuild(where: string, value: unknown): Build {
  if (typeof value !== 'function') throw new OptionError(`${where}: expected a function of named inputs, got ${describe(value)}`);
  return value as Build;
}

/** Options that all calls share go by their plain names in messages. */
const plainly = (name: string) => name;

/** The options of reading a file, and of running the network. Throws OptionError for an unknown or impossible option. */
export function readingFrom(where: string, options: LoadOptions): Reading & Running {
  const nameOf = (name: string) => (Object.hasOwn(RUNNING, name) ? name : `${where}.${name}`);
  const { layers, losses, metrics, ...read } = readOptions(where, LOADING, options, nameOf);
  return { makers: { layers, losses, metrics }, ...read };
}

/** A network as it was described, and whether its inputs and outputs have names; else it is a stack of layers. */
export interface Described {
  readonly model: NetworkModel;
  readonly isNamed: boolean;
}

/** The seed of a network and the options of its backend. */
export interface Start extends Running {
  readonly seed: number;
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
