/**
 * The functions of elements that an `elementwise` instruction computes step by step: the scalar functions of the element-wise ops, by the
 * kernels of their families, so that each gives the bits of the op of its own. A function's number in programs is its position here.
 */
import { derivativeAt, gradientName, NUMBERS, partialName } from './elementwise.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS, type BinaryFunction, MATHEMATICS, type UnaryFunction } from './functions.ts';

export interface ElementFunction {
  readonly name: string;
  /** The kernel that computes it. */
  readonly family: 'copy' | 'unary' | 'unaryGradient' | 'binary' | 'binaryPartial' | 'chained' | 'sum';
  /** The scalar function that the family's kernel is instantiated with. */
  readonly function: string;
  /** How many elements it takes. */
  readonly arity: number;
  /** Whether one number follows them. */
  readonly hasParameter: boolean;
  /** Whether an element may be one number for all places. */
  readonly takesNumbers: boolean;
  /** Whether its two elements may change places. */
  readonly isCommutative?: boolean;
  /** Of a chained function, the two that it is made of. */
  readonly chain?: Chain;
  /** In float64; a parameter that the function has not is 0. */
  value(x: number, y: number, z: number): number;
}

/** Two functions of arithmetic: the second takes what the first gives as its left or its right element. */
export interface Chain {
  readonly first: string;
  readonly second: string;
  readonly side: 'left' | 'right';
}

const copy: ElementFunction = {
  ...{ name: 'copy', family: 'copy', function: 'identity', arity: 1, hasParameter: false, takesNumbers: true },
  value: (x) => x,
};

const unary = (f: UnaryFunction): ElementFunction => ({
  ...{ name: f.name, family: 'unary', function: f.name, arity: 1, takesNumbers: false },
  hasParameter: f.alpha !== undefined,
  value: (x, alpha) => f.value(x, alpha),
});

const unaryGradient = (f: UnaryFunction): ElementFunction => ({
  ...{ name: gradientName(f.name), family: 'unaryGradient', function: f.name, arity: 2, takesNumbers: false },
  hasParameter: f.alpha !== undefined,
  value: (delta, saved, alpha) => delta * derivativeAt(f, saved, alpha),
});

const binary = (f: BinaryFunction): ElementFunction => ({
  ...{ name: f.name, family: 'binary', function: f.name, arity: 2, takesNumbers: true, isCommutative: f.isCommutative },
  hasParameter: f.alpha !== undefined,
  value: (x, y, alpha) => f.value(x, y, alpha),
});

const binaryPartial = (f: BinaryFunction): ElementFunction => ({
  ...{ name: partialName(f.name), family: 'binaryPartial', function: f.name, arity: 2, takesNumbers: false },
  hasParameter: f.alpha !== undefined,
  value: (x, y, alpha) => f.partials[0](NUMBERS, { x, y, out: Number.NaN, alpha }) as number,
});

/** second(first(x, y), z), or second(z, first(x, y)): what lies between them is never written to memory. */
const chained = (first: BinaryFunction, second: BinaryFunction, side: Chain['side']): ElementFunction => ({
  name: chainedName({ first: first.name, second: second.name, side }),
  ...{ family: 'chained', function: second.name, arity: 3, hasParameter: false, takesNumbers: true },
  chain: { first: first.name, second: second.name, side },
  value: (x, y, z) => {
    const between = first.value(x, y, 0);
    return side === 'left' ? second.value(between, z, 0) : second.value(z, between, 0);
  },
});

export const chainedName = ({ first, second, side }: Chain) => `${first} ${side} of ${second}`;

const arithmetic = (names: readonly string[]) => BINARY_FUNCTIONS.filter(({ name }) => names.includes(name));

const SECOND = arithmetic(['add', 'subtract', 'multiply']);

/** The pairs that updates and losses are made of. Those of a commutative second function need one side. */
const CHAINED = arithmetic(['add', 'subtract', 'multiply', 'divide']).flatMap((first) => [
  ...SECOND.map((second) => chained(first, second, 'left')),
  ...SECOND.filter(({ isCommutative }) => !isCommutative).map((second) => chained(first, second, 'right')),
]);

/** The only function whose result is no element of the domain: it adds elements up, in the order of the op `sum`. */
const sum: ElementFunction = {
  ...{ name: 'sum', family: 'sum', function: 'sum', arity: 1, hasParameter: false, takesNumbers: false },
  value: (x) => x,
};

const activations = ACTIVATIONS.filter((f) => f.name !== 'identity');

export const ELEMENT_FUNCTIONS: readonly ElementFunction[] = [
  copy,
  ...activations.map(unary),
  ...activations.map(unaryGradient),
  ...MATHEMATICS.map(unary),
  ...BINARY_FUNCTIONS.map(binary),
  ...BINARY_FUNCTIONS.filter((f) => f.fusedGradient).map(binaryPartial),
  ...CHAINED,
  sum,
];

const byName = new Map(ELEMENT_FUNCTIONS.map((f, id) => [f.name, id]));

/** The number of a function in programs. Throws RangeError for an unknown name. */
export function elementFunctionId(name: string): number {
  const id = byName.get(name);
  if (id === undefined) throw new RangeError(`no element function is called ${name}`);
  return id;
}

/** How many numbers a function takes: elements, and its parameter. */
export const sourceCount = ({ arity, hasParameter }: ElementFunction) => arity + (hasParameter ? 1 : 0);
