/** Reads preparations from model files: in Node, and in pages that import `chainrule/data`. Others do not carry the encodings. */
import { OptionError } from '../errors.ts';
import type { EncodingMakers } from '../preparation/encoding.ts';
import type { AnyPreparation } from '../preparation/preparation.ts';

export interface PreparationReader {
  /** Throws OptionError for makers that `defineEncoding` did not make. */
  checkMakers(where: string, value: unknown): EncodingMakers;
  /** Throws FormatError for what is no preparation. */
  read(config: unknown, makers?: EncodingMakers): AnyPreparation;
}

let reader: PreparationReader | undefined;

/** For the entries that have encodings. */
export function setPreparationReader(given: PreparationReader): void {
  reader = given;
}

/** Throws OptionError where nothing has brought one. */
export function preparationReader(): PreparationReader {
  if (reader) return reader;
  throw new OptionError("preparation: expected a network of numbers, got one of raw rows while 'chainrule/data' is not imported");
}
