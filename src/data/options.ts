import { OptionError } from '../errors.ts';

/** Throws OptionError for the first key of `options` that is none of `known`. */
export function rejectUnknownOptions(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new OptionError(`${where}: expected the options ${known.join(', ')}, got ${unknown}`);
}
