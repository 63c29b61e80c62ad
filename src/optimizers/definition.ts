/** The definition of a built-in optimiser: its name, its options and its update. */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { Attributes } from '../ops/spec.ts';
import {
  type Check,
  fraction,
  number,
  type Option,
  type OptionsRead,
  type OptionTable,
  readOptions,
  withDefault,
} from '../options/table.ts';
import { checkIdentifier, describe } from '../options.ts';
import type { Optimizer, OptimizerScope, OwnOptions, UpdateRule } from './optimizer.ts';

/** The options that every optimiser has. */
export interface RateOptions {
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

type Table = OptionTable & {
  readonly learningRate: Option<number, 'required' | 'default'>;
  readonly weightDecay: Option<number, 'default'>;
};

export interface OptimizerDefinition {
  readonly type: string;
  readonly options: Table;
  /** Throws OptionError for options that do not go together. */
  refuse?(options: Readonly<Record<string, unknown>>): void;
  /** The kinds of state that a parameter may have, in words. */
  readonly states?: Readonly<Record<string, string>>;
  readonly update: UpdateRule;
}

/** A definition whose update knows its options by their types. */
export function definedBy<const T extends Table>(
  definition: Omit<OptimizerDefinition, 'update'> & { readonly options: T; readonly update: UpdateRule<OwnOptions<OptionsRead<T>>> },
): OptimizerDefinition {
  return { ...definition, update: definition.update as UpdateRule };
}

/** The definitions of which optimisers were made, by their updates. */
const MADE = new WeakMap<UpdateRule, OptimizerDefinition>();

/** The definition of an optimiser; undefined for a user's own. */
export const definitionOf = ({ update }: Pick<Optimizer, 'update'>): OptimizerDefinition | undefined => MADE.get(update);

/**
 * The optimiser of a definition.
 *
 * @throws OptionError for an unknown option, a value out of range, or what is no object.
 */
export function optimizerOf(definition: OptimizerDefinition, given: object = {}): Optimizer {
  const { type, options: table, refuse, update } = definition;
  if (typeof given !== 'object' || given === null) throw new OptionError(`${type}: expected an object of options, got ${describe(given)}`);
  const { learningRate, weightDecay, ...own } = readOptions(type, table, given);
  refuse?.(own);
  MADE.set(update, definition);
  return { type, ...own, weightDecay, learningRate, update };
}

const checkRate = number();

/** An optimiser of a user's own, of a type and an update that have been checked, with its rates checked. Throws OptionError. */
export function ownOptimizer(type: string, update: UpdateRule, given: Readonly<Record<string, unknown>>): Optimizer {
  const { learningRate, weightDecay = 0, update: _, type: __, ...options } = given;
  return {
    type,
    ...options,
    weightDecay: checkRate(`${type}.weightDecay`, weightDecay),
    learningRate: checkRate(`${type}.learningRate`, learningRate),
    update,
  };
}

/** The check of an option that is an optimiser as a function makes it. */
export const checkGivenOptimizer: Check<Optimizer> = (where, value) => {
  if (typeof value !== 'object' || value === null || typeof (value as Optimizer).update !== 'function')
    throw new OptionError(`${where}: expected an optimizer such as adam(), got ${describe(value)}`);
  const { type, update, ...given } = value as Optimizer;
  const definition = definitionOf({ update });
  return definition?.type === type ? optimizerOf(definition, given) : ownOptimizer(checkIdentifier(`${where}.type`, type), update, given);
};

/** The row of the learning rate, with its default. */
export const rate = (otherwise: number) => withDefault(number(), otherwise);
export const decay = (otherwise = 0) => withDefault(number(), otherwise);
/** The row of a factor from 0 to below 1. */
export const factor = (otherwise: number) => withDefault(fraction, otherwise);

/** An op that changes the parameter, its first input, and its states where they lie. */
export function inPlace(
  scope: OptimizerScope<unknown>,
  op: string,
  inputs: readonly GraphValue[],
  attributes: Attributes = {},
): GraphValue {
  scope.graph.apply(op, inputs, { ...attributes, weightDecay: scope.weightDecay });
  return inputs[0];
}
