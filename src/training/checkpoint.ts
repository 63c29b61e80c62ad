/** A network as a model file: what it is made of, its parameters, and where its optimiser stands, so that training resumes exactly. */
import type { Elements } from '../backends/backend.ts';
import { ChainruleError, FormatError } from '../errors.ts';
import { decodeModel, writeModel } from '../formats/model.ts';
import { type LayerMakers, layerFromConfig } from '../layers/config.ts';
import type { Layer, LayerConfig } from '../layers/layer.ts';
import { type LossOption, lossFrom } from '../losses.ts';
import { OPTIMIZER_TYPES } from '../optimizers.ts';
import { checkInteger, checkKeys, checkNumber, checkShape, describe } from '../options.ts';
import type { PlateauState } from '../schedules.ts';
import { finish, type Work } from '../slices.ts';
import type { Tensor } from '../tensor.ts';
import { headsConfig, headsFrom } from './heads.ts';
import { bytesOfOneRow, checkLimit, type Limits } from './limits.ts';
import { NetworkModel, SequentialModel } from './model.ts';
import { matchParameters } from './parameter-patterns.ts';
import type { LayerNode } from './structure.ts';
import { layerConfig, structureConfig, structureFrom } from './structure-config.ts';
import type { OptimizerState, Weights } from './weights.ts';

/** State tensors are named `optimizer/mean/0.weight`. */
const STATE_PREFIX = 'optimizer/';

export interface Checkpoint {
  readonly model: NetworkModel;
  readonly seed: number;
  readonly parameters: ReadonlyMap<string, Elements>;
  readonly frozen: ReadonlySet<string>;
  readonly optimizer: OptimizerState | undefined;
}

/** Throws OptionError where a layer is a user's own function, which a file cannot hold. */
export function encodeCheckpoint(model: NetworkModel, seed: number, weights: Weights): Uint8Array {
  return finish(writeCheckpoint(model, seed, weights));
}

/** `encodeCheckpoint`, little by little: the weights are to stay as they are until it is done. */
export function* writeCheckpoint(model: NetworkModel, seed: number, weights: Weights): Work<Uint8Array> {
  const { optimizer, frozen } = weights;
  const parameter = (name: string, shape: readonly number[]): Tensor => ({
    shape,
    get data() {
      return weights.get(name);
    },
  });
  const tensors = new Map<string, Tensor>([...weights.shapes].map(([name, shape]) => [name, parameter(name, shape)]));
  for (const [name, data] of optimizer?.values ?? [])
    tensors.set(STATE_PREFIX + name, { shape: weights.shapes.get(parameterOf(name)) as readonly number[], data });
  const progress = optimizer && {
    optimizer: optimizer.type,
    steps: optimizer.steps,
    epochs: optimizer.epochs,
    schedule: optimizer.schedule,
  };
  const config = { ...networkConfig(model), seed, frozen: frozen.size ? [...frozen] : undefined, progress };
  return yield* writeModel({ config, tensors });
}

function networkConfig(model: NetworkModel): Record<string, unknown> {
  const { structure, heads, isNamed } = model;
  if (isNamed) return { ...structureConfig(structure), losses: headsConfig(heads) };
  const layers = structure.nodes.map((node, i) => layerConfig((node as LayerNode).layer, `layer ${i}`));
  return { input: structure.inputs.get('x'), layers, loss: heads[0].loss.option };
}

/** The parameter that a state's name, `mean/0.weight`, belongs to. */
const parameterOf = (state: string) => state.slice(state.indexOf('/') + 1);

const COMMON_KEYS = ['seed', 'frozen', 'progress'];

/**
 * Reads a model file. Every parameter must be there with the shape that the layers say before anything of that size is allocated.
 *
 * @param makers Of the layers that are not chainrule's.
 * @throws FormatError for anything that is not as chainrule writes it, or that asks for more than the limits allow.
 */
export function decodeCheckpoint(bytes: Uint8Array, makers: LayerMakers, limits: Limits): Checkpoint {
  return asFormatError(() => {
    const { config, tensors } = decodeModel(bytes);
    const model = 'inputs' in config ? readNamed(config, makers, limits) : readStack(config, makers, limits);
    checkLimit(limits, 'parameters', 'parameters', model.parameterCount);
    const parameters = new Map<string, Elements>();
    for (const [name, { shape }] of model.traced.parameters) parameters.set(name, takeTensor(tensors, name, shape));
    checkLimit(limits, 'arenaBytes', 'bytes to predict a row in', bytesOfOneRow(model.traced));
    const optimizer = config.progress === undefined ? undefined : readProgress(config.progress, tensors, model);
    for (const name of tensors.keys()) {
      if (!parameters.has(name) && !optimizer?.values.has(name.slice(STATE_PREFIX.length)))
        throw new FormatError(`model: unexpected tensor ${describe(name)}`);
    }
    const frozen = new Set(config.frozen === undefined ? [] : matchParameters('model.frozen', config.frozen, parameters.keys()));
    return { model, seed: checkInteger('model.seed', config.seed, 0), parameters, frozen, optimizer };
  });
}

