/** The plan of `chainrule train`: defaults for the data, then model.json, then the options of the command line. */
import {
  dense,
  type FitOptions,
  type NetworkOptions,
  type Optimizer,
  OptionError,
  optimizerFromConfig,
  type TrainTest,
} from '../index.node.ts';
import { countClasses, DIGITS, loadData, MNIST_FOLDER } from './data.ts';
import { optimizerOfType, type Recipe, recipeFor } from './defaults.ts';
import { readDescription } from './description.ts';

/** The options of the command line; undefined where not given. */
export interface TrainFlags {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly optimizer?: Optimizer['type'];
  readonly hidden?: readonly number[];
  readonly seed?: number;
  readonly backend?: NetworkOptions['backend'];
  readonly out?: string;
  readonly checkpoints?: string;
  readonly diagnose?: boolean;
}

export interface Job {
  readonly data: TrainTest;
  readonly network: NetworkOptions;
  readonly fit: FitOptions & { readonly epochs: number; readonly batchSize: number };
}

/** `source` is `digits`, a folder, or the path of a description ending in `.json`. Throws the library's errors. */
export function planJob(source: string, flags: TrainFlags): Job {
  const job = source.endsWith('.json') ? describedJob(source, flags) : standardJob(source, flags);
  const { seed, backend } = flags;
  return { ...job, network: { ...job.network, seed, backend } };
}

function standardJob(source: string, flags: TrainFlags): Job {
  const recipe = recipeFor(source);
  const data = loadData(source, `${DIGITS}, ${MNIST_FOLDER} or a .json description of a network`);
  const hidden = flags.hidden ?? recipe.hidden;
  const layers = [...hidden.map((units) => dense(units, { activation: 'relu' })), dense(countClasses(data))];
  return {
    data,
    network: { input: data.train.x.shape.slice(1), layers, loss: 'softmaxCrossEntropy' },
    fit: planFit(data, flags, recipe, {}),
  };
}

function describedJob(path: string, flags: TrainFlags): Job {
  if (flags.hidden) throw new OptionError(`--hidden: expected the layers from ${path} alone, got --hidden ${flags.hidden.join(',')} too`);
  const { input, layers, loss, data: name, fit } = readDescription(path);
  const data = loadData(name);
  return { data, network: { input, layers, loss }, fit: planFit(data, flags, recipeFor(name), fit) };
}

function planFit({ train }: TrainTest, flags: TrainFlags, recipe: Recipe, described: FitOptions): Job['fit'] {
  return {
    ...described,
    epochs: flags.epochs ?? described.epochs ?? recipe.epochs,
    batchSize: flags.batchSize ?? described.batchSize ?? Math.min(recipe.batchSize, train.y.length),
    optimizer: planOptimizer(flags, described.optimizer ?? optimizerFromConfig({ type: 'adam', learningRate: recipe.learningRate })),
  };
}

/** Another optimiser than the one planned starts from its own defaults. */
function planOptimizer({ optimizer, learningRate }: TrainFlags, planned: Optimizer): Optimizer {
  const base = optimizer === undefined || optimizer === planned.type ? planned : optimizerOfType(optimizer);
  return optimizerFromConfig(learningRate === undefined ? base : { ...base, learningRate });
}
