/**
 * The functions of elements that an `elementwise` instruction computes step by step: the scalar functions of the element-wise ops, by the
 * kernels of their families, so that each gives the bits of the op of its own. A function's number in programs is its position here.
 */
import { COMPOSITIONS, type Composition, type Formula, formulaArity, formulaValue } from './compositions.ts';
import { derivativeAt, gradientName, NUMBERS, partialName } from './elementwise.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS, type BinaryFunction, MATHEMATICS, type UnaryFunction } from './functions.ts';

export interface ElementFunction {
  readonly name: string;
  /** The kernel that computes it. */
  readonly family: 'copy' | 'unary' | 'unaryGradient' | 'binary' | 'binaryPartial' | 'composed' | 'sum';
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
  /** Of a composed function, what it is made of. */
  readonly formula?: Formula;
  /** In float64; a parameter that the function has not is 0. */
  value(x: number, y: number, z: number, w: number): number;
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

const composed = ({ name, formula }: Composition): ElementFunction => ({
  ...{ name, family: 'composed', function: name, arity: formulaArity(formula), hasParameter: false, takesNumbers: true },
  formula,
  value: formulaValue(formula),
});

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
  ...COMPOSITIONS.map(composed),
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
