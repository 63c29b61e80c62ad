/** A network as a model file: its structure, its parameters and the state of training, so that training resumes exactly. */
import type { Backend, Elements } from '../backends/backend.ts';
import { BackendError, ChainruleError, FormatError } from '../errors.ts';
import { finish, slices, type Work } from '../event-loop/slices.ts';
import { readModelIndex, writeModel } from '../formats/model.ts';
import { type Entry, readPieces, type SafetensorsIndex } from '../formats/safetensors.ts';
import type { Layer, LayerConfig } from '../layers/layer.ts';
import { lossConfig } from '../losses/loss.ts';
import { metricConfig } from '../metrics/metric.ts';
import { count } from '../ops/shape.ts';
import { isEqual } from '../options/equal.ts';
import { checkInteger, checkKeys, checkShape, describe, type FileLocation } from '../options.ts';
import type { ByteSource } from '../platform/byte-source.ts';
import { platform } from '../platform/platform.ts';
import type { Tensor } from '../tensor.ts';
import type { Engine } from './engine.ts';
import { headsConfig, headsFrom } from './heads.ts';
import { bytesOfOneRow, checkLimit, type Limits } from './limits.ts';
import { NetworkModel, SequentialModel } from './network-model.ts';
import { matchParameters } from './parameter-patterns.ts';
import type { PartReaders } from './part-readers.ts';
import { type Quantization, quantizationFrom, quantizationOf } from './quantization.ts';
import type { LayerNode } from './structure.ts';
import { layerConfig, structureConfig, structureFrom } from './structure-config.ts';
import { type TrainingIndex, trainingConfig, trainingIndex, trainingTensors } from './training-file.ts';
import type { Weights } from './weights.ts';

/** The options of reading a file. */
export interface Reading {
  readonly parts: PartReaders;
  readonly limits: Limits;
}

/** A model file whose header has been checked, and whose tensors have not been read yet. */
export interface Checkpoint {
  readonly model: NetworkModel;
  /** Whether its inputs and outputs have names; else it is a stack of layers. */
  readonly isNamed: boolean;
  readonly seed: number;
  /** Of a network that was quantised. */
  readonly quantization: Quantization | undefined;
  /** Fills the weights of such a network a piece at a time. */
  readInto(weights: Weights): Promise<void>;
}

/** Throws OptionError where a layer is a user's own function, which a file cannot hold. */
export function encodeCheckpoint(engine: Engine, isNamed: boolean): Uint8Array {
  return finish(writeCheckpoint(engine, isNamed));
}

/**
 * `encodeCheckpoint` in slices: the weights must not change until it is done.
 *
 * @param metadata Further entries of the file's metadata.
 */
export function* writeCheckpoint(
  { model, seed, weights, quantization }: Engine,
  isNamed: boolean,
  metadata?: Readonly<Record<string, string>>,
): Work<Uint8Array> {
  const { training, frozen } = weights;
  const parameter = (name: string, shape: readonly number[]): Tensor => ({
    shape,
    get data() {
      return weights.get(name);
    },
  });
  const tensors = new Map<string, Tensor>([...weights.shapes].map(([name, shape]) => [name, parameter(name, shape)]));
  for (const [name, tensor] of training ? trainingTensors(training, model.traced.parameters) : []) tensors.set(name, tensor);
  const progress = training && trainingConfig(training);
  const config = {
    ...networkConfig(model, isNamed),
    seed,
    frozen: frozen.size ? [...frozen] : undefined,
    progress,
    quantization: quantization?.layers,
  };
  return yield* writeModel({ config, tensors, metadata });
}

/** Writes a model file of the network as it is now, whole or not at all. Throws what `encodeCheckpoint` and the platform do. */
export async function saveModel(engine: Engine, isNamed: boolean, location: FileLocation): Promise<void> {
  await platform().writeBytes(location, await engine.weights.read(writeCheckpoint(engine, isNamed)));
}

function networkConfig(model: NetworkModel, isNamed: boolean): Record<string, unknown> {
  const { preparation } = model;
  return { ...describedConfig(model, isNamed), ...(preparation && { preparation: preparation.toJSON() }) };
}

