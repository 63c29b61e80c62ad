/** Matrix products, alone and with a dense layer's bias and activation fused into their epilogue. */
import { ShapeError } from '../errors.ts';
import type { Division } from './division.ts';
import { derivativeAt, gradientName } from './elementwise.ts';
import { ACTIVATIONS, toBfloat16 } from './functions.ts';
import { count, formatShape, multiplySizes } from './shape.ts';
import {
  type AttributesOf,
  type Dim,
  defineOp,
  type Expressions,
  type GradientRule,
  type MatrixOperand,
  type ReferenceOf,
  type Shape,
  type Value,
} from './spec.ts';

/**
 * How one product lies in memory: batches of m×n = m×k · k×n; a stride of 0 repeats one matrix for every batch. 1 for `rounded`: both
 * factors are rounded to bfloat16 first.
 */
const PRODUCT = {
  batches: 'size',
  m: 'size',
  n: 'size',
  k: 'size',
  strideA: 'size',
  strideB: 'size',
  transposeA: 'integer',
  transposeB: 'integer',
  rounded: 'integer',
} as const;
const PRODUCT_SIZES = { name: 'ProductSizes', scalars: PRODUCT };

/** Which operands lie transposed. */
const TRANSPOSITIONS = {
  transposeA: { kind: 'flag', default: false },
  transposeB: { kind: 'flag', default: false },
} as const;

/** Which operands lie transposed, and whether both are rounded: only for backends that multiply bfloat16. */
const FORM = { ...TRANSPOSITIONS, rounded: { kind: 'flag', default: false } } as const;

type Attributes = AttributesOf<typeof FORM>;

type Product = { [K in keyof typeof PRODUCT]: number };

interface Dimensions {
  readonly batch: Shape;
  readonly m: Dim;
  readonly n: Dim;
  readonly k: Dim;
}

function dimensions(op: string, a: Shape, b: Shape, attributes: Attributes): Dimensions {
  const wrong = (expected: string) => new ShapeError(`${op}: expected ${expected}, got ${formatShape(a)} and ${formatShape(b)}`);
  if (a.length < 2 || b.length < 2) throw wrong('two matrices');
  const [rowsA, columnsA] = a.slice(-2);
  const [rowsB, columnsB] = b.slice(-2);
  const [m, k] = attributes.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = attributes.transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (k !== inner) throw wrong(`inner sizes that agree${attributes.transposeA || attributes.transposeB ? ' (after transposing)' : ''}`);
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  if (batchA.length && batchB.length && batchA.join() !== batchB.join()) throw wrong('leading sizes that agree');
  return { batch: batchA.length ? batchA : batchB, m, n, k };
}

function productShape(op: string, a: Shape, b: Shape, attributes: Attributes): Shape {
  const { batch, m, n } = dimensions(op, a, b, attributes);
  return [...batch, m, n];
}

function lowerProduct(op: string, a: Shape, b: Shape, attributes: Attributes): Product {
  const { batch, m, n, k } = dimensions(op, a, b, attributes);
  const merged = mergeBatches(a, b, attributes);
  if (merged)
    return {
      batches: 1,
      m: multiplySizes(count(batch), m),
      n,
      k,
      strideA: 0,
      strideB: 0,
      transposeA: 0,
      transposeB: attributes.transposeB ? 1 : 0,
      rounded: attributes.rounded ? 1 : 0,
    };
  return {
    batches: count(batch),
    m,
    n,
    k,
    strideA: a.length > 2 ? multiplySizes(m, k) : 0,
    strideB: b.length > 2 ? multiplySizes(k, n) : 0,
    transposeA: attributes.transposeA ? 1 : 0,
    transposeB: attributes.transposeB ? 1 : 0,
    rounded: attributes.rounded ? 1 : 0,
  };
}

/** A stack of row blocks times one shared matrix is one tall product. */
function mergeBatches(a: Shape, b: Shape, attributes: Attributes): boolean {
  return a.length > 2 && b.length === 2 && !attributes.transposeA;
}

const productExtents = (s: Product) => ({
  a: s.m * s.k + (s.batches - 1) * s.strideA,
  b: s.k * s.n + (s.batches - 1) * s.strideB,
  out: s.batches * s.m * s.n,
});

