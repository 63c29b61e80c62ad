/** Whether what comes as an op's attributes, from a file say, is what the op declares. */
import { ACTIVATIONS } from './functions.ts';
import type { AttributeForm, OpSpec } from './spec.ts';

/** Tensors have at most so many axes: more serve nobody, and what is made for each would take long. */
export const MOST_AXES = 32;

type Check = (value: unknown) => boolean;

const isInteger: Check = Number.isSafeInteger;
const isNatural: Check = (value) => isInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => isInteger(value) && (value as number) > 0;
const isSize: Check = (value) => isInteger(value) && value !== 0;
const isNumber: Check = (value) => typeof value === 'number' && !Number.isNaN(value);

const listOf =
  (check: Check, longest: number, shortest = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length <= longest && value.length >= shortest && value.every(check);

/** What each form is in words, and how it is told. */
const FORMS: Readonly<Record<AttributeForm, readonly [words: string, check: Check]>> = {
  number: ['a number', isNumber],
  nonNegative: ['a number of at least 0', (value) => isNumber(value) && (value as number) >= 0],
  integer: ['an integer', isInteger],
  natural: ['an integer of at least 0', isNatural],
  positive: ['a positive integer', isPositive],
  size: ['an integer other than 0', isSize],
  flag: ['true or false', (value) => typeof value === 'boolean' || value === 0 || value === 1],
  activation: ['the name of an activation', (value) => ACTIVATIONS.some(({ name }) => name === value)],
  shape: [`a list of at most ${MOST_AXES} sizes`, listOf(isSize, MOST_AXES)],
  axes: [`a list of at most ${MOST_AXES} axes`, listOf(isNatural, MOST_AXES)],
  pair: ['two positive integers', listOf(isPositive, 2, 2)],
  padding: ['at most four integers of at least 0', listOf(isNatural, 4)],
};

/** What is wrong with the attributes of an application, in words; undefined where nothing is. */
export function attributeProblem(op: OpSpec, attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(attributes)) {
    if (!Object.hasOwn(op.attributes, name)) return `${op.name}: expected attributes among ${listed(op)}, got ${name}`;
  }
  for (const [name, declared] of Object.entries(op.attributes)) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value === undefined && declared.endsWith('?')) continue;
    const [words, check] = FORMS[formOf(declared)];
    if (!check(value)) return `${op.name}.${name}: expected ${words}, got ${shown(value)}`;
  }
  return undefined;
}

/** What is wrong with an application in a network's structure, in words; undefined where nothing is. */
export function applicationProblem(
  op: OpSpec,
  inputs: readonly unknown[],
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  if (op.distinct && new Set(inputs).size < inputs.length) return `${op.name}: expected different values, got one twice`;
  return attributeProblem(op, attributes);
}

/** The form of an attribute, whether it may be absent or not. */
export const formOf = (declared: string) => declared.replace('?', '') as AttributeForm;

const listed = (op: OpSpec) => Object.keys(op.attributes).join(', ') || 'none';

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
