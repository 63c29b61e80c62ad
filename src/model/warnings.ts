/** Warnings of a network's structure, in sentences: legal mistakes that are trained in vain. */
import type { Graph, GraphValue } from '../graph/graph.ts';
import { channelsFirst } from '../layers/windows.ts';
import type { LossDefinition } from '../losses/loss.ts';
import { formatShape } from '../ops/shape.ts';
import type { OpSpec, Trait } from '../ops/spec.ts';
import type { Origin } from '../origin.ts';
import type { Head } from './heads.ts';

/** The examined structure. */
interface Traced {
  readonly graph: Graph;
  readonly heads: readonly Head[];
  /** The predictions of the heads, in their order. */
  readonly predictions: readonly GraphValue[];
  describe(origin: Origin): string;
}

export function warningsOf({ graph, heads, predictions, describe }: Traced): string[] {
  const ofHeads = heads.flatMap((head, i) => misfit(head, predictions[i], head.label ?? 'the last layer') ?? []);
  const ofLayers = graph.taken.flatMap(({ value, as, origin }) => {
    const found = as === 'image' ? channelsLast(value) : imageAsFeatures(value);
    return found ? [`${describe(origin)} ${found}`] : [];
  });
  return [...new Set([...ofHeads, ...ofLayers])];
}

/** The effect of predictions that end with another activation than the loss takes. */
function misfit({ loss }: Head, prediction: GraphValue, where: string): string | undefined {
  const last = lastOp(prediction);
  const ends = isAnyNumber(prediction) ? 'with no activation' : last?.activation && `with ${last.name}`;
  if (ends === undefined) return undefined;
  const advice = ADVICE[loss.definition.probabilities ?? 'none'](last?.gives ?? []);
  return advice && `${loss.name} takes ${advice[0]}, and ${where} ends ${ends}: ${advice[1]}`;
}

/**
 * By the activation that turns predictions into probabilities: the input of the loss, and the cure for predictions that end with that
 * activation.
 */
const ADVICE: Readonly<
  Record<NonNullable<LossDefinition['probabilities']> | 'none', (given: readonly Trait[]) => readonly [string, string] | undefined>
> = {
  none: () => undefined,
  softmax: (given) =>
    given.includes('probabilities')
      ? ['logits and applies softmax itself', 'leave that activation out; predict(x, { probabilities: true }) applies it']
      : undefined,
  sigmoid: (given) =>
    given.includes('probabilities')
      ? ['logits and applies sigmoid itself', 'leave that activation out, or take binaryCrossEntropy']
      : undefined,
  identity: (given) =>
    given.includes('probabilities')
      ? undefined
      : ['probabilities from 0 to 1', 'end with sigmoid, or take sigmoidCrossEntropy, which applies it itself'],
  exp: (given) =>
    given.includes('logProbabilities')
      ? undefined
      : ['log-probabilities', 'end with logSoftmax, or take softmaxCrossEntropy with no activation'],
};

/** The op that made a value, behind others that change its shape alone. */
function lastOp(value: GraphValue): OpSpec | undefined {
  const { operation } = value;
  return operation?.op.view ? lastOp(operation.inputs[0] as GraphValue) : operation?.op;
}

/** Whether a value is a product with a weight, or that and a bias. */
function isAnyNumber({ operation }: GraphValue): boolean {
  if (!operation) return false;
  const { op, inputs } = operation;
  if (op.gives.includes('weightedSums')) return true;
  const [first, second] = inputs as readonly GraphValue[];
  if (op.view) return isAnyNumber(first);
  return op.name === 'add' && isAnyNumber(first) && isBias(second);
}

const isBias = ({ source, operation }: GraphValue): boolean =>
  source?.kind === 'parameter' || (operation?.op.view === true && isBias(operation.inputs[0] as GraphValue));

function channelsLast({ source, shape }: GraphValue): string | undefined {
  const meant = source?.kind === 'input' ? channelsFirst(shape.slice(1)) : undefined;
  if (!meant) return undefined;
  const [channels, height, width] = shape.slice(1);
  return `takes an input of [${channels}, ${height}, ${width}] for ${channels} channels of ${height} × ${width}: channels come first, [${meant.join(', ')}]`;
}

function imageAsFeatures(value: GraphValue): string | undefined {
  if (value.shape.length !== 4 || !isImage(value)) return undefined;
  return `takes images ${formatShape(value.shape)} row by row, each for ${value.shape[3]} features: flatten() before it takes each image as a whole`;
}

/** Whether a value comes of a convolution or of pooling, by whatever keeps its shape. */
function isImage({ operation, shape }: GraphValue): boolean {
  if (!operation) return false;
  if (operation.op.gives.includes('image')) return true;
  const [first] = operation.inputs;
  return first !== undefined && first.shape.join() === shape.join() && isImage(first);
}
