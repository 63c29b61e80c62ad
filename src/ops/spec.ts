/**
 * The definition of an op. Every op is one `OpSpec` in the table of `table.ts`: the graph, autodiff, the compiler, the verifier, the
 * reference backend, the code generator and the conformance tests read it.
 */

import type { Context } from './context.ts';
import type { Division } from './division.ts';

/** A size: n ≥ 0 is n elements, −n is n times the number of rows in the batch. */
export type Dim = number;

/** Row-major. At most one size depends on the batch. A scalar's shape is []. */
export type Shape = readonly Dim[];

/** `in` is read; `out` is written in full; `inout` is read and updated (optimiser state). `in?` and `out?` may be absent. */
export type Role = 'in' | 'in?' | 'out' | 'out?' | 'inout';

export const isOptional = (role: Role) => role === 'in?' || role === 'out?';
/** Whether an operand is a result alone: nothing that it held is read. */
export const isResult = (role: Role) => role === 'out' || role === 'out?';
/** Whether an operand is written. */
export const isWritten = (role: Role) => isResult(role) || role === 'inout';

/**
 * How a scalar argument is stored in a program: `size` is a Dim, `integer` a plain 32-bit integer, `float` an index into the
 * program's literals, `activation` an index into ACTIVATIONS.
 */
export type ScalarKind = 'size' | 'integer' | 'float' | 'activation';

/** Sizes that the kernels of a family take as one structure, in the order of an instruction's words. */
export interface SharedSizes {
  /** Of the structure in C++ and AssemblyScript. */
  readonly name: string;
  readonly scalars: Readonly<Record<string, ScalarKind>>;
}

/**
 * The kind of an element. Numbers are of the arena's type. Indices choose rows or classes: in an arena of float32 each is a 32-bit integer,
 * in one of float64 a plain number. Two numbers of bfloat16 share an element of the arena: src/ops/bfloat16.ts.
 */
export type ElementKind = 'number' | 'index' | 'bfloat16';

/** An operand that holds indices. */
export interface IndexOperand<S extends string> {
  /** The scalar that an index is below, counted from 0. Absent where all integers have a meaning. */
  readonly below?: S;
  /**
   * A scalar that is also an attribute, and its value with which the operand holds indices. With other values the operand holds numbers.
   */
  readonly when?: readonly [S, number];
}

/** The meaning of an operand's numbers: a mask of 0 and 1; or lengths, whole and from 0 up to a scalar. */
export type Meaning<S extends string> = 'mask' | { readonly lengthUpTo: S };

/** The values of an attribute, by its kind. */
export interface AttributeTypes {
  readonly number: number;
  /** A number of at least 0. */
  readonly nonNegative: number;
  readonly integer: number;
  /** An integer of at least 0. */
  readonly natural: number;
  /** An integer of at least 1. */
  readonly positive: number;
  /** A Dim other than 0. */
  readonly size: Dim;
  readonly flag: boolean | 0 | 1;
  /** The name of an activation. */
  readonly activation: string;
  /** Sizes. */
  readonly shape: Shape;
  /** All axes, in some order. */
  readonly axes: readonly number[];
  /** Words of a program: integers of at least 0. */
  readonly words: readonly number[];
  readonly numbers: readonly number[];
  /** Two positive integers. */
  readonly pair: readonly [number, number];
  /** Up to four natural numbers: top, left, bottom, right; 0 for those that are missing. */
  readonly padding: readonly number[];
}

export type AttributeKind = keyof AttributeTypes;

/** An attribute without a default must be given. */
export type AttributeDeclaration = {
  readonly [K in AttributeKind]: { readonly kind: K; readonly default?: AttributeTypes[K] };
}[AttributeKind];

/** The attributes that an op knows, by name. */
export type AttributeTable = Readonly<Record<string, AttributeDeclaration>>;

/** Attributes as an op has them: all that it declares, each given or its default. */
export type AttributesOf<A extends AttributeTable> = { readonly [N in keyof A]: AttributeTypes[A[N]['kind']] };

export type AttributeValue = number | string | boolean | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A node's result as the gradient rules see it. */
export interface Value {
  readonly shape: Shape;
}

/** Arithmetic over numbers (reference) or graph values (gradients): a derivative is written once and serves both. */
export interface Algebra<T> {
  add(a: T | number, b: T | number): T;
  subtract(a: T | number, b: T | number): T;
  multiply(a: T | number, b: T | number): T;
  divide(a: T | number, b: T | number): T;
  power(a: T | number, b: T | number): T;
  maximum(a: T | number, b: T | number): T;
  minimum(a: T | number, b: T | number): T;
  negate(x: T): T;
  exp(x: T): T;
  log(x: T): T;
  sqrt(x: T): T;
  square(x: T): T;
  abs(x: T): T;
  sign(x: T): T;
  step(x: T): T;
  erf(x: T): T;
  sigmoid(x: T): T;
  tanh(x: T): T;
  softplus(x: T): T;
  clamp(x: T, limit: number): T;
}