function describedConfig({ structure, heads }: NetworkModel, isNamed: boolean): Record<string, unknown> {
  if (isNamed) return { ...structureConfig(structure), losses: headsConfig(heads) };
  const layers = structure.nodes.map((node, i) => layerConfig((node as LayerNode).layer, `layer ${i}`));
  const [{ loss, metrics }] = heads;
  return {
    input: structure.inputs.get('x'),
    layers,
    loss: lossConfig(loss),
    ...(metrics.length > 0 && { metrics: metrics.map(metricConfig) }),
  };
}

const COMMON_KEYS = ['seed', 'frozen', 'progress', 'quantization'];

/**
 * Checks the header of a model file, given its first bytes at least to the end of the header. Every parameter must be there with the shape
 * that the layers say before anything of that size is allocated.
 *
 * @throws FormatError for anything that chainrule does not write, or that asks for more than the limits allow.
 */
export function openCheckpoint(head: Uint8Array, source: ByteSource, { parts, limits }: Reading): Checkpoint {
  return asFormatError(() => {
    const { config, tensors } = readModelIndex(head, source.length);
    const { entries } = tensors;
    const isNamed = 'inputs' in config;
    const model = isNamed ? readNamed(config, parts, limits) : readStack(config, parts, limits);
    checkLimit(limits, 'parameters', 'parameters', model.parameterCount);
    const parameters = parameterEntries(model, entries);
    checkLimit(limits, 'arenaBytes', 'bytes to predict a row in', bytesOfOneRow(model.traced));
    const state = stateOf(config, model, parameters, entries);
    const seed = checkInteger('model.seed', config.seed, 0);
    const quantization =
      config.quantization === undefined ? undefined : quantizationOf(quantizationFrom(config.quantization, new Set(parameters.keys())));
    return {
      model,
      isNamed,
      seed,
      quantization,
      readInto: (weights) => readWeights({ source, tensors, parameters, ...state }, weights),
    };
  });
}

/** The state in a file of a network that is there already. */
export interface StoredState {
  /** The file's metadata, text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the network has that the file's has not: in words, for an error. Undefined where both are one network. */
  readonly difference: string | undefined;
  /** Fills the weights of such a network a piece at a time, in the same way as `Checkpoint.readInto`. */
  readInto(weights: Weights): Promise<void>;
}

/**
 * `openCheckpoint` for a network that is there: it makes no layers, so that a user's own need no makers.
 *
 * @throws FormatError for anything that chainrule does not write. Not for the file of another network: `difference` tells.
 */
export function openState({ model, seed }: Engine, head: Uint8Array, source: ByteSource): StoredState {
  const { config, tensors } = readModelIndex(head, source.length);
  const own = JSON.parse(JSON.stringify(networkConfig(model, !(model instanceof SequentialModel)))) as Config;
  const { metadata, entries } = tensors;
  const unlike = [...new Set([...Object.keys(own), ...Object.keys(config)])].filter(
    (key) => !COMMON_KEYS.includes(key) && !isEqual(own[key], config[key]),
  );
  if (config.seed !== seed) unlike.push('seed');
  if (unlike.length > 0) return { metadata, difference: unlike.join(', '), readInto: async () => undefined };
  return asFormatError(() => {
    const parameters = parameterEntries(model, entries);
    const state = stateOf(config, model, parameters, entries);
    const readInto = (weights: Weights) => readWeights({ source, tensors, parameters, ...state }, weights);
    return { metadata, difference: undefined, readInto };
  });
}

type Entries = SafetensorsIndex['entries'];

/** Without a copy of the names: a file may describe any number of layers. */
function parameterEntries(model: NetworkModel, entries: Entries): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [name, { shape }] of model.traced.parameters) found.set(name, findTensor(entries, name, shape));
  return found;
}

/** What a file has besides parameters. Throws FormatError where it has a tensor that is neither. */
function stateOf(config: Config, model: NetworkModel, parameters: Entries, entries: Entries): Pick<Contents, 'training' | 'frozen'> {
  const training = config.progress === undefined ? undefined : trainingIndex(config.progress, entries, model.traced.parameters);
  for (const name of entries.keys()) {
    if (!parameters.has(name) && !training?.entries.has(name)) throw new FormatError(`model: unexpected tensor ${describe(name)}`);
  }
  const frozen = config.frozen === undefined ? [] : matchParameters('model.frozen', config.frozen, parameters.keys());
  return { training, frozen };
}

