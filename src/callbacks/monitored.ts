/** The value that a callback monitors at the ends of epochs. */
import { OptionError } from '../errors.ts';
import { isOfValidation, type Monitor } from '../metrics/monitors.ts';
import { describe } from '../options.ts';
import type { FitSetup } from '../training/events.ts';

/**
 * The requested value; by default the validation loss if there is validation data, else the training loss.
 *
 * @throws OptionError where reports lack the requested value.
 */
export function monitored(where: string, asked: Monitor | undefined, monitors: FitSetup['monitors']): Monitor {
  if (asked === undefined) return monitors.has('validationLoss') ? 'validationLoss' : 'loss';
  if (isOfValidation(asked) && !monitors.has(asked))
    throw new OptionError(`${where}.monitor: expected validation data with ${describe(asked)}, got none`);
  const instead = monitors.get(asked);
  if (instead !== undefined)
    throw new OptionError(`${where}.monitor: expected class targets of a single output with ${describe(asked)}, got ${instead}`);
  return asked;
}
