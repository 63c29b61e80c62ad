/** The optimisers: descriptions that training compiles into its program. Formulas and defaults are PyTorch's. */
import { OptionError } from './errors.ts';
import type { Graph, GraphValue } from './graph/graph.ts';
import type { Attributes, Shape } from './ops/spec.ts';
import { checkBoolean, checkEpsilon, checkFraction, checkKeys, checkNumber, describe } from './options.ts';

/** An optimiser as a plain object, as `sgd`, `adam` and the others make it. */
export interface Optimizer {
  readonly type: OptimizerType;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly [option: string]: unknown;
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
  /** Options besides learningRate and weightDecay, with their defaults. */
  readonly defaults: Readonly<Record<string, number | boolean>>;
  readonly learningRate: number | undefined;
  readonly weightDecay: number;
  update(options: Attributes): Update;
}

const KINDS = {
  sgd: {
    defaults: { momentum: 0, nesterov: false },
    learningRate: undefined,
    weightDecay: 0,
    update: ({ momentum }) => (momentum ? { op: 'momentum', state: ['velocity'] } : { op: 'sgd', state: [] }),
  },
  adagrad: { defaults: { epsilon: 1e-10 }, learningRate: 0.01, weightDecay: 0, update: () => ({ op: 'adagrad', state: ['squares'] }) },
  rmsprop: {
    defaults: { decay: 0.99, epsilon: 1e-8 },
    learningRate: 0.01,
    weightDecay: 0,
    update: () => ({ op: 'rmsprop', state: ['squares'] }),
  },
  adam: {
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    learningRate: 0.001,
    weightDecay: 0,
    update: () => ({ op: 'adam', state: ['mean', 'variance'], countsSteps: true }),
  },
  adamw: {
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    learningRate: 0.001,
    weightDecay: 0.01,
    update: () => ({ op: 'adam', state: ['mean', 'variance'], countsSteps: true, attributes: { decoupled: true } }),
  },
} satisfies Record<string, Kind>;

/** The state that counts steps, of all parameters together. */
const STEP = 'step';

/** What the kinds of state of a parameter are. */
const STATE = {
  velocity: 'the velocity',
  squares: 'the squared gradients',
  mean: 'the mean gradient',
  variance: 'the mean squared gradient',
};

export type OptimizerType = keyof typeof KINDS;

export const OPTIMIZER_TYPES = Object.keys(KINDS) as OptimizerType[];

/** Numbers below 1 that average over time; everything else that is a number only needs to be ≥ 0, but for epsilon. */
const FRACTIONS = ['momentum', 'decay', 'beta1', 'beta2'];

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
  const { type, ...options } = config;
  const kind: Kind = KINDS[type as OptimizerType];
  checkKeys(type, options, ['learningRate', 'weightDecay', ...Object.keys(kind.defaults)]);
  const filled: Record<string, unknown> = {
    ...kind.defaults,
    weightDecay: kind.weightDecay,
    learningRate: kind.learningRate,
    ...defined(options),
  };
  for (const [name, value] of Object.entries(filled)) {
    const where = `${type}.${name}`;
    if (typeof kind.defaults[name] === 'boolean') checkBoolean(where, value);
    else if (FRACTIONS.includes(name)) checkFraction(where, value);
    else if (name === 'epsilon') checkEpsilon(where, value);
    else checkNumber(where, value, 0);
  }
  if (filled.nesterov && !filled.momentum) throw new OptionError('sgd.nesterov: expected a momentum above 0 with it, got 0');
  return { type: type as OptimizerType, ...filled } as Optimizer;
}

const defined = (options: object) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const make = (type: OptimizerType, options: object | undefined): Optimizer => {
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw new OptionError(`${type}: expected an object of options, got ${describe(options)}`);
  return optimizerFromConfig({ ...options, type });
};

/** p ← p − η·(g + weightDecay·p), with momentum μ (default 0) v ← μ·v + g, and Nesterov's form of it. */
export function sgd(options: { learningRate: number; momentum?: number; nesterov?: boolean; weightDecay?: number }): Optimizer {
  return make('sgd', options);
}

/** Duchi et al. 2011. learningRate 0.01, epsilon 1e-10. */
export function adagrad(options?: { learningRate?: number; epsilon?: number; weightDecay?: number }): Optimizer {
  return make('adagrad', options);
}

/** Tieleman & Hinton 2012. learningRate 0.01, decay 0.99, epsilon 1e-8. */
export function rmsprop(options?: { learningRate?: number; decay?: number; epsilon?: number; weightDecay?: number }): Optimizer {
  return make('rmsprop', options);
}

type AdamOptions = { learningRate?: number; beta1?: number; beta2?: number; epsilon?: number; weightDecay?: number };

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

/** The shape of a state by its name: its parameter's, or of what all parameters have together one number; undefined where there is no such parameter. */
export function stateShape(name: string, shapeOf: (parameter: string) => Shape | undefined): Shape | undefined {
  return name === STEP ? [] : shapeOf(name.slice(name.indexOf('/') + 1));
}

/** What a parameter's state is, by its name `kind/parameter`, in words. */
export function describeState(name: string): string {
  const [kind, ...parameter] = name.split('/');
  return `${STATE[kind as keyof typeof STATE]} of ${parameter.join('/')}`;
}

/** Kinds of state that an optimiser keeps for each parameter. */
export function stateKinds({ type, ...options }: Optimizer): readonly string[] {
  return (KINDS[type] as Kind).update(options as Attributes).state;
}
