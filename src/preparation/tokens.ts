/** The tokens of texts, and the most frequent ones of the training data. */
import { DataError, OptionError } from '../errors.ts';
import { type Check, oneOf, readOptions, required } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import { MOST_CATEGORIES } from './cells.ts';
import type { Learner } from './encoding.ts';

/** Words are runs of letters, digits, marks and _, in lower case; characters are code points, as they are. */
export type TokenKind = 'words' | 'characters';

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;

export const tokensOf = (text: string, of: TokenKind): readonly string[] =>
  of === 'characters' ? Array.from(text) : (text.toLowerCase().match(WORD) ?? []);

export const tokenKind = required(oneOf<TokenKind>(['words', 'characters']));

/** From `least` to the most that an encoding tells apart. */
export const sizeFrom =
  (least: number): Check<number> =>
  (where, value) => {
    const size = checkInteger(where, value, least);
    if (size > MOST_CATEGORIES) throw new OptionError(`${where}: expected at most ${MOST_CATEGORIES}, got ${describe(size)}`);
    return size;
  };

export interface Tokens {
  readonly tokens: readonly string[];
}

const tokenList =
  (most: number): Check<readonly string[]> =>
  (where, value) => {
    const isList = Array.isArray(value) && value.length <= most && value.every((one) => typeof one === 'string' && one !== '');
    if (isList && new Set(value).size === value.length) return [...value];
    throw new OptionError(`${where}: expected at most ${most} different tokens, got ${describe(value)}`);
  };

export const learnedTokens = (where: string, given: unknown): Tokens =>
  readOptions(where, { tokens: required(tokenList(MOST_CATEGORIES)) }, given);

/** Different tokens that are counted; beyond them those that came once are forgotten. */
const MOST_COUNTED = 2 ** 20;

/** Learns the most frequent tokens, the most frequent first; of equally frequent ones that with the lower code units. */
export function tokenLearner(of: TokenKind, most: number): Learner<string, Tokens> {
  const counts = new Map<string, number>();
  return {
    add(text, times) {
      for (const token of tokensOf(text, of)) counts.set(token, (counts.get(token) ?? 0) + times);
      if (counts.size > MOST_COUNTED) for (const [token, count] of counts) if (count === 1) counts.delete(token);
    },
    learned() {
      if (counts.size === 0) throw new DataError('expected texts with tokens, got none');
      const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      return { tokens: sorted.slice(0, most).map(([token]) => token) };
    },
  };
}