/** With this many rows of A, the products take longer than fetching a packed B from the shared cache. */
const MANY_ROWS = 64;
/** Kernels compute the first matrix of a stack without a check. */
const isSane = ({ batches, m, n, k }: Product) => batches !== 0 && m !== 0 && n !== 0 && k !== 0;

/** Multiply-adds that take as long as one element of plain arithmetic. */
const MULTIPLY_ADDS = 4;

/** The cost of an element of the right operand, in elements of plain arithmetic: it may come from a farther cache. */
const READS = 2;

const productWork = (s: Product) => s.batches * ((s.m * s.n * s.k) / MULTIPLY_ADDS + READS * s.k * s.n + s.m * s.n);

/**
 * By whole matrices where there are several; else by the output's rows or its columns. A thread packs all of the operand that is not
 * divided: B, or a transposed A, whose elements cost more. 512 × 784 is faster by rows. A B that is packed already can be read whole by
 * all, and rows stay with their thread from layer to layer. Few rows are divided by columns, so that each thread's part of B stays in its
 * cache. A column of the output, and of operands that lie as it does, is scattered over its rows.
 */
function divideProduct<O extends string>({ batches, m, n, transposeA, transposeB }: Product, likeOutput: readonly O[], packed: boolean) {
  type Parts = Division<O | 'a' | 'b', 'batches' | 'm' | 'n'>;
  if (batches > 1) return { over: 'batches' } satisfies Parts;
  const isWide = transposeA ? n > 2 * m : n >= m;
  if (isWide && !(packed && m >= MANY_ROWS))
    return { over: 'n', scattered: transposeB ? likeOutput : [...likeOutput, 'b'] } satisfies Parts;
  return { over: 'm', scattered: transposeA ? ['a'] : [] } satisfies Parts;
}

/** One matrix on the right of all products; undefined where there are several. */
const rightMatrix = ({ batches, n, k, transposeB, rounded }: Product): MatrixOperand | undefined =>
  batches === 1 ? { rows: k, columns: n, transposed: transposeB !== 0, rounded: rounded !== 0 } : undefined;

/**
 * Steps of k that a float32 backend sums before it adds them to the sum of the steps before: part of the order of summation
 * (native/kernels/gemm.h).
 */
export const BLOCK_DEPTH = 512;

/** C = A·B, summed over k in ascending order; `epilogue` turns each finished sum into the stored value. */
function multiply(
  s: Product & { a: Float64Array; b: Float64Array; out: Float64Array },
  epilogue: (sum: number, column: number, index: number) => number,
): void {
  const [rowA, stepA] = s.transposeA ? [1, s.m] : [s.k, 1];
  const [stepB, columnB] = s.transposeB ? [1, s.k] : [s.n, 1];
  const factor = s.rounded ? toBfloat16 : (x: number) => x;
  for (let batch = 0; batch < s.batches; batch++) {
    for (let i = 0; i < s.m; i++) {
      for (let j = 0; j < s.n; j++) {
        let a = batch * s.strideA + i * rowA;
        let b = batch * s.strideB + j * columnB;
        let sum = 0;
        for (let p = 0; p < s.k; p++, a += stepA, b += stepB) sum += factor(s.a[a]) * factor(s.b[b]);
        const index = (batch * s.m + i) * s.n + j;
        s.out[index] = epilogue(sum, j, index);
      }
    }
  }
}

/** δA = δ·Bᵀ and δB = Aᵀ·δ, each with the transpositions that the product itself had. */
const matmulGradient: GradientRule<Attributes> = (m, { inputs: [a, b], attributes }, [delta]) => {
  if (!delta) return [undefined, undefined];
  const transposeA = Boolean(attributes.transposeA);
  const transposeB = Boolean(attributes.transposeB);
  const da = transposeA
    ? m.matmul(b, delta, { transposeA: transposeB, transposeB: true })
    : m.matmul(delta, b, { transposeB: !transposeB });
  return [m.sumTo(da, a.shape), weightGradient(m, a, b, delta, transposeA, transposeB)];
};

/** δB; where one B serves a whole stack of A's, the stack is one tall matrix, so that the sum over it is part of the product. */
function weightGradient(m: Expressions, a: Value, b: Value, delta: Value, transposeA: boolean, transposeB: boolean): Value {
  const stacked = b.shape.length === 2 && a.shape.length > 2 && !transposeA;
  const x = stacked ? rows(m, a) : a;
  const d = stacked ? rows(m, delta) : delta;
  const db = transposeB ? m.matmul(d, x, { transposeA: true, transposeB: transposeA }) : m.matmul(x, d, { transposeA: !transposeA });
  return m.sumTo(db, b.shape);
}

