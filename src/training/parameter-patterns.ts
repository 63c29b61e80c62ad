/** Naming parameters: by path, `0.weight`; by the layer's path, `0`; with `*` for anything, `*.bias`. */
import { OptionError } from '../errors.ts';
import { describe } from '../options.ts';

/**
 * The parameters that a pattern, or any of a list of them, names.
 *
 * @throws OptionError for what is no pattern, or names none.
 */
export function matchParameters(where: string, patterns: unknown, names: Iterable<string>): string[] {
  const list = Array.isArray(patterns) ? patterns : [patterns];
  if (list.length === 0) throw new OptionError(`${where}: expected the path of a parameter or a layer, got none`);
  const all = [...names];
  const matched = new Set<string>();
  for (const pattern of list) {
    if (typeof pattern !== 'string')
      throw new OptionError(`${where}: expected a parameter's path, a layer's or a pattern, got ${describe(pattern)}`);
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const expression = new RegExp(`^${parts.join('.*')}(\\..*)?$`);
    const found = all.filter((name) => expression.test(name));
    if (found.length === 0) throw new OptionError(`${where}: expected the path of a parameter or a layer, got ${describe(pattern)}`);
    for (const name of found) matched.add(name);
  }
  return all.filter((name) => matched.has(name));
}
