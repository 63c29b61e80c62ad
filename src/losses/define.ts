/** Losses of a user's own. */
import { OptionError } from '../errors.ts';
import { checkOwnType, describe } from '../options.ts';
import { LOSS_NAMES } from './index.ts';
import { type Loss, type LossBody, type LossConfig, type LossDefinition, makeLoss } from './loss.ts';

/**
 * Makes a loss of a function of graph values. It returns the losses of a batch with the rows first, [rows] or [rows, …]; chainrule makes
 * the mean over the rows, with their weights where the data has some, and without the targets that are ignored.
 *
 * ```ts
 * const logCosh = ({ scale = 1 } = {}) =>
 *   defineLoss(
 *     { type: 'logCosh', scale },
 *     (prediction, target) => {
 *       const error = multiply(abs(subtract(prediction, target)), scale);
 *       return subtract(add(error, softplus(multiply(error, -2))), Math.LN2);
 *     },
 *     { targets: 'values' },
 *   );
 * const network = await Network.create({ input: [4], layers: [dense(1)], loss: logCosh() });
 * ```
 *
 * A model file holds the config. It is read back with a maker, `Network.load(path, { losses: { logCosh } })`.
 *
 * @throws OptionError for a config without a type or with that of a loss that chainrule has, a body that is no function, or an unknown or impossible fact.
 */
export function defineLoss(config: LossConfig, body: LossBody, definition: LossDefinition): Loss {
  if (typeof config !== 'object' || config === null)
    throw new OptionError(`defineLoss: expected a config { type, … }, got ${describe(config)}`);
  checkOwnType('defineLoss', config.type, LOSS_NAMES);
  return makeLoss(config, body, definition);
}
