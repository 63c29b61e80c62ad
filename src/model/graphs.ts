/** The graphs that a network runs: one training step, an evaluation step, gradients alone, a prediction. */

import { differentiateGraph } from '../graph/autodiff.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, clamp, concatenate, divide, minimum, multiply, reshape, sum } from '../graph/functions.ts';
import { Graph, type GraphValue } from '../graph/graph.ts';
import type { Loss, LossInputs } from '../losses/loss.ts';
import { divisor, lossOf, type Rows, rowsOf, weightsOf } from '../losses/rows.ts';
import type { Comparison } from '../metrics/accuracy.ts';
import { BATCH } from '../ops/shape.ts';
import type { ElementKind } from '../ops/spec.ts';
import { addAverages } from '../optimizers/average.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { addUpdate } from '../optimizers/update.ts';
import type { ParameterLayout } from '../program/parameter-layout.ts';
import type { Head } from './heads.ts';
import { headRecords, recordMeasures } from './measures.ts';
import { drawnRows, givenRows, type RowForm, type RowSource, sampleInputs } from './row-source.ts';
import type { Shapes } from './structure.ts';

/** The part of a network that the graphs are built around. */
export interface Model {
  /** The shape of one sample of each input. */
  readonly inputs: Shapes;
  readonly heads: readonly Head[];
  /** The kind of an input's elements: indices where all of them choose rows of tables. */
  elementsOf(input: string): ElementKind;
  /** Where the parameters lie that sessions share. */
  readonly layout: ParameterLayout;
  /** Warnings of its structure, in sentences. */
  readonly warnings: readonly string[];
  /** Adds the layers to the graph: from samples of each input to each head's predictions. */
  trace(graph: Graph, inputs: readonly GraphValue[]): GraphValue[];
}

/** The form of a head's targets, and how right answers are counted. */
export interface Task extends RowForm {
  readonly comparison: Comparison | undefined;
  /** Whether some targets may be ignored. */
  readonly ignores?: boolean;
}

/** Whether the rows of a head may weigh differently. */
export const isWeighted = ({ ignores = false, weights }: Task): boolean => ignores || weights !== undefined;

/** Gradients limited by their global norm (Pascanu et al. 2013), or element by element. */
export type Clip = { readonly norm: number } | { readonly value: number };

/** How a training step changes the parameters. */
export interface StepSettings {
  readonly optimizer: Optimizer;
  readonly clip?: Clip;
  /** The decay of the weights' moving averages, where they are kept. */
  readonly ema?: number;
  /** Parameters left as they are. */
  readonly frozen?: ReadonlySet<string>;
  /** Which of several learning rates, and what weight decay, parameters have; those not named have the optimiser's. */
  readonly groups?: ReadonlyMap<string, { readonly index: number; readonly weightDecay?: number }>;
  /** Whether gradients are summed over several mini-batches, with the updates in a separate part of the program. */
  readonly accumulates?: boolean;
  /** Whether the caller writes the rows of a mini-batch to the inputs of samples and targets. Default: they are drawn from bound data. */
  readonly given?: boolean;
}

/** PyTorch's guard against division by a zero norm. */
const NORM_EPSILON = 1e-6;

/** The input that holds a group's learning rate. */
export const learningRateInput = (group: number) => (group === 0 ? 'learningRate' : `learningRate ${group}`);

/** Mini-batch, forward, loss, backward, record, clipping, update. */
export function trainingGraph(model: Model, tasks: readonly Task[], settings: StepSettings): Graph {
  const { accumulates, frozen, given } = settings;
  const batch = batchGraph(model, tasks, { training: true, accumulates, frozen, given });
  const { graph, objective } = batch;
  const names = [...graph.trainable.keys()].filter((name) => !settings.frozen?.has(name));
  const parameters = names.map((name) => graph.parameters.get(name) as GraphValue);
  const deltas = differentiateGraph(objective, parameters);
  const { clip } = settings;
  const clipped = (gradients: readonly GraphValue[]) => (clip ? graph.within('clip', () => clipGradients(gradients, clip)) : gradients);
  const ready = settings.accumulates ? deltas : clipped(deltas);
  names.forEach((name, i) => {
    graph.gradients.set(name, ready[i]);
  });
  recordResults(model, tasks, batch);
  const kept = settings.accumulates ? graph.within('accumulate', () => accumulate(graph, names, deltas)) : undefined;
  assignStates(graph);
  graph.within('update', () => {
    const gradients = kept ? clipped(kept.means()) : ready;
    names.forEach((name, i) => {
      addParameterUpdate(graph, name, parameters[i], gradients[i], settings);
    });
    if (settings.ema !== undefined) addAverages(graph, new Map(names.map((name, i) => [name, parameters[i]])), settings.ema);
    kept?.clear();
  });
  return graph;
}

