/** The graphs that a network runs: one training step, an evaluation step, gradients alone, a prediction. */

import { differentiateGraph } from '../graph/autodiff.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, clamp, concatenate, divide, minimum, multiply, reshape } from '../graph/functions.ts';
import { Graph, type GraphValue } from '../graph/graph.ts';
import type { Loss, TargetForm } from '../losses/loss.ts';
import { divisor, lossOf, type Rows, rowsOf, weightOf } from '../losses/rows.ts';
import type { Comparison } from '../metrics/accuracy.ts';
import { BATCH } from '../ops/shape.ts';
import type { ElementKind } from '../ops/spec.ts';
import { addAverages } from '../optimizers/average.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { addUpdate } from '../optimizers/update.ts';
import type { ParameterLayout } from '../program/parameter-layout.ts';
import type { Head } from './heads.ts';
import { headRecords, recordMeasures } from './measures.ts';
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
export interface Task {
  readonly form: TargetForm;
  readonly comparison: Comparison | undefined;
  /** Whether some targets may be ignored. */
  readonly ignores?: boolean;
}

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
/** The input that holds a head's targets. */
export const targetInput = (head: string) => `target ${head}`;
/** The input that holds them while they are counted: that is a part of the program that runs separately, so it shares no value with the rest. */
export const countedInput = (head: string) => `counted ${head}`;

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
  recordResults(model, tasks, batch, model.heads[0].label !== undefined);
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

/** What the record of a step has of all heads together: its loss, at place 0, and where it tells of heads the penalties of layers. */
export const RECORDS = { loss: 'loss', penalty: 'penalty' } as const;

/** Mini-batch, forward, loss, record; with `tellsHeads`, results of heads and penalties too. */
export function evaluationGraph(model: Model, tasks: readonly Task[], tellsHeads: boolean): Graph {
  const batch = batchGraph(model, tasks);
  recordResults(model, tasks, batch, tellsHeads);
  return batch.graph;
}

/**
 * Records the loss, metrics, and what they are to be weighted by: the loss of a head that ignores some targets and how many count; with
 * `tellsHeads` the losses of all heads, and penalties.
 */
function recordResults(model: Model, tasks: readonly Task[], batch: Batch, tellsHeads: boolean): void {
  const { graph, total, predictions, targets, rows, losses, penalties } = batch;
  graph.within('record', () => {
    graph.record(RECORDS.loss, total);
    model.heads.forEach((head, i) => {
      const { loss, shape, name } = head;
      const { form, comparison, ignores } = tasks[i];
      const rowsFor = (one: Loss) => (one === loss ? rows[i] : rowsOf(one, predictions[i], targets[i], form));
      const headRows = { loss, shape, form, comparison, rowsFor, prediction: predictions[i], target: targets[i] };
      graph.within('metrics', () => recordMeasures(graph, head, headRows));
      if (ignores || tellsHeads) graph.record(headRecords(name).loss, losses[i]);
      if (ignores) graph.record(headRecords(name).counted, weightOf(targets[i]));
    });
    if (tellsHeads && penalties) graph.record(RECORDS.penalty, penalties);
  });
}

type Batch = ReturnType<typeof batchGraph>;

