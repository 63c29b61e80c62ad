/** An op's attributes: defaults filled in, and values from outside (a file) held against what the op declares. */
import { OptionError } from '../errors.ts';
import { ACTIVATIONS } from './functions.ts';
import { MOST_AXES } from './shape.ts';
import type { AttributeKind, Attributes, AttributeValue, OpSpec } from './spec.ts';

/** The longest list of words or numbers. */
const MOST_WORDS = 1024;

/**
 * All attributes that the op declares: those given, and the defaults of the others.
 *
 * @throws OptionError where one that has no default is not given.
 */
export function wholeAttributes(op: OpSpec, given: Attributes): Attributes {
  const whole: Record<string, AttributeValue> = {};
  // Without a list of the names: this runs for every operation of every graph.
  for (const name in op.attributes) {
    const value = given[name] ?? op.attributes[name].default;
    if (value === undefined) throw new OptionError(`${op.name}.${name}: expected ${KINDS[op.attributes[name].kind].words}, got none`);
    whole[name] = value;
  }
  return whole;
}

type Check = (value: unknown) => boolean;

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isNatural = (value: unknown) => isInteger(value) && value >= 0;
const isPositive = (value: unknown) => isInteger(value) && value > 0;
const isSize = (value: unknown) => isInteger(value) && value !== 0;
const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);

const listOf =
  (check: Check, longest: number, shortest = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length <= longest && value.length >= shortest && value.every(check);

interface KindFacts {
  readonly words: string;
  readonly check: Check;
  /** Whether it may be any number, ±∞ and −0 too. */
  readonly isReal?: boolean;
}

const KINDS: Readonly<Record<AttributeKind, KindFacts>> = {
  number: { words: 'a number', check: isNumber, isReal: true },
  nonNegative: { words: 'a number of at least 0', check: (value) => isNumber(value) && value >= 0, isReal: true },
  integer: { words: 'an integer', check: isInteger },
  natural: { words: 'an integer of at least 0', check: isNatural },
  positive: { words: 'a positive integer', check: isPositive },
  size: { words: 'an integer other than 0', check: isSize },
  flag: { words: 'true or false', check: (value) => typeof value === 'boolean' || value === 0 || value === 1 },
  activation: { words: 'the name of an activation', check: (value) => ACTIVATIONS.some(({ name }) => name === value) },
  shape: { words: `a list of at most ${MOST_AXES} sizes`, check: listOf(isSize, MOST_AXES) },
  axes: { words: `a list of at most ${MOST_AXES} axes`, check: listOf(isNatural, MOST_AXES) },
  words: { words: 'a list of integers of at least 0', check: listOf(isNatural, MOST_WORDS) },
  numbers: { words: 'a list of numbers', check: listOf(isNumber, MOST_WORDS) },
  pair: { words: 'two positive integers', check: listOf(isPositive, 2, 2) },
  padding: { words: 'at most four integers of at least 0', check: listOf(isNatural, 4) },
};

/** Whether an attribute of that name may be any number, ±∞ and −0 too, for which JSON has no form. */
export function isRealAttribute(op: OpSpec, name: string): boolean {
  return Object.hasOwn(op.attributes, name) && KINDS[op.attributes[name].kind].isReal === true;
}

/** The fault of an application's attributes in words; undefined if they are right. */
export function attributeProblem(op: OpSpec, attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(attributes)) {
    if (!Object.hasOwn(op.attributes, name)) return `${op.name}: expected attributes among ${listed(op)}, got ${name}`;
  }
  for (const [name, declared] of Object.entries(op.attributes)) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value === undefined && declared.default !== undefined) continue;
    const { words, check } = KINDS[declared.kind];
    if (!check(value)) return `${op.name}.${name}: expected ${words}, got ${shown(value)}`;
  }
  return undefined;
}

/** The fault of an application in a network's structure in words; undefined if it is right. */
export function applicationProblem(
  op: OpSpec,
  inputs: readonly unknown[],
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  if (op.distinct && new Set(inputs).size < inputs.length) return `${op.name}: expected different values, got one twice`;
  return attributeProblem(op, attributes);
}

const listed = (op: OpSpec) => Object.keys(op.attributes).join(', ') || 'none';

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