/** Adds gradients, weighted by their mini-batch's rows, to sums that are kept from one mini-batch to the next. */
function accumulate(graph: Graph, names: readonly string[], gradients: readonly GraphValue[]) {
  const one = graph.constant(1);
  const rows = graph.keep('rows', []);
  const sums = names.map((name, i) => graph.keep(`gradient/${name}`, gradients[i].shape));
  const add = (kept: GraphValue, x: GraphValue) => graph.apply('accumulate', [kept, x], { weight: BATCH });
  sums.forEach((kept, i) => {
    add(kept, gradients[i]);
  });
  add(rows, one);
  return {
    means: () => sums.map((kept) => divide(kept, rows)),
    clear: () => {
      const m = new GraphExpressions(graph);
      for (const kept of graph.kept.values()) graph.apply('assign', [kept, m.fill(0, kept.shape)]);
    },
  };
}

/** The update of one parameter at its group's learning rate, and its constraint. */
export function addParameterUpdate(graph: Graph, name: string, parameter: GraphValue, gradient: GraphValue, settings: StepSettings): void {
  const { index, weightDecay = settings.optimizer.weightDecay } = settings.groups?.get(name) ?? { index: 0 };
  const input = learningRateInput(index);
  const learningRate = graph.inputs.get(input) ?? graph.input(input, []);
  addUpdate(graph, name, parameter, gradient, { ...settings.optimizer, weightDecay }, learningRate);
  const rule = graph.constraints.get(parameter);
  if (rule) graph.apply('assign', [parameter, rule(parameter)]);
}

/** Assigns the next states of layers, once nothing reads the old ones. */
function assignStates(graph: Graph): void {
  graph.within('state', () => {
    for (const [state, next] of graph.assignments) graph.apply('assign', [state, next]);
  });
}

/** The whole loss, at place 0 of the record of a step. */
const LOSS_RECORD = 'loss';

/** Mini-batch, forward, loss, record. */
export function evaluationGraph(model: Model, tasks: readonly Task[]): Graph {
  const batch = batchGraph(model, tasks);
  recordResults(model, tasks, batch);
  return batch.graph;
}

/**
 * Records the loss, metrics, and what they are to be weighted by: the loss of a head whose rows weigh differently and their weight. Of heads
 * that have names the losses are told, whatever their rows weigh.
 */
function recordResults(model: Model, tasks: readonly Task[], batch: BatchGraph): void {
  const { graph, total, predictions, targets, weights, rows, losses } = batch;
  const inputs = namedInputs(model, batch.inputs);
  graph.within('record', () => {
    graph.record(LOSS_RECORD, total);
    model.heads.forEach((head, i) => {
      const { loss, shape, name, label } = head;
      const { form, comparison } = tasks[i];
      const { total: weight } = rows[i];
      const rowsFor = (one: Loss) =>
        one === loss ? rows[i] : rowsOf(one, predictions[i], targets[i], form, { weights: weights[i], inputs });
      const headRows = { loss, shape, form, comparison, rowsFor, prediction: predictions[i], target: targets[i] };
      graph.within('metrics', () => recordMeasures(graph, head, headRows));
      if (weight || label !== undefined) graph.record(headRecords(name).loss, losses[i]);
      if (weight) graph.record(headRecords(name).rows, weight);
    });
  });
}

type BatchGraph = ReturnType<typeof batchGraph>;

/** Loss and gradients, of frozen parameters too, of a batch that the caller writes. */
export function gradientGraph(model: Model, tasks: readonly Task[], frozen: ReadonlySet<string>): Graph {
  const graph = new Graph({ training: true, frozen });
  const { total } = lossGraph(model, graph, tasks, batchFrom(givenRows(graph, model, tasks)));
  graph.outputs.set('loss', total);
  const parameters = [...graph.trainable];
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
  const predictions = model.trace(graph, sampleInputs(model, graph));
  model.heads.forEach(({ name, loss }, i) => {
    const activation = loss.definition.probabilities;
    const changes = probabilities && activation && activation !== 'identity';
    graph.outputs.set(name, graph.numbers(changes ? new GraphExpressions(graph).apply(activation, [predictions[i]]) : predictions[i]));
  });
  return graph;
}

export interface BatchOptions {
  readonly training?: boolean;
  readonly frozen?: ReadonlySet<string>;
  /** Whether the mini-batch is one of several that make a step. */
  readonly accumulates?: boolean;
  /** Whether the caller writes its rows; default: they are drawn from the data bound to the session. */
  readonly given?: boolean;
}

/** The values of a mini-batch: of each input, and of each head its targets and the weights of its rows. */
interface Batch {
  readonly inputs: readonly GraphValue[];
  readonly targets: readonly GraphValue[];
  readonly weights: readonly (GraphValue | undefined)[];
}

function batchFrom(source: RowSource): Batch {
  const inputs = source.samples();
  const heads = source.heads();
  return { inputs, targets: heads.map(({ target }) => target), weights: heads.map(({ weights }) => weights) };
}

/**
 * A mini-batch through the network to its losses. `total` is its loss, `objective` the number that is differentiated: where it is one of
 * several mini-batches of a step, a head whose rows weigh differently is weighted by its share of the step's weights.
 */
