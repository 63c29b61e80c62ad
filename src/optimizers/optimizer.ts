/** An optimiser: a function that adds the update of one parameter to the graph, with its options and the state that it keeps. */
import { OptionError } from '../errors.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import type { Constant } from '../graph/source.ts';
import type { ElementKind } from '../ops/spec.ts';
import { describe, isName, LONGEST_NAME } from '../options.ts';
import { AVERAGE_KINDS } from './average.ts';

/** An optimiser as plain data. */
export interface OptimizerConfig {
  /** Its name: a fit continues the state that a fit with an optimiser of the same type left. */
  readonly type: string;
  readonly learningRate: number;
  /** Default 0. */
  readonly weightDecay?: number;
  readonly [option: string]: unknown;
}

/** The options that an update rule reads at `scope.options`. */
export type OwnOptions<C> = Omit<C, 'type' | 'learningRate' | 'weightDecay' | 'update'>;

/**
 * Adds the update of one parameter to the graph, and returns the parameter's next value, of the same shape. `gradient` is the mean over the
 * rows of a step, after clipping; `learningRate` is one number, that of the parameter's group after the schedule. Called once for each parameter
 * that is trained; the parameter itself, returned, stays as it is.
 */
export type UpdateRule<O = Readonly<Record<string, unknown>>> = (
  scope: OptimizerScope<O>,
  parameter: GraphValue,
  gradient: GraphValue,
  learningRate: GraphValue,
) => GraphValue;

/** An optimiser, as `sgd`, `adam` and `defineOptimizer` make it: its options, and its update. As JSON it is its options. */
export interface Optimizer extends OptimizerConfig {
  readonly weightDecay: number;
  readonly update: UpdateRule;
}

/** An optimiser without its update. */
export function optimizerConfig({ update: _, ...config }: Optimizer): OptimizerConfig {
  return config as OptimizerConfig;
}

/** The state that counts steps, of all parameters together. */
const STEP = 'step';
const RESERVED: readonly string[] = [STEP, ...AVERAGE_KINDS];

/** What an update rule asks for, noted for whoever called it. */
export interface UpdateNotes {
  /** The states of the parameter. */
  readonly states: GraphValue[];
  /** The next values of states. */
  readonly assignments: Map<GraphValue, GraphValue>;
  readsWeightDecay: boolean;
}

/** One call of an update rule, and its access to the graph. */
export class OptimizerScope<O = Readonly<Record<string, unknown>>> {
  /** The optimiser's options besides its learning rate and weight decay. */
  readonly options: O;
  readonly #weightDecay: number;
  readonly #states = new Map<string, { readonly value: GraphValue; readonly initial: number }>();
  readonly #notes: UpdateNotes;

  constructor(
    readonly graph: Graph,
    /** The parameter's name: `0.weight`. */
    readonly name: string,
    readonly shape: readonly number[],
    optimizer: Optimizer,
    notes: UpdateNotes,
  ) {
    const { type: _, learningRate: __, weightDecay, update: ___, ...options } = optimizer;
    this.options = options as O;
    this.#weightDecay = weightDecay;
    this.#notes = notes;
  }

  /**
   * The optimiser's weight decay, or that of the parameter's group. The update takes it into account as it likes; where it never reads it, a
   * weight decay other than 0 is refused.
   */
  get weightDecay(): number {
    this.#notes.readsWeightDecay = true;
    return this.#weightDecay;
  }

  /** The number of the step under way, from 1, over all fits that continue one another. One number. Beyond 2²⁴ float32 counts no further. */
  get step(): GraphValue {
    const known = this.graph.state.get(STEP);
    if (known) return known;
    const step = this.graph.optimizerState(STEP, undefined, []);
    this.graph.apply('accumulate', [step, this.graph.constant(1)], { weight: 1 });
    return step;
  }

  /**
   * A state of the parameter, of its shape, as the last step left it: `assign` gives it its next value. One that never gets any is refused. It is
   * kept in model files under its kind.
   *
   * @param kind Its name: letters, digits and `_`.
   * @param initial Each element before the first step. Default 0.
   * @throws OptionError for a kind that is no name or taken (`step`, `trained`, `averaged`), or an initial value that is no number or not the one given before.
   */
  state(kind: string, initial?: number): GraphValue {
    return this.#state(kind, initial, 'number');
  }

  /** A state of bfloat16 that begins at 0, for an op that takes such. @internal */
  bfloat16State(kind: string): GraphValue {
    return this.#state(kind, undefined, 'bfloat16');
  }

  #state(kind: string, initial: number | undefined, elements: ElementKind): GraphValue {
    const known = this.#states.get(kind);
    if (known) {
      if (initial !== undefined) checkAgain(kind, known.initial, initial);
      return known.value;
    }
    const start = checkState(kind, initial ?? 0);
    const value = this.graph.optimizerState(kind, this.name, this.shape, start, elements);
    this.#states.set(kind, { value, initial: start });
    this.#notes.states.push(value);
    return value;
  }

  /**
   * A state of all parameters together, one number, as it is in this step: `advance` makes it of the last step's, once a step.
   *
   * @throws OptionError as `state`, and where `advance` gives back what it is given.
   */
  shared(kind: string, initial: number, advance: (before: GraphValue) => GraphValue): GraphValue {
    const start = checkState(kind, initial);
    const known = this.graph.state.get(kind);
    if (known) {
      checkAgain(kind, (known.source?.initial as Constant | undefined)?.value ?? 0, start);
      return known;
    }
    const value = this.graph.optimizerState(kind, undefined, [], start);
    const next = advance(value);
    if (next === value) throw new OptionError(`optimizer state ${kind}: expected advance to make another value of it, got the same`);
    this.graph.apply('assign', [value, next]);
    return value;
  }

  /**
   * Makes `next` the state's value from the following step on; of two assignments the last counts. Values made of the state, before this call or
   * after it, are made of the old value.
   *
   * @throws OptionError for a state that is not this scope's.
   */
  assign(state: GraphValue, next: GraphValue): void {
    if (![...this.#states.values()].some(({ value }) => value === state))
      throw new OptionError(`optimizer: expected a state that scope.state() gave for ${this.name}, got ${describe(state)}`);
    this.#notes.assignments.set(state, next);
  }
}

/** Throws OptionError where a state that is known begins otherwise. */
function checkAgain(kind: string, known: number, initial: number): void {
  if (initial !== known)
    throw new OptionError(`optimizer state ${kind}: expected the initial value ${known} again, got ${describe(initial)}`);
}

function checkState(kind: unknown, initial: unknown): number {
  if (!isName(kind, /^[A-Za-z_]\w*$/))
    throw new OptionError(
      `optimizer state: expected a name of letters and digits, at most ${LONGEST_NAME} characters, got ${describe(kind)}`,
    );
  if (RESERVED.includes(kind))
    throw new OptionError(`optimizer state: expected a name other than ${RESERVED.join(', ')}, got ${describe(kind)}`);
  if (typeof initial !== 'number' || !Number.isFinite(initial))
    throw new OptionError(`optimizer state ${kind}: expected a finite initial number, got ${describe(initial)}`);
  return initial;
}
