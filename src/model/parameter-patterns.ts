/** Naming parameters: by path, `0.weight`; by the layer's path, `0`; with `*` for anything, `*.bias`. */
import { OptionError } from '../errors.ts';
import { describe } from '../options.ts';
import { PathPattern } from './path-pattern.ts';

/** A path has a part for each layer that it passes through. */
const LONGEST_PATTERN = 1000;
/** Each pattern with `*` is held against every name; all others are looked up. */
const MOST_WILDCARDS = 64;

/**
 * The parameters that a pattern, or any of a list of them, names. Takes time linear in the length of all names and patterns, but for the
 * few patterns with `*`.
 *
 * @throws OptionError for an impossible pattern, or one that names nothing; for very long patterns, and too many with `*`.
 */
export function matchParameters(where: string, patterns: unknown, names: Iterable<string>): string[] {
  const list: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns];
  if (list.length === 0) throw new OptionError(`${where}: expected the path of a parameter or a layer, got none`);
  const all = [...names];
  const known = byPath(all);
  const matched = new Set<string>();
  let wildcards = 0;
  for (const pattern of list) {
    const isWild = checkPattern(where, pattern).includes('*');
    if (isWild && ++wildcards > MOST_WILDCARDS)
      throw new OptionError(`${where}: expected at most ${MOST_WILDCARDS} patterns with *, got more: name parameters by their paths`);
    const found = isWild ? all.filter(matcher(pattern as string)) : (known.get(pattern as string) ?? []);
    if (found.length === 0) throw new OptionError(`${where}: expected the path of a parameter or a layer, got ${describe(pattern)}`);
    for (const name of found) matched.add(name);
  }
  return all.filter((name) => matched.has(name));
}

function checkPattern(where: string, pattern: unknown): string {
  if (typeof pattern !== 'string')
    throw new OptionError(`${where}: expected a parameter's path, a layer's or a pattern, got ${describe(pattern)}`);
  if (pattern.length > LONGEST_PATTERN)
    throw new OptionError(`${where}: expected a pattern of at most ${LONGEST_PATTERN} characters, got one of ${pattern.length}`);
  return pattern;
}

function matcher(pattern: string): (name: string) => boolean {
  const compiled = new PathPattern(pattern);
  return (name) => compiled.matches(name);
}

/** The parameters that each path names: a parameter's own, and those of the layers that it is in. */
function byPath(names: readonly string[]): Map<string, string[]> {
  const known = new Map<string, string[]>();
  const add = (path: string, name: string) => {
    const under = known.get(path);
    if (under) under.push(name);
    else known.set(path, [name]);
  };
  for (const name of names) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) add(name.slice(0, dot), name);
    add(name, name);
  }
  return known;
}
