/** What a model file can hold of a layer's options. */
import { type InitializerOption, isNamedInitializer } from '../initializers.ts';

/** The options that were given, but for initialisers that are functions or lists of numbers. */
export function storableOptions(options: object): Record<string, unknown> {
  const stored = Object.entries(options).filter(
    ([key, value]) => value !== undefined && (!/initializer/i.test(key) || isNamedInitializer(value as InitializerOption)),
  );
  return Object.fromEntries(stored);
}