/** Loss and gradients, of frozen parameters too, of a batch that the caller writes. */
export function gradientGraph(model: Model, forms: readonly TargetForm[], frozen: ReadonlySet<string>): Graph {
  const graph = new Graph({ training: true, frozen });
  const inputs = sampleInputs(model, graph);
  const targets = model.heads.map((head, i) => givenTarget(graph, head, forms[i]));
  const { total } = lossGraph(model, graph, forms, inputs, targets);
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

function sampleInputs(model: Model, graph: Graph): GraphValue[] {
  return [...model.inputs].map(([name, shape]) => graph.input(name, [BATCH, ...shape], model.elementsOf(name)));
}

const elementsOfTarget = (form: TargetForm): ElementKind => (form === 'classes' ? 'index' : 'number');

/** The shape of one sample's target: classes lie along the prediction's last axis. */
function targetShape({ shape }: Head, form: TargetForm): readonly number[] {
  return form === 'classes' ? shape.slice(0, -1) : shape;
}

/** The input of a head's targets. */
function givenTarget(graph: Graph, head: Head, form: TargetForm, nameOf = targetInput): GraphValue {
  return graph.input(nameOf(head.name), [BATCH, ...targetShape(head, form)], elementsOfTarget(form));
}

/** The origin of a mini-batch's rows. */
interface RowSource {
  /** Chooses the mini-batch. */
  begin(): void;
  samples(): GraphValue[];
  /** Of a head by its number. */
  target(head: number): GraphValue;
  /** The same in the part that counts them. */
  counted(head: number): GraphValue;
}

/** Rows of the data bound to the session: columns of samples, then of targets. */
function drawnRows(graph: Graph, model: Model, tasks: readonly Task[]): RowSource {
  const m = new GraphExpressions(graph);
  const gather = (column: number, sample: readonly number[], elements: ElementKind) =>
    m.apply('gather', [], { column, sample, indices: elements === 'index' });
  const target = (i: number) => gather(model.inputs.size + i, targetShape(model.heads[i], tasks[i].form), elementsOfTarget(tasks[i].form));
  return {
    begin: () => void graph.apply('beginStep', []),
    samples: () => [...model.inputs].map(([name, sample], column) => gather(column, sample, model.elementsOf(name))),
    target,
    counted: target,
  };
}

/** Rows that the caller writes before a run. */
function givenRows(graph: Graph, model: Model, tasks: readonly Task[]): RowSource {
  return {
    begin: () => undefined,
    samples: () => sampleInputs(model, graph),
    target: (i) => givenTarget(graph, model.heads[i], tasks[i].form),
    counted: (i) => givenTarget(graph, model.heads[i], tasks[i].form, countedInput),
  };
}

export interface BatchOptions {
  readonly training?: boolean;
  readonly frozen?: ReadonlySet<string>;
  /** Whether the mini-batch is one of several that make a step. */
  readonly accumulates?: boolean;
  /** Whether the caller writes its rows; default: they are drawn from the data bound to the session. */
  readonly given?: boolean;
}

/**
 * A mini-batch through the network to its losses. `total` is its loss, `objective` the number that is
 * differentiated: where it is one of several mini-batches of a step, a head that ignores some targets is weighted by its share of counted
 * targets.
 */
export function batchGraph(model: Model, tasks: readonly Task[], options: BatchOptions = {}) {
  const graph = new Graph(options);
  const rows = (options.given ? givenRows : drawnRows)(graph, model, tasks);
  const whole = options.accumulates ? graph.within('count', () => countStep(graph, model, tasks, rows)) : new Map<number, WholeStep>();
  const { inputs, targets } = graph.within('batch', () => {
    rows.begin();
    return { inputs: rows.samples(), targets: model.heads.map((_, i) => rows.target(i)) };
  });
  const forms = tasks.map(({ form }) => form);
  const all = lossGraph(model, graph, forms, inputs, targets);
  if (whole.size === 0) return { graph, targets, ...all, objective: all.total };
  const objective = graph.within('loss', () => {
    const parts = all.losses.map((loss, i) => {
      const weighted = multiply(loss, model.heads[i].weight);
      const step = whole.get(i);
      return step ? multiply(weighted, shareOf(targets[i], step)) : weighted;
    });
    return [...parts, ...(all.penalties ? [all.penalties] : [])].reduce((sumSoFar, part) => add(sumSoFar, part));
  });
  return { graph, targets, ...all, objective };
}

/** Memory of a step of several mini-batches: its rows, and how many of a head's targets count. */
interface WholeStep {
  readonly rows: GraphValue;
  readonly counted: GraphValue;
}

/**
 * A separate part of the program, run for every mini-batch of a step before the first is computed: gradients of means over counted targets
 * can be added up only with the count of the whole step. By the numbers of the heads that ignore some targets.
 */
function countStep(graph: Graph, model: Model, tasks: readonly Task[], source: RowSource): Map<number, WholeStep> {
  const heads = model.heads.flatMap((_, i) => (tasks[i].ignores ? [i] : []));
  if (heads.length === 0) return new Map();
  source.begin();
  const rows = graph.keep('rows counted', []);
  graph.apply('accumulate', [rows, graph.constant(1)], { weight: BATCH });
  return new Map(
    heads.map((i) => {
      const counted = graph.keep(`counted ${model.heads[i].name}`, []);
      graph.apply('accumulate', [counted, weightOf(source.counted(i))], { weight: 1 });
      return [i, { rows, counted }];
    }),
  );
}

/**
 * The weight of a mini-batch in the mean of its step, besides its share of the rows: counted targets a row here, relative to those of the
 * whole step.
 */
function shareOf(target: GraphValue, { rows, counted }: WholeStep): GraphValue {
  const inRow = new GraphExpressions(target.graph).scale(weightOf(target), 1, BATCH);
  return divide(multiply(inRow, rows), divisor(counted));
}

/** The rows and losses of all heads, and the losses' weighted sum with the penalties of layers. */
function lossGraph(
  model: Model,
  graph: Graph,
  forms: readonly TargetForm[],
  inputs: readonly GraphValue[],
  targets: readonly GraphValue[],
) {
  const predictions = model.trace(graph, inputs);
  const rows: Rows[] = [];
  const losses = graph.within('loss', () =>
    model.heads.map(({ loss }, i) => {
      rows.push(rowsOf(loss, predictions[i], targets[i], forms[i]));
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