/** The vocabulary of what an element-wise op computes of the elements at one place. */
export interface ElementExpressions<T> {
  /** A function of element-functions.ts. */
  apply(name: string, ...sources: readonly T[]): T;
  /** One number for all places: value / count. */
  number(value: number, count?: Dim): T;
}

/** The vocabulary of gradient rules: arithmetic, and the ops that change shapes. Implemented by the graph. */
export interface Expressions extends Algebra<Value> {
  apply(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value;
  applyAll(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value[];
  fill(value: number, shape: Shape): Value;
  sum(x: Value, axes: readonly number[], keepDimensions?: boolean): Value;
  /** Sums a δ back to the shape it was broadcast from. */
  sumTo(x: Value, shape: Shape): Value;
  broadcast(x: Value, shape: Shape): Value;
  reshape(x: Value, shape: Shape): Value;
  permute(x: Value, order: readonly number[]): Value;
  slice(x: Value, axis: number, start: number, end: number): Value;
  insert(base: Value, x: Value, axis: number, start: number): Value;
  matmul(a: Value, b: Value, options?: { transposeA?: boolean; transposeB?: boolean }): Value;
  /** x · factor / (number of elements in `count`). */
  scale(x: Value, factor: number, count?: Dim): Value;
}

/** An application of an op, as its gradient rule and its expansion see it. */
export interface Application<A = Attributes> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
}

/** δ of each input; undefined where the input takes none (class indices, say). */
export type GradientRule<A = Attributes> = (
  m: Expressions,
  application: Application<A>,
  deltas: readonly (Value | undefined)[],
) => readonly (Value | undefined)[];

type Named<K extends string, T> = { readonly [P in K]: T };

/** A matrix operand in memory: rows × columns, row-major, or its transpose. */
export interface MatrixOperand {
  readonly rows: Dim;
  readonly columns: Dim;
  readonly transposed: boolean;
  /** Whether products read its numbers rounded to bfloat16. */
  readonly rounded: boolean;
}

/**
 * A property of an op's result that warnings and passes look for: `probabilities` from 0 to 1, their logarithms, `weightedSums` of inputs
 * (any numbers), an `image` [samples, channels, height, width].
 */
export type Trait = 'probabilities' | 'logProbabilities' | 'weightedSums' | 'image';

/** The properties of an activation. */
export interface ActivationFacts {
  /** Whether a result depends on one element, or on its row. */
  readonly over: 'element' | 'row';
  /** The initial weights before it that keep values and δ's at one scale: He et al. 2015, LeCun et al. 1998, Glorot & Bengio 2010. */
  readonly initializer: 'heNormal' | 'lecunNormal' | 'glorotUniform';
  /** True where its slope is 0 in a whole range: units that never leave it learn nothing. */
  readonly dies?: boolean;
  /** True where its slope tends to 0 at both ends. */
  readonly saturates?: boolean;
}

/** What an op's definition computes with: its operands, of which those that are absent are undefined, and its scalars, sizes resolved. */
export type Frame<O extends string, S extends string> = Named<O, Float64Array> & Named<S, number> & { readonly context: Context };

/** The legal definition of an op: float64, plain loops. */
export type Evaluate<O extends string = string, S extends string = string> = (frame: Frame<O, S>) => void;

export interface OpDefinition<O extends string, S extends string, A extends AttributeTable = AttributeTable, N extends string = string> {
  readonly name: N;
  /** In kernel order. */
  readonly operands: Named<O, Role>;
  /** In kernel order, after the operands. */
  readonly scalars: Named<S, ScalarKind>;
  /** Those with which the scalars begin, where its kernel shares them with others. */
  readonly sizes?: SharedSizes;
  /** The attributes of an application. Default: none. */
  readonly attributes?: A;
  /** True where a network's structure must give it different values: one value twice makes no sense. */
  readonly distinct?: boolean;
  /** The kernel's name in C++ and AssemblyScript; ops of a family share one. Default: the op's name. */
  readonly kernel?: string;
  /** The scalar function that a family's kernel is instantiated with. */
  readonly function?: string;
  /** True where the kernel takes the context as its first argument. */
  readonly context?: boolean;
  /** True where it changes the context, which other ops then find changed. */
  readonly changesContext?: boolean;
  /** The scalar that says which of the bound columns it reads. */
  readonly readsColumn?: NoInfer<S>;
  /** Where in the record of a step that ends which it writes, for sizes resolved. Absent: it writes none. */
  recordEnd?(scalars: Named<NoInfer<S>, number>): number;
  /** The size that counts the elements, each of which is changed by itself: two updates of neighbours in memory may be one. */
  readonly mergesOver?: NoInfer<S>;
  /** Of an op that merges, whether elements that are zeros stay zeros, as those between neighbours are. Default: they do. */
  keepsZeros?(scalars: Named<NoInfer<S>, number>): boolean;
  /**
   * An element of the result, or of the operand that it updates, as an expression of the operands' elements at the same place. Operands
   * broadcast to the result; one of a single element is the same for all. Several such operations may be one instruction
   * (src/compiler/element-runs.ts). Undefined where that cannot be said with these attributes.
   */
  elementwise?<T>(m: ElementExpressions<T>, operands: Named<NoInfer<O>, T>, attributes: AttributesOf<NoInfer<A>>): T | undefined;
  /**
   * Over how many last axes of its operand each element of the result is a sum, in the order of the op `sum`; undefined where it is none. A
   * run of element-wise operations may end in it.
   */
  sumsOver?(operand: Shape, attributes: AttributesOf<NoInfer<A>>): number | undefined;
  /** True where only the compiler makes operations of it, never a network's structure. */
  readonly compiled?: boolean;
  /** True where it has no kernel: the compiler replaces it by its expansion (src/ops/composite.ts). */
  readonly composite?: boolean;
  /** True where the kernel reads the words of its instruction itself, by their generated places. */
  readonly readsInstruction?: boolean;
  /**
   * Output shapes, from the shapes of the inputs (operands with role in, in? and inout, in order; that of an operand that is absent is
   * undefined). Throws ShapeError.
   */
  shapes(inputs: readonly Shape[], attributes: AttributesOf<NoInfer<A>>): readonly Shape[];
  /** The scalar arguments of one application. */
  lower(inputs: readonly Shape[], outputs: readonly Shape[], attributes: AttributesOf<NoInfer<A>>): Named<NoInfer<S>, number>;
  /** A condition on the scalars of a program, sizes unresolved, beyond their kinds. */
  valid?(scalars: Named<NoInfer<S>, number>): boolean;
  /** The optional operands that these scalars have the kernel touch. */
  needs?(scalars: Named<NoInfer<S>, number>): readonly NoInfer<O>[];
  /** The scalars in words, for a reader of a disassembly. Default: each that is not 0, by name. */
  describe?(scalars: Named<NoInfer<S>, number>): string;
  /** Elements that the kernel touches from each operand's start, for sizes resolved with the largest batch. */
  extents(scalars: Named<NoInfer<S>, number>): Named<NoInfer<O>, number>;
  /**
   * How threads may divide it, for sizes resolved with the largest batch; `packed` are the operands of `packs` that stay packed. Absent or
   * undefined: one thread computes it.
   */
  divide?(scalars: Named<NoInfer<S>, number>, packed: ReadonlySet<string>): Division<NoInfer<O>, NoInfer<S>> | undefined;
  /** The two operands of which it multiplies elements, to add the products up: those that a network of a lower precision rounds first. */
  readonly factors?: readonly [NoInfer<O>, NoInfer<O>];
  /** True where a backend may fuse multiply-adds, and so round otherwise than another, unless its numerics say which. */
  readonly fuses?: boolean;
  /** Whether fast numerics may compute it with fewer multiplications than its definition has (Winograd): a fixed order of sums takes up to twice as long. */
  readonly shortens?: boolean;
  /**
   * Floats of scratch memory for one call of the kernel, for sizes resolved with the largest batch. Each thread has them; threads that
   * compute something together share those of one. Default none. It must not grow as fast as a size that is divided.
   */
  scratch?(scalars: Named<NoInfer<S>, number>): number;
  /** Sizes that a kernel takes a range of, where a smaller size does not suffice. */
  readonly ranges?: readonly NoInfer<S>[];
  /**
   * Inputs that a native kernel takes as packed copies, where they stay the same from run to run. Gives the matrix that the input is, for
   * sizes as a program has them; undefined where it is no matrix.
   */
  readonly packs?: { readonly [P in NoInfer<O>]?: (scalars: Named<NoInfer<S>, number>) => MatrixOperand | undefined };
  /** The op's cost, for sizes resolved, in elements of plain arithmetic. Default: the sum of its extents. */
  work?(scalars: Named<NoInfer<S>, number>): number;
  /** True where out is x's elements in x's order: no instruction is needed where the two share memory. */
  readonly view?: boolean;
  /** Inputs whose memory an output may take over, element for element; of an op that updates an operand, those that may be that one. */
  readonly inPlace?: readonly NoInfer<O>[];
  /** The outputs that take over no input's memory with these scalars, whatever `inPlace` allows. Default: none. */
  apart?(scalars: Named<NoInfer<S>, number>): readonly NoInfer<O>[];
  /** The operands that hold indices; the others hold numbers. */
  readonly indices?: { readonly [P in NoInfer<O>]?: IndexOperand<NoInfer<S>> };
  /** The operands that hold numbers of bfloat16: states, which only ops that name them so can read. */
  readonly bfloat16?: readonly NoInfer<O>[];
  /** The operands whose numbers have a meaning. Data given for them is checked. */
  readonly meanings?: { readonly [P in NoInfer<O>]?: Meaning<NoInfer<S>> };
  /** The properties of its result. */
  readonly gives?: readonly Trait[];
  /** Present where a layer may name it as its activation. */
  readonly activation?: ActivationFacts;
  /** True for an op that moves elements as they are: all operands hold numbers, or all hold indices. */
  readonly moves?: boolean;
  /** δ of the inputs. Absent: that of the expansion, and without one a GradientError where a δ arrives. */
  readonly gradient?: GradientRule<AttributesOf<NoInfer<A>>>;
  /** A fused op's meaning in simpler ops. Autodiff differentiates it, unoptimised programs run it, tests compare it with the op. */
  expand?(m: Expressions, application: Omit<Application<AttributesOf<NoInfer<A>>>, 'outputs'>): readonly Value[];
  /** The legal definition of an op that is not in the table: a user's. Those of the table's are in `reference.ts`. */
  readonly evaluate?: Evaluate<NoInfer<O>, NoInfer<S>>;
  /** Largest error of a float32 backend, relative to the output's largest magnitude. Default 1e-5. */
  readonly tolerance?: number;
}

/** An op as everything but its own definition sees it. */
export interface OpSpec extends OpDefinition<string, string> {
  readonly kernel: string;
  readonly tolerance: number;
  readonly attributes: AttributeTable;
  readonly gives: readonly Trait[];
  readonly ranges: readonly string[];
  readonly packs: Readonly<Record<string, (scalars: Named<string, number>) => MatrixOperand | undefined>>;
  readonly indices: Readonly<Record<string, IndexOperand<string>>>;
  readonly meanings: Readonly<Record<string, Meaning<string>>>;
  work(scalars: Named<string, number>): number;
  scratch(scalars: Named<string, number>): number;
  /** Operand names with role in, in? or inout, in kernel order. */
  readonly inputs: readonly string[];
  /** Operand names with role out or out?, in kernel order. */
  readonly outputs: readonly string[];
}

/** An op, with what its definition computes with. */
export interface Op<N extends string, F> extends OpSpec {
  readonly name: N;
  /** A type alone: no op has it. */
  readonly frame?: F;
}

/**
 * The legal definitions of some ops, by name. They stand behind the ops and not in them, so that a page that does not import the reference
 * backend does not carry them.
 */
export type ReferenceOf<T extends Op<string, unknown>> = {
  readonly [P in T as P['name']]: (frame: NonNullable<P['frame']>) => void;
};

/** The kind of element that an operand holds, with these attributes or scalars, for an op that moves nothing. */
export function elementsOf({ indices, bfloat16 }: OpSpec, operand: string, settings: Readonly<Record<string, unknown>>): ElementKind {
  if (bfloat16?.includes(operand)) return 'bfloat16';
  const declared = indices[operand];
  const [setting, value] = declared?.when ?? [];
  return declared && (setting === undefined || Number(settings[setting]) === value) ? 'index' : 'number';
}

/** The gradient rule of ops with discrete results: small changes of the inputs change nothing, so no gradient flows through. */
export const noGradient: GradientRule = () => [];

const DEFAULT_TOLERANCE = 1e-5;

const total = (extents: Named<string, number>) => Object.values(extents).reduce((sum, size) => sum + size, 0);

/** Checks an op's definition against its own types and fills in the defaults. */
export function defineOp<
  const O extends string,
  const S extends string,
  const A extends AttributeTable = Record<never, never>,
  const N extends string = string,
>(definition: OpDefinition<O, S, A, N>): Op<N, Frame<O, S>> {
  const names = Object.keys(definition.operands) as O[];
  return {
    ...(definition as unknown as OpDefinition<string, string, AttributeTable, N>),
    kernel: definition.kernel ?? definition.name,
    tolerance: definition.tolerance ?? DEFAULT_TOLERANCE,
    attributes: definition.attributes ?? {},
    gives: definition.gives ?? [],
    ranges: definition.ranges ?? [],
    packs: (definition.packs ?? {}) as OpSpec['packs'],
    indices: (definition.indices ?? {}) as OpSpec['indices'],
    meanings: (definition.meanings ?? {}) as OpSpec['meanings'],
    work: definition.work ?? ((scalars) => total(definition.extents(scalars))),
    scratch: definition.scratch ?? (() => 0),
    inputs: names.filter((name) => !isResult(definition.operands[name])),
    outputs: names.filter((name) => isResult(definition.operands[name])),
  };
}
