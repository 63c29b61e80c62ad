/**
 * The losses: each a function of the graph from prediction and target to one number, a mean over the batch's samples. Losses of classes are
 * means over all targets, as PyTorch's are: N·T where each of N samples is a sequence of T.
 */
import { OptionError, ShapeError } from './errors.ts';
import { GraphExpressions } from './graph/expressions.ts';
import { add, divide, maximum, mean, multiply, negate, relu, reshape, subtract, sum } from './graph/functions.ts';
import type { GraphValue } from './graph/graph.ts';
import { count, formatShape, sameShape } from './ops/shape.ts';
import {
  type Check,
  fraction,
  integer,
  numberBetween,
  type OptionsRead,
  optional,
  readOptions,
  required,
  type TableOf,
  withDefault,
} from './options/table.ts';
import { checkName, describe } from './options.ts';

/** The form of targets: class indices, one for each vector along the last axis, or values of the prediction's shape. */
export type TargetForm = 'classes' | 'values';

/** The class index, inside chainrule, of a target that does not count: no prediction is right there. */
export const IGNORED = -1;

/**
 * The answer of a prediction along its last axis. By the largest: its largest element is the class. By a threshold: each element is a
 * label, given above the threshold, and all labels together are the answer.
 */
export type Answer = { readonly by: 'largest' } | { readonly by: 'threshold'; readonly threshold: number };

export interface LossDefinition {
  /** The forms of targets that it takes; class indices become the first. */
  readonly targets: readonly TargetForm[];
  /** The activation that turns its predictions into probabilities; undefined where they are none. */
  readonly probabilities?: 'softmax' | 'sigmoid' | 'exp' | 'identity';
  /** True where targets that are values are probabilities, one by one: from 0 to 1. */
  readonly takesProbabilities?: boolean;
  /** How a prediction answers targets that are values. Undefined for numbers, which are neither right nor wrong. */
  readonly answer?: Answer;
  /** The options that it takes; losses of classes take `ignore` besides. */
  readonly takes?: readonly OwnOption[];
  build(prediction: GraphValue, target: GraphValue, form: TargetForm, options: LossOptions): GraphValue;
}

/** Options that some losses alone take. */
const OWN_OPTIONS = {
  /** Where the Huber loss turns from quadratic to linear. */
  delta: withDefault(numberBetween(0), 1),
  labelSmoothing: withDefault(fraction, 0),
};
const OPTIONS = { ...OWN_OPTIONS, ignore: optional(integer(Number.MIN_SAFE_INTEGER)) };

type OwnOption = keyof typeof OWN_OPTIONS;
type LossOptions = OptionsRead<typeof OPTIONS>;

export type LossName = keyof typeof LOSSES;
/**
 * A loss by name. huber's δ may be given, and softmaxCrossEntropy's label smoothing: the share of each target, from 0 to below 1, that is
 * spread evenly over all classes (Szegedy et al. 2016).
 *
 * The losses of classes (softmaxCrossEntropy, negativeLogLikelihood, multiClassHinge) take predictions [batch, …, classes] with class indices
 * [batch, …]: for a sequence of T steps, [T, classes] a sample, one index a step. Their mean is over all N·T of them. `ignore` is an index,
 * of a class or of none (−1, say), that marks targets which count neither in the loss, its mean and its gradients, nor in the accuracy:
 * padding. Where a mini-batch has no others, its loss is 0. PyTorch's ignore_index.
 */
export type LossOption = LossName | TypedLoss;

interface TypedLoss {
  readonly type: LossName;
  readonly delta?: number;
  readonly labelSmoothing?: number;
  readonly ignore?: number;
}

const elementwise = (op: string, x: GraphValue, y: GraphValue, alpha?: number) => {
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError(`loss: expected targets of shape ${formatShape(x.shape)}, got ${formatShape(y.shape)}`);
  return new GraphExpressions(x.graph).apply(op, [x, y], alpha === undefined ? {} : { alpha });
};