type Config = Readonly<Record<string, unknown>>;

function readStack(config: Config, makers: LayerMakers, limits: Limits): NetworkModel {
  checkKeys('model', config, ['input', 'layers', 'loss', ...COMMON_KEYS]);
  if (!Array.isArray(config.layers)) throw new FormatError(`model: expected a list of layers, got ${describe(config.layers)}`);
  checkLimit(limits, 'layers', 'layers', config.layers.length);
  const layers: Layer[] = config.layers.map((layer) => layerFromConfig(layer as LayerConfig, makers));
  if (layers.length === 0) throw new FormatError('model: expected at least one layer, got none');
  return new SequentialModel(checkShape('model.input', config.input), layers, lossFrom(config.loss as LossOption));
}

function readNamed(config: Config, makers: LayerMakers, limits: Limits): NetworkModel {
  checkKeys('model', config, ['inputs', 'layers', 'nodes', 'outputs', 'losses', ...COMMON_KEYS]);
  for (const part of [config.layers, config.nodes])
    if (Array.isArray(part)) checkLimit(limits, 'layers', 'layers and functions', part.length);
  return new NetworkModel(structureFrom(config, makers), headsFrom(config.losses), true);
}

function takeTensor(tensors: ReadonlyMap<string, Tensor>, name: string, shape: readonly number[]): Elements {
  const tensor = tensors.get(name);
  if (!tensor || tensor.shape.join() !== shape.join()) {
    throw new FormatError(
      `model: expected tensor ${name} of shape [${shape.join(', ')}], got ${tensor ? `[${tensor.shape.join(', ')}]` : 'none'}`,
    );
  }
  if (!(tensor.data as Float64Array).every(Number.isFinite)) throw new FormatError(`model: expected finite values in tensor ${name}`);
  return tensor.data;
}

function readProgress(progress: unknown, tensors: ReadonlyMap<string, Tensor>, model: NetworkModel): OptimizerState {
  checkKeys('model.progress', progress, ['optimizer', 'steps', 'epochs', 'schedule']);
  const { optimizer: type, steps, epochs, schedule } = progress as Record<string, unknown>;
  if (!OPTIMIZER_TYPES.includes(type as never))
    throw new FormatError(`model.progress: expected an optimizer among ${OPTIMIZER_TYPES.join(', ')}, got ${describe(type)}`);
  const values = new Map<string, Elements>();
  for (const name of tensors.keys()) {
    if (!name.startsWith(STATE_PREFIX)) continue;
    const state = name.slice(STATE_PREFIX.length);
    const shape = model.traced.parameters.get(parameterOf(state))?.shape;
    if (!shape) throw new FormatError(`model: expected state of a parameter of the network, got ${describe(name)}`);
    values.set(state, takeTensor(tensors, name, shape));
  }
  return {
    type: type as string,
    values,
    steps: checkInteger('model.progress.steps', steps, 0),
    epochs: checkInteger('model.progress.epochs', epochs, 0),
    schedule: schedule === undefined ? undefined : plateauFrom(schedule),
  };
}

function plateauFrom(value: unknown): PlateauState {
  checkKeys('model.progress.schedule', value, ['best', 'waited', 'cooldown', 'factor']);
  const { best, waited, cooldown, factor } = value as Record<string, unknown>;
  return {
    ...(best !== undefined && { best: checkNumber('model.progress.schedule.best', best, Number.NEGATIVE_INFINITY) }),
    waited: checkInteger('model.progress.schedule.waited', waited, 0),
    cooldown: checkInteger('model.progress.schedule.cooldown', cooldown, 0),
    factor: checkNumber('model.progress.schedule.factor', factor, 0),
  };
}

/** Whatever a file's contents are refused for is a fault of the file. */
function asFormatError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChainruleError && !(error instanceof FormatError))
      throw new FormatError(`model: ${error.message}`, { cause: error });
    // What a hostile graph makes of an op's shape rule.
    if (error instanceof TypeError || error instanceof RangeError) throw new FormatError(`model: ${error.message}`, { cause: error });
    throw error;
  }
}
