/** The graphs that a network runs: one training step, an evaluation step, gradients alone, a prediction. */

import { differentiateGraph } from '../graph/autodiff.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, clamp, divide, minimum, multiply, sqrt, square, sum } from '../graph/functions.ts';
import { Graph, type GraphValue } from '../graph/graph.ts';
import type { Loss, TargetForm } from '../losses.ts';
import { BATCH } from '../ops/shape.ts';
import { addUpdate, type Optimizer } from '../optimizers.ts';
import type { Comparison } from './data.ts';

/** What the graphs are built around. */
export interface Model {
  /** The shape of one sample. */
  readonly input: readonly number[];
  /** The shape of one prediction. */
  readonly output: readonly number[];
  readonly loss: Loss;
  /** Adds the layers to the graph: from samples to predictions. */
  trace(x: GraphValue): GraphValue;
}

/** What targets look like and how they are counted. */
export interface Task {
  readonly form: TargetForm;
  readonly comparison: Comparison | undefined;
}

/** Gradients limited together by their global norm (Pascanu et al. 2013), or each element by itself. */
export type Clip = { readonly norm: number } | { readonly value: number };

/** PyTorch's guard against division by a zero norm. */
const NORM_EPSILON = 1e-6;

/** Mini-batch, forward, loss, backward, clipping, record, update. */
export function trainingGraph(model: Model, task: Task, optimizer: Optimizer, clip: Clip | undefined): Graph {
  const { graph, total, prediction, target } = batchGraph(model, task, true);
  const { trainable } = graph;
  const names = [...trainable.keys()];
  const deltas = differentiateGraph(total, [...trainable.values()]);
  const gradients = graph.within('clip', () => (clip ? clipGradients(deltas, clip) : deltas));
  names.forEach((name, i) => {
    graph.gradients.set(name, gradients[i]);
  });
  graph.within('record', () => record(graph, total, prediction, target, task));
  graph.within('update', () => {
    names.forEach((name, i) => {
      addUpdate(graph, name, graph.parameters.get(name) as GraphValue, gradients[i], optimizer);
    });
  });
  return graph;
}

/** Mini-batch, forward, loss, record. */
export function evaluationGraph(model: Model, task: Task): Graph {
  const { graph, total, prediction, target } = batchGraph(model, task, false);
  graph.within('record', () => record(graph, total, prediction, target, task));
  return graph;
}

/** Loss and gradients of a batch that the caller writes. */
export function gradientGraph(model: Model, form: TargetForm): Graph {
  const graph = new Graph({ training: true });
  const { total } = lossGraph(model, graph, form, graph.input('x', [BATCH, ...model.input]), graph.input('y', targetShape(model, form)));
  graph.outputs.set('loss', total);
  const parameters = [...graph.parameters];
  differentiateGraph(
    total,
    parameters.map(([, value]) => value),
  ).forEach((gradient, i) => {
    graph.gradients.set(parameters[i][0], gradient);
  });
  return graph;
}

/** Predictions of a batch that the caller writes; as probabilities where the loss knows how to make them. */
export function predictionGraph(model: Model, probabilities: boolean): Graph {
  const graph = new Graph();
  const prediction = model.trace(graph.input('x', [BATCH, ...model.input]));
  const activation = model.loss.definition.probabilities;
  const changes = probabilities && activation && activation !== 'identity';
  graph.outputs.set('prediction', changes ? new GraphExpressions(graph).apply(activation, [prediction]) : prediction);
  return graph;
}

function targetShape({ output }: Model, form: TargetForm): readonly number[] {
  return form === 'classes' ? [BATCH] : [BATCH, ...output];
}

function batchGraph(model: Model, task: Task, training: boolean) {
  const graph = new Graph({ training });
  const m = new GraphExpressions(graph);
  const [x, target] = graph.within('batch', () => {
    graph.apply('beginStep', []);
    return [gather(m, 0, model.input), gather(m, 1, targetShape(model, task.form).slice(1))];
  });
  return { graph, target, ...lossGraph(model, graph, task.form, x, target) };
}

function gather(m: GraphExpressions, column: number, sample: readonly number[]): GraphValue {
  return m.apply('gather', [], { column, sample });
}

function lossGraph(model: Model, graph: Graph, form: TargetForm, x: GraphValue, target: GraphValue) {
  const prediction = model.trace(x);
  const loss = graph.within('loss', () => model.loss.build(prediction, target, form));
  const total = graph.within('penalty', () => [...graph.penalties.values()].reduce((sumSoFar, penalty) => add(sumSoFar, penalty), loss));
  return { prediction, total };
}

function record(graph: Graph, loss: GraphValue, prediction: GraphValue, target: GraphValue, { comparison }: Task): void {
  const correct = comparison && new GraphExpressions(graph).apply('correct', [prediction, target], { ...comparison });
  graph.apply('record', [loss, correct]);
}

/** The gradients after clipping, each divided by the same factor (norm) or limited by itself (value). */
export function clipGradients(gradients: readonly GraphValue[], clip: Clip): GraphValue[] {
  if ('value' in clip) return gradients.map((gradient) => clamp(gradient, clip.value));
  const squares = gradients.map((gradient) => sum(square(gradient)));
  const norm = sqrt(squares.reduce((total, one) => add(total, one)));
  const factor = minimum(divide(clip.norm, add(norm, NORM_EPSILON)), 1);
  return gradients.map((gradient) => multiply(gradient, factor));
}