/** The sum over everything, divided by the rows of the batch. */
const overBatch = (x: GraphValue) => new GraphExpressions(x.graph).scale(sum(x), 1, x.shape[0]);

/**
 * The mean over class targets of `each`, which has the losses of logits [targets, classes]. Ignored targets are taken for class 0, so that
 * their losses are numbers, and then left out.
 */
const overTargets =
  (each: LossDefinition['build']): LossDefinition['build'] =>
  (x, y, form, options) => {
    const shape = [count(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]];
    const logits = reshape(x, shape);
    const target = reshape(y, form === 'classes' ? [shape[0]] : shape);
    if (options.ignore === undefined) return overBatch(each(logits, target, form, options));
    const counts = new GraphExpressions(x.graph).step(subtract(target, IGNORED));
    const classes = new GraphExpressions(x.graph).apply('clampIndex', [target]);
    return divide(sum(multiply(each(logits, classes, form, options), counts)), maximum(sum(counts), 1));
  };

const pick = (x: GraphValue, index: GraphValue) => new GraphExpressions(x.graph).apply('pick', [x, index]);

/** Probabilities with a share spread evenly over all classes. */
function smoothed(x: GraphValue, target: GraphValue, form: TargetForm, share: number): GraphValue {
  const m = new GraphExpressions(x.graph);
  const [rows, columns] = x.shape;
  const rest = form === 'classes' ? m.apply('scatter', [m.fill(1 - share, [rows]), target], { columns }) : multiply(target, 1 - share);
  return add(rest, share / columns);
}

const LOSSES = {
  /** ½‖y − a‖² summed over the outputs: the textbooks' quadratic cost. */
  halfSquaredError: { targets: ['values'], build: (x, y) => overBatch(elementwise('squaredError', x, y)) },
  /** (y − a)², the mean over the outputs too. */
  meanSquaredError: { targets: ['values'], build: (x, y) => multiply(mean(elementwise('squaredError', x, y)), 2) },
  /** |y − a|, the mean over the outputs too. */
  meanAbsoluteError: { targets: ['values'], build: (x, y) => mean(elementwise('absoluteError', x, y)) },
  /** Quadratic up to an error of δ, linear beyond; the mean over the outputs too. Huber 1964. */
  huber: { targets: ['values'], takes: ['delta'], build: (x, y, _, { delta }) => mean(elementwise('huberError', x, y, delta)) },
  /** Cross-entropy of sigmoid(logits) against targets in 0…1; the mean over the outputs too. Finite for every finite logit. */
  sigmoidCrossEntropy: {
    targets: ['values'],
    takesProbabilities: true,
    probabilities: 'sigmoid',
    answer: { by: 'threshold', threshold: 0 },
    build: (x, y) => mean(elementwise('logisticError', x, y)),
  },
  /** Cross-entropy of probabilities against targets in 0…1; the mean over the outputs too. Logarithms are not taken below −100. */
  binaryCrossEntropy: {
    targets: ['values'],
    takesProbabilities: true,
    probabilities: 'identity',
    answer: { by: 'threshold', threshold: 0.5 },
    build: (x, y) => mean(elementwise('bernoulliError', x, y)),
  },
  /** Cross-entropy of softmax(logits) against class indices or probabilities; its δ is a − y. Finite for every finite logit. */
  softmaxCrossEntropy: {
    targets: ['classes', 'values'],
    takesProbabilities: true,
    probabilities: 'softmax',
    answer: { by: 'largest' },
    takes: ['labelSmoothing'],
    build: overTargets((x, y, form, { labelSmoothing }) => {
      const smooths = labelSmoothing > 0;
      const target = smooths ? smoothed(x, y, form, labelSmoothing) : y;
      const sparse = form === 'classes' && !smooths;
      return new GraphExpressions(x.graph).apply('softmaxCrossEntropy', [x, target], { sparse });
    }),
  },
  /** −log-probability of the class: softmaxCrossEntropy in two steps, after a logSoftmax layer. */
  negativeLogLikelihood: {
    targets: ['classes'],
    probabilities: 'exp',
    build: overTargets((x, y) => negate(pick(x, y))),
  },
  /** Σ y·(ln y − x) of log-probabilities x against probabilities y. */
  kullbackLeibler: {
    targets: ['values'],
    takesProbabilities: true,
    probabilities: 'exp',
    answer: { by: 'largest' },
    build: (x, y) => overBatch(elementwise('relativeEntropy', x, y)),
  },
  /** Σ max(0, 1 + xⱼ − x_class) over the wrong classes, divided by the number of classes. */
  multiClassHinge: {
    targets: ['classes'],
    build: overTargets((x, y) => {
      const [rows, columns] = x.shape;
      const margins = relu(add(subtract(x, reshape(pick(x, y), [rows, 1])), 1));
      // The right class's own margin is 1 and carries no gradient: xⱼ − x_class is 0 there and both δ's cancel.
      return multiply(subtract(sum(margins, [1]), 1), 1 / columns);
    }),
  },
} satisfies Record<string, LossDefinition>;

