/** Losses from options and from the configs of model files. */
import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { checkMakers, describe, makerHint } from '../options.ts';
import type { BuiltInLoss } from './definition.ts';
import { LOSS_NAMES, LOSSES, type LossName, type TypedLoss } from './index.ts';
import { Loss, type LossConfig } from './loss.ts';

/** A loss by name, by name and options, or a user's own as `defineLoss` makes it. */
export type LossOption = LossName | TypedLoss | Loss;

/** Makes a loss from its options as a config has them: everything but the type. */
export type LossMaker = (options: Record<string, unknown>) => Loss;

/** Makers of a user's own losses, by the type in their configs. */
export type LossMakers = Readonly<Record<string, LossMaker>>;

const OWN: ReadonlyMap<string, BuiltInLoss> = new Map(Object.entries(LOSSES));

/**
 * The loss of an option, or of the config in a model file.
 *
 * @param makers Of types that are not chainrule's, where a file is read.
 * @throws OptionError for an unknown type or option.
 */
export function lossFrom(option: unknown, makers?: LossMakers): Loss {
  if (option instanceof Loss) return option;
  if (typeof option !== 'string' && (typeof option !== 'object' || option === null))
    throw new OptionError(`loss: expected a name, { type } or what defineLoss makes, got ${describe(option)}`);
  const { type, ...options } = typeof option === 'string' ? { type: option } : (option as LossConfig);
  const own = OWN.get(type);
  if (own) return ownLoss(own, options);
  const make = typeof type === 'string' && makers && Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (!make) throw unknownType(type, makers);
  const made: unknown = atOnce(`the maker of ${type}`, make(options));
  if (!(made instanceof Loss))
    throw new OptionError(`loss: expected the maker of ${type} to give what defineLoss makes, got ${describe(made)}`);
  if (made.name !== type)
    throw new OptionError(`loss: expected the maker of ${type} to give a loss of that type, got ${describe(made.name)}`);
  return made;
}

function unknownType(type: unknown, makers: LossMakers | undefined): OptionError {
  const names = [...Object.keys(makers ?? {}), ...LOSS_NAMES].join(', ');
  const hint = makers ? makerHint('loss', 'losses', type) : '; defineLoss makes others';
  return new OptionError(`loss: expected one of ${names}, got ${describe(type)}${hint}`);
}

/** Throws OptionError for an option that other losses take, before any other that it does not know. */
function ownLoss(loss: BuiltInLoss, options: Readonly<Record<string, unknown>>): Loss {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(loss.options, name)) continue;
    const takers = LOSS_NAMES.filter((other) => Object.hasOwn(LOSSES[other].options, name));
    if (takers.length > 0) throw new OptionError(`loss: expected ${name} with ${takers.join(' and ')} only, got it with ${loss.type}`);
  }
  return loss.make(options);
}

/** Throws OptionError for a user's maker that is no function, or of a type that chainrule has. */
export const checkLossMakers = (where: string, makers: unknown): LossMakers => checkMakers(where, 'loss', makers, LOSS_NAMES);