function rows(m: Expressions, x: Value): Value {
  return m.reshape(x, [count(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]]);
}

const product = (m: Expressions, a: Value, b: Value, attributes: Attributes) =>
  m.apply('matmul', [a, b], {
    transposeA: Boolean(attributes.transposeA),
    transposeB: Boolean(attributes.transposeB),
    rounded: Boolean(attributes.rounded),
  });

/** The activation in an epilogue, and its parameter. */
export const EPILOGUE = { activation: { kind: 'activation' }, alpha: { kind: 'number', default: 0 } } as const;
export const epilogueScalars = { activation: 'activation', alpha: 'float' } as const;

type Epilogue = AttributesOf<typeof EPILOGUE>;

export function lowerEpilogue({ activation, alpha }: Epilogue): { activation: number; alpha: number } {
  const id = ACTIVATIONS.findIndex((f) => f.name === activation);
  if (id < 0) throw new ShapeError(`expected an activation that a matmul can fuse, got ${String(activation)}`);
  return { activation: id, alpha };
}

/** The activations whose f′ needs z: a layer that trains keeps f′ for the backward pass in place of z. */
const NEEDS_SUM: readonly boolean[] = ACTIVATIONS.map((f) => f.saves === 'x');

/** f′(z) as an op. */
function slopeOf(m: Expressions, z: Value, { activation, alpha }: Epilogue): Value {
  const slope = ACTIVATIONS.find((f) => f.name === activation)?.derivative<Value>(m, { x: z, y: z, alpha });
  if (slope === undefined || typeof slope === 'number')
    throw new ShapeError(`expected an activation whose slope needs its sum, got ${activation}`);
  return slope;
}

/** The epilogue's activation of z as an op. */
export const applyEpilogue = (m: Expressions, z: Value, { activation, alpha }: Epilogue) =>
  activation === 'identity' ? z : m.apply(activation, [z], { alpha });

/** δ through the epilogue's activation as an op. */
export const applyEpilogueGradient = (m: Expressions, delta: Value, saved: Value, { activation, alpha }: Epilogue) =>
  activation === 'identity' ? delta : m.apply(gradientName(activation), [delta, saved], { alpha });

/** What all products have in the table. */
const OF_PRODUCTS = {
  sizes: PRODUCT_SIZES,
  ranges: ['m', 'n'],
  packs: { b: rightMatrix },
  factors: ['a', 'b'],
  fuses: true,
  work: productWork,
  tolerance: 1e-4,
} as const;

