/** The rows of a head: predictions and targets as its loss and metrics look at them, what each row weighs, and the mean over them. */
import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { broadcast, divide, maximum, mean, multiply, reshape, subtract, sum } from '../graph/functions.ts';
import { checkValue, Graph, type GraphValue } from '../graph/graph.ts';
import { BATCH, count, formatShape } from '../ops/shape.ts';
import type { ElementKind } from '../ops/spec.ts';
import { checkShape, describe } from '../options.ts';
import { counted } from './counted.ts';
import { IGNORED, type Loss, type LossInputs, type TargetForm } from './loss.ts';

export interface Rows {
  readonly form: TargetForm;
  /**
   * [rows, …]. Rows are all targets for a loss that takes classes, and where each target has a weight; else they are samples. Where weights are
   * given, ½ in rows that weigh nothing, as in targets that are values: the losses of that are numbers.
   */
  readonly prediction: GraphValue;
  /** [rows], or of the prediction's shape. Targets that are ignored stand for class 0, so that their losses are numbers. */
  readonly target: GraphValue;
  /** What each row weighs, [rows]; 0 where its target is ignored. Undefined where all weigh the same. */
  readonly weight: GraphValue | undefined;
  /** Whether weights are given, so that rows of weight 0 may have losses that are no numbers. */
  readonly isGiven: boolean;
  /** Σ weight over the rows. */
  readonly total: GraphValue | undefined;
  /** The inputs of the network that the loss takes, by name. */
  readonly inputs: LossInputs;
}

/** What a batch has besides predictions and targets. */
export interface BatchExtras {
  /** One a row, [batch], or one a target. */
  readonly weights?: GraphValue;
  /** The network's inputs, by name. */
  readonly inputs?: LossInputs;
}

/** The rows of a batch. */
export function rowsOf(loss: Loss, prediction: GraphValue, target: GraphValue, form: TargetForm, extras: BatchExtras = {}): Rows {
  const { weights, inputs = {} } = extras;
  const { shape } = prediction;
  const places = shape.slice(0, -1);
  const n = count(places);
  const parts = areTargets(loss, weights)
    ? { prediction: reshape(prediction, [n, shape[shape.length - 1]]), target: flat(target, places) }
    : { prediction, target };
  const weight = weightsOf(loss, target, form, { places, given: weights });
  const isGiven = weights !== undefined;
  const known = (x: GraphValue) => (weight && isGiven ? counted(x, weight, UNWEIGHED) : x);
  return {
    ...{ form, inputs, weight, isGiven, total: weight && sum(weight) },
    prediction: known(parts.prediction),
    target: form === 'values' ? known(parts.target) : classesOf(loss, parts.target, form),
  };
}

/** Stands for predictions and targets that weigh nothing: as logits, probabilities, rates, variances and vectors they have a finite loss. */
const UNWEIGHED = 0.5;

/** Class indices, of which those that are ignored are the first. */
function classesOf(loss: Loss, target: GraphValue, form: TargetForm): GraphValue {
  return ignores(loss, form) ? new GraphExpressions(target.graph).apply('clampIndex', [target]) : target;
}

/** Whether the rows of a head are its targets rather than its samples. */
const areTargets = (loss: Loss, weights: GraphValue | undefined) =>
  loss.takesClasses || (weights !== undefined && weights.shape.length > 1);

const ignores = (loss: Loss, form: TargetForm) => loss.ignore !== undefined && form === 'classes';

/** The targets of all places in one axis. */
function flat(target: GraphValue, places: readonly number[]): GraphValue {
  return reshape(target, [count(places), ...target.shape.slice(places.length)]);
}

/** The weights given for a batch, and the sizes of what has one target each: [batch], or [batch, steps] for sequences. */
export interface GivenWeights {
  readonly places: readonly number[];
  readonly given: GraphValue | undefined;
}

/** What the rows of a batch weigh, [rows]: the weights given for it, and 0 where a target is ignored. Undefined where all weigh the same. */
export function weightsOf(loss: Loss, target: GraphValue, form: TargetForm, { places, given }: GivenWeights): GraphValue | undefined {
  const counts = ignores(loss, form) ? new GraphExpressions(target.graph).step(subtract(flat(target, places), IGNORED)) : undefined;
  if (!given) return counts;
  const weights = areTargets(loss, given) ? perTarget(given, places) : given;
  return counts ? multiply(counts, weights) : weights;
}

/** One weight for each target, where each sample has one for all. */
function perTarget(weights: GraphValue, places: readonly number[]): GraphValue {
  const n = count(places);
  if (count(weights.shape) === n) return reshape(weights, [n]);
  return reshape(broadcast(reshape(weights, [places[0], ...places.slice(1).map(() => 1)]), places), [n]);
}

/** Σ weight · loss / Σ weight over the rows; their mean where all weigh the same, and 0 where none counts. */
export function lossOf(loss: Loss, rows: Rows): GraphValue {
  const losses = lossesOf(loss, rows);
  const { outputs, factor } = loss.definition;
  if (rows.weight && rows.total) return multiply(divide(weightedSum(perRow(losses, outputs), rows), divisor(rows.total)), factor);
  return multiply(outputs === 'mean' ? mean(losses) : overRows(losses), factor);
}

