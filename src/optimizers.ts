/** The optimisers: descriptions that training compiles into its program. Formulas and defaults are PyTorch's. */
import { OptionError } from './errors.ts';
import type { Graph, GraphValue } from './graph/graph.ts';
import { stateNamed } from './graph/source.ts';
import type { Attributes, Shape } from './ops/spec.ts';
import {
  type Check,
  epsilon,
  flag,
  fraction,
  number,
  type Option,
  type OptionTable,
  readOptions,
  required,
  type TableOf,
  withDefault,
} from './options/table.ts';
import { describe } from './options.ts';

/** An optimiser as a plain object, as `sgd`, `adam` and the others make it. */
export interface Optimizer {
  readonly type: OptimizerType;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly [option: string]: unknown;
}

interface RateOptions {
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

interface SgdOptions extends RateOptions {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

interface AdagradOptions extends RateOptions {
  readonly epsilon?: number;
}

interface RmspropOptions extends RateOptions {
  readonly decay?: number;
  readonly epsilon?: number;
}

interface AdamOptions extends RateOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

interface Update {
  readonly op: string;
  /** The kinds of state that the op keeps for each parameter, in the order of its operands. */
  readonly state: readonly string[];
  /** Whether it takes the number of the step. */
  readonly countsSteps?: boolean;
  readonly attributes?: Attributes;
}

interface Kind {
  readonly options: OptionTable & {
    readonly learningRate: Option<number, 'required' | 'default'>;
    readonly weightDecay: Option<number, 'default'>;
  };
  /** Throws OptionError for options that do not go together. */
  refuse?(options: Readonly<Record<string, unknown>>): void;
  update(options: Attributes): Update;
}

const learningRate = (otherwise: number) => withDefault(number(), otherwise);
const weightDecay = (otherwise = 0) => withDefault(number(), otherwise);
const ADAM = { beta1: withDefault(fraction, 0.9), beta2: withDefault(fraction, 0.999), epsilon: withDefault(epsilon, 1e-8) };

const KINDS = {
  sgd: {
    options: {
      learningRate: required(number()),
      weightDecay: weightDecay(),
      momentum: withDefault(fraction, 0),
      nesterov: withDefault(flag, false),
    } satisfies TableOf<SgdOptions>,
    refuse: ({ nesterov, momentum }) => {
      if (nesterov && !momentum) throw new OptionError('sgd.nesterov: expected a momentum above 0 with it, got 0');
    },
    update: ({ momentum }) => (momentum ? { op: 'momentum', state: ['velocity'] } : { op: 'sgd', state: [] }),
  },
  adagrad: {
    options: {
      learningRate: learningRate(0.01),
      weightDecay: weightDecay(),
      epsilon: withDefault(epsilon, 1e-10),
    } satisfies TableOf<AdagradOptions>,
    update: () => ({ op: 'adagrad', state: ['squares'] }),
  },
  rmsprop: {
    options: {
      learningRate: learningRate(0.01),
      weightDecay: weightDecay(),
      decay: withDefault(fraction, 0.99),
      epsilon: withDefault(epsilon, 1e-8),
    } satisfies TableOf<RmspropOptions>,
    update: () => ({ op: 'rmsprop', state: ['squares'] }),
  },
  adam: {
    options: { learningRate: learningRate(0.001), weightDecay: weightDecay(), ...ADAM } satisfies TableOf<AdamOptions>,
    update: () => ({ op: 'adam', state: ['mean', 'variance'], countsSteps: true }),
  },
  adamw: {
    options: { learningRate: learningRate(0.001), weightDecay: weightDecay(0.01), ...ADAM } satisfies TableOf<AdamOptions>,
    update: () => ({ op: 'adam', state: ['mean', 'variance'], countsSteps: true, attributes: { decoupled: true } }),
  },
} satisfies Record<string, Kind>;

/** The state that counts steps, of all parameters together. */
const STEP = 'step';

/** The kinds of state of a parameter, in words. */
const STATE = {
  velocity: 'the velocity',
  squares: 'the squared gradients',
  mean: 'the mean gradient',
  variance: 'the mean squared gradient',
};

export type OptimizerType = keyof typeof KINDS;

export const OPTIMIZER_TYPES = Object.keys(KINDS) as OptimizerType[];

/**
 * Checks an optimiser's description and fills in its defaults.
 *
 * @throws OptionError for an unknown type or option, or a value out of range.
 */
export function optimizerFromConfig(config: { readonly type: string; readonly [option: string]: unknown }): Optimizer {
  if (typeof config !== 'object' || config === null)
    throw new OptionError(`optimizer: expected an optimizer such as adam(), got ${describe(config)}`);
  if (typeof config.type !== 'string' || !Object.hasOwn(KINDS, config.type))
    throw new OptionError(`optimizer: expected one of ${Object.keys(KINDS).join(', ')} as its type, got ${describe(config.type)}`);
  const { type, ...given } = config;
  const kind: Kind = KINDS[type as OptimizerType];
  const { learningRate, weightDecay, ...own } = readOptions(type, kind.options, given);
  kind.refuse?.(own);
  return { type: type as OptimizerType, ...own, weightDecay, learningRate };
}

/** The check of an option that is an optimiser. */
export const checkOptimizer: Check<Optimizer> = (_, value) => optimizerFromConfig(value as Optimizer);

const make = (type: OptimizerType, options: object | undefined): Optimizer => {
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw new OptionError(`${type}: expected an object of options, got ${describe(options)}`);
  return optimizerFromConfig({ ...options, type });
};

/** p ← p − η·(g + weightDecay·p), with momentum μ (default 0) v ← μ·v + g, and Nesterov's form of it. */
export function sgd(options: SgdOptions): Optimizer {
  return make('sgd', options);
}

/** Duchi et al. 2011. learningRate 0.01, epsilon 1e-10. */
export function adagrad(options?: AdagradOptions): Optimizer {
  return make('adagrad', options);
}

/** Tieleman & Hinton 2012. learningRate 0.01, decay 0.99, epsilon 1e-8. */
export function rmsprop(options?: RmspropOptions): Optimizer {
  return make('rmsprop', options);
}

/** Kingma & Ba 2015. learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8, weightDecay 0 (added to the gradient). */
export function adam(options?: AdamOptions): Optimizer {
  return make('adam', options);
}

/** Adam with decoupled weight decay, Loshchilov & Hutter 2019. Defaults as adam's, weightDecay 0.01. */
export function adamw(options?: AdamOptions): Optimizer {
  return make('adamw', options);
}

/** Adds the update of one parameter to the graph: state beside it, an operation that changes both in place. `learningRate` is one number. */
export function addUpdate(
  graph: Graph,
  name: string,
  parameter: GraphValue,
  gradient: GraphValue,
  optimizer: Optimizer,
  learningRate: GraphValue = graph.constant(optimizer.learningRate),
): void {
  const { type, learningRate: _, ...options } = optimizer;
  const kind: Kind = KINDS[type];
  const { op, state, countsSteps, attributes } = kind.update(options as Attributes);
  const kept = state.map((what) => graph.optimizerState(what, name, parameter.shape));
  const inputs = [parameter, gradient, ...kept, learningRate, ...(countsSteps ? [stepCount(graph)] : [])];
  graph.apply(op, inputs, { ...(options as Attributes), ...attributes });
}

/** The number of the step under way, from 1; counted up once, before the first update that takes it. Beyond 2²⁴ float32 counts no further. */
function stepCount(graph: Graph): GraphValue {
  const known = graph.state.get(STEP);
  if (known) return known;
  const step = graph.optimizerState(STEP, undefined, []);
  graph.apply('accumulate', [step, graph.constant(1)], { weight: 1 });
  return step;
}

/** The shape of a state by its name: its parameter's, or one number for a state of all parameters; undefined for an unknown parameter. */
export function stateShape(name: string, shapeOf: (parameter: string) => Shape | undefined): Shape | undefined {
  const { parameter } = stateNamed(name);
  if (parameter !== undefined) return shapeOf(parameter);
  return name === STEP ? [] : undefined;
}

/** A state in words, by its name. */
export function describeState(name: string): string {
  const { kind, parameter } = stateNamed(name);
  return `${STATE[kind as keyof typeof STATE]} of ${parameter}`;
}
