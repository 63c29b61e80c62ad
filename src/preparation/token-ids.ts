/** `tokenIds`: a text as indices of tokens, for embeddings. */
import { integer, readOptions, required, type TableOf } from '../options/table.ts';
import { type Encoding, makerOf } from './encoding.ts';
import { learnedTokens, sizeFrom, type TokenKind, type Tokens, tokenKind, tokenLearner, tokensOf } from './tokens.ts';

export interface TokenIdsOptions {
  /** Ids in all, as `embedding` needs them: 0 for padding, 1 for unknown tokens, and the others for the most frequent ones. From 3 to 65536. */
  readonly size: number;
  /** Ids of a text: what is longer is cut off, what is shorter padded with 0 at its end. */
  readonly length: number;
}

interface Options extends TokenIdsOptions {
  readonly of: TokenKind;
}

const OPTIONS = { of: tokenKind, size: required(sizeFrom(3)), length: required(integer()) } satisfies TableOf<Options>;

const FIRST_TOKEN = 2;
const UNKNOWN = 1;

export const TOKEN_IDS = makerOf<'texts', Options>({
  type: 'tokenIds',
  takes: 'texts',
  options: (where, given) => readOptions(where, OPTIONS, given),
  learned: learnedTokens,
  learner: ({ of, size }: Options) => tokenLearner(of, size - FIRST_TOKEN),
  encoder: ({ of, size, length }: Options, { tokens }: Tokens) => {
    const ids = new Map(tokens.slice(0, size - FIRST_TOKEN).map((token, i) => [token, i + FIRST_TOKEN]));
    return {
      width: length,
      encode: (text, to, at) => {
        const found = tokensOf(text, of);
        for (let i = 0; i < Math.min(length, found.length); i++) to[at + i] = ids.get(found[i]) ?? UNKNOWN;
      },
    };
  },
});

/**
 * The tokens of a text as ids, `length` of them: 0 is padding, 1 an unknown token, and the others are the most frequent tokens of the training
 * data, the most frequent first. Words are runs of letters, digits, marks and _, in lower case; characters are code points.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export const tokenIds = (of: TokenKind, options: TokenIdsOptions): Encoding<'texts'> => TOKEN_IDS({ ...options, of });
