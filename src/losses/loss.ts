/** A loss: a function of the graph from a batch's predictions and targets to a loss for each row. The framework makes one number of them. */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import {
  callable,
  integer,
  number,
  type OptionsRead,
  oneOf,
  optional,
  readOptions,
  required,
  type TableOf,
  withDefault,
} from '../options/table.ts';
import { checkFunction, describe } from '../options.ts';

const FORMS = ['classes', 'values', 'sequences'] as const;

/**
 * The form of targets: class indices, one for each vector along the last axis; values of the prediction's shape; or sequences, class indices
 * too, of which a sample has any number.
 */
export type TargetForm = (typeof FORMS)[number];

/** The class index, inside chainrule, of a target that does not count, and of what lies behind a sequence: no prediction is right there. */
export const IGNORED = -1;

/**
 * The answer of a prediction along its last axis. By the largest: its largest element is the class. By a threshold: each element is a
 * label, given above the threshold, and all labels together are the answer.
 */
export type Answer = { readonly by: 'largest' } | { readonly by: 'threshold'; readonly threshold: number };

/** What a check of a target finds: what it expected and what came, in words, and at which element. */
export interface TargetProblem {
  readonly expected: string;
  readonly got: string;
  readonly element?: number;
}

/** A sample, as a check of its target sees it. */
export interface TargetSample {
  /** The shape of its prediction. */
  readonly prediction: readonly number[];
  /** Its inputs that the loss takes, by name. */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
}

const PROBABILITIES = ['softmax', 'sigmoid', 'exp', 'identity'] as const;
const REDUCTIONS = ['mean', 'sum'] as const;

/** The facts of a loss, which `defineLoss` is given beside its function. */
export interface LossDefinition {
  /** The forms of targets that it takes: one or a list, of which class indices become the first. Sequences are taken alone. */
  readonly targets: TargetForm | readonly TargetForm[];
  /** The activation that turns its predictions into probabilities; `identity` where they are probabilities; absent where they are none. */
  readonly probabilities?: (typeof PROBABILITIES)[number];
  /** The range of each target that is a value: [0, 1] for probabilities. Default any number. */
  readonly range?: readonly [least: number, most: number];
  /** The shape of a sample's target, of the shape of a prediction. Of values, default the same; of sequences [the most labels], required. */
  readonly target?: (prediction: readonly number[]) => readonly number[];
  /** What is wrong with a sample's sequence, besides indices that are no classes; undefined where nothing is. */
  readonly problem?: (sequence: readonly number[], sample: TargetSample) => TargetProblem | undefined;
  /** Inputs of the network that the loss takes besides predictions and targets, by name. */
  readonly inputs?: readonly string[];
  /**
   * What predictions [batch, …] say that targets which are values are, of the targets' shape: metrics of values compare the two. Default
   * the probabilities, or where there are none the prediction itself; with `target` there is no default.
   */
  readonly estimate?: (prediction: GraphValue) => GraphValue;
  /** How a prediction answers targets that are values. Absent for numbers, which are neither right nor wrong. */
  readonly answer?: Answer;
  /** What a row's loss is of the losses behind it, one for each output: their mean (default) or their sum. */
  readonly outputs?: (typeof REDUCTIONS)[number];
  /** A factor of the loss, applied to the mean over the rows. Default 1. */
  readonly factor?: number;
  /** A class index that marks targets which do not count; of sequences, what lies behind their end (default −1). */
  readonly ignore?: number;
}

/** The facts with their defaults. */
export type LossFacts = OptionsRead<typeof DEFINITION>;

/** The config of a loss, which a model file stores: its type and options. */
export interface LossConfig {
  readonly type: string;
  readonly [option: string]: unknown;
}

/**
 * Adds the losses of a batch to the graph, with the rows first: [rows], or [rows, …] with one for each output. For a loss that takes
 * classes the rows are all targets: the prediction is [rows, classes], the target [rows] (indices) or [rows, classes] (values), and a
 * sequence of T steps makes T rows. For any other, rows are samples, and both have the network's shapes; the target of sequences is
 * [rows, the most labels], −1 behind the last label of a row. `inputs` are those of the network that the definition names.
 */
export type LossBody = (prediction: GraphValue, target: GraphValue, form: TargetForm, inputs: LossInputs) => GraphValue;

/** Inputs of the network, by name: all samples of a batch. */
export type LossInputs = Readonly<Record<string, GraphValue>>;

/** A loss with its options bound. */
export class Loss {
  /** @internal Made by `defineLoss`. */
  constructor(
    readonly config: LossConfig,
    /** The losses of a batch, rows first. */
    readonly build: LossBody,
    readonly definition: LossFacts,
  ) {}

