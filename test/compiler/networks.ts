/** The programs of whole training steps, as Network compiles them. */
import { type CompileOptions, compile } from '../../src/compiler/compile.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { activation, dense, type Layer } from '../../src/index.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { type Clip, trainingGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import type { Optimizer } from '../../src/optimizers/optimizer.ts';
import { sgd } from '../../src/optimizers/sgd.ts';
import { instructions, type Program } from '../../src/program/format.ts';

export const DIGITS: readonly Layer[] = [dense(32, { activation: 'relu' }), dense(10)];
export const DEEP: readonly Layer[] = [
  ...Array.from({ length: 4 }, () => dense(48, { activation: 'sigmoid' })),
  dense(10),
  activation('softmax'),
];

export interface StepOptions extends CompileOptions {
  readonly optimizer?: Optimizer;
  readonly clip?: Clip;
  readonly accumulates?: boolean;
}

export function stepGraph(
  layers: readonly Layer[],
  { optimizer = sgd({ learningRate: 0.1 }), clip, accumulates }: StepOptions = {},
): Graph {
  const model = new SequentialModel([64], layers, lossFrom('softmaxCrossEntropy'));
  return trainingGraph(model, [{ form: 'classes', comparison: { comparison: 0, threshold: 0, answers: 1 } }], {
    optimizer,
    clip,
    accumulates,
  });
}

export function stepProgram(layers: readonly Layer[], options: StepOptions = {}): Program {
  return compile(stepGraph(layers, options), { maximumRows: 32, ...options });
}

export const opsOf = (program: Program) => [...instructions(program)].map(({ op }) => op.name);