/** The tensors to be read from a file. */
interface Contents {
  readonly source: ByteSource;
  readonly tensors: SafetensorsIndex;
  readonly parameters: ReadonlyMap<string, Entry>;
  readonly training: TrainingIndex | undefined;
  readonly frozen: readonly string[];
}

/** Throws FormatError for a value that is not finite in the backend's elements, and the source's errors. */
async function readWeights({ source, tensors, parameters, training, frozen }: Contents, weights: Weights): Promise<void> {
  const kept = new Map([...(training?.entries ?? [])].map(([name, { shape }]) => [name, allocate(weights.backend, count(shape))]));
  const places = [
    ...[...parameters].map(([name, entry]) => ({ entry, values: () => weights.get(name) })),
    ...[...(training?.entries ?? [])].map(([name, entry]) => ({ entry, values: () => kept.get(name) as Elements })),
  ];
  // In the order of the file, so that no byte is read twice.
  for (const { entry, values } of places.toSorted((a, b) => a.entry.begin - b.entry.begin)) {
    for await (const piece of readPieces(source, tensors, entry, values)) {
      checkValues(entry.name, piece, weights.backend);
      await slices.breathe();
    }
  }
  for (const name of frozen) weights.frozen.add(name);
  weights.changed(training?.state(kept));
}

type Config = Readonly<Record<string, unknown>>;

function readStack(config: Config, parts: PartReaders, limits: Limits): NetworkModel {
  checkKeys('model', config, ['input', 'layers', 'loss', 'metrics', 'preparation', ...COMMON_KEYS]);
  if (!Array.isArray(config.layers)) throw new FormatError(`model: expected a list of layers, got ${describe(config.layers)}`);
  checkLimit(limits, 'layers', 'layers', config.layers.length);
  const layers: Layer[] = config.layers.map((layer) => parts.layer(layer as LayerConfig));
  if (layers.length === 0) throw new FormatError('model: expected at least one layer, got none');
  const metrics = parts.metrics('model.metrics', config.metrics ?? []);
  const input = checkShape('model.input', config.input);
  return new SequentialModel(input, layers, parts.loss(config.loss), metrics, preparationOf(config, parts));
}

function readNamed(config: Config, parts: PartReaders, limits: Limits): NetworkModel {
  checkKeys('model', config, ['inputs', 'layers', 'nodes', 'outputs', 'losses', 'preparation', ...COMMON_KEYS]);
  for (const list of [config.layers, config.nodes])
    if (Array.isArray(list)) checkLimit(limits, 'layers', 'layers and functions', list.length);
  const structure = structureFrom(config, parts.layer);
  return new NetworkModel(structure, headsFrom(config.losses, parts), undefined, preparationOf(config, parts));
}

const preparationOf = ({ preparation }: Config, parts: PartReaders) =>
  preparation === undefined ? undefined : parts.preparation(preparation);

/** Throws BackendError where memory is short. */
function allocate(backend: Backend, length: number): Elements {
  try {
    return backend.allocate(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BackendError(`${backend.name}: expected memory for ${length} numbers of optimiser state: ${error.message}`, { cause: error });
  }
}

function findTensor(entries: SafetensorsIndex['entries'], name: string, shape: readonly number[]): Entry {
  const entry = entries.get(name);
  if (entry?.shape.join() === shape.join()) return entry;
  throw new FormatError(
    `model: expected tensor ${name} of shape [${shape.join(', ')}], got ${entry ? `[${entry.shape.join(', ')}]` : 'none'}`,
  );
}

function checkValues(name: string, values: Elements, backend: Backend): void {
  const i = backend.firstNotFinite(values);
  if (i < 0) return;
  const range = backend.elementBytes === 4 ? ' within the range of float32' : '';
  throw new FormatError(`model: expected finite values${range} in tensor ${name}, got ${values[i]}`);
}

/** Errors of a file's contents become FormatErrors. */
function asFormatError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChainruleError && !(error instanceof FormatError))
      throw new FormatError(`model: ${error.message}`, { cause: error });
    // A hostile graph can make an op's shape rule throw anything.
    if (error instanceof TypeError || error instanceof RangeError) throw new FormatError(`model: ${error.message}`, { cause: error });
    throw error;
  }
}
