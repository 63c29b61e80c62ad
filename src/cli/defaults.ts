/** The defaults of `chainrule train`, by data and by optimiser. */
import { OPTIMIZER_TYPES, type Optimizer, optimizerFromConfig } from '../index.node.ts';
import { DIGITS } from './data.ts';

export interface Recipe {
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  /** adam's learning rate. */
  readonly learningRate: number;
}

/** Reaches 96 % of the digits in a second or two even on the reference backend. */
const FOR_DIGITS: Recipe = { hidden: [32], epochs: 30, batchSize: 32, learningRate: 3e-3 };
/** 784-100-10, the network that results for MNIST and Fashion-MNIST are published for. */
const FOR_IMAGES: Recipe = { hidden: [100], epochs: 10, batchSize: 128, learningRate: 1e-3 };
/** Only sgd has no default learning rate. */
const SGD_LEARNING_RATE = 0.1;

export const recipeFor = (data: string): Recipe => (data === DIGITS ? FOR_DIGITS : FOR_IMAGES);

/** An optimiser by its name alone. Throws OptionError for an unknown name. */
export function optimizerOfType(type: string): Optimizer {
  return optimizerFromConfig({ type, ...(type === 'sgd' && { learningRate: SGD_LEARNING_RATE }) });
}

/** `30 for digits, 10 for a folder`: for the help. */
export function describeDefault(option: keyof Recipe): string {
  return `${FOR_DIGITS[option]} for ${DIGITS}, ${FOR_IMAGES[option]} for a folder`;
}

/** The learning rates of the optimisers, for the help. */
export function describeRates(): string {
  const others = OPTIMIZER_TYPES.filter((type) => type !== 'adam').map((type) => `${type} ${optimizerOfType(type).learningRate}`);
  return [`adam ${describeDefault('learningRate')}`, ...others].join('; ');
}
