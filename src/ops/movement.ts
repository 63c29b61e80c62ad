/** Ops that move, repeat or scale elements without combining them. */
import { ShapeError } from '../errors.ts';
import { broadcastStrides, collapse, count, formatShape, type Level, resolveAxis, sameShape, strides } from './shape.ts';
import { type AttributesOf, type Dim, defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** Deepest loop nest of a strided copy. */
const COPY_LEVELS = 6;

const COPY_SCALARS = {
  size0: 'size',
  size1: 'size',
  size2: 'size',
  size3: 'size',
  size4: 'size',
  size5: 'size',
  step0: 'size',
  step1: 'size',
  step2: 'size',
  step3: 'size',
  step4: 'size',
  step5: 'size',
} as const;

type Copy = { [K in keyof typeof COPY_SCALARS]: number };

function lowerCopy(op: string, levels: readonly Level[]): Copy {
  const nest = collapse(levels);
  if (nest.length > COPY_LEVELS) throw new ShapeError(`${op}: expected at most ${COPY_LEVELS} runs of axes, got ${nest.length}`);
  while (nest.length < COPY_LEVELS) nest.unshift({ size: 1, steps: [0] });
  const scalars: Record<string, Dim> = {};
  nest.forEach((level, i) => {
    scalars[`size${i}`] = level.size;
    scalars[`step${i}`] = level.steps[0];
  });
  return scalars as Copy;
}

const sizesOf = (s: Copy) => [s.size0, s.size1, s.size2, s.size3, s.size4, s.size5];
const stepsOf = (s: Copy) => [s.step0, s.step1, s.step2, s.step3, s.step4, s.step5];

function copyExtents(s: Copy) {
  const sizes = sizesOf(s);
  const steps = stepsOf(s);
  return {
    // Kernels look at the first element even of a level that is empty.
    x: sizes.reduce((last, size, i) => last + Math.max(0, size - 1) * steps[i], 1),
    out: sizes.reduce((product, size) => product * size, 1),
  };
}

/** The outermost level that runs more than once. Its parts of the output are contiguous. */
function divideCopy(s: Copy) {
  const level = sizesOf(s).findIndex((size) => size > 1);
  return level < 0 ? undefined : { over: `size${level}` as keyof Copy };
}

function evaluateCopy(s: Copy & { x: Float64Array; out: Float64Array }): void {
  const sizes = sizesOf(s);
  const steps = stepsOf(s);
  let written = 0;
  const copyLevel = (level: number, from: number): void => {
    if (level === sizes.length) s.out[written++] = s.x[from];
    else for (let i = 0; i < sizes[level]; i++) copyLevel(level + 1, from + i * steps[level]);
  };
  copyLevel(0, 0);
}

/** The order that undoes a permutation. */
function inverse(order: readonly number[]): number[] {
  const result: number[] = [];
  order.forEach((from, to) => {
    result[from] = to;
  });
  return result;
}

/** One axis of a tensor seen as [outer, the axis, inner]. */
function axisView(shape: Shape, axis: number) {
  return { outer: count(shape.slice(0, axis)), length: shape[axis], inner: count(shape.slice(axis + 1)) };
}

interface Range {
  axis: number;
  start: number;
  end: number;
}

function range(op: string, whole: Shape, axisOrNegative: number, start: number, end: number): Range {
  const axis = resolveAxis(axisOrNegative, whole.length, op);
  const length = whole[axis];
  if (length < 0) throw new ShapeError(`${op}: expected an axis other than the batch, got axis ${axis} of ${formatShape(whole)}`);
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start || end > length) {
    throw new ShapeError(
      `${op}: expected 0 ≤ start < end ≤ ${length} on axis ${axis} of ${formatShape(whole)}, got start ${start}, end ${end}`,
    );
  }
  return { axis, start, end };
}

/** The axis of a part, and where on it the part begins. */
const PLACE = { axis: { kind: 'integer' }, start: { kind: 'natural' } } as const;
const PART = { ...PLACE, end: { kind: 'positive' } } as const;

const SLICE_SCALARS = { outer: 'size', stride: 'size', start: 'size', length: 'size' } as const;

/** Each of `outer` rows of `stride` elements holds the slice at start … start + length. */
function lowerSlice(whole: Shape, { axis, start, end }: Range) {
  const view = axisView(whole, axis);
  const inner = (n: number) => (view.inner < 0 ? -Math.abs(n * view.inner) : n * view.inner);
  return { outer: view.outer, stride: inner(view.length), start: inner(start), length: inner(end - start) };
}

const sliceRange = (x: Shape, { axis, start, end }: AttributesOf<typeof PART>) => range('slice', x, axis, start, end);