export function batchGraph(model: Model, tasks: readonly Task[], options: BatchOptions = {}) {
  const graph = new Graph(options);
  const source = (options.given ? givenRows : drawnRows)(graph, model, tasks);
  const whole = options.accumulates ? graph.within('count', () => countStep(graph, model, tasks, source)) : new Map<number, WholeStep>();
  const batch = graph.within('batch', () => {
    source.begin();
    return batchFrom(source);
  });
  const all = lossGraph(model, graph, tasks, batch);
  if (whole.size === 0) return { graph, ...batch, ...all, objective: all.total };
  const objective = graph.within('loss', () => {
    const parts = all.losses.map((loss, i) => {
      const weighted = multiply(loss, model.heads[i].weight);
      const step = whole.get(i);
      return step ? multiply(weighted, shareOf(all.rows[i].total as GraphValue, step)) : weighted;
    });
    return [...parts, ...(all.penalties ? [all.penalties] : [])].reduce((sumSoFar, part) => add(sumSoFar, part));
  });
  return { graph, ...batch, ...all, objective };
}

/** Memory of a step of several mini-batches: its rows, and what those of a head weigh together. */
interface WholeStep {
  readonly rows: GraphValue;
  readonly weight: GraphValue;
}

/**
 * A separate part of the program, run for every mini-batch of a step before the first is computed: gradients of weighted means can be added
 * up only with the weight of the whole step. By the numbers of the heads whose rows weigh differently.
 */
function countStep(graph: Graph, model: Model, tasks: readonly Task[], source: RowSource): Map<number, WholeStep> {
  const heads = model.heads.flatMap((_, i) => (isWeighted(tasks[i]) ? [i] : []));
  if (heads.length === 0) return new Map();
  source.begin();
  const rows = graph.keep('rows counted', []);
  graph.apply('accumulate', [rows, graph.constant(1)], { weight: BATCH });
  return new Map(
    heads.map((i) => {
      const { name, loss, shape } = model.heads[i];
      const weight = graph.keep(`counted ${name}`, []);
      const { target, weights } = source.counted(i);
      const places = [BATCH, ...shape.slice(0, -1)];
      const ofRows = weightsOf(loss, target, tasks[i].form, { places, given: weights }) as GraphValue;
      graph.apply('accumulate', [weight, sum(ofRows)], { weight: 1 });
      return [i, { rows, weight }];
    }),
  );
}

/** The weight of a mini-batch in the mean of its step, besides its share of the rows: weight a row here, relative to that of the whole step. */
function shareOf(total: GraphValue, { rows, weight }: WholeStep): GraphValue {
  const ofRow = new GraphExpressions(total.graph).scale(total, 1, BATCH);
  return divide(multiply(ofRow, rows), divisor(weight));
}

const namedInputs = (model: Model, inputs: readonly GraphValue[]): LossInputs =>
  Object.fromEntries([...model.inputs.keys()].map((name, i) => [name, inputs[i]]));

/** The rows and losses of all heads, and the losses' weighted sum with the penalties of layers. */
function lossGraph(model: Model, graph: Graph, tasks: readonly Task[], { inputs, targets, weights }: Batch) {
  const predictions = model.trace(graph, inputs);
  const byName = namedInputs(model, inputs);
  const rows: Rows[] = [];
  const losses = graph.within('loss', () =>
    model.heads.map(({ loss }, i) => {
      rows.push(rowsOf(loss, predictions[i], targets[i], tasks[i].form, { weights: weights[i], inputs: byName }));
      return lossOf(loss, rows[i]);
    }),
  );
  const weighted = graph.within('loss', () => losses.map((loss, i) => multiply(loss, model.heads[i].weight)));
  const sumOf = (terms: readonly GraphValue[]) => terms.reduce((sumSoFar, term) => add(sumSoFar, term));
  const terms = [...graph.penalties.values()];
  const penalties = terms.length ? graph.within('penalty', () => sumOf(terms)) : undefined;
  const total = graph.within('penalty', () => sumOf([...weighted, ...terms]));
  return { predictions, rows, losses, penalties, total };
}

/** The Euclidean norm of all gradients' elements together. */
function globalNorm(gradients: readonly GraphValue[]): GraphValue {
  const norms = gradients.map(norm);
  return norms.length === 1 ? norms[0] : norm(concatenate(norms.map((one) => reshape(one, [1]))));
}

const norm = (x: GraphValue) => x.graph.apply('norm', [x])[0];

/** The gradients after clipping: all divided by one factor (norm), or each element limited (value). */
export function clipGradients(gradients: readonly GraphValue[], clip: Clip): GraphValue[] {
  if (gradients.length === 0) return [];
  if ('value' in clip) return gradients.map((gradient) => clamp(gradient, clip.value));
  const factor = minimum(divide(clip.norm, add(globalNorm(gradients), NORM_EPSILON)), 1);
  return gradients.map((gradient) => multiply(gradient, factor));
}
