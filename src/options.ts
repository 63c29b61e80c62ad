/** Checks of callers' options: every wrong one is refused by name before anything happens. */
import { DataError, OptionError } from './errors.ts';
import type { GlobalAbortSignal } from './globals.ts';

/** Throws OptionError where `options` is not an object or has a key that is not in `known`. */
export function checkKeys(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new OptionError(`${where}: expected an object of options, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new OptionError(`${where}: unknown option '${key}'; expected one of ${known.join(', ')}`);
  }
}

/** The parts of a value that has these names, some of the optional ones and no others. Throws DataError. */
export function checkNames<T>(
  where: string,
  value: unknown,
  names: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, T>> {
  const refuse = (got: string) => {
    const known = [...names, ...optional.map((name) => `${name}?`)];
    return new DataError(`${where}: expected { ${known.join(', ')} }, got ${got}`);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) throw refuse(describe(value));
  const parts = value as Readonly<Record<string, T>>;
  const given = Object.keys(parts).filter((name) => parts[name] !== undefined);
  if (!names.every((name) => given.includes(name)) || !given.every((name) => names.includes(name) || optional.includes(name)))
    throw refuse(`{ ${given.join(', ')} }`);
  return parts;
}

/** The value if it is an integer of at least `least`. Throws OptionError. */
export function checkInteger(where: string, value: unknown, least = 1): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    const most = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER ? ` and at most ${Number.MAX_SAFE_INTEGER}` : '';
    throw new OptionError(`${where}: expected an integer of at least ${least}${most}, got ${describe(value)}`);
  }
  return value;
}

/** The value if it is a finite number from `least` to `most`; where `open`, strictly between them. Throws OptionError. */
export function checkNumber(where: string, value: unknown, least: number, most = Number.POSITIVE_INFINITY, { open = false } = {}): number {
  const inside =
    typeof value === 'number' && Number.isFinite(value) && (open ? value > least && value < most : value >= least && value <= most);
  if (!inside) throw new OptionError(`${where}: expected a number ${range(least, most, open)}, got ${describe(value)}`);
  return value;
}

/** The value if it is a number above 0 that float32 holds in full. Throws OptionError. */
export function checkEpsilon(where: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < SMALLEST_EPSILON)
    throw new OptionError(
      `${where}: expected a number of at least ${SMALLEST_EPSILON}, which keeps a division by 0 from giving NaN, got ${describe(value)}`,
    );
  return value;
}

/** float32's smallest number with all its digits is 1.2e-38. */
const SMALLEST_EPSILON = 1e-37;

/** The value if it is a number from 0 to below 1. Throws OptionError. */
export function checkFraction(where: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value < 1))
    throw new OptionError(`${where}: expected a number from 0 to below 1, got ${describe(value)}`);
  return value;
}

/** The value if it is true or false. Throws OptionError. */
export function checkBoolean(where: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new OptionError(`${where}: expected true or false, got ${describe(value)}`);
  return value;
}

/** The value if it is a function, of whatever type it is meant to be. Throws OptionError. */
export function checkFunction<F>(where: string, value: unknown): F {
  if (typeof value !== 'function') throw new OptionError(`${where}: expected a function, got ${describe(value)}`);
  return value as F;
}

/** The place of a file: a path, or a URL as text or as a `URL` object. */
export type FileLocation = string | { readonly href: string };

/** The value if it is text or a URL. Throws OptionError. */
export function checkLocation(where: string, value: unknown): FileLocation {
  if (isLocation(value)) return value;
  throw new OptionError(`${where}: expected a path or a URL, got ${describe(value)}`);
}

/** Whether a value is text or a URL. */
export const isLocation = (value: unknown): value is FileLocation => (typeof value === 'string' ? value !== '' : isURL(value));

const isURL = (value: unknown): value is { readonly href: string } =>
  typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string';

/** Throws DataError where the value is no Uint8Array; `others` names in the message what would do besides. */
export function checkBytes(where: string, value: unknown, others = ''): void {
  if (value instanceof Uint8Array) return;
  const hint = value instanceof ArrayBuffer ? ' (an ArrayBuffer: new Uint8Array(buffer) makes one)' : '';
  throw new DataError(`${where}: expected a Uint8Array${others}, got ${describe(value)}${hint}`);
}

/** The value if it is one of the names. Throws OptionError. */
export function checkName<T extends string>(where: string, value: unknown, names: readonly T[]): T {
  if (!names.includes(value as T)) throw new OptionError(`${where}: expected one of ${names.join(', ')}, got ${describe(value)}`);
  return value as T;
}

/** The longest name, which keeps lists and messages short. */
export const LONGEST_NAME = 128;

/** Whether a value is text of such a form, and no longer than a name may be. */
export function isName(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME && form.test(value);
}

/** The value if it is text of a letter and letters, digits, `_` and `-`, no longer than a name. Throws OptionError. */
export function checkIdentifier(where: string, value: unknown): string {
  if (isName(value, /^[A-Za-z][\w-]*$/)) return value;
  throw new OptionError(
    `${where}: expected a name of a letter and letters, digits, _ and -, at most ${LONGEST_NAME} characters, got ${describe(value)}`,
  );
}

/**
 * The type of a user's own layer, loss, metric or optimiser: a name that none of chainrule's has, since a file would read it as that one.
 * Throws OptionError.
 */
export function checkOwnType(where: string, type: unknown, taken: readonly string[]): string {
  if (typeof type !== 'string' || type === '') throw new OptionError(`${where}.type: expected a name, got ${describe(type)}`);
  if (taken.includes(type)) throw new OptionError(`${where}.type: expected a type other than chainrule's own, got ${describe(type)}`);
  return type;
}

/** The makers of a user's own types, by type. Throws OptionError for one that is no function, or whose type chainrule has. */
export function checkMakers<Makers>(where: string, what: string, makers: unknown, taken: readonly string[]): Makers {
  checkKeys(where, makers, typeof makers === 'object' && makers !== null ? Object.keys(makers) : []);
  for (const [type, maker] of Object.entries(makers as object)) {
    if (typeof maker !== 'function')
      throw new OptionError(`${where}.${type}: expected a function that makes a ${what}, got ${describe(maker)}`);
    if (taken.includes(type)) throw new OptionError(`${where}: expected types other than chainrule's own, got ${describe(type)}`);
  }
  return makers as Makers;
}

/** The most axes of a sample: one less than a tensor may have. */
const MOST_SAMPLE_AXES = 31;

/** The value if it is a list of positive integers, of at most 31. Throws OptionError. */
export function checkShape(where: string, value: unknown): readonly number[] {
  if (Array.isArray(value) && value.length > MOST_SAMPLE_AXES)
    throw new OptionError(`${where}: expected at most ${MOST_SAMPLE_AXES} axes, got ${value.length}`);
  if (!Array.isArray(value) || !Array.from(value).every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new OptionError(`${where}: expected a list of positive integers, got ${describe(value)}`);
  }
  return [...value];
}

function range(least: number, most: number, open: boolean): string {
  if (most === Number.POSITIVE_INFINITY) return open ? `above ${least}` : `of at least ${least}`;
  return open ? `between ${least} and ${most}` : `from ${least} to ${most}`;
}

/** A short rendering of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.length > 8 ? `an array of ${value.length}` : `[${Array.from(value, describe).join(', ')}]`;
  return ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : 'an object';
}

/** What helps where a file names a type that nothing makes. A file may have anything as a type. */
export const makerHint = (what: string, makers: string, type: unknown): string =>
  typeof type === 'string' ? `; a file's own ${what} needs its maker, { ${makers}: { ${type}: (options) => … } }` : '';

/** Throws OptionError unless it is an AbortSignal. */
export function checkSignal(where: string, value: unknown): GlobalAbortSignal {
  if (!(value instanceof AbortSignal)) throw new OptionError(`${where}: expected an AbortSignal, got ${describe(value)}`);
  return value;
}
