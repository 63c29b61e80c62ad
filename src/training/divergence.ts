/** What diverged, in words. */
import type { NonFinite } from '../backends/backend.ts';
import { DivergedError, type Divergence } from '../errors.ts';
import { stateNamed } from '../graph/source.ts';
import { NETWORK, type Origin } from '../origin.ts';

/** The names of a network's parts. */
export interface Words {
  /** Warnings of the network's structure, in sentences. */
  readonly warnings: readonly string[];
  /** An origin in words: `layer 2 (dense)`. */
  describe(origin: Origin): string;
  /** A state of the optimiser in words, by its name: `the velocity of 0.weight`. */
  describeState(name: string): string;
}

/** What a parameter or state that is not finite after an update says of where it came from. */
export function spoiltUpdate(name: string | undefined): NonFinite | undefined {
  if (name === undefined) return undefined;
  const { parameter } = stateNamed(name);
  const origin = { ...NETWORK, layer: [(parameter ?? name).split('.')[0]] };
  return parameter === undefined ? { origin, parameter: name } : { origin, state: name };
}

/** The error for what was not finite first; undefined where only the loss was not. */
export function divergence(
  found: NonFinite | undefined,
  facts: Omit<Divergence, 'layer' | 'value' | 'stray' | 'warnings'>,
  words: Words,
): DivergedError {
  return new DivergedError({
    ...facts,
    layer: found ? words.describe(found.origin) : 'the loss',
    value: found && spoiltValue(found, words),
    stray: found?.stray,
    warnings: words.warnings,
  });
}

/** The spoilt value of an update: the state if both are not finite, since the parameter is made of it. */
function spoiltValue({ state, parameter }: NonFinite, words: Words): string | undefined {
  return state === undefined ? parameter : words.describeState(state);
}
