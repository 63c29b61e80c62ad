/** Training programs that between them use every op that threads divide, with sizes that no number of threads divides evenly. */
import type { DataBinding, LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { add, concatenate, multiply, slice, softmax, transpose } from '../../src/graph/functions.ts';
import {
  type ActivationName,
  activation,
  adagrad,
  adam,
  adamw,
  batchNorm,
  bidirectional,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  embedding,
  flatten,
  type GraphValue,
  groupNorm,
  gru,
  type Layer,
  layerNorm,
  lstm,
  multiHeadAttention,
  type Optimizer,
  positionalEncoding,
  reshape,
  rmsNorm,
  rmsprop,
  rnn,
  sequenceMask,
  sgd,
  spatialDropout,
} from '../../src/index.ts';
import { lossFrom } from '../../src/losses/config.ts';
import type { LossName } from '../../src/losses/index.ts';
import { type Clip, trainingGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import { COMPARISON } from '../../src/ops/classification.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import type { ThreadCosts } from '../../src/program/divide.ts';
import type { Program } from '../../src/program/format.ts';
import { initialValues } from '../support/initial-values.ts';
import { all } from './programs.ts';

/** Costs by which everything that can be divided is. */
export const EAGER: ThreadCosts = { element: 1, barrier: 0, step: 0 };

/** A network and how it is trained. */
export interface Training {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly loss: LossName;
  readonly form: 'classes' | 'values' | 'sequences';
  readonly optimizer: Optimizer;
  readonly clip?: Clip;
  /** Rows of a mini-batch; default BATCH. */
  readonly batch?: number;
}

const INPUT = 19;
const OUTPUT = 5;
export const BATCH = 37;
/** Two full batches and one of less than a third of one. */
const rowsOf = (batch: number) => 2 * batch + Math.floor(0.3 * batch);

const rearranged: Layer = (x) => concatenate([slice(x, -1, 3, 11), transpose(transpose(slice(x, -1, 0, 7)))], -1);
const gated: Layer = (x) => add(softmax(x), x);

/** The inputs but one as a sequence of so many steps, of a length that the last one says. */
function recurrent(steps: number, truncate: number, ...units: readonly [number, number, number]): Layer[] {
  const memory = lstm(units[0], { masked: true, returnSequences: true, truncate });
  const masked = (x: GraphValue) => {
    const lengths = reshape(multiply(add(slice(x, -1, INPUT - 1, INPUT), 2), steps / 3), [-1]);
    return memory(reshape(slice(x, -1, 0, INPUT - 1), [-1, steps, (INPUT - 1) / steps]), sequenceMask(lengths, steps));
  };
  const rest = [bidirectional(gru(units[1], { returnSequences: true })), rnn(units[2], { returnSequences: true })];
  return [masked, ...rest, flatten(), dense(OUTPUT)];
}
/** 0 or 1 for each number. */
const signs: Layer = (x) => x.graph.apply('step', [x])[0];
/** Two attentions over the signs of the inputs as a sequence. */
const transformer = (causal: boolean) => [
  signs,
  embedding(2, 18),
  positionalEncoding({ learned: causal }),
  multiHeadAttention(3, { causal }),
  layerNorm(),
  multiHeadAttention(2, { causal }),
  flatten(),
  dense(OUTPUT),
];

/** Images of 6 × 6, by all products of convolutions: dense, in groups, a channel at a time, over windows of 3 × 3 and others. */
const convolutional = () => [
  dense(216),
  reshape([6, 6, 6]),
  conv2d(17, 3, { padding: 'same', activation: 'relu' }),
  conv2d(34, 3, { padding: 'same', groups: 17 }),
  conv2d(35, [1, 2]),
  conv2d(10, 2, { groups: 5, stride: 2 }),
  convTranspose2d(7, 3, { stride: 2, activation: 'tanh' }),
  flatten(),
  dense(OUTPUT),
];

/** Words 0 to 3 of five: how many of three inputs are positive. */
const words: Layer = (x) => [5, 10].map((start) => signs(slice(x, -1, start, start + 9))).reduce(add, signs(slice(x, -1, 0, 9)));

const mlp = (hidden: ActivationName, ...more: readonly Layer[]) => [dense(23, { activation: hidden }), ...more, dense(OUTPUT)];
/** Steps of a network that reads labels. */
const LABEL_STEPS = 9;

const crossEntropy = { loss: 'softmaxCrossEntropy', form: 'classes' } as const;

export const TRAININGS: readonly Training[] = [
  ...[sgd({ learningRate: 0.1 }), sgd({ learningRate: 0.1, momentum: 0.9 }), adagrad(), rmsprop(), adam(), adamw()].map((optimizer) => ({
    name: `${optimizer.type} ${optimizer.momentum ?? ''}`,
    layers: mlp('relu'),
    ...crossEntropy,
    optimizer,
  })),
  ...ACTIVATIONS.map(({ name }) => ({
    name,
    layers: mlp(name as ActivationName, activation(name as ActivationName)),
    ...crossEntropy,
    optimizer: sgd({ learningRate: 0.01 }),
  })),
  ...(['halfSquaredError', 'meanAbsoluteError', 'huber', 'sigmoidCrossEntropy'] as const).map((loss) => ({
    name: loss,
    layers: mlp('tanh', dense(16, { l2: 0.01, l1: 0.001 })),
    loss,
    form: 'values' as const,
    optimizer: adam(),
  })),
  {
    name: 'probabilities',
    layers: [...mlp('silu'), activation('sigmoid')],
    loss: 'binaryCrossEntropy',
    form: 'values',
    optimizer: adam(),
  },
  {
    name: 'likelihood',
    layers: [...mlp('relu'), activation('logSoftmax')],
    loss: 'negativeLogLikelihood',
    form: 'classes',
    optimizer: adam(),
  },
  { name: 'dropout', layers: mlp('relu', dropout(0.4), dense(8), dropout(0.1)), ...crossEntropy, optimizer: adam() },
  { name: 'batchNorm', layers: [dense(41), batchNorm(), activation('relu'), dense(OUTPUT)], ...crossEntropy, optimizer: adam() },
  {
    name: 'batchNorm of images',
    layers: [dense(35 * 6), reshape([35, 2, 3]), batchNorm(), spatialDropout(0.2), groupNorm(5), flatten(), dense(OUTPUT)],
    ...crossEntropy,
    optimizer: adam(),
  },
  { name: 'rows normalised', layers: mlp('relu', layerNorm(), dense(37), rmsNorm()), ...crossEntropy, optimizer: adam() },
  ...[false, true].map((causal) => ({
    name: `attention ${causal}`,
    layers: transformer(causal),
    ...crossEntropy,
    optimizer: adam(),
  })),
  {
    name: 'words, by rows',
    layers: [words, embedding(5, 18), flatten(), dense(OUTPUT)],
    ...crossEntropy,
    optimizer: sgd({ learningRate: 0.1 }),
  },
  { name: 'clip norm', layers: mlp('relu'), ...crossEntropy, optimizer: adam(), clip: { norm: 0.1 } },
  { name: 'clip value', layers: mlp('relu'), ...crossEntropy, optimizer: adam(), clip: { value: 0.01 } },
  { name: 'convolutional', layers: convolutional(), ...crossEntropy, optimizer: adam() },
  ...[1, 5].flatMap((batch) => [
    { name: `attention of ${batch} rows`, layers: transformer(true), ...crossEntropy, optimizer: adam(), batch },
    { name: `convolutional of ${batch} rows`, layers: convolutional(), ...crossEntropy, optimizer: adam(), batch },
  ]),
  { name: 'recurrent', layers: recurrent(9, 4, 21, 13, 17), ...crossEntropy, optimizer: adam() },
  {
    name: 'labels of sequences',
    layers: [dense(4 * LABEL_STEPS), reshape([LABEL_STEPS, 4]), dense(OUTPUT)],
    loss: 'ctc',
    form: 'sequences',
    optimizer: adam(),
  },
  { name: 'rearranged', layers: mlp('relu', rearranged, gated), ...crossEntropy, optimizer: adam() },
];

/** Cells of so many units that threads compute their steps together. Their parameters begin as zeros. */
export const LARGE_CELLS: readonly Training[] = [1, 3].map((batch) => ({
  name: `large cells, ${batch} rows`,
  layers: recurrent(3, 2, 226, 257, 449),
  ...crossEntropy,
  optimizer: sgd({ learningRate: 0.01 }),
  batch,
}));

const modelOf = ({ layers, loss }: Training) => new SequentialModel([INPUT], layers, lossFrom(loss));

const INITIAL_VALUES = new Map(
  await Promise.all(TRAININGS.map(async (training) => [training.name, await initialValues(modelOf(training).traced, 3)] as const)),
);

/** Its program, its data and its arena before the first step. */
export function prepare(training: Training): { program: Program; data: DataBinding; arena: Float32Array } {
  const { name, form, optimizer, clip, batch = BATCH } = training;
  const model = modelOf(training);
  const task = { form, comparison: form === 'classes' ? { comparison: COMPARISON.index, threshold: 0, answers: 1 } : undefined };
  const program = compile(trainingGraph(model, [task], { optimizer, clip }), { maximumRows: batch });
  const arena = new Float32Array(program.arenaSize);
  for (const { offset, values } of program.constants) arena.set(values, offset);
  for (const [parameter, values] of INITIAL_VALUES.get(name) ?? []) arena.set(values, program.parameters.get(parameter)?.offset ?? 0);
  const rate = program.inputs.get('learningRate');
  if (rate) arena[rate.offset] = optimizer.learningRate;
  return { program, data: dataFor(form, batch), arena };
}

function dataFor(form: Training['form'], batchSize: number): DataBinding {
  const rows = rowsOf(batchSize);
  const x = Float32Array.from({ length: rows * INPUT }, (_, i) => Math.sin(i * i));
  const columns = [{ data: x, width: INPUT }, targetsFor(form, rows)];
  return { columns, rows, batchSize, shuffle: true };
}

function targetsFor(form: Training['form'], rows: number): DataBinding['columns'][number] {
  if (form === 'classes') return { data: Int32Array.from({ length: rows }, (_, i) => i % OUTPUT), width: 1 };
  if (form === 'values') return { data: Float32Array.from({ length: rows * OUTPUT }, (_, i) => (1 + Math.sin(7 * i)) / 2), width: OUTPUT };
  // None to four labels a row, some of them twice in a row.
  const data = new Int32Array(rows * LABEL_STEPS).fill(-1);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < row % 5; k++) data[row * LABEL_STEPS + k] = 1 + ((row * row + k * (row % 3)) % (OUTPUT - 1));
  return { data, width: LABEL_STEPS };
}

/** Steps of `train`, some of them on the last partial batch. */
export const STEPS = 7;

/** Arena and records after so many steps. */
export function train(backend: LocalBackend, training: Training): { arena: Uint32Array; records: Float64Array } {
  const { program, data, arena } = prepare(training);
  const session = backend.openArena(program, 11);
  session.write(0, arena);
  session.bind(data);
  session.run(all(program, { repeats: STEPS, clock: { epoch: 1, batch: 0 }, rows: data.batchSize }));
  const result = { arena: new Uint32Array(session.read(0, program.arenaSize).buffer), records: session.records(STEPS) };
  session.dispose();
  return result;
}