export const MATMUL = [
  defineOp({
    /** out = A·B for each batch; either operand may lie transposed. */
    name: 'matmul',
    ...OF_PRODUCTS,
    operands: { a: 'in', b: 'in', out: 'out' },
    scalars: PRODUCT,
    attributes: FORM,
    shapes: ([a, b], attributes) => [productShape('matmul', a, b, attributes)],
    lower: ([a, b], _, attributes) => lowerProduct('matmul', a, b, attributes),
    valid: isSane,
    extents: productExtents,
    divide: (s, packed) => divideProduct(s, ['out'], packed.has('b')),
    gives: ['weightedSums'],
    gradient: matmulGradient,
  }),
  defineOp({
    /** out = f(A·B + bias): a dense layer in one instruction; bias, of n values, may be absent. */
    name: 'affine',
    ...OF_PRODUCTS,
    operands: { a: 'in', b: 'in', bias: 'in?', out: 'out' },
    scalars: { ...PRODUCT, ...epilogueScalars },
    attributes: { ...FORM, ...EPILOGUE },
    shapes: ([a, b], attributes) => [productShape('affine', a, b, attributes)],
    lower: ([a, b], _, attributes) => ({ ...lowerProduct('affine', a, b, attributes), ...lowerEpilogue(attributes) }),
    valid: isSane,
    extents: (s) => ({ ...productExtents(s), bias: s.n }),
    divide: (s, packed) => divideProduct(s, ['out'], packed.has('b')),
    expand: (m, { inputs: [a, b, bias], attributes }) => {
      const sum = product(m, a, b, attributes);
      return [applyEpilogue(m, bias ? m.add(sum, bias) : sum, attributes)];
    },
  }),
  defineOp({
    /** out = f(z) and slope = f′(z) for z = A·B + bias: what `affine` gives, and what its backward pass multiplies by. */
    name: 'affineSlope',
    ...OF_PRODUCTS,
    operands: { a: 'in', b: 'in', bias: 'in?', out: 'out', slope: 'out' },
    scalars: { ...PRODUCT, ...epilogueScalars },
    attributes: { ...FORM, ...EPILOGUE },
    compiled: true,
    shapes: ([a, b], attributes) => {
      const shape = productShape('affineSlope', a, b, attributes);
      return [shape, shape];
    },
    lower: ([a, b], _, attributes) => ({ ...lowerProduct('affineSlope', a, b, attributes), ...lowerEpilogue(attributes) }),
    valid: (s) => isSane(s) && NEEDS_SUM[s.activation],
    extents: (s) => ({ ...productExtents(s), bias: s.n, slope: s.batches * s.m * s.n }),
    divide: (s, packed) => divideProduct(s, ['out', 'slope'], packed.has('b')),
    expand: (m, { inputs: [a, b, bias], attributes }) => {
      const sum = product(m, a, b, attributes);
      const z = bias ? m.add(sum, bias) : sum;
      return [applyEpilogue(m, z, attributes), slopeOf(m, z, attributes)];
    },
  }),
  defineOp({
    /** out = (A·B) ⊙ f′(saved): δ of the layer below, through that layer's activation. */
    name: 'deltaMatmul',
    ...OF_PRODUCTS,
    operands: { a: 'in', b: 'in', saved: 'in', out: 'out' },
    scalars: { ...PRODUCT, ...epilogueScalars },
    attributes: { ...FORM, ...EPILOGUE },
    shapes: ([a, b], attributes) => [productShape('deltaMatmul', a, b, attributes)],
    lower: ([a, b], _, attributes) => ({
      ...lowerProduct('deltaMatmul', a, b, attributes),
      ...lowerEpilogue(attributes),
    }),
    valid: isSane,
    extents: (s) => ({ ...productExtents(s), saved: s.batches * s.m * s.n }),
    divide: (s, packed) => divideProduct(s, ['out', 'saved'], packed.has('b')),
    expand: (m, { inputs: [a, b, at], attributes }) => [applyEpilogueGradient(m, product(m, a, b, attributes), at, attributes)],
  }),
  defineOp({
    /** out = (A·B) ⊙ factor: δ of the layer below, through an activation whose slope that layer kept. */
    name: 'matmulMultiply',
    ...OF_PRODUCTS,
    operands: { a: 'in', b: 'in', factor: 'in', out: 'out' },
    scalars: PRODUCT,
    attributes: FORM,
    compiled: true,
    shapes: ([a, b], attributes) => [productShape('matmulMultiply', a, b, attributes)],
    lower: ([a, b], _, attributes) => lowerProduct('matmulMultiply', a, b, attributes),
    valid: isSane,
    extents: (s) => ({ ...productExtents(s), factor: s.batches * s.m * s.n }),
    divide: (s, packed) => divideProduct(s, ['out', 'factor'], packed.has('b')),
    expand: (m, { inputs: [a, b, factor], attributes }) => [m.multiply(product(m, a, b, attributes), factor)],
  }),
];

export const MATMUL_REFERENCE: ReferenceOf<(typeof MATMUL)[number]> = {
  matmul: (s) => multiply(s, (sum) => sum),
  affine: (s) => {
    const f = ACTIVATIONS[s.activation];
    const bias: Float64Array | undefined = s.bias;
    multiply(s, (sum, column) => f.value(bias ? sum + bias[column] : sum, s.alpha));
  },
  affineSlope: (s) => {
    const f = ACTIVATIONS[s.activation];
    const bias: Float64Array | undefined = s.bias;
    multiply(s, (sum, column, index) => {
      const z = bias ? sum + bias[column] : sum;
      s.slope[index] = derivativeAt(f, z, s.alpha);
      return f.value(z, s.alpha);
    });
  },
  matmulMultiply: (s) => multiply(s, (sum, _, index) => sum * s.factor[index]),
  deltaMatmul: (s) => {
    const f = ACTIVATIONS[s.activation];
    multiply(s, (sum, _, index) => sum * derivativeAt(f, s.saved[index], s.alpha));
  },
};
