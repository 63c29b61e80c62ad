/** Options as tables: the check and the default of each option, declared once. */
import { OptionError } from '../errors.ts';
import {
  checkBoolean,
  checkEpsilon,
  checkFraction,
  checkFunction,
  checkInteger,
  checkKeys,
  checkName,
  checkNumber,
  describe,
} from '../options.ts';

/** Gives the value as it is used, or throws an error that says where it stands. */
export type Check<T> = (where: string, value: unknown) => T;

/** Whether an option must be given, may be absent, or has a default. */
export type Presence = 'required' | 'optional' | 'default';

export interface Option<T, P extends Presence = Presence> {
  readonly presence: P;
  readonly check: Check<T>;
  /** Its default, checked like a given value. */
  readonly otherwise?: unknown;
  /** Whether a model file can hold a value of it. Default: any value. */
  isStorable?(value: unknown): boolean;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export const required = <T>(check: Check<T>): Option<T, 'required'> => ({ presence: 'required', check });
export const optional = <T>(check: Check<T>): Option<T, 'optional'> => ({ presence: 'optional', check });
export const withDefault = <T>(check: Check<T>, otherwise: unknown): Option<T, 'default'> => ({ presence: 'default', check, otherwise });

/** The table of an interface's options: all of them, required where they are. `satisfies TableOf<…>` refuses any other key. */
export type TableOf<O> = {
  readonly [K in keyof O]-?: Option<unknown, undefined extends O[K] ? 'optional' | 'default' : 'required'>;
};

/** Options as `readOptions` gives them. */
export type OptionsRead<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends Option<infer V, infer P> ? ('optional' extends P ? V | undefined : V) : never;
};

/**
 * The options checked, with defaults filled in.
 *
 * @param where The function that takes them: with `fit` an option is called `fit.epochs`.
 * @param nameOf Another way to call an option.
 * @throws OptionError for a value that is no object, for an unknown option, and where a check refuses a value.
 */
export function readOptions<const T extends OptionTable>(
  where: string,
  table: T,
  given: unknown,
  nameOf = (option: string) => `${where}.${option}`,
): OptionsRead<T> {
  const lists = listed(table);
  checkKeys(where, given, lists.names);
  if (isEmpty(given)) {
    lists.defaults ??= readRows(lists.rows, {}, nameOf);
    return { ...lists.defaults } as OptionsRead<T>;
  }
  return readRows(lists.rows, given as Readonly<Record<string, unknown>>, nameOf) as OptionsRead<T>;
}

function isEmpty(given: unknown): boolean {
  for (const _ in given as object) return false;
  return true;
}

function readRows(rows: Lists['rows'], given: Readonly<Record<string, unknown>>, nameOf: (option: string) => string) {
  const read: Record<string, unknown> = {};
  for (const [name, { presence, check, otherwise }] of rows) {
    const { [name]: value = otherwise } = given;
    read[name] = value === undefined && presence === 'optional' ? undefined : check(nameOf(name), value);
  }
  return read;
}

/** A table as lists, and what is read of it where nothing is given. */
interface Lists {
  readonly names: readonly string[];
  readonly rows: readonly [string, OptionTable[string]][];
  defaults?: Record<string, unknown>;
}

/** Made once: a prediction of a row takes little longer than to list its options. */
const LISTED = new WeakMap<OptionTable, Lists>();

function listed(table: OptionTable): Lists {
  let lists = LISTED.get(table);
  if (!lists) {
    lists = { names: Object.keys(table), rows: Object.entries(table) };
    LISTED.set(table, lists);
  }
  return lists;
}

/** The options given that a model file can hold. */
export function storableOptions(table: OptionTable, given: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && (table[name]?.isStorable?.(value) ?? true)),
  );
}

export const integer =
  (least = 1): Check<number> =>
  (where, value) =>
    checkInteger(where, value, least);

/** For what is looked at later, by whom it is handed to. */
export const asGiven =
  <T>(): Check<T> =>
  (_, value) =>
    value as T;

/** From `least` to `most`. */
export const number =
  (least = 0, most = Number.POSITIVE_INFINITY): Check<number> =>
  (where, value) =>
    checkNumber(where, value, least, most);

/** Above `least` and below `most`. */
export const numberBetween =
  (least: number, most = Number.POSITIVE_INFINITY): Check<number> =>
  (where, value) =>
    checkNumber(where, value, least, most, { open: true });

/** From 0 to below 1. */
export const fraction: Check<number> = checkFraction;
/** Above 0, as float32 holds it in full. */
export const epsilon: Check<number> = checkEpsilon;
export const flag: Check<boolean> = checkBoolean;

export const text: Check<string> = (where, value) => {
  if (typeof value !== 'string') throw new OptionError(`${where}: expected a string, got ${describe(value)}`);
  return value;
};

/** A function of that type. */
export const callable =
  <F>(): Check<F> =>
  (where, value) =>
    checkFunction<F>(where, value);

export const oneOf =
  <const T extends string>(names: readonly T[]): Check<T> =>
  (where, value) =>
    checkName(where, value, names);
