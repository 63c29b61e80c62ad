/** Optimisers of a user's own, and built-in ones from their descriptions. */
import { OptionError } from '../errors.ts';
import type { Check } from '../options/table.ts';
import { checkIdentifier, checkOwnType, describe } from '../options.ts';
import { optimizerOf, ownOptimizer } from './definition.ts';
import { OPTIMIZER_TYPES, OPTIMIZERS } from './index.ts';
import type { Optimizer, OptimizerConfig, OwnOptions, UpdateRule } from './optimizer.ts';

/**
 * Makes an optimiser of its options and a function that adds the update of one parameter to the graph. Built-in ones are made in the same way. A fit
 * with it has schedules, groups, clipping, accumulation and constraints as with any other; its state is saved in model files and continued by
 * the next fit with an optimiser of the same type.
 *
 * ```ts
 * const momentum = (learningRate: number) =>
 *   defineOptimizer({ type: 'ownMomentum', learningRate, decay: 0.9 }, (scope, parameter, gradient, rate) => {
 *     const velocity = add(multiply(scope.state('velocity'), scope.options.decay), gradient);
 *     scope.assign(scope.state('velocity'), velocity);
 *     return subtract(parameter, multiply(velocity, rate));
 *   });
 * ```
 *
 * @param config Its type (a name that no built-in optimiser has), its learning rate, its weight decay (default 0) and any further options, which
 *   the function reads at `scope.options`.
 * @throws OptionError for a type that is no name or a built-in optimiser's, a rate or weight decay that is no number of at least 0, or an update that
 *   is no function.
 */
export function defineOptimizer<const C extends OptimizerConfig>(config: C, update: UpdateRule<OwnOptions<C>>): Optimizer {
  if (typeof config !== 'object' || config === null)
    throw new OptionError(`defineOptimizer: expected a config { type, learningRate, … }, got ${describe(config)}`);
  return checkOwn('defineOptimizer', { ...config, update: update as UpdateRule });
}

/**
 * Checks the description of a built-in optimiser, `{ type: 'adam', learningRate: 0.01 }`, and fills in its defaults. An optimiser of
 * `defineOptimizer` is checked too.
 *
 * @throws OptionError for an unknown type or option, or a value out of range.
 */
export function optimizerFromConfig(config: { readonly type: string; readonly [option: string]: unknown }): Optimizer {
  if (typeof config !== 'object' || config === null)
    throw new OptionError(`optimizer: expected an optimizer such as adam(), got ${describe(config)}`);
  const { type, update, ...options } = config;
  const definition = OPTIMIZERS.find((one) => one.type === type);
  if (definition && (update === undefined || update === definition.update)) return optimizerOf(definition, options);
  if (update !== undefined) return checkOwn('optimizer', config);
  throw new OptionError(
    `optimizer: expected one of ${OPTIMIZER_TYPES.join(', ')} as its type, or an optimizer of defineOptimizer(), got ${describe(type)}`,
  );
}

/** The check of an option that is an optimiser. */
export const checkOptimizer: Check<Optimizer> = (_, value) => optimizerFromConfig(value as Optimizer);

function checkOwn(where: string, given: Readonly<Record<string, unknown>>): Optimizer {
  const { update } = given;
  const type = checkOwnType(where, checkIdentifier(`${where}.type`, given.type), OPTIMIZER_TYPES);
  if (typeof update !== 'function')
    throw new OptionError(
      `${where}: expected a function of a scope, a parameter, its gradient and the learning rate for ${type}, got ${describe(update)}`,
    );
  return ownOptimizer(type, update as UpdateRule, given);
}
