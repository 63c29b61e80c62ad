/** A network as a model file: what it is made of, its parameters, and where its optimiser stands, so that training resumes exactly. */
import type { Elements } from '../backends/backend.ts';
import { ChainruleError, FormatError, OptionError } from '../errors.ts';
import { decodeModel, encodeModel } from '../formats/model.ts';
import { layerFromConfig } from '../layers/config.ts';
import type { Layer, LayerConfig } from '../layers/layer.ts';
import { type LossOption, lossFrom } from '../losses.ts';
import { OPTIMIZER_TYPES } from '../optimizers.ts';
import { checkInteger, checkKeys, checkShape, describe } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { SequentialModel } from './model.ts';
import type { OptimizerState, Weights } from './weights.ts';

/** State tensors are named `optimizer/mean/0.weight`. */
const STATE_PREFIX = 'optimizer/';

export interface Checkpoint {
  readonly model: SequentialModel;
  readonly seed: number;
  readonly parameters: ReadonlyMap<string, Elements>;
  readonly optimizer: OptimizerState | undefined;
}

/** Throws OptionError where a layer is a user's own function, which a file cannot hold. */
export function encodeCheckpoint(model: SequentialModel, seed: number, weights: Weights): Uint8Array {
  const layers = model.layers.map((layer, i) => {
    if (!layer.config)
      throw new OptionError(`save: expected layers that chainrule makes, got a function as layer ${i}; save parameters() instead`);
    return layer.config;
  });
  const { optimizer } = weights;
  const tensors = new Map<string, Tensor>([...weights.shapes].map(([name, shape]) => [name, { shape, data: weights.get(name) }]));
  for (const [name, data] of optimizer?.values ?? [])
    tensors.set(STATE_PREFIX + name, { shape: weights.shapes.get(parameterOf(name)) as readonly number[], data });
  const progress = optimizer && { optimizer: optimizer.type, steps: optimizer.steps, epochs: optimizer.epochs };
  return encodeModel({ config: { input: model.input, layers, loss: model.loss.option, seed, progress }, tensors });
}

/** The parameter that a state's name, `mean/0.weight`, belongs to. */
const parameterOf = (state: string) => state.slice(state.indexOf('/') + 1);

/**
 * Reads a model file. Every parameter must be there with the shape that the layers say before anything of that size is allocated.
 *
 * @throws FormatError for anything that is not as chainrule writes it.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { config, tensors } = decodeModel(bytes);
  return asFormatError(() => {
    checkKeys('model', config, ['input', 'layers', 'loss', 'seed', 'progress']);
    if (!Array.isArray(config.layers)) throw new FormatError(`model: expected a list of layers, got ${describe(config.layers)}`);
    const layers: Layer[] = config.layers.map((layer) => layerFromConfig(layer as LayerConfig));
    if (layers.length === 0) throw new FormatError('model: expected at least one layer, got none');
    const model = new SequentialModel(checkShape('model.input', config.input), layers, lossFrom(config.loss as LossOption));
    const parameters = new Map<string, Elements>();
    for (const [name, { shape }] of model.traced.parameters) parameters.set(name, takeTensor(tensors, name, shape));
    const optimizer = config.progress === undefined ? undefined : readProgress(config.progress, tensors, model);
    for (const name of tensors.keys()) {
      if (!parameters.has(name) && !optimizer?.values.has(name.slice(STATE_PREFIX.length)))
        throw new FormatError(`model: unexpected tensor ${describe(name)}`);
    }
    return { model, seed: checkInteger('model.seed', config.seed, 0), parameters, optimizer };
  });
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

function readProgress(progress: unknown, tensors: ReadonlyMap<string, Tensor>, model: SequentialModel): OptimizerState {
  checkKeys('model.progress', progress, ['optimizer', 'steps', 'epochs']);
  const { optimizer: type, steps, epochs } = progress as Record<string, unknown>;
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
  };
}

/** Whatever a file's contents are refused for is a fault of the file. */
function asFormatError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChainruleError && !(error instanceof FormatError))
      throw new FormatError(`model: ${error.message}`, { cause: error });
    throw error;
  }
}
