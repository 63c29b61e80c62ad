/** The programs of a network, for people. */
import { compile, compilePrepared } from '../compiler/compile.ts';
import type { Engine } from '../model/engine.ts';
import { type Clip, type Model, predictionGraph, trainingGraph } from '../model/graphs.ts';
import { adam, type Optimizer, optimizerFromConfig } from '../optimizers.ts';
import { checkBoolean, checkInteger, checkKeys, checkName } from '../options.ts';
import { describeMemory, disassemble } from '../program/disassemble.ts';
import type { Program } from '../program/format.ts';
import { checkClip } from '../training/fit-settings.ts';

/** The program that `fit` runs for each mini-batch. */
export interface ExplainTrainingOptions {
  readonly program?: 'training';
  /** Rows of a mini-batch. Default 32. */
  readonly batchSize?: number;
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** Default: gradients are not clipped. */
  readonly clip?: Clip;
}

/** The program that `predict` runs, and before it the one that makes of the weights what it reads, where there is such a one. */
export interface ExplainPredictionOptions {
  readonly program: 'prediction';
  /** The most rows predicted at once. Default 32. */
  readonly batchSize?: number;
  /** As for `predict`. Default false. */
  readonly probabilities?: boolean;
}

export type ExplainOptions = ExplainTrainingOptions | ExplainPredictionOptions;

const KEYS = {
  training: ['program', 'batchSize', 'optimizer', 'clip'],
  prediction: ['program', 'batchSize', 'probabilities'],
} as const;

/** A program as text, with its memory on the network's backend. Throws OptionError for an unknown or impossible option. */
export function explain({ model, backend, weights }: Engine, options: ExplainOptions): string {
  checkKeys('explain', options, [...KEYS.training, 'probabilities']);
  const kind = checkName('explain.program', options.program ?? 'training', ['training', 'prediction']);
  checkKeys(`explain of the ${kind} program`, options, KEYS[kind]);
  const maximumRows = checkInteger('explain.batchSize', options.batchSize ?? 32);
  const print = (program: Program) => `${disassemble(program)}\n\n${describeMemory(program, backend.elementBytes)}`;
  if (options.program !== 'prediction') return print(trainingProgram(model, weights.frozen, maximumRows, options));
  const probabilities = checkBoolean('explain.probabilities', options.probabilities ?? false);
  const { program, preparation } = compilePrepared(predictionGraph(model, probabilities), { maximumRows, layout: model.layout });
  if (!preparation) return print(program);
  return `; once after weights have changed\n${print(preparation)}\n\n; for each batch\n${print(program)}`;
}

function trainingProgram(
  model: Model,
  frozen: ReadonlySet<string>,
  maximumRows: number,
  { optimizer = adam(), clip }: ExplainTrainingOptions,
): Program {
  const tasks = model.heads.map(({ loss }) => ({ form: loss.definition.targets[0], comparison: undefined }));
  const settings = {
    optimizer: optimizerFromConfig(optimizer),
    clip: clip === undefined ? undefined : checkClip('explain.clip', clip),
    frozen,
  };
  return compile(trainingGraph(model, tasks, settings), { maximumRows });
}
