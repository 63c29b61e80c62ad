/** Prints the programs of a network. */
import { compile, compilePrepared } from '../compiler/compile.ts';
import type { Engine } from '../model/engine.ts';
import { type Clip, predictionGraph, trainingGraph } from '../model/graphs.ts';
import { checkOptimizer } from '../optimizers/define.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import {
  flag,
  integer,
  type OptionsRead,
  type OptionTable,
  oneOf,
  optional,
  readOptions,
  required,
  type TableOf,
  withDefault,
} from '../options/table.ts';
import { checkKeys, checkName } from '../options.ts';
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

/** The program that `predict` runs, after the program that prepares its weights, if it has one. */
export interface ExplainPredictionOptions {
  readonly program: 'prediction';
  /** The most rows predicted at once. Default 32. */
  readonly batchSize?: number;
  /** As for `predict`. Default false. */
  readonly probabilities?: boolean;
}

export type ExplainOptions = ExplainTrainingOptions | ExplainPredictionOptions;

const BATCH_SIZE = withDefault(integer(), 32);
const TRAINING = {
  program: optional(oneOf(['training'])),
  batchSize: BATCH_SIZE,
  optimizer: withDefault(checkOptimizer, { type: 'adam' }),
  clip: optional(checkClip),
} satisfies TableOf<ExplainTrainingOptions>;
const PREDICTION = {
  program: required(oneOf(['prediction'])),
  batchSize: BATCH_SIZE,
  probabilities: withDefault(flag, false),
} satisfies TableOf<ExplainPredictionOptions>;

/**
 * A program as text, with its memory on the network's backend: a quantised network has only the one that predicts. Throws OptionError for an unknown or
 * impossible option.
 */
export function explain(engine: Engine, options: ExplainOptions): string {
  const { model, backend, products, quantization } = engine;
  const { layout } = model;
  checkKeys('explain', options, Object.keys({ ...TRAINING, ...PREDICTION }));
  const kinds = quantization ? (['prediction'] as const) : (['training', 'prediction'] as const);
  const kind = checkName<(typeof kinds)[number]>('explain.program', options.program ?? kinds[0], kinds);
  const read = <const T extends OptionTable>(table: T) =>
    readOptions(`explain of the ${kind} program`, table, { ...options, program: kind }, (name) => `explain.${name}`);
  const print = (program: Program) => `${disassemble(program)}\n\n${describeMemory(program, backend.elementBytes)}`;
  if (kind === 'training') return print(trainingProgram(engine, read(TRAINING)));
  const { probabilities, batchSize: maximumRows } = read(PREDICTION);
  const compiled = { maximumRows, layout, products, toBytes: quantization?.toBytes };
  const { program, preparation } = compilePrepared(predictionGraph(model, probabilities), compiled);
  if (!preparation) return print(program);
  return `; once after weights have changed\n${print(preparation)}\n\n; for each batch\n${print(program)}`;
}

function trainingProgram(
  { model, weights: { frozen }, products }: Engine,
  { optimizer, clip, batchSize: maximumRows }: OptionsRead<typeof TRAINING>,
): Program {
  const tasks = model.heads.map(({ loss }) => ({ form: loss.definition.targets[0], comparison: undefined }));
  return compile(trainingGraph(model, tasks, { optimizer, clip, frozen }), { maximumRows, products });
}
