/** The rows of a head: predictions and targets as its loss and metrics look at them, what each row weighs, and the mean over them. */
import { ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { divide, maximum, mean, multiply, reshape, subtract, sum } from '../graph/functions.ts';
import { checkValue, Graph, type GraphValue } from '../graph/graph.ts';
import { BATCH, count, formatShape } from '../ops/shape.ts';
import { IGNORED, type Loss, type TargetForm } from './loss.ts';

export interface Rows {
  readonly form: TargetForm;
  /** [rows, classes] for a loss that takes classes, with a row for each target; else [batch, …], with a row for each sample. */
  readonly prediction: GraphValue;
  /** [rows], or of the prediction's shape. Targets that are ignored stand for class 0, so that their losses are numbers. */
  readonly target: GraphValue;
  /** What each row weighs, [rows]; 0 where its target is ignored. Undefined where all weigh the same. */
  readonly weight: GraphValue | undefined;
}

/** The rows of a batch. */
export function rowsOf(loss: Loss, prediction: GraphValue, target: GraphValue, form: TargetForm): Rows {
  if (!loss.takesClasses) return { form, prediction, target, weight: undefined };
  const { shape } = prediction;
  const rows = [count(shape.slice(0, -1)), shape[shape.length - 1]];
  const flat = { form, prediction: reshape(prediction, rows), target: reshape(target, form === 'classes' ? [rows[0]] : rows) };
  if (loss.ignore === undefined || form !== 'classes') return { ...flat, weight: undefined };
  const weight = countedAmong(flat.target);
  return { ...flat, target: new GraphExpressions(target.graph).apply('clampIndex', [flat.target]), weight };
}

/** 1 for each class index that counts, 0 for each that is ignored. */
function countedAmong(target: GraphValue): GraphValue {
  return new GraphExpressions(target.graph).step(subtract(target, IGNORED));
}

/** What the rows of a batch weigh together, from its targets as they are bound. */
export function weightOf(target: GraphValue): GraphValue {
  return sum(countedAmong(reshape(target, [count(target.shape)])));
}

/** Σ weight · loss / Σ weight over the rows; their mean where all weigh the same, and 0 where none counts. */
export function lossOf(loss: Loss, rows: Rows): GraphValue {
  const losses = lossesOf(loss, rows);
  const { outputs, factor } = loss.definition;
  if (rows.weight) return multiply(weightedMean(perRow(losses, outputs), rows.weight), factor);
  return multiply(outputs === 'mean' ? mean(losses) : overRows(losses), factor);
}

/** The mean loss of a batch. */
export const meanLoss = (loss: Loss, prediction: GraphValue, target: GraphValue, form: TargetForm) =>
  lossOf(loss, rowsOf(loss, prediction, target, form));

/** The losses with the rows first. Throws ShapeError where the loss gives others. */
function lossesOf(loss: Loss, { form, prediction, target }: Rows): GraphValue {
  const losses = checkValue(`loss ${loss.name}`, loss.build(prediction, target, form));
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

const weightedMean = (losses: GraphValue, weight: GraphValue) => divide(sum(multiply(losses, weight)), divisor(sum(weight)));

/** float32's smallest number with all its digits. */
const SMALLEST_NORMAL = 2 ** -126;

/** A sum of weights to divide by: the mean over rows that all weigh nothing is then 0, as their weighted sum is. */
export const divisor = (weights: GraphValue) => maximum(weights, SMALLEST_NORMAL);

/** Throws ShapeError where a loss cannot take predictions of that shape, or gives losses without the rows first. */
export function checkPrediction(loss: Loss, { shape }: GraphValue): void {
  if (loss.takesClasses && (shape.length < 2 || shape[shape.length - 1] < 2)) {
    throw new ShapeError(
      `${loss.name}: expected the last layer to give [batch, classes] or [batch, …, classes], got ${formatShape(shape)}`,
    );
  }
  if (shape[0] !== BATCH) throw new ShapeError(`${loss.name}: expected predictions with the batch first, got ${formatShape(shape)}`);
  for (const form of loss.definition.targets) tryOut(loss, shape, form);
}

/** Builds the loss in a graph apart. */
function tryOut(loss: Loss, shape: readonly number[], form: TargetForm): void {
  const graph = new Graph({ training: true });
  const prediction = graph.input('prediction', shape);
  const target = form === 'classes' ? graph.input('target', shape.slice(0, -1), 'index') : graph.input('target', shape);
  meanLoss(loss, prediction, target, form);
}