function insertRange(base: Shape, x: Shape, { axis: axisOrNegative, start }: AttributesOf<typeof PLACE>): Range {
  const axis = resolveAxis(axisOrNegative, base.length, 'insert');
  const others = (shape: Shape) => shape.filter((_, i) => i !== axis).join();
  if (x.length !== base.length || others(x) !== others(base)) {
    throw new ShapeError(`insert: expected shapes that agree but for axis ${axis}, got ${formatShape(base)} and ${formatShape(x)}`);
  }
  return range('insert', base, axis, start, start + x[axis]);
}

/** An effect on one operand has no output; the other operand must have its shape. */
function sameSizes(op: string, kept: Shape, x: Shape): readonly Shape[] {
  if (!sameShape(kept, x)) throw new ShapeError(`${op}: expected a value of shape ${formatShape(kept)}, got ${formatShape(x)}`);
  return [];
}

export const MOVEMENT = [
  defineOp({
    /** every element is the same number. */
    name: 'fill',
    operands: { out: 'out' },
    scalars: { size: 'size', value: 'float' },
    attributes: { shape: { kind: 'shape' }, value: { kind: 'number' } },
    shapes: (_, { shape }) => [shape],
    lower: (_, [out], { value }) => ({ size: count(out), value }),
    extents: ({ size }) => ({ out: size }),
    divide: () => ({ over: 'size' }),
    elementwise: (m, _, { value }) => m.number(value),
  }),
  defineOp({
    /** x · factor / count, where count may depend on the batch: the mean of what came. */
    name: 'scale',
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size', factor: 'float', count: 'size' },
    attributes: { factor: { kind: 'number' }, count: { kind: 'size', default: 1 } },
    shapes: ([x]) => [x],
    lower: (_, [out], attributes) => ({ size: count(out), factor: attributes.factor, count: attributes.count }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['x'],
    elementwise: (m, { x }, { factor, count }) => m.apply('multiply', x, m.number(factor, count)),
    gradient: (m, { attributes }, [delta]) => [delta && m.scale(delta, attributes.factor, attributes.count)],
  }),
  defineOp({
    /** the same elements under another shape; copied only where they cannot share memory. */
    name: 'reshape',
    kernel: 'stridedCopy',
    operands: { x: 'in', out: 'out' },
    scalars: COPY_SCALARS,
    view: true,
    moves: true,
    attributes: { shape: { kind: 'shape' } },
    shapes: ([x], { shape }) => {
      if (count(shape) !== count(x)) {
        throw new ShapeError(`reshape: expected a shape of as many elements as ${formatShape(x)}, got ${formatShape(shape)}`);
      }
      return [shape];
    },
    lower: (_, [out]) => lowerCopy('reshape', [{ size: count(out), steps: [1] }]),
    extents: copyExtents,
    divide: divideCopy,
    gradient: (m, { inputs: [x] }, [delta]) => [delta && m.reshape(delta, x.shape)],
  }),
  defineOp({
    /** the axes in another order. */
    name: 'permute',
    kernel: 'stridedCopy',
    moves: true,
    operands: { x: 'in', out: 'out' },
    scalars: COPY_SCALARS,
    attributes: { order: { kind: 'axes' } },
    shapes: ([x], { order }) => {
      if (order.length !== x.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
        throw new ShapeError(`permute: expected an order of the axes 0 to ${x.length - 1}, got [${order.join(', ')}]`);
      }
      return [order.map((axis) => x[axis])];
    },
    lower: ([x], [out], { order }) => {
      const own = strides(x);
      return lowerCopy(
        'permute',
        out.map((size, i) => ({ size, steps: [own[order[i]]] })),
      );
    },
    extents: copyExtents,
    divide: divideCopy,
    gradient: (m, { attributes }, [delta]) => [delta && m.permute(delta, inverse(attributes.order))],
  }),
  defineOp({
    /** axes of size 1, and missing leading axes, repeated. */
    name: 'broadcast',
    kernel: 'stridedCopy',
    moves: true,
    operands: { x: 'in', out: 'out' },
    scalars: COPY_SCALARS,
    attributes: { shape: { kind: 'shape' } },
    shapes: ([x], { shape }) => {
      const offset = shape.length - x.length;
      if (offset < 0 || x.some((size, axis) => size !== 1 && size !== shape[axis + offset])) {
        throw new ShapeError(`broadcast: expected a shape that ${formatShape(x)} broadcasts to, got ${formatShape(shape)}`);
      }
      return [shape];
    },
    lower: ([x], [out]) => {
      const steps = broadcastStrides(x, out);
      return lowerCopy(
        'broadcast',
        out.map((size, axis) => ({ size, steps: [steps[axis]] })),
      );
    },
    extents: copyExtents,
    divide: divideCopy,
    elementwise: (_, { x }) => x,
    gradient: (m, { inputs: [x] }, [delta]) => [delta && m.sumTo(delta, x.shape)],
  }),
  defineOp({
    /** the part of one axis from start to end. */
    name: 'slice',
    operands: { x: 'in', out: 'out' },
    scalars: SLICE_SCALARS,
    moves: true,
    attributes: PART,
    shapes: ([x], attributes) => {
      const { axis, start, end } = sliceRange(x, attributes);
      return [x.map((size, i) => (i === axis ? end - start : size))];
    },
    lower: ([x], _, attributes) => lowerSlice(x, sliceRange(x, attributes)),
    extents: ({ outer, stride, start, length }) => ({ x: (outer - 1) * stride + start + length, out: outer * length }),
    divide: ({ outer }) => ({ over: outer > 1 ? 'outer' : 'length' }),
    work: ({ outer, length }) => 2 * outer * length,
    gradient: (m, { inputs: [x], attributes }, [delta]) => [
      delta && m.insert(m.fill(0, x.shape), delta, attributes.axis, attributes.start),
    ],
  }),
  defineOp({
    /** base, with x in place of a part of one axis. */
    name: 'insert',
    operands: { base: 'in', x: 'in', out: 'out' },
    distinct: true,
    scalars: SLICE_SCALARS,
    moves: true,
    attributes: PLACE,
    shapes: ([base, x], attributes) => {
      insertRange(base, x, attributes);
      return [base];
    },
    lower: ([base, x], _, attributes) => lowerSlice(base, insertRange(base, x, attributes)),
    extents: ({ outer, stride, start, length }) => {
      const whole = Math.max(outer * stride, (outer - 1) * stride + start + length);
      return { base: whole, x: outer * length, out: whole };
    },
    divide: () => ({ over: 'outer' }),
    inPlace: ['base'],
    gradient: (m, { inputs: [, x], attributes: { axis, start } }, [delta]) => {
      if (!delta) return [undefined, undefined];
      const end = start + x.shape[resolveAxis(axis, x.shape.length, 'insert')];
      return [m.insert(delta, m.fill(0, x.shape), axis, start), m.slice(delta, axis, start, end)];
    },
  }),
  defineOp({
    /** what is kept ← x. */
    name: 'assign',
    operands: { kept: 'inout', x: 'in' },
    scalars: { size: 'size' },
    shapes: ([kept, x]) => sameSizes('assign', kept, x),
    lower: ([kept]) => ({ size: count(kept) }),
    extents: ({ size }) => ({ kept: size, x: size }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    inPlace: ['x'],
    elementwise: (_, { x }) => x,
  }),
  defineOp({
    /** kept ← kept + weight·x, where weight may depend on the batch: a sum over mini-batches of what is a mean in each. */
    name: 'accumulate',
    operands: { kept: 'inout', x: 'in' },
    scalars: { size: 'size', weight: 'size' },
    attributes: { weight: { kind: 'size', default: 1 } },
    shapes: ([kept, x]) => sameSizes('accumulate', kept, x),
    lower: ([kept], _, { weight }) => ({ size: count(kept), weight }),
    extents: ({ size }) => ({ kept: size, x: size }),
    divide: () => ({ over: 'size' }),
    mergesOver: 'size',
    inPlace: ['x'],
    elementwise: (m, { kept, x }, { weight }) => (weight > 0 ? m.apply('add', kept, m.apply('multiply', m.number(weight), x)) : undefined),
  }),
];

export const MOVEMENT_REFERENCE: ReferenceOf<(typeof MOVEMENT)[number]> = {
  fill: ({ out, size, value }) => {
    out.fill(value, 0, size);
  },
  scale: ({ x, out, size, factor, count }) => {
    for (let i = 0; i < size; i++) out[i] = x[i] * (factor / count);
  },
  reshape: evaluateCopy,
  permute: evaluateCopy,
  broadcast: evaluateCopy,
  slice: ({ x, out, outer, stride, start, length }) => {
    for (let o = 0; o < outer; o++) out.set(x.subarray(o * stride + start, o * stride + start + length), o * length);
  },
  insert: ({ base, x, out, outer, stride, start, length }) => {
    out.set(base.subarray(0, outer * stride));
    for (let o = 0; o < outer; o++) out.set(x.subarray(o * length, (o + 1) * length), o * stride + start);
  },
  assign: ({ kept, x, size }) => {
    kept.set(x.subarray(0, size));
  },
  accumulate: ({ kept, x, size, weight }) => {
    for (let i = 0; i < size; i++) kept[i] += weight * x[i];
  },
};
