/**
 * Formulas of several functions that an `elementwise` instruction computes in one step, so that what lies between them is never written to
 * memory: those that updates of parameters and losses are made of. Functions of arithmetic take a cycle, a step's loads and stores several.
 */
import { BINARY_FUNCTIONS, MATHEMATICS } from './functions.ts';

/** A source by its number, or a function of formulas. */
export type Formula = number | Call;

export interface Call {
  readonly function: string;
  readonly of: readonly Formula[];
}

/** Two sources of the same number are the same element. */
export interface Composition {
  readonly name: string;
  readonly formula: Call;
}

type Build<N extends number> = (...of: readonly Formula[] & { readonly length: N }) => Call;

const call =
  <N extends number>(name: string): Build<N> =>
  (...of) => ({ function: name, of });

const [add, subtract, multiply, divide] = ['add', 'subtract', 'multiply', 'divide'].map((name) => call<2>(name));
const sqrt = call<1>('sqrt');
const [x, y, z, w] = [0, 1, 2, 3];

const capitalized = (name: string) => name[0].toUpperCase() + name.slice(1);

/** (x ∘ y) ∘ z for all pairs; and z − (x ∘ y), where the order makes a difference. */
const PAIRS: readonly Composition[] = ['add', 'subtract', 'multiply', 'divide'].flatMap((first) => [
  ...['add', 'subtract', 'multiply'].map((second) => ({
    name: `${first}${capitalized(second)}`,
    formula: call<2>(second)(call<2>(first)(x, y), z),
  })),
  { name: `${first}SubtractFrom`, formula: subtract(z, call<2>(first)(x, y)) },
]);

/** In the order of their ids in programs. Of several that fit the compiler takes the one of most functions. */
export const COMPOSITIONS: readonly Composition[] = [
  ...PAIRS,
  { name: 'sqrtAdd', formula: add(sqrt(x), y) },
  { name: 'sqrtSubtract', formula: subtract(sqrt(x), y) },
  { name: 'sqrtMultiplyAdd', formula: add(multiply(sqrt(x), y), z) },
  { name: 'divideBySqrtAdd', formula: divide(x, add(sqrt(y), z)) },
  { name: 'sumOfProducts', formula: add(multiply(x, y), multiply(z, w)) },
  { name: 'differenceOfProducts', formula: subtract(multiply(x, y), multiply(z, w)) },
  { name: 'productPlusSquare', formula: add(multiply(x, y), multiply(multiply(z, z), w)) },
  { name: 'productMinusQuotient', formula: subtract(multiply(x, y), divide(z, w)) },
  { name: 'subtractQuotientOfProduct', formula: subtract(x, divide(multiply(y, z), w)) },
  { name: 'subtractProductOfQuotient', formula: subtract(x, multiply(y, divide(z, w))) },
  { name: 'interpolate', formula: add(x, multiply(subtract(y, z), w)) },
];

/** How many functions a formula has. */
export const functionCount = (formula: Formula): number =>
  typeof formula === 'number' ? 0 : formula.of.reduce<number>((count, part) => count + functionCount(part), 1);

/** How many sources a formula has. */
export const formulaArity = (formula: Formula): number =>
  typeof formula === 'number' ? formula + 1 : Math.max(...formula.of.map(formulaArity));

/** The formula in text: `write` joins a function and its arguments. */
export const writeFormula = (
  formula: Formula,
  sources: readonly string[],
  write: (name: string, ...of: readonly string[]) => string,
): string =>
  typeof formula === 'number' ? sources[formula] : write(formula.function, ...formula.of.map((part) => writeFormula(part, sources, write)));

type Evaluate = (...sources: readonly number[]) => number;

const VALUES = new Map<string, Evaluate>([
  ...MATHEMATICS.map((f): [string, Evaluate] => [f.name, (a) => f.value(a, f.alpha ?? 0)]),
  ...BINARY_FUNCTIONS.map((f): [string, Evaluate] => [f.name, (a, b) => f.value(a, b, f.alpha ?? 0)]),
]);

/** The formula in float64. */
export function formulaValue(formula: Formula): Evaluate {
  if (typeof formula === 'number') return (...sources) => sources[formula];
  const value = VALUES.get(formula.function) as Evaluate;
  const parts = formula.of.map(formulaValue);
  if (parts.length === 1) return (...sources) => value(parts[0](...sources));
  return (...sources) => value(parts[0](...sources), parts[1](...sources));
}
