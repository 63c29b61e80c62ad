/** The encodings that chainrule has. */
import { CLASSES } from './classes.ts';
import type { AnyEncodingMaker } from './encoding.ts';
import { HASH } from './hash.ts';
import { NORMALIZE } from './normalize.ts';
import { NUMBERS } from './numbers.ts';
import { ONE_HOT } from './one-hot.ts';
import { ORDINAL } from './ordinal.ts';
import { STANDARDIZE } from './standardize.ts';
import { TOKEN_IDS } from './token-ids.ts';
import { VOCABULARY } from './vocabulary.ts';

export const ENCODINGS: readonly AnyEncodingMaker[] = [
  NUMBERS,
  NORMALIZE,
  STANDARDIZE,
  ONE_HOT,
  ORDINAL,
  HASH,
  VOCABULARY,
  TOKEN_IDS,
  CLASSES,
];
