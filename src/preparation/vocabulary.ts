/** `vocabulary`: how often each of the most frequent tokens stands in a text. */
import { readOptions, required, type TableOf } from '../options/table.ts';
import { type Encoding, makerOf } from './encoding.ts';
import { learnedTokens, sizeFrom, type TokenKind, type Tokens, tokenKind, tokenLearner, tokensOf } from './tokens.ts';

export interface VocabularyOptions {
  /** Numbers of a text: one for all unknown tokens, and the others for as many of the most frequent ones. From 2 to 65536. */
  readonly size: number;
}

interface Options extends VocabularyOptions {
  readonly of: TokenKind;
}

const OPTIONS = { of: tokenKind, size: required(sizeFrom(2)) } satisfies TableOf<Options>;

export const VOCABULARY = makerOf<'texts', Options>({
  type: 'vocabulary',
  takes: 'texts',
  options: (where, given) => readOptions(where, OPTIONS, given),
  learned: learnedTokens,
  learner: ({ of, size }: Options) => tokenLearner(of, size - 1),
  encoder: ({ of, size }: Options, { tokens }: Tokens) => {
    const places = new Map(tokens.slice(0, size - 1).map((token, i) => [token, i + 1]));
    return {
      width: size,
      encode: (text, to, at) => {
        for (const token of tokensOf(text, of)) to[at + (places.get(token) ?? 0)]++;
      },
    };
  },
});

/**
 * How often each token stands in a text: first all tokens that are not among the most frequent ones of the training data, then these, the most
 * frequent first. Words are runs of letters, digits, marks and _, in lower case; characters are code points.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export const vocabulary = (of: TokenKind, options: VocabularyOptions): Encoding<'texts'> => VOCABULARY({ ...options, of });
