/** What users call to prepare raw rows. */
export type { Cell as Category, RawCell, Takes } from './cells.ts';
export { classes } from './classes.ts';
export type { ColumnOption } from './column.ts';
export { defineEncoding } from './define.ts';
export type { Encoder, Encoding, EncodingConfig, EncodingDefinition, EncodingMaker, EncodingMakers, Learner } from './encoding.ts';
export { type HashOptions, hash } from './hash.ts';
export { type Imputation, type ImputeOptions, type ImputeWith, impute } from './impute.ts';
export { type NormalizeOptions, normalize } from './normalize.ts';
export { numbers } from './numbers.ts';
export { type OneHotOptions, oneHot } from './one-hot.ts';
export { type OrdinalOptions, ordinal } from './ordinal.ts';
export type { Preparation, PreparationConfig } from './preparation.ts';
export { preparationFrom } from './preparation-file.ts';
export { type ColumnOptions, type Preparable, prepare, type Targets } from './prepare.ts';
export { standardize } from './standardize.ts';
export { type TokenIdsOptions, tokenIds } from './token-ids.ts';
export type { TokenKind } from './tokens.ts';
export { type VocabularyOptions, vocabulary } from './vocabulary.ts';
