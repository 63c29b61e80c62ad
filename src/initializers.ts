/** The initial values of parameters. */
import { DataError, OptionError, ShapeError } from './errors.ts';
import type { Distribution, InitialElements, Initializer } from './graph/source.ts';
import { type NestedNumbers, toDense } from './nested.ts';
import { activationFacts } from './ops/activations.ts';
import { count } from './ops/shape.ts';
import { type Check, number, oneOf, optional, readOptions, required, withDefault } from './options/table.ts';
import { checkName, describe } from './options.ts';
import type { Tensor } from './tensor.ts';

/** Standard deviations and limits by the numbers of inputs (fan in) and outputs (fan out) of the layer. */
const RULES = {
  /** N(0, deviation²), the textbooks' first choice; deviation 1 unless given. */
  normal: ({ deviation }) => normal(deviation),
  /** U(−limit, limit); limit 0.05 unless given. */
  uniform: ({ limit }) => uniform(limit),
  /** N(0, 1 / fan in), LeCun et al. 1998: for tanh, sigmoid and selu. */
  lecunNormal: ({ fanIn }) => normal(Math.sqrt(1 / fanIn)),
  /** N(0, 2 / (fan in + fan out)), Glorot & Bengio 2010. */
  glorotNormal: ({ fanIn, fanOut }) => normal(Math.sqrt(2 / (fanIn + fanOut))),
  /** U(±√(6 / (fan in + fan out))), Glorot & Bengio 2010. */
  glorotUniform: ({ fanIn, fanOut }) => uniform(Math.sqrt(6 / (fanIn + fanOut))),
  /** N(0, 2 / fan in), He et al. 2015: for relu and its kin. */
  heNormal: ({ fanIn }) => normal(Math.sqrt(2 / fanIn)),
  /** U(±√(6 / fan in)), He et al. 2015. */
  heUniform: ({ fanIn }) => uniform(Math.sqrt(6 / fanIn)),
  /** A random matrix with orthonormal rows or columns, whichever are fewer; Saxe et al. 2014. */
  orthogonal: () => orthogonal,
  zeros: (): Initializer => ({ type: 'constant', value: 0 }),
  ones: (): Initializer => ({ type: 'constant', value: 1 }),
} satisfies Record<string, (settings: Settings) => Initializer>;

interface Settings {
  readonly fanIn: number;
  readonly fanOut: number;
  readonly deviation: number;
  readonly limit: number;
}

type RuleName = keyof typeof RULES;
/** Xavier is Glorot's first name: the same rules under both. */
const ALIASES = { xavierNormal: 'glorotNormal', xavierUniform: 'glorotUniform' } as const;

export type InitializerName = RuleName | keyof typeof ALIASES;

/** A rule by name, with settings where it has any, or the values themselves. */
export type InitializerOption =
  | InitializerName
  | { readonly type: 'normal'; readonly deviation: number }
  | { readonly type: 'uniform'; readonly limit: number }
  | Tensor
  | NestedNumbers;

export const INITIALIZER_NAMES = [...Object.keys(RULES), ...Object.keys(ALIASES)] as InitializerName[];

const normal = (deviation: number): Distribution => ({ type: 'normal', deviation });

const uniform = (limit: number): Distribution => ({ type: 'uniform', limit });

/** Multiplications and additions between two turns of the event loop. */
const SLICE = 2 ** 20;

/** Modified Gram–Schmidt, done twice, on the rows of the matrix that has fewer rows than columns: cubic in the size. */
function* orthogonal(shape: readonly number[], _random: () => number, standard: () => number): Generator<undefined, Float64Array> {
  const rows = shape[0];
  const columns = count(shape) / rows;
  const [height, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const vectors = Array.from({ length: height }, () => Float64Array.from({ length }, standard));
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < height; i++) yield* orthonormalize(vectors, i);
  }
  const matrix = new Float64Array(rows * columns);
  if (rows <= columns) for (const [i, vector] of vectors.entries()) matrix.set(vector, i * columns);
  else for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) matrix[i * columns + j] = vectors[j][i];
  return matrix;
}

/** Subtracts from vector `at` its projections on those before it, and makes its length 1. */
function* orthonormalize(vectors: readonly Float64Array[], at: number): Generator<undefined, void> {
  const vector = vectors[at];
  const together = Math.ceil(SLICE / (2 * vector.length));
  for (let i = 0; i < at; i++) {
    const other = vectors[i];
    const shadow = dot(vector, other);
    for (let k = 0; k < vector.length; k++) vector[k] -= shadow * other[k];
    if ((at + i) % together === 0) yield;
  }
  const norm = Math.sqrt(dot(vector, vector));
  for (let k = 0; k < vector.length; k++) vector[k] /= norm;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** The rule that suits an activation, by its name. */
export const defaultInitializer = (activation: string): InitializerName => activationFacts(activation).initializer;

/** Whether an option can stand in a model file: given values cannot, and need not, since the file holds the trained ones. */
function isNamedInitializer(option: unknown): boolean {
  return typeof option === 'string' || (typeof option === 'object' && option !== null && 'type' in option);
}

const NORMAL = { type: required(oneOf(['normal'])), deviation: required(number()) };
const UNIFORM = { type: required(oneOf(['normal', 'uniform'])), limit: required(number()) };

function distributionFrom(where: string, option: { readonly type: unknown }): Distribution {
  return option.type === 'normal'
    ? normal(readOptions(where, NORMAL, option).deviation)
    : uniform(readOptions(where, UNIFORM, option).limit);
}

/** Checks an option and makes the initialiser. Throws OptionError; given values of another shape throw ShapeError when used. */
export function initializerFrom(where: string, option: InitializerOption, fanIn: number, fanOut: number): Initializer {
  if (typeof option === 'string') {
    const name = checkName(where, option, INITIALIZER_NAMES);
    return RULES[(ALIASES as Record<string, RuleName>)[name] ?? (name as RuleName)]({ fanIn, fanOut, deviation: 1, limit: 0.05 });
  }
  if (typeof option !== 'object' || option === null)
    throw new OptionError(`${where}: expected a name, { type, … } or values, got ${describe(option)}`);
  if ('type' in option) return distributionFrom(where, option);
  return givenValues(where, option);
}

/** An initialiser as an option of a layer: as it was given, to be made for a parameter's shape. */
const checkInitializer: Check<InitializerOption> = (where, value) => {
  const option = value as InitializerOption;
  initializerFrom(where, option, 1, 1);
  return option;
};

export const optionalInitializer = { ...optional(checkInitializer), isStorable: isNamedInitializer };
export const initializerOr = (otherwise: InitializerOption) => ({
  ...withDefault(checkInitializer, otherwise),
  isStorable: isNamedInitializer,
});

function givenValues(where: string, values: Tensor | NestedNumbers): InitialElements {
  const given = toDense(where, values);
  const wrong = given.data.find((value: number) => !Number.isFinite(value));
  if (wrong !== undefined) throw new DataError(`${where}: expected finite values, got ${wrong}`);
  return (shape) => {
    if (given.shape.join() !== shape.join())
      throw new ShapeError(`${where}: expected values of shape [${shape.join(', ')}], got ${describe([...given.shape])}`);
    return given.data;
  };
}