/** Σ weight · loss over the rows, [rows]; their sum where all weigh the same. */
export function weightedSum(losses: GraphValue, { weight, isGiven }: Rows): GraphValue {
  if (!weight) return sum(losses);
  return sum(multiply(isGiven ? counted(losses, weight, 0) : losses, weight));
}

/** The mean loss of a batch. */
export const meanLoss = (loss: Loss, prediction: GraphValue, target: GraphValue, form: TargetForm, extras?: BatchExtras) =>
  lossOf(loss, rowsOf(loss, prediction, target, form, extras));

/** The losses with the rows first. Throws ShapeError where the loss gives others. */
function lossesOf(loss: Loss, { form, prediction, target, inputs }: Rows): GraphValue {
  const own = Object.fromEntries(loss.definition.inputs.map((name) => [name, inputs[name]]));
  const losses = checkValue(`loss ${loss.name}`, loss.build(prediction, target, form, own));
  if (losses.shape[0] !== prediction.shape[0])
    throw new ShapeError(
      `${loss.name}: expected losses with the rows first, ${formatShape(prediction.shape.slice(0, 1))} or more axes, got ${formatShape(losses.shape)}`,
    );
  return losses;
}

/** The sum of all losses, divided by the number of rows. */
const overRows = (losses: GraphValue) => new GraphExpressions(losses.graph).scale(sum(losses), 1, losses.shape[0]);

/** One loss a row. */
function perRow(losses: GraphValue, outputs: 'mean' | 'sum'): GraphValue {
  const axes = losses.shape.slice(1).map((_, i) => i + 1);
  if (axes.length === 0) return losses;
  return outputs === 'mean' ? mean(losses, axes) : sum(losses, axes);
}

/** The loss of each row, [rows]. */
export function lossesPerRow(loss: Loss, rows: Rows): GraphValue {
  const { outputs, factor } = loss.definition;
  return multiply(perRow(lossesOf(loss, rows), outputs), factor);
}

/** float32's smallest number with all its digits. */
const SMALLEST_NORMAL = 2 ** -126;

/** A sum of weights to divide by: the mean over rows that all weigh nothing is then 0, as their weighted sum is. */
export const divisor = (weights: GraphValue) => maximum(weights, SMALLEST_NORMAL);

/** The shape of a sample of each input of a network. */
type SampleShapes = ReadonlyMap<string, readonly number[]>;

/**
 * Throws ShapeError where a loss cannot take predictions of that shape, or gives losses without the rows first; OptionError where it takes an
 * input that the network does not have.
 */
export function checkPrediction(loss: Loss, { shape }: GraphValue, inputs: SampleShapes): void {
  if (loss.takesClasses && (shape.length < 2 || shape[shape.length - 1] < 2)) {
    throw new ShapeError(
      `${loss.name}: expected the last layer to give [batch, classes] or [batch, …, classes], got ${formatShape(shape)}`,
    );
  }
  if (shape[0] !== BATCH) throw new ShapeError(`${loss.name}: expected predictions with the batch first, got ${formatShape(shape)}`);
  for (const form of loss.definition.targets) lossGraphOf(loss, shape.slice(1), form, inputs);
}

/** A loss in a graph apart, for a sample's prediction of that shape; its inputs have the names of the network's. */
export function lossGraphOf(loss: Loss, prediction: readonly number[], form: TargetForm, inputs: SampleShapes): Graph {
  const graph = new Graph({ training: true });
  const { x, y, given } = inputsApart(graph, loss, prediction, form, inputs);
  meanLoss(loss, x, y, form, { inputs: given });
  return graph;
}

/** Inputs of a graph apart, for a head's prediction, its targets, and the inputs of the network that its loss takes. */
export function inputsApart(graph: Graph, loss: Loss, prediction: readonly number[], form: TargetForm, inputs: SampleShapes) {
  const named = loss.definition.inputs.map((name) => {
    const sample = inputs.get(name);
    if (sample) return [name, graph.input(name, [BATCH, ...sample])] as const;
    throw new OptionError(`loss: expected inputs among ${[...inputs.keys()].join(', ')} for ${loss.name}, got ${describe(name)}`);
  });
  return {
    x: graph.input('the prediction', [BATCH, ...prediction]),
    y: graph.input('the target', [BATCH, ...targetShapeOf(loss, prediction, form)], elementsOfTarget(form)),
    given: Object.fromEntries(named) as LossInputs,
  };
}

/** The kind of a target's elements. */
export const elementsOfTarget = (form: TargetForm): ElementKind => (form === 'values' ? 'number' : 'index');

/**
 * The shape of one sample's target: classes lie along the prediction's last axis. Throws OptionError where a loss's own rule gives no shape
 * and, of sequences, more than one size.
 */
export function targetShapeOf(loss: Loss, prediction: readonly number[], form: TargetForm): readonly number[] {
  if (form === 'classes') return prediction.slice(0, -1);
  const sample = loss.targetShape(prediction);
  if (!loss.definition.target) return sample;
  const shape = checkShape(`${loss.name}: target`, sample);
  if (form === 'values' || shape.length === 1) return shape;
  throw new OptionError(`${loss.name}: target: expected [the most labels] for sequences, got [${shape.join(', ')}]`);
}
