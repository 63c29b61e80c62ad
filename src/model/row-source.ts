/** Where the rows of a mini-batch come from: the data bound to a session, or inputs that the caller writes. */
import { GraphExpressions } from '../graph/expressions.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import type { TargetForm } from '../losses/loss.ts';
import { elementsOfTarget, targetShapeOf } from '../losses/rows.ts';
import { BATCH } from '../ops/shape.ts';
import type { ElementKind } from '../ops/spec.ts';
import type { Head } from './heads.ts';
import type { Shapes } from './structure.ts';

/** The input that holds a head's targets. */
export const targetInput = (head: string) => `target ${head}`;
/** The input that holds the weights of a head's rows. */
export const weightInput = (head: string) => `weights ${head}`;
/** The inputs that hold them while they are counted: that is a part of the program that runs separately, so it shares no value with the rest. */
export const countedTargetInput = (head: string) => `counted ${targetInput(head)}`;
export const countedWeightInput = (head: string) => `counted ${weightInput(head)}`;

/** The samples and predictions of a network. */
interface Sampled {
  /** The shape of one sample of each input. */
  readonly inputs: Shapes;
  readonly heads: readonly Pick<Head, 'name' | 'shape' | 'loss'>[];
  /** The kind of an input's elements. */
  elementsOf(input: string): ElementKind;
}

/** The form of a head's targets and of their weights. */
export interface RowForm {
  readonly form: TargetForm;
  /** How many weights a row of data has, where it has some: 1, or one for each of its targets. */
  readonly weights?: number;
}

/** What a head has of a mini-batch. */
export interface HeadRows {
  readonly target: GraphValue;
  /** Of a head whose data has weights. */
  readonly weights: GraphValue | undefined;
}

/** The origin of a mini-batch's rows. */
export interface RowSource {
  /** Chooses the mini-batch. */
  begin(): void;
  samples(): GraphValue[];
  /** Of all heads. */
  heads(): HeadRows[];
  /** The same of one, in the part that counts them. */
  counted(head: number): HeadRows;
}

/** Rows of the data bound to the session: columns of samples, of targets, then of the weights that there are. */
export function drawnRows(graph: Graph, model: Sampled, tasks: readonly RowForm[]): RowSource {
  const m = new GraphExpressions(graph);
  const gather = (column: number, sample: readonly number[], elements: ElementKind) =>
    m.apply('gather', [], { column, sample, indices: elements === 'index' });
  const { size } = model.inputs;
  const weighted = tasks.flatMap(({ weights }, i) => (weights === undefined ? [] : [i]));
  const target = (i: number) => gather(size + i, targetShape(model.heads[i], tasks[i].form), elementsOfTarget(tasks[i].form));
  const weights = (i: number) => {
    const { weights: each } = tasks[i];
    return each === undefined ? undefined : gather(size + tasks.length + weighted.indexOf(i), weightShape(model.heads[i], each), 'number');
  };
  return {
    begin: () => void graph.apply('beginStep', []),
    samples: () => [...model.inputs].map(([name, sample], column) => gather(column, sample, model.elementsOf(name))),
    heads: () => {
      const targets = tasks.map((_, i) => target(i));
      return targets.map((one, i) => ({ target: one, weights: weights(i) }));
    },
    counted: (i) => ({ target: target(i), weights: weights(i) }),
  };
}

/** Rows that the caller writes before a run. */
export function givenRows(graph: Graph, model: Sampled, tasks: readonly RowForm[]): RowSource {
  const input = (name: string, sample: readonly number[], elements: ElementKind) => graph.input(name, [BATCH, ...sample], elements);
  const rows = (i: number, nameOfTarget: typeof targetInput, nameOfWeights: typeof weightInput): HeadRows => {
    const head = model.heads[i];
    const { form, weights } = tasks[i];
    return {
      target: input(nameOfTarget(head.name), targetShape(head, form), elementsOfTarget(form)),
      weights: weights === undefined ? undefined : input(nameOfWeights(head.name), weightShape(head, weights), 'number'),
    };
  };
  return {
    begin: () => undefined,
    samples: () => sampleInputs(model, graph),
    heads: () => tasks.map((_, i) => rows(i, targetInput, weightInput)),
    counted: (i) => rows(i, countedTargetInput, countedWeightInput),
  };
}

/** The inputs of samples, which the caller writes. */
export function sampleInputs(model: Pick<Sampled, 'inputs' | 'elementsOf'>, graph: Graph): GraphValue[] {
  return [...model.inputs].map(([name, shape]) => graph.input(name, [BATCH, ...shape], model.elementsOf(name)));
}

const targetShape = ({ shape, loss }: Pick<Head, 'shape' | 'loss'>, form: TargetForm) => targetShapeOf(loss, shape, form);

/** The shape of the weights of one sample, of which there are so many. */
const weightShape = ({ shape }: Pick<Head, 'shape'>, weights: number): readonly number[] => (weights === 1 ? [] : shape.slice(0, -1));