export const LOSS_NAMES = Object.keys(LOSSES) as LossName[];

const TYPED_LOSS = { type: required((_, value) => checkName('loss', value, LOSS_NAMES)), ...OPTIONS } satisfies TableOf<TypedLoss>;

/** A loss with its options bound. */
export interface Loss {
  readonly name: LossName;
  readonly definition: LossDefinition;
  readonly option: LossOption;
  /** The class index that marks targets which do not count. */
  readonly ignore?: number;
  build(prediction: GraphValue, target: GraphValue, form: TargetForm): GraphValue;
}

/**
 * Checks a loss option.
 *
 * @throws OptionError for an unknown name or option.
 */
export function lossFrom(option: LossOption): Loss {
  if (typeof option !== 'string' && (typeof option !== 'object' || option === null))
    throw new OptionError(`loss: expected a name or { type }, got ${describe(option)}`);
  const { type: name, ...options } = readOptions('loss', TYPED_LOSS, typeof option === 'string' ? { type: option } : option);
  const definition: LossDefinition = LOSSES[name];
  if (typeof option === 'object') checkTaken(name, definition, option);
  const build: Loss['build'] = (prediction, target, form) => definition.build(prediction, target, form, options);
  return { name, definition, option, ignore: options.ignore, build };
}

/** The check of an option that is a loss. */
export const checkLoss: Check<Loss> = (_, value) => lossFrom(value as LossOption);

/** Throws OptionError for an option that other losses take. */
function checkTaken(name: LossName, { targets, takes = [] }: LossDefinition, option: TypedLoss): void {
  for (const own of Object.keys(OWN_OPTIONS) as OwnOption[]) {
    if (option[own] === undefined || takes.includes(own)) continue;
    const takers = LOSS_NAMES.filter((other) => (LOSSES[other] as LossDefinition).takes?.includes(own)).join(' and ');
    throw new OptionError(`loss: expected ${own} with ${takers} only, got it with ${name}`);
  }
  if (option.ignore !== undefined && !targets.includes('classes'))
    throw new OptionError(`loss: expected ignore with losses of classes only, got it with ${name}`);
}

/** Throws ShapeError where a loss cannot take predictions of that shape. */
export function checkPrediction(loss: Loss, prediction: GraphValue): void {
  const { shape } = prediction;
  if (loss.definition.targets.includes('classes') && (shape.length < 2 || shape[shape.length - 1] < 2)) {
    throw new ShapeError(
      `${loss.name}: expected the last layer to give [batch, classes] or [batch, …, classes], got ${formatShape(shape)}`,
    );
  }
  if (shape[0] !== -1) throw new ShapeError(`${loss.name}: expected predictions with the batch first, got ${formatShape(shape)}`);
}