  /** Its type, which messages call it by. */
  get name(): string {
    return this.config.type;
  }

  /** The class index that marks targets which do not count, or what lies behind a sequence. */
  get ignore(): number | undefined {
    return this.definition.ignore;
  }

  /** Whether its rows are all targets rather than all samples. */
  get takesClasses(): boolean {
    return this.definition.targets.includes('classes');
  }

  /** Whether its targets are sequences. */
  get takesSequences(): boolean {
    return this.definition.targets.includes('sequences');
  }

  /** The shape of a sample's target that is values or a sequence. */
  targetShape(prediction: readonly number[]): readonly number[] {
    return this.definition.target?.(prediction) ?? prediction;
  }

  /** The same loss, for targets among which that class index does not count. */
  ignoring(ignore: number | undefined): Loss {
    return new Loss(this.config, this.build, { ...this.definition, ignore });
  }
}

/** The config of a loss for a model file; its name alone where it has no options. */
export function lossConfig({ config }: Loss): LossConfig | string {
  return Object.keys(config).length === 1 ? config.type : config;
}

function checkRange(where: string, value: unknown): readonly [least: number, most: number] {
  const [least, most] = Array.isArray(value) && value.length === 2 ? (value as readonly unknown[]) : [];
  if (typeof least === 'number' && typeof most === 'number' && least < most) return [least, most];
  throw new OptionError(`${where}: expected [least, most], got ${describe(value)}`);
}

const ANSWER = { by: required(oneOf(['largest', 'threshold'])), threshold: optional(number(Number.NEGATIVE_INFINITY)) };
const DEFINITION = {
  targets: required(checkForms),
  probabilities: optional(oneOf(PROBABILITIES)),
  range: optional(checkRange),
  target: optional(callable<(prediction: readonly number[]) => readonly number[]>()),
  problem: optional(callable<NonNullable<LossDefinition['problem']>>()),
  inputs: withDefault(checkNames, []),
  estimate: optional(callable<(prediction: GraphValue) => GraphValue>()),
  answer: optional(checkAnswer),
  outputs: withDefault(oneOf(REDUCTIONS), 'mean'),
  factor: withDefault(number(), 1),
  ignore: optional(integer(Number.MIN_SAFE_INTEGER)),
} satisfies TableOf<LossDefinition>;

function checkForms(where: string, value: unknown): readonly TargetForm[] {
  const forms: unknown[] = Array.isArray(value) ? Array.from(value) : [value];
  if (forms.length === 0 || new Set(forms).size < forms.length)
    throw new OptionError(`${where}: expected ${FORMS.join(', ')} or a list of them, got ${describe(value)}`);
  const checked = forms.map((form) => oneOf(FORMS)(where, form));
  if (checked.length > 1 && checked.includes('sequences'))
    throw new OptionError(`${where}: expected sequences alone, got ${checked.join(' and ')}`);
  return checked;
}

function checkNames(where: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')) return [...new Set<string>(value)];
  throw new OptionError(`${where}: expected a list of names of inputs, got ${describe(value)}`);
}

function checkAnswer(where: string, value: unknown): Answer {
  const { by, threshold } = readOptions(where, ANSWER, value);
  if (by === 'largest' && threshold === undefined) return { by };
  if (by === 'threshold' && threshold !== undefined) return { by, threshold };
  throw new OptionError(`${where}: expected { by: 'largest' } or { by: 'threshold', threshold }, got ${JSON.stringify(value)}`);
}

/** Makes a loss. Throws OptionError for a body that is no function, or an unknown or impossible fact. */
export function makeLoss(config: LossConfig, body: LossBody, definition: LossDefinition): Loss {
  const build = checkFunction<LossBody>(`defineLoss of ${config.type}`, body);
  const facts = readOptions(`defineLoss of ${config.type}`, DEFINITION, definition);
  if (facts.targets.includes('sequences')) return new Loss(config, build, sequenceFacts(config.type, facts));
  if (facts.ignore !== undefined && !facts.targets.includes('classes'))
    throw new OptionError(`loss: expected ignore with losses of classes and of sequences only, got it with ${config.type}`);
  return new Loss(config, build, facts);
}

/** Throws OptionError where it is not said how long sequences may be. */
function sequenceFacts(type: string, facts: LossFacts): LossFacts {
  if (facts.target) return { ...facts, ignore: facts.ignore ?? IGNORED };
  throw new OptionError(`defineLoss of ${type}: expected target, the shape [the most labels] of a sequence, got none`);
}
