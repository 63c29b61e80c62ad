/** The value that a callback monitors at the ends of epochs. */
import { OptionError } from '../errors.ts';
import { improvement, type Monitor, type Monitored } from '../metrics/monitors.ts';
import { describe } from '../options.ts';
import type { FitSetup } from '../training/events.ts';

/**
 * The requested value; by default the validation loss if there is validation data, else the training loss.
 *
 * @throws OptionError where reports lack the requested value.
 */
export function monitored(where: string, asked: Monitor | undefined, monitors: FitSetup['monitors']): Monitored {
  const hasValidation = monitors.has('validationLoss');
  const name = asked ?? (hasValidation ? 'validationLoss' : 'loss');
  const found = monitors.get(name);
  if (!found && !hasValidation && /^(.*\.)?validation[A-Z]/.test(name))
    throw new OptionError(`${where}.monitor: expected validation data with ${describe(name)}, got none`);
  if (!found) throw new OptionError(`${where}.monitor: expected one of ${[...monitors.keys()].join(', ')}, got ${describe(name)}`);
  if (found.lacks)
    throw new OptionError(`${where}.monitor: expected ${found.lacks.expected} with ${describe(name)}, got ${found.lacks.got}`);
  return found;
}

/** Whether epochs can be compared by a value: a number, or an infinity that is worse than all of them. */
export const isComparable = (monitor: Monitored, value: number): boolean => improvement(monitor, value, 0) < Number.POSITIVE_INFINITY;
