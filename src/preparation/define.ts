/** Encodings of a user's own. */
import { OptionError } from '../errors.ts';
import { checkOwnType, describe } from '../options.ts';
import type { Takes } from './cells.ts';
import { type EncodingDefinition, type EncodingMaker, makerOf } from './encoding.ts';
import { ENCODINGS } from './index.ts';

/**
 * Makes a function that makes encodings, of a user's own.
 *
 * ```ts
 * const logarithm = defineEncoding({
 *   type: 'logarithm',
 *   takes: 'numbers',
 *   learner: () => {
 *     let largest = 0;
 *     return {
 *       add: (value) => {
 *         largest = Math.max(largest, value);
 *       },
 *       learned: () => ({ largest }),
 *     };
 *   },
 *   encoder: (_, { largest }) => ({
 *     width: 1,
 *     encode: (value, to, at) => {
 *       to[at] = Math.log1p(value) / Math.log1p(largest);
 *     },
 *   }),
 * });
 * const preparation = await prepare(rows, { x: { income: logarithm() } });
 * ```
 *
 * Options and what is learnt are plain JSON: a model file holds them. It is read back with the function,
 * `Network.load(path, { encodings: { logarithm } })`.
 *
 * @throws OptionError for a definition without a type, a kind of values or an encoder, and for the type of an encoding that chainrule has.
 */
export function defineEncoding<T extends Takes, Options extends object = Record<string, unknown>, Learned = void>(
  definition: EncodingDefinition<T, Options, Learned>,
): EncodingMaker<T, Options> {
  if (typeof definition !== 'object' || definition === null)
    throw new OptionError(`defineEncoding: expected a definition { type, takes, encoder }, got ${describe(definition)}`);
  checkOwnType(
    'defineEncoding',
    definition.type,
    ENCODINGS.map((make) => make.definition.type),
  );
  if (!['numbers', 'categories', 'texts'].includes(definition.takes))
    throw new OptionError(
      `defineEncoding of ${definition.type}: expected takes to be 'numbers', 'categories' or 'texts', got ${describe(definition.takes)}`,
    );
  if (typeof definition.encoder !== 'function')
    throw new OptionError(`defineEncoding of ${definition.type}: expected a function encoder, got ${describe(definition.encoder)}`);
  return makerOf(definition);
}
